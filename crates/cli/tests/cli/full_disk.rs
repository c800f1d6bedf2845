//! Files that may not grow beyond a size, and outputs that take nothing: errors like any other, and no sudden death.
#![cfg(target_os = "linux")]
use crate::support::{SHOP_AND_BLOG, Workspace, through};
use std::fs::{self, File};

fn limited(workspace: &Workspace, bytes: u64, line: &str) -> crate::support::Run {
    let limit = format!("--fsize={bytes}");
    let mut command = through("prlimit", &[&limit], &workspace.command(line), workspace);
    workspace.ran(line, command.output().unwrap())
}

/// In bytes: its first line, and all of it.
fn sizes_of_a_journal() -> (u64, u64) {
    let workspace = Workspace::applied();
    let runs = fs::read_dir(workspace.path(".pinpoint-streams/sandbox/runs")).unwrap();
    let [journal] = &runs.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect::<Vec<_>>()[..]
    else {
        panic!("one run");
    };
    (journal.find('\n').unwrap() as u64 + 1, journal.len() as u64)
}

#[test]
fn a_file_that_may_not_grow_is_an_error_and_the_next_run_goes_on() {
    let (header, whole) = sizes_of_a_journal();
    let mut codes = Vec::new();
    for bytes in [0, 60, header / 2, (header + whole) / 2] {
        let workspace = Workspace::new(SHOP_AND_BLOG);
        workspace.run("plan -q").code(0);
        let run = limited(&workspace, bytes, "--sandbox apply --auto-approve -q");
        assert!([0, 1, 5].contains(&run.code), "{bytes}: {run}");
        assert!(run.code == 0 || format!("{run}").contains("File too large"), "{bytes}: {run}");
        assert!(run.code != 0 || workspace.run("plan -q").last_line() == "No changes.", "{bytes}: {run}");
        codes.push(run.code);
        workspace.run("apply --auto-approve -q").code(0);
        assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.", "{bytes}");
    }
    assert_eq!(codes, [1, 1, 1, 5], "nothing is begun without room for the lock and for the journal's first line");
}

#[test]
fn what_only_reads_needs_no_room() {
    let workspace = Workspace::applied();
    for line in ["plan", "show", "state list", "report", "validate"] {
        limited(&workspace, 0, &format!("--sandbox {line}")).code(0);
    }
    let run = limited(&workspace, 0, "--sandbox plan --out plan.json").code(1);
    assert!(run.stderr.contains("File too large"), "{run}");
}

#[test]
fn results_that_find_no_room_are_an_error_of_what_reads_and_of_no_apply() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let code = |line: &str| {
        let mut command = workspace.command(line);
        command.stdout(full()).stderr(full()).status().unwrap().code()
    };
    assert_eq!(code("--sandbox plan"), Some(1));
    assert_eq!(code("--sandbox apply --auto-approve --events"), Some(0));
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
    assert_eq!(code("--sandbox destroy --auto-approve --delete-apps"), Some(0));
}
