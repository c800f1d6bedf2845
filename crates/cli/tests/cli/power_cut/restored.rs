//! What comes back after a delete or an undo that was interrupted.
use super::{Fate, Point, befall};
use crate::support::Workspace;
use crate::sweep::contents;
use serde_json::Value;
use std::collections::BTreeSet;

const JOURNAL: &str = ".pinpoint-streams/sandbox/pinpoint-streams.state.json.journal";
const ARCHIVE: &str = ".pinpoint-streams/sandbox/archive";
const DESTROY: &str = "destroy --auto-approve -q";

/// The records of a journal, without its header and without a line that was cut off.
fn records(workspace: &Workspace) -> Vec<Value> {
    let text = workspace.read(JOURNAL);
    text.lines().skip(1).filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The roles on which this operation was begun; or only where it has ended.
fn roles(records: &[Value], operation: &str, must_have_ended: bool) -> BTreeSet<String> {
    let ended: BTreeSet<u64> = records.iter().filter_map(|record| record["end"]["begin"].as_u64()).collect();
    let begun = records.iter().map(|record| &record["begin"]);
    let counts =
        begun.filter(|begin| begin["seq"].as_u64().is_some_and(|seq| !must_have_ended || ended.contains(&seq)));
    counts.filter_map(|begin| begin["op"][operation]["role"].as_str().map(str::to_owned)).collect()
}

/// Kills the command after one write to its journal more each time, until the journal holds what is looked for.
fn cut(start: &Workspace, line: &str, is_there: impl Fn(&[Value]) -> bool) -> Workspace {
    for nth in 2..80 {
        let workspace = start.copy();
        let mut command = workspace.command(&format!("--sandbox {line} --parallelism 1"));
        befall(&mut command, &workspace, Point::of(nth, "write", ".journal"), Fate::KilledAfter);
        assert!(!command.output().unwrap().status.success(), "`{line}` ended before");
        if is_there(&records(&workspace)) {
            return workspace;
        }
    }
    panic!("`{line}` never came that far");
}

/// How many roles there are, and how many of them have policies.
fn live_roles(workspace: &Workspace) -> (usize, usize) {
    let contents = contents(workspace);
    let accounts = contents["accounts"].as_object().unwrap().values();
    let roles: Vec<&Value> = accounts.flat_map(|account| account["roles"].as_array().unwrap()).collect();
    let whole = roles.iter().filter(|role| role["inline_policies"].as_object().is_some_and(|all| !all.is_empty()));
    (roles.len(), whole.count())
}

#[test]
fn a_role_whose_delete_was_interrupted_comes_back_with_its_policies() {
    let start = Workspace::applied();
    let workspace = cut(&start, DESTROY, |records| {
        let stripped = roles(records, "delete_role_policy", true);
        !stripped.is_subset(&roles(records, "delete_role", false))
    });
    workspace.run(DESTROY).code(0);
    let restore = workspace.run(&format!("restore {ARCHIVE} --format json")).code(0);
    let plan: Value = serde_json::from_str(&restore.stdout).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    let steps_of = |operation: &str| steps.iter().filter(|step| !step["op"][operation].is_null()).count();
    assert_eq!((steps_of("create_role"), steps_of("put_role_policy")), (2, 2), "{restore}");
    let undone = workspace.run("undo --auto-approve");
    let (roles, whole) = live_roles(&workspace);
    assert!(undone.code == 0 && roles > 0 && roles == whole, "{whole} of {roles} roles have policies: {undone}");
}

#[test]
fn an_undo_that_was_interrupted_is_neither_undone_nor_completed_unless_it_is_said_which() {
    let start = Workspace::applied();
    start.run(DESTROY).code(0);
    // `Workspace::run` hides the IDs of runs.
    let status = start.command("--sandbox status --format json").output().unwrap();
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    let destroyed = status["last_run"]["run"].as_str().unwrap();
    assert_eq!(status["last_run"]["outcome"], "done");
    let created = |records: &[Value]| records.iter().any(|record| !record["begin"]["op"]["create_role"].is_null());
    let workspace = cut(&start, "undo --auto-approve -q", created);
    assert!(workspace.run("status").code(0).stdout.contains("interrupted"));
    let refused = workspace.run("undo --auto-approve");
    assert!(refused.code != 0 && refused.stderr.contains("is an undo that was not completed"), "{refused}");
    let words = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("undo [run]` completes it"), "{refused}");
    assert!(words.contains("reverses it"), "{refused}");
    assert!(workspace.run("status").code(0).stdout.contains(", interrupted"), "the last run is still that undo");
    workspace.run(&format!("undo {destroyed} --auto-approve -q")).code(0);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}
