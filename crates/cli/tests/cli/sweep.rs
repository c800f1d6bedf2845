//! Roles that nothing uses any more: found, quarantined, released, reaped.
use crate::support::{SHOP_AND_BLOG, Workspace};
use crate::terminal::typing;
use insta::assert_snapshot;
use pinpoint_streams::Exit;
use pinpoint_streams::plan_file;
use pinpoint_streams_model::region::ENABLED_BY_DEFAULT;
use serde_json::{Value, json};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";
const LEFTOVERS: &str = include_str!("../../../../examples/leftovers.json");
/// One for each region in which nothing proves that event streams can still be read.
const WORDS: &str = "--event-streams-gone 123456789012/ap-northeast-1 \
    --event-streams-gone 123456789012/ap-northeast-2 --event-streams-gone 123456789012/ap-south-1 \
    --event-streams-gone 123456789012/ap-southeast-1 --event-streams-gone 123456789012/ap-southeast-2 \
    --event-streams-gone 123456789012/ca-central-1 --event-streams-gone 123456789012/eu-central-1 \
    --event-streams-gone 123456789012/eu-west-2 --event-streams-gone 123456789012/us-east-2 \
    --event-streams-gone 123456789012/us-west-2";

/// The account of the example, in a folder without a manifest, or less of it.
pub(crate) fn seeded(keep: impl Fn(&str) -> bool) -> Workspace {
    let mut seed: Value = serde_json::from_str(LEFTOVERS).unwrap();
    let roles = seed["accounts"][0]["roles"].as_array_mut().unwrap();
    roles.retain(|role| keep(role["arn"].as_str().unwrap().rsplit('/').next().unwrap()));
    let workspace = Workspace::empty();
    workspace.write("seed.json", &seed.to_string());
    workspace.run("sandbox seed seed.json").code(0);
    workspace
}

/// Three leftovers of apps that are gone, and the roles that are in use.
pub(crate) fn few() -> Workspace {
    seeded(|name| {
        name.starts_with("pinpoint-search-d")
            || name.contains("-test") && name.contains("support")
            || name.starts_with("PinpointEventStream")
    })
}

pub(crate) fn digest(workspace: &Workspace, file: &str) -> String {
    let plan: Value = serde_json::from_str(&workspace.read(file)).unwrap();
    plan["plan_digest"].as_str().unwrap().to_owned()
}

pub(crate) fn apply(workspace: &Workspace, file: &str) -> crate::support::Run {
    let digest = digest(workspace, file);
    workspace.run(&format!("apply {file} -q --expect-digest {digest} --approve-accounts {ACCOUNT}"))
}

pub(crate) fn contents(workspace: &Workspace) -> Value {
    let shown = workspace.command("--sandbox sandbox show --format json").output().unwrap();
    serde_json::from_slice(&shown.stdout).unwrap()
}

pub(crate) fn verdicts(workspace: &Workspace, flags: &str) -> Vec<(String, String)> {
    verdicts_after(workspace, 0, flags)
}

/// The verdicts, so many days from now.
pub(crate) fn verdicts_after(workspace: &Workspace, days: u32, flags: &str) -> Vec<(String, String)> {
    let mut command = workspace.command(&format!("--sandbox sweep --format json {flags}"));
    let output = command.env("PINPOINT_STREAMS_SANDBOX_DAYS", days.to_string()).output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = document["findings"].as_array().unwrap().iter();
    findings
        .map(|found| (text(&found["role"]).rsplit('/').next().unwrap().to_owned(), text(&found["verdict"])))
        .collect()
}

#[test]
fn an_account_with_sixty_leftovers_is_one_table_to_act_on() {
    let workspace = seeded(|_| true);
    assert_snapshot!("sweep_of_sixty_leftovers", workspace.run("sweep").code(6));
    let run = workspace.run(&format!("sweep {WORDS}")).code(2);
    assert!(run.stdout.contains("60 obsolete, 2 not ours, 1 alive, 3 in use, 1 managed elsewhere."), "{run}");
}

