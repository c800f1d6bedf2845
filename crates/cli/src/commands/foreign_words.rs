//! Commands and flags of other tools, answered with those of this program.
use super::command;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use pinpoint_streams_store::archive::quoted;
use std::ffi::OsString;

/// Commands of Terraform, OpenTofu, Pulumi, CDK and CloudFormation, and what to type instead. `$` is the program with
/// the flags that select the workspace.
const COMMANDS: &[(&[&str], &str)] = &[
    (
        &["import", "adopt"],
        "`$ discover` generates a manifest for existing resources, and `$ plan --adopt` shows how they are adopted",
    ),
    (&["version"], "`pinpoint-streams --version` prints it"),
    (
        &["help"],
        "`pinpoint-streams --help` lists the commands, and `pinpoint-streams COMMAND --help` explains one",
    ),
    (&["refresh"], "`$ plan --drift` shows what changed in AWS; every plan and apply reads the current values"),
    (&["drift", "detect-drift"], "`$ plan --drift` shows what changed in AWS since the last apply"),
    (&["preview", "diff", "synth", "change-set"], "`$ plan` shows what apply would change"),
    (&["up", "deploy", "update", "create"], "`$ apply` plans, prompts and applies"),
    (
        &["down", "delete", "remove", "teardown"],
        "`$ destroy` deletes what this workspace created; `$ sweep` finds unused roles of others",
    ),
    (&["taint", "untaint"], "`$ apply --replace ADDRESS` replaces a resource"),
    (
        &["rollback", "revert"],
        "`$ undo` reverses the last run, `$ undo RUN` another; `$ restore` restores what was deleted",
    ),
    (&["output", "outputs"], "`$ show` prints the state, and `$ state show ADDRESS` one resource"),
    (&["ls", "list"], "`$ state list` lists the recorded resources"),
    (&["rm"], "`$ state rm ADDRESS` removes a resource from the state"),
    (
        &["mv", "move"],
        "`$ state mv OLD NEW` changes an address in the state; a `[[moved]]` block in the manifest does so for everyone",
    ),
    (
        &["force-unlock", "unlock", "cancel"],
        "`$ state unlock ID` releases the lock of a run that is no longer alive",
    ),
    (&["fmt"], "there is no formatter; `$ validate` checks the manifest, and any TOML formatter formats it"),
    (
        &["workspace", "stack", "env"],
        "a workspace is a manifest: `--config FILE` selects it, and `workspace = \"…\"` names it",
    ),
    (&["lint", "check"], "`$ validate` checks the manifest, and `$ policy lint` policies"),
    (&["login", "logout"], "credentials are those of the AWS CLI: `aws sso login` or `aws configure`"),
    (&["get", "providers", "plugins"], "there are no modules or plugins to fetch"),
    (&["history", "log", "logs"], "`$ report` lists past runs"),
    (&["quarantine"], "`$ sweep --apply` quarantines obsolete roles"),
    (&["reap"], "`$ sweep --reap` deletes roles that stayed unused in quarantine"),
    (&["release"], "`$ sweep --release` ends quarantines; `$ export release` releases resources from other tools"),
    (&["archive", "archives"], "`$ restore` lists the archives of deleted and quarantined roles"),
];

/// Flags of other tools, without dashes, and what to type instead.
const FLAGS: &[(&[&str], &str)] = &[
    (
        &["yes", "skip-preview", "force", "require-approval"],
        "`--auto-approve`, or `-y`, skips the prompt; `--auto-approve=safe` only where nothing is deleted, replaced or widened",
    ),
    (
        &["upgrade", "reconfigure", "migrate-state", "backend-config"],
        "there are no plugins or backends to initialize: `[state]` in the manifest says where the state is",
    ),
    (
        &["refresh-only", "refresh"],
        "`$ plan --drift` shows what changed in AWS; every plan and apply reads the current values",
    ),
    (&["json"], "`--format json` prints JSON"),
    (&["no-color"], "`--color never` turns color off, and so does NO_COLOR=1"),
    (&["chdir"], "`--config FILE` selects the manifest, and state and archives are in its directory"),
    (
        &["var-file"],
        "`--var NAME=VALUE`, PINPOINT_STREAMS_VAR_NAME, or `[variables]` in the manifest set variables",
    ),
    (&["input"], "without a terminal there are no prompts: what requires approval is refused"),
    (&["lock"], "the state is always locked; `--lock-timeout 5m` waits for the lock"),
    (&["compact-warnings"], "`-q` prints only the closing line and errors"),
    (
        &["dry-run"],
        "`$ plan` shows what apply would change; `$ sweep` and `$ restore` change nothing without `--apply`",
    ),
    (&["verbose"], "`-v` prints more detail"),
];

/// What to type instead, if the error is about a word of another tool.
pub(crate) fn answer(error: &clap::Error, args: &[OsString]) -> Option<String> {
    let invalid = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.as_str()),
        _ => None,
    };
    let words: Vec<&str> = args.iter().skip(1).filter_map(|arg| arg.to_str()).collect();
    let ours = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = invalid(ContextKind::InvalidSubcommand)?;
            with_program(find(COMMANDS, word)?, &words)
        }
        ErrorKind::UnknownArgument | ErrorKind::InvalidValue | ErrorKind::NoEquals => {
            let named = invalid(ContextKind::InvalidArg).unwrap_or_default().trim_start_matches('-');
            // `-auto-approve` reaches the parser as `-a`.
            let has_it = |word: &&str| is_single_dashed(word) && !named.is_empty() && word[1..].contains(named);
            let dashed = words.iter().copied().find(has_it);
            flag(dashed.unwrap_or(named), &words)?
        }
        _ => return None,
    };
    Some(ours)
}

