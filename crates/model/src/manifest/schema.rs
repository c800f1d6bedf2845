//! What a manifest may hold, as data: the source of the JSON Schema and of `docs/manifest.md`. A test checks it against
//! the decoder.
mod render;
mod tables;

pub use render::{json, page};
pub use tables::MANIFEST;

/// A table and its keys.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// `[apps.KEY]`.
    pub header: &'static str,
    /// Sentences.
    pub about: &'static str,
    pub keys: &'static [Key],
}

#[derive(Debug, PartialEq, Eq)]
pub struct Key {
    pub name: &'static str,
    pub value: Value,
    pub required: bool,
    /// As TOML; empty for none.
    pub default: &'static str,
    /// Sentences.
    pub about: &'static str,
    /// As TOML.
    pub example: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// Text in which only `{workspace}` and `{var.NAME}` stand for something.
    Text,
    /// Text in which placeholders of apps and roles stand for something, too.
    Template,
    /// Text without any placeholder.
    Literal,
    Number,
    Flag,
    Texts,
    OneOf(&'static [&'static str]),
    /// A number, or a percentage as text.
    Limit,
    /// Keys and values of the user's choice.
    Tags,
    /// Names and default values of variables.
    Variables,
    Table(&'static Table),
    /// Tables under keys of the user's choice.
    TableOf(&'static Table),
    /// An array of tables.
    Blocks(&'static Table),
    /// The key of a role, or a table.
    RoleChoice(&'static Table),
}

impl Value {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Value::Text | Value::Literal => "string",
            Value::Template => "string with placeholders",
            Value::Number => "whole number",
            Value::Flag => "true or false",
            Value::Texts => "array of strings",
            Value::OneOf(_) => "one of several strings",
            Value::Limit => "whole number, or a percentage as a string",
            Value::Tags => "table of strings with placeholders",
            Value::Variables => "table of strings",
            Value::Table(_) => "table",
            Value::TableOf(_) => "tables",
            Value::Blocks(_) => "array of tables",
            Value::RoleChoice(_) => "string, or a table",
        }
    }
}
