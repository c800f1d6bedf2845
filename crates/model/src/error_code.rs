//! Stable codes of errors, each with its cause and its cure. A code is never given to another kind of error.
//!
//! | codes | of what | where |
//! | --- | --- | --- |
//! | `PS01…` | the manifest | [`manifest`] |
//! | `PS02…` | a plan | [`problem`] |
//! | the others | the command line, files, AWS | the command-line program |
pub mod manifest;
pub mod problem;

use std::fmt;

/// A kind of error.
#[derive(Debug, PartialEq, Eq)]
pub struct ErrorCode {
    /// `PS0102`.
    pub id: &'static str,
    /// `UNDECLARED`.
    pub name: &'static str,
    /// A lowercase phrase.
    pub title: &'static str,
    /// One or more sentences, in Markdown.
    pub cause: &'static str,
    /// One or more sentences, in Markdown.
    pub cure: &'static str,
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// Defines the codes of an area, and `ALL`, the list of them.
#[macro_export]
macro_rules! error_codes {
    ($($name:ident = $id:literal, $title:literal, $cause:literal, $cure:literal;)*) => {
        $(
            pub static $name: $crate::error_code::ErrorCode = $crate::error_code::ErrorCode {
                id: $id,
                name: stringify!($name),
                title: $title,
                cause: $cause,
                cure: $cure,
            };
        )*

        /// Every code of this area, in order.
        pub static ALL: &[&$crate::error_code::ErrorCode] = &[$(&$name),*];
    };
}