#[test]
fn nothing_found_ends_with_0_leftovers_with_2_and_what_is_unknown_with_6() {
    seeded(|name| name.starts_with("PinpointEventStream")).run("sweep").code(0);
    few().run("sweep").code(2);
    let unknown = seeded(|name| name.starts_with("PinpointEventStream") || name == "PinpointKinesisRole-01");
    for line in ["sweep", "sweep --reap", "sweep --reap --format json"] {
        let run = unknown.run(line).code(6);
        let why = "Exits with 6 because something is unknown: 1 role that could not be classified.";
        assert!(run.stderr.contains(why), "{run}");
    }
    unknown.run(&format!("sweep {WORDS}")).code(2);
}

/// An organization that denies all regions but us-east-1.
#[test]
fn a_region_that_the_organization_denies_is_met_by_one_assertion_with_a_pattern() {
    let mut seed: Value = serde_json::from_str(LEFTOVERS).unwrap();
    for list in ["apps", "streams", "event_streams", "roles"] {
        seed["accounts"][0][list].as_array_mut().unwrap().retain(|item| !item.to_string().contains("eu-west-1"));
    }
    let workspace = Workspace::empty();
    workspace.write("seed.json", &seed.to_string());
    workspace.run("sandbox seed seed.json").code(0);
    let others: Vec<&str> = ENABLED_BY_DEFAULT.into_iter().filter(|region| *region != REGION).collect();
    workspace.run(&format!("sandbox end control-policy --region {}", others.join(","))).code(0);

    let run = workspace.run("sweep").code(6);
    let denial = "AccessDenied";
    let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(text.matches(denial).count(), 2, "the apps of all regions, and their stacks: {run}");
    assert_eq!(text.matches("by a service control policy").count(), 2, "{run}");
    for answered in ["GetApps answered", "DescribeStackResources answered"] {
        assert_eq!(text.matches(answered).count(), 1, "{answered}: {run}");
    }
    assert_eq!(text.matches("--event-streams-gone '123456789012/!us-east-1'").count(), 1, "{run}");

    let gone = "--event-streams-gone 123456789012/!us-east-1";
    let run = workspace.run(&format!("sweep {gone}")).code(6);
    let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(text.matches(denial).count(), 1, "the stacks of all regions in one line: {run}");
    assert!(text.contains("--no-stacks-in 123456789012/eu-west-1"), "{run}");
    assert!(!text.contains("GetApps answered"), "what is asserted is not called: {run}");

    let run = workspace.run(&format!("sweep {gone} --no-stacks-in 123456789012/!us-east-1")).code(2);
    assert!(!run.stdout.contains("unknown") && !run.stdout.contains(denial), "{run}");
    insta::assert_snapshot!("sweep_of_denied_regions", run.stdout);
}

#[test]
fn quarantined_and_released_the_account_is_as_before_field_by_field() {
    let workspace = few();
    let before = contents(&workspace);
    workspace.run("sweep --out q.plan -q").code(2);
    assert_eq!(contents(&workspace), before, "a sweep writes nothing");
    assert_snapshot!("sweep_applied", apply(&workspace, "q.plan").code(0).stdout);
    assert_ne!(contents(&workspace), before);
    assert!(verdicts(&workspace, "").iter().filter(|(_, verdict)| verdict == "quarantined").count() == 3);
    workspace.run("sweep --release --out r.plan -q").code(2);
    apply(&workspace, "r.plan").code(0);
    assert_eq!(contents(&workspace), before);
}

#[test]
fn what_was_quarantined_and_not_used_is_reaped() {
    let workspace = few();
    workspace.run("sweep --out q.plan -q").code(2);
    apply(&workspace, "q.plan").code(0);
    let early = workspace.run("sweep --reap --after 30d").code(2);
    assert_eq!(early.last_line(), "No changes: 6 roles unchanged.", "{early}");
    let why = "Nothing to delete: --reap deletes roles that were quarantined at least 30 days ago";
    assert!(early.stderr.contains(why), "{early}");
    assert!(early.stderr.contains("3 quarantined, 0 obsolete but not quarantined"), "{early}");
    workspace.run("sweep --reap --after 0d --out reap.plan -q").code(2);
    apply(&workspace, "reap.plan").code(0);
    workspace.run("sweep").code(0);
}

