//! Every view with hostile text in every place: a terminal, a spreadsheet, a page and JSON see only text.
use super::text::{failure, json as to_json};
use super::views::outcome::{Again, NextCommands, Rows, outcome};
use super::views::plan::{Next, html, markdown, plan};
use super::views::sweep::Evidences;
use super::views::{Detail, report, state, sweep};
use super::{error, problems, progress};
use crate::settings::Environment;
use crate::testing::{self, app_arn, change, trust};
use crate::ui::error::Error;
use crate::ui::escape::escape;
use crate::ui::views::sweep::Swept;
use pinpoint_streams_executor::Outcome;
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_executor::execute::{NotWritten, StateWrite, StepOutcome, StepResult};
use pinpoint_streams_model::event::{Ending, Event, EventKind, StepFailure, StepRef};
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::ids::{Serial, StepId};
use pinpoint_streams_model::invisible_chars::is_invisible;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::manifest::{Manifest, OneFile, Overrides};
use pinpoint_streams_model::plan::Plan;
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_model::sweep::{BundleFile, Findings, SweepAction, SweptAccount};
use pinpoint_streams_store::journal::{Header, Link, Record, RunLog, parse};
use pinpoint_streams_store::lock::{Holder, LockError};
use pinpoint_streams_store::state::State;
use pinpoint_streams_testkit::hostile::{FORGED, Places, STRINGS, filled};
use serde_json::{Value, json};
use std::io;

/// A run log with every kind of content.
const RUN: &str = include_str!("../../../../tests/formats/run/v2.ndjson");

fn run() -> (Header, Vec<Record>) {
    let contents = parse("v2.ndjson", RUN.as_bytes()).unwrap();
    (contents.header.unwrap(), contents.records)
}

/// The text contains no control characters except colors and line breaks, and no forged line.
#[track_caller]
fn is_safe(text: &str) {
    assert_eq!(text, crate::ui::escape::escape_styled(text), "a terminal would interpret what is escaped here");
    let plain = testing::plain(text);
    let found = plain.chars().find(|c| is_invisible(*c) && *c != '\n');
    assert_eq!(found, None, "{plain}");
    let forged = plain.lines().find(|line| line.trim_start().starts_with(FORGED));
    assert_eq!(forged, None, "a forged line: {plain}");
}

/// The same for wrapped text; no line may begin with a command for GitHub's runner.
#[track_caller]
fn is_safe_where_wrapped(text: &str) {
    is_safe(text);
    let plain = testing::plain(text);
    assert_eq!(plain.lines().find(|line| line.trim_start().starts_with("::")), None, "{plain}");
}

/// One JSON document, or one per line.
#[track_caller]
fn is_safe_json(text: &str) {
    is_safe(text);
    let documents = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    assert!(documents.map(Result::unwrap).count() > 0);
}

fn rich_plan() -> Plan {
    let mut plan = testing::plan(&[
        change("app.blog", "create", "new", json!([{"path": "name", "before": null, "after": "Blog"}])),
        change(
            "role.shop",
            "update",
            "drifted",
            json!([
                {"path": "trust_policy", "before": trust(&[]), "after": trust(&[app_arn("a1")]), "effect": "widens"},
                {"path": "inline_policies.P", "before": "no policy", "after": null},
                {"path": "description", "before": "a", "after": "b"},
                {"path": "tags.team", "before": null, "after": {"after_step": 1, "format": "x{}"}},
            ]),
        ),
    ]);
    plan.changes[1].notes =
        vec![Fact::NotRecordable { destination: "a".to_owned(), role_arn: "b".to_owned() }.into()];
    plan.options.targets = vec!["role.*".to_owned()];
    plan
}

#[test]
fn plans() {
    let places = Places::of(&rich_plan());
    for text in STRINGS {
        let filled = places.filled(text);
        is_safe(&plan(&filled, Detail::Changes, 80));
        is_safe(&plan(&filled, Detail::Everything, 80));
        is_safe(&problems::warnings(&filled.warnings));
        is_safe_json(&to_json(&filled));
    }
}