/// Puts the program, with the flags that select the workspace, in place of `$`.
fn with_program(ours: &str, words: &[&str]) -> String {
    ours.replace('$', &format!("pinpoint-streams{}", workspace_flags(words)))
}

fn find(table: &[(&[&str], &'static str)], word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    table.iter().find(|(words, _)| words.contains(&word.as_str())).map(|(_, ours)| *ours)
}

/// `-target=role.shop`, but neither `-v` nor `-vv`.
fn is_single_dashed(word: &str) -> bool {
    let Some(name) = word.strip_prefix('-') else { return false };
    name.len() > 2 && !name.starts_with('-') && name.starts_with(|c: char| c.is_ascii_lowercase())
}

/// A flag of another tool, or one of ours with one dash.
fn flag(word: &str, words: &[&str]) -> Option<String> {
    let (name, value) = match word.trim_start_matches('-').split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (word.trim_start_matches('-'), None),
    };
    let program = command();
    let typed = typed_command(&program, words);
    if word.starts_with('-') && !word.starts_with("--") && has_flag(&program, name) {
        let value = value.map(|value| format!("={}", quoted(value))).unwrap_or_default();
        return Some(match has_flag(typed, name) {
            true => format!("flags have two dashes: `--{name}{value}`"),
            false => format!("`{}` has no `--{name}`; {} has", typed.get_name(), with_flag(&program, name)),
        });
    }
    find(FLAGS, name).map(|ours| with_program(ours, words))
}

/// The command that these words begin, or the program.
fn typed_command<'a>(program: &'a clap::Command, words: &[&str]) -> &'a clap::Command {
    words.iter().fold(program, |command, word| command.find_subcommand(word).unwrap_or(command))
}

/// The first command with this flag.
fn with_flag(program: &clap::Command, name: &str) -> String {
    let mut commands = program.get_subcommands().filter(|command| has_flag(command, name));
    commands.next().map(|command| format!("`{}`", command.get_name())).unwrap_or_default()
}

fn has_flag(command: &clap::Command, name: &str) -> bool {
    let here = command.get_arguments().any(|argument| argument.get_long() == Some(name));
    here || command.get_subcommands().any(|below| has_flag(below, name))
}

/// The flags that select the workspace, of arguments that could not be parsed.
fn workspace_flags(words: &[&str]) -> String {
    let mut flags = String::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match word.split_once('=') {
            None if *word == "--sandbox" => flags.push_str(" --sandbox"),
            None if matches!(*word, "--config" | "--var") => {
                if let Some(value) = rest.next() {
                    flags.push_str(&format!(" {word} {}", quoted(value)));
                }
            }
            Some((name @ ("--config" | "--var"), value)) => flags.push_str(&format!(" {name} {}", quoted(value))),
            _ => {}
        }
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    fn answered(line: &str) -> Option<String> {
        let args: Vec<OsString> =
            std::iter::once("pinpoint-streams").chain(line.split_whitespace()).map(OsString::from).collect();
        answer(&crate::commands::parse(args.clone()).expect_err(line), &args)
    }

    #[test]
    fn words_of_other_tools_are_answered_with_ours() {
        let lines = [
            "import role.shop PinpointEventStream-shop",
            "version",
            "help",
            "help plan",
            "refresh",
            "preview",
            "up",
            "--config x.toml up -y",
            "taint role.shop",
            "init -upgrade",
            "apply -auto-approve",
            "apply -auto-approve=safe",
            "plan -target=role.shop",
            "plan -target role.shop",
            "plan -var stage=prod",
            "plan -json",
            "plan --json",
            "plan -refresh-only",
            "plan -no-color",
            "apply --yes",
            "force-unlock 3f2a",
            "workspace new prod",
        ];
        let mut text = String::new();
        for line in lines {
            let answer = answered(line).unwrap_or_else(|| panic!("no answer to {line}"));
            let _ = writeln!(text, "$ pinpoint-streams {line}\n{answer}\n");
        }
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_flag_of_another_command_is_not_suggested() {
        let said = |line: &str| answered(line).unwrap_or_else(|| panic!("no answer to {line}"));
        assert_eq!(said("plan -auto-approve"), "`plan` has no `--auto-approve`; `apply` has");
        assert_eq!(said("apply -auto-approve"), "flags have two dashes: `--auto-approve`");
        assert_eq!(said("plan -sandbox"), "flags have two dashes: `--sandbox`");
    }

    #[test]
    fn a_word_that_is_only_misspelt_is_left_to_the_parser() {
        for line in ["paln", "plan --taget role.shop", "frobnicate", "plan --parallelism 0", "plan -z"] {
            assert_eq!(answered(line), None, "{line}");
        }
    }

    #[test]
    fn no_word_of_another_tool_is_one_of_ours() {
        let ours = command();
        for (words, _) in COMMANDS {
            for word in *words {
                assert!(ours.find_subcommand(word).is_none(), "{word}");
            }
        }
    }
}
