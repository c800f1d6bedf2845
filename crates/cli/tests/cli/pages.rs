//! Results as pages and as comments, over the embedded account.
use crate::support::{Run, Workspace};
use crate::sweep::seeded;
use insta::assert_snapshot;
use std::path::Path;
use std::process::Command;

#[test]
fn plans_states_and_verifications_for_the_browser_are_made_without_a_network() {
    let pages = [("plan-12", 12), ("plan-1200", 1_200), ("state", 180), ("verify", 3)];
    are_made(&["plan_of_twelve", "plan_of_1200"], &pages);
}

#[test]
fn sweeps_and_reports_for_the_browser_are_made_without_a_network() {
    are_made(&["sweep_of_201", "residue"], &[("sweep", 201), ("report", 67), ("residue", 8)]);
}

/// The pages that the tests in a browser open, and how many rows each has.
#[track_caller]
fn are_made(sets: &[&str], pages: &[(&str, usize)]) {
    let workspace = Workspace::empty();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/browser/pages.sh");
    let mut command = Command::new("sh");
    command.arg(script).arg(workspace.path("pages")).args(sets).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", workspace.path(""));
    command
        .env("PINPOINT_STREAMS", env!("CARGO_BIN_EXE_pinpoint-streams"))
        .env("AWS_EC2_METADATA_DISABLED", "true");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for (page, rows) in pages {
        let html = workspace.read(&format!("pages/{page}.html"));
        assert_eq!(html.matches("<details class=\"row\"").count(), *rows, "{page}");
        assert!(html.starts_with("<!doctype html>\n") && html.ends_with("</html>\n"), "{page}");
        for not in [" src=", " href=", "@import", "url(", " style=", " onclick", "http:", "'unsafe"] {
            assert!(!html.contains(not), "{page}: {not}");
        }
    }
}

/// The last block of code, which is what to run.
fn last_command(run: &Run) -> &str {
    run.stdout.rsplit("```").nth(1).unwrap_or_default().trim_start_matches("sh").trim()
}

#[test]
fn a_sweep_as_markdown_ends_with_the_commands_to_act_and_exits_as_ever() {
    let workspace = seeded(|name| {
        name.starts_with("PinpointEventStream") || name.contains("search-d") || name == "PinpointKinesisRole-01"
    });
    let run = workspace.run("sweep --format markdown").code(6);
    assert_snapshot!("sweep_markdown", run.stdout);
    let saved = workspace.run("sweep --format markdown --out q.plan").code(6);
    assert!(saved.stdout.contains("\npinpoint-streams --sandbox apply q.plan --expect-digest sha256:"), "{saved}");
    assert!(saved.stdout.contains(" --approve-accounts 123456789012\n"), "{saved}");
    let html = workspace.run("sweep --format html").code(6);
    assert!(html.stdout.starts_with("<!doctype html>\n"), "{html}");
    workspace.run("sweep --apply --format markdown").code(1);
}

#[test]
fn the_last_command_of_a_sweep_classifies_what_is_unknown() {
    let workspace = seeded(|name| name.starts_with("PinpointEventStream") || name == "PinpointKinesisRole-01");
    let run = workspace.run("sweep --format markdown").code(6);
    let command = last_command(&run).replace("\\\n", " ").replace('\'', "");
    let again = command.trim_start_matches("pinpoint-streams --sandbox ");
    assert!(workspace.run(again).code(2).stdout.contains("1 obsolete"), "{command}");
}

#[test]
fn what_else_names_pinpoint_is_a_page_too() {
    let workspace = Workspace::empty();
    let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/residue.json");
    workspace.write("seed.json", &std::fs::read_to_string(seed).unwrap());
    workspace.run("sandbox seed seed.json").code(0);
    let text = workspace.run("sweep --residue --format markdown").code(2);
    assert!(text.stdout.starts_with("## "), "{text}");
    assert!(workspace.run("sweep --residue --format html").code(2).stdout.contains("data-service=\"SES\""));
}

#[test]
fn a_verification_names_what_mends_each_fault_and_how_to_verify_again() {
    let workspace = Workspace::applied();
    workspace.edit("pinpoint-streams.toml", "kinesis = \"clickstream\"", "kinesis = \"elsewhere\"");
    let run = workspace.run("verify --format markdown --target event_stream.shop").code(2);
    assert_eq!(last_command(&run), "pinpoint-streams --sandbox verify --target event_stream.shop", "{run}");
    assert!(run.stdout.contains("pinpoint-streams --sandbox apply --target event_stream.shop\n"), "{run}");
    let html = workspace.run("verify --format html").code(2).stdout;
    assert_eq!(html.matches("data-result=\"cannot work\" data-account").count(), 2, "{html}");
}

#[test]
fn the_state_and_a_report_are_pages_too() {
    let workspace = Workspace::applied();
    let state = workspace.run("show --format markdown").code(0);
    assert!(state.stdout.starts_with("## 5 resources recorded, 0 pending\n"), "{state}");
    assert_eq!(last_command(&state), "pinpoint-streams --sandbox plan");
    let html = workspace.run("show --format html").code(0).stdout;
    assert_eq!(html.matches("<details class=\"row\"").count(), 5);
    for format in ["markdown", "html"] {
        let report = workspace.run(&format!("report --format {format}")).code(0);
        assert!(report.stdout.contains("Report of 1 run"), "{report}");
    }
}
