//! What can be typed, and what it means.
use super::*;
use crate::commands::change::AutoApprove;
use crate::settings::{Environment, Settings, Verbosity};
use pinpoint_streams_model::plan::Options;
use pinpoint_streams_model::sweep::Detach;
use std::path::PathBuf;
use std::time::Duration;

fn typed(line: &str) -> Result<Invocation, String> {
    let words = std::iter::once("pinpoint-streams").chain(line.split_whitespace()).map(OsString::from);
    parse(words).map_err(|error| error.render().to_string())
}

fn refused(line: &str) -> String {
    typed(line).expect_err(line)
}

#[test]
fn the_definition_of_all_arguments_is_sound() {
    command().debug_assert();
}

fn each_command(command: &clap::Command, see: &mut impl FnMut(&clap::Command)) {
    see(command);
    command.get_subcommands().for_each(|below| each_command(below, see));
}

#[test]
fn help_fits_eighty_columns_and_its_examples_can_be_copied() {
    let mut program = command();
    program.build();
    each_command(&program, &mut |command| {
        let text = command.clone().term_width(80).render_long_help().to_string();
        let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(wide.is_empty(), "{}: {}", command.get_name(), wide.join("\n"));
        // An example is a line of its own, or ends with a backslash and goes on below.
        let example = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        for line in after.lines().filter(example) {
            assert!(text.contains(&format!("\n{line}")), "{}: {line} is broken in\n{text}", command.get_name());
        }
    });
}

