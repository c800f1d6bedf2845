//! The formats of results that are also shown as a page and as a comment.
use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum PageFormat {
    /// Human-readable.
    #[default]
    Text,
    /// Versioned JSON.
    Json,
    /// For a comment or an issue: at most 65,000 characters.
    Markdown,
    /// A self-contained page with filters.
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub(crate) struct PageOutput {
    /// Output format.
    #[arg(long, value_enum, ignore_case = true, default_value_t)]
    pub format: PageFormat,
}

#[cfg(test)]
mod tests {
    use crate::commands::command;

    /// The values that help and completions offer.
    #[test]
    fn what_can_be_a_page_is_offered_as_one() {
        let mut program = command();
        program.build();
        for name in ["plan", "show", "sweep", "verify", "report"] {
            let command = program.find_subcommand(name).unwrap();
            let format = command.get_arguments().find(|arg| arg.get_id() == "format").unwrap();
            let values: Vec<_> =
                format.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
            for value in ["text", "json", "markdown", "html"] {
                assert!(values.iter().any(|offered| offered == value), "{name}: {values:?}");
            }
        }
    }
}
