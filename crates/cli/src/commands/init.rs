//! `init`: a commented manifest to start from.
use crate::settings::FILE_NAME;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::exit::Exit;
use crate::workspace::write_new;
use std::io;

const STARTER: &str = include_str!("starter.toml");

pub(super) fn run(context: &CommandContext<'_>) -> Result<Exit, Error> {
    let name = context.settings.manifest.clone().unwrap_or_else(|| FILE_NAME.into());
    let path = context.environment.folder.join(&name);
    write_new(&path, STARTER).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => Error::Usage {
            message: format!("{} exists already, and is left as it is", name.display()),
            hint: "remove it first, or write another with `--config FILE`".to_owned(),
        },
        _ => Error::File { doing: "write", path: name.clone(), source },
    })?;
    context.show(&format!(
        "Wrote {}. Fill in your account, app and stream; then `pinpoint-streams validate` checks it, and\n\
         `pinpoint-streams --sandbox apply` tries it on an account that exists on this machine alone.\n",
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
