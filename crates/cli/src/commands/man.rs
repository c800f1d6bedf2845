//! `man`: manual pages.
use crate::ui::views::count;
use crate::ui::{CommandContext, Error, Exit};
use clap::Args;
use clap_mangen::Man;
use pinpoint_streams_store::disk;
use std::path::{Path, PathBuf};

/// `man`
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The command, such as `state mv` [default: pinpoint-streams].
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    command: Vec<String>,
    /// Write the pages of all commands to this directory.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &ManArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let ManArgs { command, out } = args;
    let mut program = super::command();
    program.build();
    if let Some(folder) = out {
        let folder = context.environment.folder.join(folder);
        let failed = |path: &Path, source| Error::File { operation: "write", path: path.to_owned(), source };
        std::fs::create_dir_all(&folder).map_err(|source| failed(&folder, source))?;
        let mut pages = Vec::new();
        collect(&program, &mut pages)?;
        for (name, page) in &pages {
            let path = folder.join(format!("{name}.1"));
            disk::replace_beside(&path, page).map_err(|error| failed(&path, error.source))?;
        }
        let text = format!("Wrote {} to {}.\n", count(pages.len(), "page"), folder.display());
        context.show_prose(&text)?;
        return Ok(Exit::Done);
    }
    let mut found = &program;
    for name in command {
        found = found.find_subcommand(name).ok_or_else(|| Error::NotFound {
            message: format!("there is no command `{}`", command.join(" ")),
            hint: "`pinpoint-streams --help` lists the commands".to_owned(),
        })?;
    }
    context.printer.bytes(&page(found)?).map_err(Error::of_output)?;
    Ok(Exit::Done)
}

/// The pages of a command and of those below it, by name.
fn collect(command: &clap::Command, pages: &mut Vec<(String, Vec<u8>)>) -> Result<(), Error> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    pages.push((name.to_owned(), page(command)?));
    command.get_subcommands().try_for_each(|below| collect(below, pages))
}

fn page(command: &clap::Command) -> Result<Vec<u8>, Error> {
    let mut page = Vec::new();
    // Otherwise that of a subcommand is its own name, without a version.
    let source = concat!("pinpoint-streams ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).source(source).manual("pinpoint-streams manual");
    man.render(&mut page).map_err(Error::of_output)?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_of_every_page_has_the_program_and_its_version() {
        let mut program = crate::commands::command();
        program.build();
        let mut pages = Vec::new();
        collect(&program, &mut pages).unwrap();
        let ending = format!("1  \"pinpoint-streams {}\" \"pinpoint-streams manual\"", env!("CARGO_PKG_VERSION"));
        for (name, page) in pages {
            let page = String::from_utf8(page).unwrap();
            let header = page.lines().find(|line| line.starts_with(".TH")).unwrap();
            assert_eq!(header, format!(".TH {name} {ending}"));
        }
    }
}