/// The text outside blocks of code, and how many blocks there are. Panics if one is not closed.
fn without_code(markdown: &str) -> (String, usize) {
    let (mut outside, mut blocks, mut lines) = (String::new(), 0, markdown.lines());
    while let Some(line) = lines.next() {
        let fence = line.chars().take_while(|c| *c == '`').collect::<String>();
        if fence.len() < 3 {
            outside.extend([line, "\n"]);
            continue;
        }
        blocks += 1;
        assert!(lines.any(|line| line == fence), "{line} is not closed: {markdown}");
    }
    (outside, blocks)
}

#[test]
fn plans_as_markdown_and_as_a_page() {
    let count =
        |text: &str| ["<", ">", "</details>", "<script", "\n#", "|"].map(|mark| text.matches(mark).count());
    let places = Places::of(&rich_plan());
    let pages = |text: &str| {
        let next = Next { apply: Some(text.to_owned()), plan_again: Some(text.to_owned()) };
        let filled = places.filled(text);
        (markdown(&filled, &next), html(&filled, &next))
    };
    let (benign_markdown, benign_page) = pages("x");
    let (benign_outside, benign_blocks) = without_code(&benign_markdown);
    for text in STRINGS {
        let (markdown, page) = pages(text);
        is_safe(&page);
        assert_eq!(count(&page)[..4], count(&benign_page)[..4], "{text}: {page}");
        for inner in ["<img", "' onmouseover='"] {
            assert!(!page.contains(inner), "{inner}");
        }
        is_safe(&markdown);
        let (outside, blocks) = without_code(&markdown);
        assert_eq!(blocks, benign_blocks, "{text}: {markdown}");
        assert_eq!(
            count(&outside.replace("\\|", "")),
            count(&benign_outside.replace("\\|", "")),
            "{text}: {markdown}"
        );
        let marked = ["\\]", "\\[", "\\`", "\\!"].iter().fold(outside, |text, escaped| text.replace(escaped, ""));
        for inner in ["@ana", "](javascript", "![x", " `c`", "<img"] {
            assert!(!marked.contains(inner), "{inner}: {marked}");
        }
    }
}

#[test]
fn a_plan_with_every_kind_of_step() {
    let (header, _) = run();
    let filled = filled(&header.about.unwrap().plan, &STRINGS.concat());
    is_safe(&plan(&filled, Detail::Everything, 80));
    is_safe_json(&to_json(&filled));
}

#[test]
fn steps_that_changed() {
    let places = Places::of(&rich_plan());
    for text in STRINGS {
        let filled = places.filled(text);
        let stale = crate::plan_file::check_steps(&filled.steps, &[]).unwrap_err();
        is_safe(&Error::from(stale).text(&Environment::default()));
    }
}

/// A state with every kind of content.
fn recorded() -> Recorded {
    let json = include_bytes!("../../../../tests/formats/state/v1.json");
    State::from_json("v1.json", json, &"growth".parse().unwrap()).unwrap().recorded()
}

#[test]
fn records() {
    let workspace = "growth".parse().unwrap();
    let places = Places::of(&recorded().resources);
    for text in STRINGS {
        let recorded = Recorded { resources: places.filled(text), ..recorded() };
        is_safe(&state::text(&workspace, &recorded));
        is_safe(&state::list(&recorded));
        is_safe_json(&state::json(&workspace, &recorded));
        is_safe_json(&state::list_json(&recorded));
        for (address, resource) in &recorded.resources {
            is_safe(&state::resource(address, resource));
            is_safe_json(&state::resource_json(address, resource));
        }
    }
}

fn failed(text: &str) -> StepFailure {
    let text = text.to_owned();
    let (code, message, request_id) = (text.clone(), text.clone(), Some(text.clone()));
    StepFailure { code, message, request_id, details: vec![text.clone()], hints: vec![text] }
}

fn problem(text: &str) -> Problem {
    let (message, hint) = (text.to_owned(), Some(text.to_owned()));
    Problem { code: ProblemCode::NotOurs, address: Some("role.shop".parse().unwrap()), message, hint }
}

