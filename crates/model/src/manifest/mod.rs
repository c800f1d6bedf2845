//! The manifest: read, checked and resolved.