#[test]
fn global_flags_stand_before_or_after_the_command_and_add_up() {
    let Invocation { globals, .. } =
        typed("--var a=1 -v --config x.toml plan --var b=2=3 -v --sandbox --parallelism 3 --lock-timeout 1m30s")
            .unwrap();
    assert_eq!(globals.var, [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2=3".to_owned())]);
    assert_eq!((globals.verbose, globals.sandbox, globals.parallelism), (2, true, Some(3)));
    assert_eq!(globals.lock_timeout, Some(Duration::from_secs(90)));
    let Invocation { globals, .. } = typed("state --config a.toml list --config b.toml").unwrap();
    assert_eq!(globals.config.unwrap(), PathBuf::from("b.toml"));
}

#[test]
fn every_flag_of_a_plan_reaches_its_options() {
    let line = "plan --target role.a --target app.* --exclude role.b --accounts main,eu --adopt --replace role.c \
        --allow-mass-delete --delete-apps --include-adopted --allow-detach inline --allow-detach profile \
        --event-streams-gone 123456789012/eu-west-1 --out f.plan --diff --detailed-exitcode --destroy --format json";
    let Command::Plan(plan) = typed(line).unwrap().command else { panic!("a plan") };
    assert!(plan.diff && plan.detailed_exitcode && plan.destroy && !plan.drift);
    assert_eq!((plan.out.unwrap(), plan.output.format), (PathBuf::from("f.plan"), PageFormat::Json));
    let options = Options::from(plan.planning);
    assert_eq!(options.targets, ["role.a", "app.*"]);
    assert_eq!(options.excludes, ["role.b"]);
    assert_eq!(options.accounts.iter().map(|alias| alias.as_str()).collect::<Vec<_>>(), ["main", "eu"]);
    assert_eq!(options.replace.iter().map(ToString::to_string).collect::<Vec<_>>(), ["role.c"]);
    assert_eq!(options.allow_detach, [Detach::Inline, Detach::Profile].into());
    assert_eq!(options.event_streams_gone.first().unwrap().to_string(), "123456789012/eu-west-1");
    assert!(options.adopt && options.allow_mass_delete && options.delete_apps && options.include_adopted);
}

#[test]
fn auto_approve_takes_safe_only_behind_its_equals_sign() {
    let approval = |line: &str| match typed(line).unwrap().command {
        Command::Apply(apply) => (apply.apply_args.auto_approve, apply.plan),
        other => panic!("{other:?}"),
    };
    assert_eq!(approval("apply").0, None);
    assert_eq!(approval("apply --auto-approve").0, Some(AutoApprove::All));
    assert_eq!(approval("apply -y").0, Some(AutoApprove::All));
    assert_eq!(approval("apply -y shop.plan"), (Some(AutoApprove::All), Some(PathBuf::from("shop.plan"))));
    assert_eq!(approval("apply --auto-approve=safe").0, Some(AutoApprove::Safe));
    assert_eq!(approval("apply --auto-approve safe"), (Some(AutoApprove::All), Some(PathBuf::from("safe"))));
    assert!(refused("apply --auto-approve=maybe").contains("maybe"));
}

#[test]
fn a_saved_plan_takes_no_flags_that_shape_a_plan() {
    for flag in ["--target role.a", "--accounts main", "--adopt", "--destroy", "--replace role.a", "--delete-apps"]
    {
        assert!(refused(&format!("apply f.plan {flag}")).contains("cannot be used with"), "{flag}");
    }
    typed("apply f.plan --auto-approve --expect-digest sha256:0 --events --parallelism 2").unwrap();
}

#[test]
fn drift_is_only_looked_at() {
    for flag in ["--out f", "--destroy", "--adopt", "--detailed-exitcode"] {
        assert!(refused(&format!("plan --drift {flag}")).contains("cannot be used with"), "{flag}");
    }
    typed("plan --drift --target role.a --format json").unwrap();
}

#[test]
fn what_cannot_be_meant_is_refused_with_the_rule_that_it_breaks() {
    for (line, rule) in [
        ("plan --replace shop", "addresses look like role.KEY"),
        ("plan --event-streams-gone eu-west-1", "123456789012/eu-west-1"),
        ("plan --parallelism 0", "1..=1000"),
        ("plan --var stage", "stage=prod"),
        ("plan --lock-timeout soon", "30s, 5m"),
        ("plan --format yaml", "text, json, markdown, html"),
        ("sweep --format yaml", "text, json"),
        ("plan -q -v", "cannot be used with"),
        ("state show", "<ADDRESS>"),
        ("sweep --organization", "--role"),
        ("sweep --reap --delete", "cannot be used with"),
        ("sweep --apply --out f", "cannot be used with"),
        ("sweep --unused-for 30", "30d or 12w"),
        ("sweep --residue --apply", "cannot be used with"),
        ("sweep --residue --out f", "cannot be used with"),
        ("sweep --residue --delete", "cannot be used with"),
        ("sweep --residue --purpose all", "cannot be used with"),
        ("sweep --residue --evidence f", "cannot be used with"),
        ("sweep --residue --max-delete 3", "cannot be used with"),
        ("sweep --after 3d", "--reap"),
        ("sweep --release --after 3d", "cannot be used with"),
        ("sweep --delete --after 3d", "cannot be used with"),
        ("sweep --max-delete 3", "<--reap|--delete>"),
        ("sweep --release --allow-detach managed", "cannot be used with"),
        ("sweep --event-streams-gone", "ACCOUNT/REGION"),
        ("apply f --approve-accounts 123456789012", "--expect-digest"),
        ("frobnicate", "unrecognized subcommand"),
        ("", "Usage"),
    ] {
        let message = refused(line);
        assert!(message.contains(rule), "{line}: {message}");
    }
}

/// An error is a JSON document then, whatever the type of the command's formats is.
#[test]
fn every_command_that_prints_json_is_known_to_be_asked_for_it() {
    const ARGUMENTS: &[(&str, &str)] = &[
        ("evidence capture", "--out f"),
        ("evidence show", "f"),
        ("export release", "--stack s"),
        ("permissions", "--for audit"),
        ("policy diff", "a b"),
        ("policy lint", "a"),
        ("policy show", "role.a"),
        ("state show", "app.a"),
    ];
    let mut program = command();
    program.build();
    let mut checked = 0;
    each_command(&program, &mut |command| {
        let format = command.get_arguments().find(|arg| arg.get_id() == "format");
        let formats = format.map(|format| format.get_possible_values()).unwrap_or_default();
        if !formats.iter().any(|format| format.get_name() == "json") {
            return;
        }
        let name = command.get_bin_name().unwrap().trim_start_matches("pinpoint-streams ");
        let arguments = ARGUMENTS.iter().find(|(of, _)| *of == name).map_or("", |(_, arguments)| arguments);
        let line = format!("{name} {arguments}");
        assert_eq!(typed(&line).unwrap().format, PageFormat::Text, "{line}");
        for json in ["json", "JSON"] {
            assert_eq!(typed(&format!("{line} --format {json}")).unwrap().format, PageFormat::Json, "{line}");
        }
        checked += 1;
    });
    assert!(checked >= 15, "{checked}");
}

#[test]
fn arguments_with_a_mistake_ask_for_json_also_by_a_misspelt_flag() {
    let asks = |line: &str| asks_for_json(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
    for line in ["plan --format json --x", "plan --form json", "plan --fromat=JSON", "plan --format=json --x"] {
        assert!(asks(line), "{line}");
    }
    for line in ["plan --x", "plan --format text --x", "plan --out json"] {
        assert!(!asks(line), "{line}");
    }
}

#[test]
fn settings_follow_from_flags_and_environment() {
    let settings = |line: &str, environment: &Environment| Settings::of(typed(line).unwrap().globals, environment);
    let terminal = Environment { stdout_is_terminal: true, ..Environment::default() };
    assert!(settings("plan", &terminal).color_results);
    assert!(!settings("plan --color never", &terminal).color_results);
    let no_color = Environment { no_color: true, ..terminal };
    assert!(!settings("plan", &no_color).color_results);
    assert!(settings("plan --color always", &no_color).color_messages);
    assert_eq!(settings("plan -q", &no_color).verbosity, Verbosity::Quiet);
    assert_eq!(settings("-v plan", &no_color).verbosity, Verbosity::Verbose);
    let carried = settings("--sandbox plan --config x.toml --var a=b", &no_color).command("apply");
    assert_eq!(carried, "pinpoint-streams --sandbox --config x.toml --var a=b apply");
}

#[test]
fn help_shows_examples() {
    for line in [
        "--help",
        "plan --help",
        "apply --help",
        "sweep --help",
        "restore --help",
        "discover --help",
        "report --help",
    ] {
        assert!(refused(line).contains("Examples:"), "{line}");
    }
}

/// The long help of a command on a terminal of a hundred columns.
fn help(command: &clap::Command) -> String {
    command.clone().term_width(100).render_long_help().to_string()
}

#[cfg(feature = "sandbox")]
#[test]
fn the_help_of_the_program() {
    insta::assert_snapshot!(help(&command()));
}

#[test]
fn the_help_of_plan_apply_and_sweep() {
    for name in ["plan", "apply", "sweep"] {
        insta::assert_snapshot!(name, help(command().find_subcommand(name).unwrap()));
    }
}