#[test]
fn no_flag_alone_approves_a_sweep() {
    let workspace = few();
    workspace.run("sweep --out q.plan -q").code(2);
    let before = contents(&workspace);
    assert_snapshot!("sweep_without_the_words", workspace.run("apply q.plan --auto-approve").code(1));
    let digest = digest(&workspace, "q.plan");
    for flags in [
        String::new(),
        "--auto-approve=safe".to_owned(),
        format!("--expect-digest {digest}"),
        format!("--auto-approve --expect-digest {digest}"),
        format!("--expect-digest {digest} --approve-accounts 210987654321"),
        format!("--expect-digest {digest} --approve-accounts {ACCOUNT},210987654321"),
    ] {
        workspace.run(&format!("apply q.plan -q {flags}")).code(1);
    }
    workspace.run(&format!("apply q.plan --approve-accounts {ACCOUNT}")).code(1);
    workspace.run(&format!("apply q.plan --expect-digest sha256:0 --approve-accounts {ACCOUNT}")).code(4);
    let unsaved = workspace.run("sweep --apply").code(1);
    assert!(
        unsaved.stderr.contains("save the plan with `pinpoint-streams --sandbox sweep --out FILE`"),
        "{unsaved}"
    );
    let reap = workspace.run("sweep --exclude x --reap --after 0d --apply").code(1);
    assert!(reap.stderr.contains("sweep --exclude x --reap --after 0d --out FILE`"), "{reap}");
    assert_eq!(contents(&workspace), before);
}

#[test]
fn a_person_types_each_accounts_id() {
    let workspace = few();
    let before = contents(&workspace);
    for answers in ["yes\n", "sweep\n", "no\n", "", "12345678901\n"] {
        let (exit, seen) = typing(&workspace, "sweep --apply", answers);
        assert_eq!(exit, Exit::Error, "{seen}");
        assert!(seen.contains("1 of 1: 123456789012"), "{seen}");
        assert!(
            seen.contains("This plan quarantines 3 roles in account 123456789012: pinpoint-search-demo, "),
            "{seen}"
        );
    }
    assert_eq!(contents(&workspace), before);
    let listed = workspace.run("sweep").code(2).stdout;
    let (exit, seen) = typing(&workspace, "sweep --apply", "details\n123456789012\n");
    assert_eq!(exit, Exit::Done, "{seen}");
    // The details end as the sweep does.
    let ending = "Plan: 3 to quarantine; 3 roles unchanged.";
    assert!(seen.contains(ending) && listed.contains(ending), "{listed}{seen}");
    assert_eq!(verdicts(&workspace, "").iter().filter(|(_, verdict)| verdict == "quarantined").count(), 3);
}

#[test]
fn the_same_sweep_has_the_same_digest_and_another_one_another() {
    let workspace = few();
    workspace.run("sandbox end control-policy --region ap-south-1").code(0);
    let digest_of = |flags: &str| {
        workspace.run(&format!("sweep --out q.plan -q {flags}"));
        digest(&workspace, "q.plan")
    };
    assert_eq!(digest_of(""), digest_of(""));
    assert_eq!(digest_of("--unused-for 90d"), digest_of("--unused-for 90d"));
    assert_ne!(digest_of(""), digest_of("--exclude pinpoint-search-dev"));
    let plan = workspace.read("q.plan");
    let planned: Value = serde_json::from_str(&plan).unwrap();
    // When it was planned decides when it expires.
    let now = planned["options"]["sweep"]["now"].as_str().unwrap();
    workspace.write("q.plan", &plan.replace(now, "2026-11-23T00:00:00Z"));
    workspace.run("show q.plan").code(4);
}

