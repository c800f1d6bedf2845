//! A plan as a Markdown comment: the verdict, what is lost or widened, the counts of each place, every change folded, and
//! what to run next. Truncated to what GitHub accepts.
use super::rows::{FieldRow, Group, Row, Values, effect_label, groups};
use super::statements::StatementRow;
use super::{selection, summary};
use crate::ui::escape::escape;
use crate::ui::facts::Words;
use crate::ui::style::of_action;
use crate::ui::text::count;
use crate::ui::views::report::{html_text, markdown_text as plain};
use pinpoint_streams_model::plan::{Mode, Plan, Warning};
use std::fmt::Write as _;

/// The maximum number of characters. GitHub rejects a comment of more than 65,536.
const LIMIT: usize = 65_000;
/// Reserved for the note that something was cut.
const NOTE: usize = 400;

/// The commands that follow a plan, as they are typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Next {
    pub(crate) apply: Option<String>,
    pub(crate) plan_again: Option<String>,
}

pub(crate) fn markdown(plan: &Plan, next: &Next) -> String {
    let groups = groups(plan);
    let footer = footer(plan, next);
    let mut page = Page { text: String::new(), room: LIMIT.saturating_sub(NOTE + footer.chars().count()) };
    page.add(&head(plan, &groups));
    let mut cut = 0;
    for group in &groups {
        let heading = format!("\n#### {}{}\n\n", lost_in(group), plain(&group.place));
        let mut is_headed = false;
        for row in &group.rows {
            let block = change(row);
            let whole = if is_headed { block } else { format!("{heading}{block}") };
            let short = || format!("{}{}\n\n", if is_headed { "" } else { heading.as_str() }, summary_of(row));
            // A change whose policies do not fit is still named.
            if cut == 0 && (page.add(&whole) || page.add(&short())) {
                is_headed = true;
            } else {
                cut += 1;
            }
        }
    }
    let mut text = page.text;
    if cut > 0 {
        let _ = write!(
            text,
            "\n**Cut:** {} not shown, because a comment holds at most 65,000 characters. \
             `--format html` shows everything.\n",
            if cut == 1 { "1 change is".to_owned() } else { format!("{cut} changes are") }
        );
    }
    text + &footer
}

/// Text that accepts a block only if the whole block fits.
struct Page {
    text: String,
    room: usize,
}

impl Page {
    fn add(&mut self, block: &str) -> bool {
        let characters = block.chars().count();
        let fits = characters <= self.room;
        if fits {
            self.room -= characters;
            self.text.push_str(block);
        }
        fits
    }
}

