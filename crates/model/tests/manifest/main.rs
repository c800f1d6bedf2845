//! Manifests from text to what they ask for, through the public interface alone.
mod anything;
mod folder;
mod loads;
mod mistakes;
mod placeholders;
mod roles;
mod schema;
mod sources;
