//! What the environment changes: variables, colours, verbosity.
use crate::support::{SHOP_AND_BLOG, Workspace};
use std::fs;
use std::process::{Command, Stdio};

#[test]
fn a_variable_is_taken_from_the_command_line_then_the_environment_then_the_manifest() {
    let manifest = SHOP_AND_BLOG.replace("\"growth\"", "\"growth-{var.stage}\"");
    let workspace = Workspace::new(&format!("{manifest}\n[variables]\nstage = \"dev\"\n"));
    let name = |line: &str, variables: &[(&str, &str)]| {
        let run = workspace.run_for_real(&format!("--sandbox {line}"), variables).code(0);
        run.stdout.split(':').next().unwrap().to_owned()
    };
    let environment = [("PINPOINT_STREAMS_VAR_stage", "test"), ("PINPOINT_STREAMS_VAR_other", "ignored")];
    assert_eq!(name("validate", &[]), "growth-dev");
    assert_eq!(name("validate", &environment), "growth-test");
    assert_eq!(name("validate --var stage=prod", &environment), "growth-prod");
}

#[test]
fn colours_come_where_they_are_wanted_and_nowhere_else() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let colored = |line: &str, variables: &[(&str, &str)]| {
        workspace.run_for_real(&format!("--sandbox {line}"), variables).code(0).stdout.contains('\u{1b}')
    };
    assert!(!colored("plan", &[]));
    assert!(colored("plan --color always", &[]));
    assert!(colored("plan", &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored("plan", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!colored("plan --color never", &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn quiet_leaves_results_and_errors_and_verbose_says_what_was_read() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    assert_eq!(workspace.run("plan -q --target role.shop").code(0).stderr, "");
    assert!(workspace.run("plan -q --target none").code(3).stderr.contains("matches nothing"));
    let said = workspace.run("plan -v").code(0).stderr;
    assert!(said.contains("read 0 roles, 1 app of 1 region, and 0 event streams (1 app asked)"), "{said}");
}

#[test]
fn a_path_is_shortened_where_it_is_named_and_nowhere_else() {
    let workspace = Workspace::empty();
    let here = workspace.path("").canonicalize().unwrap();
    let inside = here.join("growth");
    let manifest = SHOP_AND_BLOG.replace("810c7aab86d42fb2b56c8c966example", &inside.display().to_string());
    workspace.write("pinpoint-streams.toml", &manifest);
    let run = workspace.run("validate").code(3);
    // The line of the manifest is shown as it is, so that the carets are below what they mean.
    assert!(run.stderr.contains(r#"id = "[folder]/growth""#), "{run}");
    assert!(run.stderr.contains("--> pinpoint-streams.toml:"), "{run}");
    let run = workspace.run("show missing.plan").code(1);
    assert!(run.stderr.contains("failed to read the plan missing.plan\n"), "{run}");
}

#[cfg(unix)]
#[test]
fn a_current_folder_that_was_deleted_is_an_error_with_a_hint() {
    let workspace = Workspace::empty();
    fs::create_dir(workspace.path("gone")).unwrap();
    let program = env!("CARGO_BIN_EXE_pinpoint-streams");
    let script = format!("cd gone && rmdir ../gone && exec '{program}' \"$@\"");
    let run = |arguments: &[&str]| {
        fs::create_dir_all(workspace.path("gone")).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", &script, "sh"]).args(arguments).current_dir(workspace.path("")).stdin(Stdio::null());
        workspace.ran(&arguments.join(" "), command.output().unwrap())
    };
    let refused = run(&["plan"]).code(1);
    assert!(refused.stderr.contains("error[PS0006]: the current directory does not exist"), "{refused}");
    assert!(refused.stderr.contains("help: change to an existing directory"), "{refused}");
    run(&["--version"]).code(0);
}
