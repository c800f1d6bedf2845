//! `init`: creates a commented starter manifest.
use super::already_exists;
use crate::settings::FILE_NAME;
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::write_new;
use std::io;

const STARTER: &str = include_str!("starter.toml");

pub(super) fn run(context: &CommandContext<'_>) -> Result<Exit, Error> {
    let name = context.settings.manifest.clone().unwrap_or_else(|| FILE_NAME.into());
    let path = context.environment.folder.join(&name);
    write_new(&path, STARTER).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => already_exists(&name, "or choose another with --config FILE"),
        _ => Error::File { operation: "write", path: name.clone(), source },
    })?;
    context.show(&format!(
        "Wrote {}. Fill in your account, app and stream. Check it with `pinpoint-streams validate`, and\n\
         try it on the embedded account with `pinpoint-streams --sandbox apply`.\n",
        name.display()
    ))?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinpoint_streams_model::manifest::{Manifest, OneFile, Overrides};

    #[test]
    fn the_starter_is_a_manifest_without_mistakes_or_warnings() {
        let manifest = Manifest::load(FILE_NAME, STARTER.to_owned(), &OneFile, &Overrides::default()).unwrap();
        assert!(manifest.warnings().is_empty(), "{:?}", manifest.warnings());
    }
}