#[test]
fn an_assertion_about_an_account_that_is_not_read_is_not_silent() {
    let workspace = few();
    let swept =
        workspace.run("sweep --event-streams-gone 210987654321/eu-* --no-stacks-in 210987654321/eu-west-1");
    for flag in ["--event-streams-gone", "--no-stacks-in"] {
        let warning = format!("warning: {flag} 210987654321/…: account 210987654321 is not read");
        assert!(swept.stderr.contains(&warning), "{swept}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let workspace = few();
    let mut empty = workspace.command("--sandbox sweep --exclude");
    let refused = empty.arg("").output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("it is empty and matches no role"));
    let refused = workspace.run("sweep --unused-for 0d").code(1);
    assert!(refused.stderr.contains("no role would count as used"), "{refused}");
}

#[test]
fn a_manifest_without_accounts_sweeps_what_the_sandbox_was_seeded_with() {
    let workspace = few();
    let before = verdicts(&workspace, "");
    workspace.write("pinpoint-streams.toml", "version = 1\nworkspace = \"growth\"\n");
    assert_eq!(verdicts(&workspace, ""), before);
    let swept = workspace.run("sweep").code(2);
    assert!(!swept.stdout.contains("000000000000") && swept.stdout.contains(ACCOUNT), "{swept}");
}

#[test]
fn a_plan_of_yesterday_is_not_carried_out() {
    let workspace = few();
    workspace.run("sweep --out q.plan -q").code(2);
    let path = workspace.path("q.plan");
    let mut plan = plan_file::load(&path).unwrap();
    let sweep = plan.options.sweep.as_mut().unwrap();
    sweep.now -= jiff::SignedDuration::from_hours(25);
    plan.plan_digest = plan.digest();
    plan_file::save(&path, &plan).unwrap();
    let run = apply(&workspace, "q.plan").code(4);
    assert!(run.stderr.contains("more than 24 hours ago"), "{run}");
}

#[test]
fn a_manifest_says_what_is_left_alone_and_where_pinpoint_never_was() {
    let workspace = seeded(|name| !name.starts_with("pinpoint-"));
    let sweep = "[sweep]\nexclude = [\"PinpointKinesisRole-0*\"]\nno_pinpoint_in = [\"ap-*\", \"ca-*\", \"eu-central-1\", \"eu-west-2\", \"us-east-2\", \"us-west-2\"]\n";
    let manifest = SHOP_AND_BLOG.split("[apps.shop]").next().unwrap();
    workspace.write("pinpoint-streams.toml", &format!("{manifest}{sweep}"));
    let run = workspace.run("sweep").code(2);
    assert!(run.stdout.contains("12 obsolete, 3 in use."), "{run}");
    assert!(run.stdout.contains("3 to quarantine"), "{run}");
}

#[test]
fn roles_of_a_terraform_state_are_left_to_terraform() {
    let workspace = few();
    let role = json!({"mode": "managed", "type": "aws_iam_role", "instances": [
        {"attributes": {"arn": "arn:aws:iam::123456789012:role/pinpoint-search-dev"}}]});
    workspace
        .write("tf.json", &json!({"version": 4, "terraform_version": "1.9.0", "resources": [role]}).to_string());
    let found = verdicts(&workspace, "--terraform-state tf.json");
    assert!(found.contains(&("pinpoint-search-dev".to_owned(), "managed_elsewhere".to_owned())), "{found:?}");
    workspace.run("sweep --terraform-state seed.json").code(1);
}

#[test]
fn an_organization_says_how_many_of_its_accounts_were_read() {
    let mut seed: Value = serde_json::from_str(LEFTOVERS).unwrap();
    seed["accounts"][0]["organization"] = json!([
        {"id": ACCOUNT, "name": "Management"},
        {"id": "210987654321", "name": "Growth prod"},
        {"id": "310987654321", "name": "Closed", "state": "SUSPENDED"},
    ]);
    seed["accounts"][0]["roles"] = json!([]);
    let workspace = Workspace::empty();
    workspace.write("seed.json", &seed.to_string());
    workspace.run("sandbox seed seed.json").code(0);
    assert_snapshot!("sweep_of_an_organization", workspace.run("sweep --organization --role Audit").code(6));
}

#[test]
fn deletes_over_the_limit_are_a_problem_and_the_table_is_shown_all_the_same() {
    let workspace = few();
    let run = workspace.run("sweep --delete --max-delete 1").code(3);
    assert!(run.stdout.contains("3 obsolete"), "{run}");
}
