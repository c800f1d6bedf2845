//! Results as pages and as comments: a browser and GitHub see only text.
use super::reports::Reports;
use super::results::{Sweeps, recorded};
use super::{is_safe, problem, rich_plan};
use crate::ui::page::Page;
use crate::ui::views::plan::Next;
use crate::ui::views::residue::Searched;
use crate::ui::views::state::StateCommands;
use crate::ui::views::sweep::{SweepCommands, Swept};
use crate::ui::views::{plan, report, residue, state, sweep};
use pinpoint_streams_model::live::residue::StreamMode;
use pinpoint_streams_model::live::{FailureKind, Question, Unreadable};
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_model::residue::{Gap, IdleStream, Residue, ResidueItem, ResidueReport};
use pinpoint_streams_model::sweep::SweptAccount;
use pinpoint_streams_testkit::hostile::{Places, STRINGS};

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

/// The page has the markup that it has with a harmless text, and so has the comment.
pub(crate) fn has_no_injected_markup(page: impl Fn(&str) -> Page) {
    let count = |text: &str| {
        // Code in a text changes how it looks, and nothing else.
        let text = text.replace("<kbd>", "").replace("</kbd>", "");
        ["<", ">", "</details>", "<script", "\n#", "|"].map(|mark| text.matches(mark).count())
    };
    let benign = page("x");
    let (benign_html, benign_markdown) = (benign.html(), benign.markdown());
    let (benign_outside, benign_blocks) = without_code(&benign_markdown);
    for text in STRINGS {
        let page = page(text);
        let html = page.html();
        is_safe(&html);
        assert_eq!(count(&html)[..4], count(&benign_html)[..4], "{text}: {html}");
        for inner in ["<img", "' onmouseover='", "\">&lt;"] {
            assert!(!html.contains(inner), "{inner}");
        }
        let markdown = page.markdown();
        is_safe(&markdown);
        let (outside, blocks) = without_code(&markdown);
        assert_eq!(blocks, benign_blocks, "{text}: {markdown}");
        assert_eq!(
            count(&outside.replace("\\|", "")),
            count(&benign_outside.replace("\\|", "")),
            "{text}: {markdown}"
        );
        let marked = ["\\]", "\\[", "\\`", "\\!"].iter().fold(outside, |text, escaped| text.replace(escaped, ""));
        for inner in ["@ana", "](javascript", "![x", " `c`", "<img", "http://"] {
            assert!(!marked.contains(inner), "{inner}: {marked}");
        }
    }
}

#[test]
fn plans() {
    let places = Places::of(&rich_plan());
    has_no_injected_markup(|text| {
        let command = || text.to_owned();
        let next = Next { apply: Some(command()), plan_again: Some(command()), everything: command() };
        plan::page(&places.filled(text), &next)
    });
}

#[test]
fn reports() {
    let reports = Reports::new();
    has_no_injected_markup(|text| {
        let mut report = reports.with(text);
        report.unreadable = vec![text.to_owned()];
        report::page(&report, text)
    });
}

#[test]
fn states() {
    let places = Places::of(&recorded().resources);
    has_no_injected_markup(|text| {
        let recorded = Recorded { resources: places.filled(text), ..recorded() };
        let commands = StateCommands { plan: text.to_owned(), everything: text.to_owned() };
        state::page(&"growth".parse().unwrap(), &recorded, &commands)
    });
}

#[test]
fn sweeps() {
    let sweeps = Sweeps::new();
    let commands = |text: &str| SweepCommands {
        again: text.to_owned(),
        apply_saved: Some(text.to_owned()),
        everything: text.to_owned(),
    };
    has_no_injected_markup(|text| sweep::page(&sweeps.with(text), &commands(text)));
    has_no_injected_markup(|text| {
        let refused = Swept { plan: Err(vec![problem(text)]), ..sweeps.with(text) };
        sweep::page(&refused, &commands(text))
    });
}

#[test]
fn what_else_names_pinpoint() {
    has_no_injected_markup(|text| {
        let text = || text.to_owned();
        let app = || "arn:aws:mobiletargeting:eu-west-1:123456789012:apps/a1".parse().unwrap();
        let idle = IdleStream {
            stream: "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks".parse().unwrap(),
            mode: StreamMode::OnDemand,
            created_since: None,
            monthly_usd_cents: Some(1),
            named_by: Default::default(),
        };
        let items = [
            ResidueItem::IdentityPolicy { identity: text(), policy: text(), principals: [text()].into() },
            ResidueItem::EventDestination {
                configuration_set: text(),
                name: text(),
                enabled: true,
                app_arn: Some(text()),
            },
            ResidueItem::FunctionPolicy { function: text(), principals: [text()].into() },
            ResidueItem::ImportJobs { app: app(), role_arn: text(), jobs: 2 },
            ResidueItem::Recommender { id: text(), role_arn: text() },
            ResidueItem::EmailChannel { app: app(), role_arn: Some(text()), sending_role_arn: Some(text()) },
            ResidueItem::MessageTemplate { name: text(), channel: text() },
            ResidueItem::IdleStream(idle),
        ];
        let place = || "123456789012/eu-west-1".parse().unwrap();
        let why = Unreadable {
            kind: FailureKind::Denied,
            operation: text(),
            code: text(),
            message: text(),
            request_id: None,
            beneath: Vec::new(),
        };
        let gap = Gap { question: Question::Functions(place()), why };
        let unreachable = SweptAccount { alias: "main".parse().unwrap(), id: None, unreachable: Some(text()) };
        let found = items.into_iter().map(|item| Residue { place: place(), item }).collect();
        let report = ResidueReport { found, gaps: vec![gap] };
        residue::page(&Searched { accounts: vec![unreachable], report }, &text())
    });
}
