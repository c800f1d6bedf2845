//! What the environment changes: variables, colours, verbosity.
use crate::support::{SHOP_AND_BLOG, Workspace};

#[test]
fn a_variable_is_taken_from_the_command_line_then_the_environment_then_the_manifest() {
    let manifest = SHOP_AND_BLOG.replace("\"growth\"", "\"growth-{var.stage}\"");
    let workspace = Workspace::new(&format!("{manifest}\n[variables]\nstage = \"dev\"\n"));
    let name = |line: &str, variables: &[(&str, &str)]| {
        let run = workspace.run_for_real(line, variables).code(0);
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
    assert!(said.contains("read 2 roles, the apps of 1 region and 1 event stream"), "{said}");
}