#[test]
fn outcomes_failures_and_problems() {
    let step = |result| StepOutcome { address: "role.shop".parse().unwrap(), op: "create_role", result };
    let next = NextCommands {
        plan: Some("`plan`".to_owned()),
        again: Again::Same("`apply`".to_owned()),
        restore: None,
        push: None,
    };
    for text in STRINGS {
        let results = [
            StepResult::Done { request_id: Some(text.to_owned()) },
            StepResult::Failed(failed(text)),
            StepResult::Unfinished(failed(text)),
            StepResult::NotStarted { reason: text.to_owned() },
        ];
        let mut done = Outcome {
            ending: Ending::Failed,
            steps: (1..).map(StepId).zip(results.map(step)).collect(),
            recorded: Recorded::default(),
            state: None,
            state_written: Ok(StateWrite::Serial(Serial(2))),
        };
        is_safe(&outcome(&done, &next, Rows::All));
        done.state_written = Err(NotWritten::NothingBegun { reason: text.to_owned() });
        is_safe(&outcome(&done, &next, Rows::All));
        is_safe(&failure(&failed(text)));
        is_safe(&problems::text(&vec![problem(text); 6]));
        is_safe_json(&Error::Problems(vec![problem(text)]).json(&Environment::default(), str::to_owned));
    }
}

#[test]
fn events_of_every_kind() {
    let step = StepRef { step: StepId(2), address: "role.shop".parse().unwrap(), op: "create_role" };
    let places = Places::of(&rich_plan());
    for text in STRINGS {
        let all = [
            EventKind::Version { format: 1, tool_version: text.to_owned() },
            EventKind::Plan { plan: Box::new(places.filled(text)) },
            EventKind::Problems { problems: vec![problem(text)] },
            EventKind::StepWaiting { step: step.clone(), reason: text.to_owned(), waited_ms: 1 },
            EventKind::StepRetried { step: step.clone(), attempt: 2, reason: text.to_owned() },
            EventKind::StepFailed { step: step.clone(), failure: failed(text) },
        ];
        for what in all {
            let event = Event { what, seq: 0, time: jiff::Timestamp::UNIX_EPOCH, elapsed_ms: 1 };
            let record = progress::record(&event);
            is_safe_json(&record);
            assert_eq!(record.lines().count(), 1);
            if let Some(line) = progress::line(&event, &progress::Tracker::default()) {
                is_safe(&line);
                assert_eq!(line.lines().count(), 1);
            }
        }
    }
}

#[test]
fn sweeps() {
    let (header, _) = run();
    let about = header.about.unwrap();
    let reading = about.reading.clone().unwrap();
    let (roles, unread) = (Places::of(&about.findings), Places::of(&reading.unread));
    let (accounts, plan) = (Places::of(&reading.accounts), Places::of(&rich_plan()));
    for text in STRINGS {
        let findings = Findings { roles: roles.filled(text), unread: unread.filled(text) };
        let accounts: Vec<SweptAccount> = accounts.filled(text);
        let plan = Ok(plan.filled(text));
        let (digest, finished) = (text.to_owned().into(), jiff::Timestamp::UNIX_EPOCH);
        let bundles = vec![BundleFile { file: text.to_owned(), digest, finished }];
        let swept = Swept { accounts, findings, action: SweepAction::Quarantine, bundles, plan };
        for evidences in [Evidences::Common, Evidences::Each] {
            is_safe_where_wrapped(&sweep::text(&swept, evidences, "sweep", 60));
            is_safe_where_wrapped(&sweep::for_approval(&swept, evidences, 60));
        }
        is_safe_json(&sweep::json(&swept));
        is_safe_json(&sweep::json(&Swept { plan: Err(vec![problem(text)]), ..swept }));
    }
}

/// Reports of a run with every kind of content and two planned steps.
struct Reports(Places<Header>, Places<Vec<Record>>);

impl Reports {
    fn new() -> Reports {
        let (mut header, records) = run();
        if let Some(about) = &mut header.about {
            about.plan.steps.truncate(2);
        }
        Reports(Places::of(&header), Places::of(&records))
    }