fn lost_in(group: &Group<'_>) -> &'static str {
    if group.is_lost { "Lost or widened in " } else { "" }
}

/// `3 to delete, 2 to create`, what is lost first.
pub(super) fn verdict(plan: &Plan) -> String {
    let counts = summary::counts(plan.changes.iter().map(|change| change.action));
    match counts.is_empty() || plan.mode == Mode::Drift {
        true => super::last_line(plan).trim_end_matches('.').to_owned(),
        false => counts,
    }
}

fn head(plan: &Plan, groups: &[Group<'_>]) -> String {
    let mut text = format!("## {}\n\n", verdict(plan));
    let _ = writeln!(text, "Workspace `{}`, {} unchanged.", plan.workspace, plan.summary.keep);
    if let Some(selection) = selection(&plan.options) {
        let _ = writeln!(text, "\n**This plan is partial:** {}.", plain(&selection));
    }
    if let Some(calls) = summary::calls(plan) {
        let _ = writeln!(text, "{calls}");
    }
    let lost: Vec<&Row<'_>> = groups.iter().filter(|group| group.is_lost).flat_map(|group| &group.rows).collect();
    if !lost.is_empty() {
        text.push_str("\n### Lost or widened\n\n");
        for row in lost.iter().take(LISTED) {
            let _ = writeln!(text, "- {}", summary_of(row));
            for note in row.notes.iter().take(LISTED_NOTES) {
                let _ = writeln!(text, "  - {}", plain(&short(note)));
            }
        }
        if lost.len() > LISTED {
            let _ = writeln!(text, "- and {}", count(lost.len() - LISTED, "more change"));
        }
    }
    if !groups.is_empty() {
        text.push_str("\n| place | |\n| --- | --- |\n");
    }
    for group in groups.iter().take(LISTED) {
        let counts = summary::counts(group.rows.iter().map(|row| row.change.action));
        let _ = writeln!(text, "| {}{} | {counts} |", lost_in(group), plain(&group.place));
    }
    if !plan.warnings.is_empty() {
        text.push_str("\n### Warnings\n\n");
        plan.warnings.iter().take(LISTED).for_each(|warning| text.push_str(&warned(warning)));
        if plan.warnings.len() > LISTED {
            let _ = writeln!(text, "- and {} more", plan.warnings.len() - LISTED);
        }
    }
    text
}

/// How many lines of one kind stand on top.
const LISTED: usize = 25;
const LISTED_NOTES: usize = 3;

fn warned(Warning { address, fact }: &Warning) -> String {
    let address = address.as_ref().map(|address| format!("{}: ", plain(&address.to_string()))).unwrap_or_default();
    format!("- {address}{}\n", plain(&short(&Words(fact).to_string())))
}

/// The first 300 characters.
fn short(text: &str) -> String {
    match text.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// One line: action, address, what it is and why.
fn summary_of(row: &Row<'_>) -> String {
    let action = of_action(row.change.action).0;
    let what = if row.what.is_empty() { String::new() } else { format!(" {}", plain(&short(&row.what))) };
    let why = row.why.map(|why| format!(" ({why})")).unwrap_or_default();
    format!("**{action}** {}{what}{why}", plain(&row.change.address.to_string()))
}

fn change(row: &Row<'_>) -> String {
    let (action, sign, _) = of_action(row.change.action);
    let address = in_html(&row.change.address.to_string());
    let what = in_html(&short(&row.what));
    let why = row.why.map(|why| format!(" ({why})")).unwrap_or_default();
    let body = body(row);
    let line = format!("{sign} {action} <b>{address}</b> {what}{why}");
    match body.is_empty() {
        true => format!("- {}\n", summary_of(row)),
        false => format!("<details><summary>{line}</summary>\n\n{body}\n</details>\n"),
    }
}

/// Text in HTML in Markdown. What Markdown or GitHub would act on is a character reference.
fn in_html(text: &str) -> String {
    let mut safe = String::new();
    for character in html_text(text).chars() {
        match character {
            '@' | '|' | '`' | '[' | ']' | '!' | '*' | '_' | '~' | '$' | '\\' => {
                let _ = write!(safe, "&#{};", u32::from(character));
            }
            other => safe.push(other),
        }
    }
    safe.replace("://", "&#58;//").replace("www.", "www&#46;")
}

fn body(row: &Row<'_>) -> String {
    let mut text = String::new();
    for note in &row.notes {
        let _ = writeln!(text, "- {}", plain(note));
    }
    for FieldRow { path, effect, values } in &row.fields {
        let effect = effect.map(|effect| format!(" **{}**", effect_label(effect))).unwrap_or_default();
        match values {
            Values::Plain { before, after } => {
                let value = |value: &Option<String>| value.as_deref().map_or_else(|| "none".to_owned(), plain);
                let change = match (before, after) {
                    (None, Some(_)) if !row.is_in_place() => value(after),
                    (Some(_), None) if !row.is_in_place() => value(before),
                    _ => format!("{} → {}", value(before), value(after)),
                };
                let _ = writeln!(text, "- {}{effect}: {change}", plain(path));
            }
            Values::Policy(policy) => {
                let _ = writeln!(text, "- {}{effect}:", plain(path));
                for row in policy.statements.iter().filter(|_| row.is_in_place()) {
                    let _ = match row {
                        StatementRow::Added(words) => writeln!(text, "  - adds: {}", plain(words)),
                        StatementRow::Removed(words) => writeln!(text, "  - removes: {}", plain(words)),
                        StatementRow::Changed { statement, added, removed } => {
                            let values = |sign: &str, all: &[String]| {
                                all.iter().map(|value| format!("; {sign} {}", plain(value))).collect::<String>()
                            };
                            let (added, removed) = (values("adds", added), values("removes", removed));
                            writeln!(text, "  - changes: {}{added}{removed}", plain(statement))
                        }
                    };
                }
                if let Some(example) = &policy.example {
                    let _ = writeln!(text, "  - newly allowed, for example: {}", plain(example));
                }
                let _ = writeln!(text, "\n{}", fenced("diff", &diff(policy.lines())));
            }
        }
    }
    text
}

fn diff([before, after]: [Vec<String>; 2]) -> String {
    crate::ui::views::diff::plain_lines(&before, &after)
}

/// A block of code that the text cannot end.
fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

fn footer(plan: &Plan, Next { apply, plan_again }: &Next) -> String {
    let mut text = format!("\nDigest `{}`\n", plain(&plan.plan_digest.to_string()));
    let commands: Vec<String> = [("Apply this plan", apply), ("Plan again", plan_again)]
        .into_iter()
        .filter_map(|(what, command)| {
            let command = command.as_deref().filter(|_| what != "Apply this plan" || !plan.steps.is_empty())?;
            Some(format!("{what}:\n\n{}", fenced("sh", &escape(command))))
        })
        .collect();
    if !commands.is_empty() {
        let _ = write!(text, "\n{}", commands.join("\n"));
    }
    text
}
