//! A reader that goes away stops nothing.
use crate::support::{SHOP_AND_BLOG, Workspace};

fn without_reader(workspace: &Workspace, line: &str) -> i32 {
    let mut process = workspace.command(line).spawn().unwrap();
    drop((process.stdout.take(), process.stderr.take()));
    process.wait().unwrap().code().unwrap()
}

#[test]
fn a_reading_command_whose_reader_is_gone_ends_well() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    assert_eq!(without_reader(&workspace, "--sandbox plan"), 0);
    workspace.run("apply --auto-approve -q").code(0);
    for line in ["plan --format json", "show", "state list", "report", "sweep", "validate", "discover"] {
        assert_eq!(without_reader(&workspace, &format!("--sandbox {line}")), 0, "{line}");
    }
}

#[test]
fn an_apply_whose_reader_is_gone_goes_on() {
    for line in ["--sandbox apply --auto-approve -q", "--sandbox apply --auto-approve --events"] {
        let workspace = Workspace::new(SHOP_AND_BLOG);
        assert_eq!(without_reader(&workspace, line), 0);
        assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
    }
}