    fn with(&self, text: &str) -> report::Report {
        let (header, records, link) = (self.0.filled(text), self.1.filled(text), Link::first(b""));
        let log = RunLog { path: "r".into(), header, records, link };
        report::Report::of([report::FoundLog {
            log,
            ended: report::Ended::Kept,
            integrity: report::Integrity::Verified,
        }])
    }
}

#[test]
fn reports_in_every_form() {
    let reports = Reports::new();
    let benign = reports.with("x");
    for text in STRINGS {
        let report = reports.with(text);
        is_safe_where_wrapped(&report::text(&report, 60));
        is_safe_json(&to_json(&report));
        has_no_formula_and_no_added_row(&report, &benign);
        has_no_injected_markup(&report, &benign, text);
    }
}

/// Parses CSV as in RFC 4180.
fn cells(csv: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut rest = csv.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => cell.extend(rest.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(cell.trim_end_matches('\r').to_owned());
                cell.clear();
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    rows
}

fn has_no_formula_and_no_added_row(report: &report::Report, benign: &report::Report) {
    let benign = cells(&report::csv(benign));
    let csv = report::csv(report);
    is_safe(&csv.replace("\r\n", "\n"));
    let table = cells(&csv);
    assert_eq!(table.len(), benign.len());
    for row in &table {
        assert_eq!(row.len(), benign[0].len());
        for cell in row {
            let first = cell.chars().next().unwrap_or(' ');
            assert!(!"=+-@\t\r\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".contains(first), "{cell}");
        }
    }
}

fn has_no_injected_markup(report: &report::Report, benign: &report::Report, text: &str) {
    let markup =
        |text: &str| ["<", ">", "</details>", "<script", "\n#", "|"].map(|mark| text.matches(mark).count());
    let html = report::html(report);
    is_safe(&html);
    assert_eq!(markup(&html)[..4], markup(&report::html(benign))[..4], "{text}");
    for inner in ["<img", "' onmouseover='", "\">&lt;"] {
        assert!(!html.contains(inner), "{inner}");
    }
    let (markdown, benign) = (report::markdown(report), report::markdown(benign));
    is_safe(&markdown);
    assert_eq!(markup(&markdown.replace("\\|", "")), markup(&benign.replace("\\|", "")), "{text}");
    let marked = ["\\]", "\\[", "\\`", "\\!"].iter().fold(markdown, |text, escaped| text.replace(escaped, ""));
    for inner in ["@ana", "](javascript", "![x", " `c`", "<img"] {
        assert!(!marked.contains(inner), "{inner}");
    }
}

#[test]
fn errors_of_every_kind_that_quotes_other_text() {
    let io = |text: &str| io::Error::other(text.to_owned());
    for text in STRINGS {
        let holder = Holder { who: text.into(), host: text.into(), pid: 1, since: jiff::Timestamp::UNIX_EPOCH };
        let cloud = CloudError {
            kind: FailureKind::Denied,
            operation: "GetRole".into(),
            code: text.into(),
            message: text.into(),
            request_id: Some(text.into()),
            definitely_refused: true,
            source: None,
        };
        let errors = [
            Error::Usage { message: text.into(), hint: text.into() },
            Error::NotFound { message: text.into(), hint: text.into() },
            Error::File { operation: "read", path: text.into(), source: io(text) },
            Error::InvalidFile { path: text.into(), problem: text.into(), hint: text.into() },
            Error::Cloud { operation: "read", address: None, error: Box::new(cloud) },
            Error::Lock(LockError::Held { place: text.into(), holder: Some(holder), heartbeat: None }),
            Error::Output(io(text)),
        ];
        for error in errors {
            is_safe(&error.text(&Environment::default()));
            is_safe_json(&error.json(&Environment::default(), str::to_owned));
        }
    }
}

#[test]
fn manifests_with_mistakes_in_every_place() {
    for text in STRINGS {
        let text = toml_text(text);
        let head = "version = 1\nworkspace = \"w\"";
        let manifests = [
            format!("version = 1\nworkspace = {text}\n"),
            format!("{head}\n{text} = 1\n"),
            format!("{head}\ninclude = [{text}]\n"),
            format!("{head}\n[apps.{text}]\nid = {text}\nstream = {text}\nrole = {text}\n"),
            format!("{head}\n[accounts.{text}]\nid = {text}\nprofile = {text}\n"),
            format!("{head}\n[streams.{text}]\nkinesis = {text}\nkms_key = {text}\n"),
            format!("{head}\n[roles.{text}]\nname = {text}\npath = {text}\ntags = {{ {text} = {text} }}\n"),
            format!("{head}\n[role_defaults]\nname = {text}\npermissions_boundary = {text}\n"),
            format!("{head}\n[state]\npath = {text}\n[sweep]\nexclude = [{text}]\n"),
            format!("{head}\n[[moved]]\nfrom = {text}\nto = {text}\n[[forget]]\naddress = {text}\n"),
            format!("version = 1\nworkspace = \"w-{{var.v}}\"\n[variables]\nv = {text}\n{text} = {text}\n"),
        ];
        for manifest in manifests {
            if let Err(errors) = Manifest::load("m.toml", manifest.clone(), &OneFile, &Overrides::default()) {
                is_safe(&error::diagnostics(&errors.sources, &errors.errors, 100));
                is_safe_json(&Error::Manifest(errors).json(&Environment::default(), str::to_owned));
            }
        }
        // Unescaped, and so mostly invalid TOML.
        let raw = format!("version = 1\nworkspace = \"w\"\n[apps.a]\nname = \"{text}\"\n# {text}\n");
        if let Err(errors) = Manifest::load("m.toml", raw, &OneFile, &Overrides::default()) {
            is_safe(&error::diagnostics(&errors.sources, &errors.errors, 100));
        }
    }
}

/// The text as a TOML string, with as few escapes as TOML allows.
fn toml_text(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_ascii_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[test]
fn the_text_of_one_line_is_one_line() {
    for text in STRINGS {
        is_safe(&escape(text));
        assert!(escape(text).lines().count() <= 1);
    }
}

#[test]
fn no_name_that_goes_into_a_policy_a_path_or_a_session_takes_such_a_text() {
    use pinpoint_streams_model::address::Address;
    use pinpoint_streams_model::arn::{AppArn, KmsKeyArn, StreamArn};
    use pinpoint_streams_model::ids::{
        AccountAlias, AccountId, AppId, AppKey, Lineage, PolicyName, RoleId, RoleName, RunId, StreamKey, Workspace,
    };
    use pinpoint_streams_model::region::Region;
    fn takes<T: std::str::FromStr>(text: &str) -> bool {
        text.parse::<T>().is_ok()
    }
    let takers: [fn(&str) -> bool; 16] = [
        takes::<Workspace>,
        takes::<AppKey>,
        takes::<StreamKey>,
        takes::<AccountAlias>,
        takes::<AccountId>,
        takes::<AppId>,
        takes::<RoleId>,
        takes::<RoleName>,
        takes::<PolicyName>,
        takes::<Lineage>,
        takes::<RunId>,
        takes::<Region>,
        takes::<Address>,
        takes::<AppArn>,
        takes::<StreamArn>,
        takes::<KmsKeyArn>,
    ];
    let within = [
        "{}",
        "role.{}",
        "iam.123456789012/{}",
        "arn:aws:mobiletargeting:eu-west-1:123456789012:apps/{}",
        "arn:aws:kinesis:eu-west-1:123456789012:stream/{}",
        "arn:aws:firehose:eu-west-1:123456789012:deliverystream/{}",
        "arn:aws:kms:eu-west-1:123456789012:key/{}",
        "arn:aws:kinesis:{}:123456789012:stream/clicks",
        "arn:aws:kinesis:eu-west-1:{}:stream/clicks",
    ];
    // Names contain neither wildcards nor policy variables.
    for text in STRINGS.into_iter().chain(["*", "a?", "${aws:username}", "a/../b", "a b", ""]) {
        for form in within {
            let whole = form.replace("{}", text);
            for (nth, takes) in takers.iter().enumerate() {
                let is_harmless = |c: char| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c);
                let is_path = whole.contains("/..") && nth < 12;
                assert!(!takes(&whole) || (whole.chars().all(is_harmless) && !is_path), "{nth}: {whole}");
            }
        }
    }
}
