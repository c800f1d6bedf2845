//! Patterns with wildcards.
