//! A [`Page`] as a Markdown comment: the verdict, what is grave, counts, the rows folded, and what to run next.
use super::budget::{Bounded, LIMIT, Omitted, Spare, characters};
use super::markup::{fenced, in_element, plain};
use super::{
    Folded, NextStep, Notice, Page, PageField, PageGroup, PageLine, PageRow, PageTable, SignedLine, Untrusted,
};
use crate::ui::text::count;
use std::fmt::Write as _;

/// Reserved for the note that something was left out.
const NOTE: usize = 800;
/// The room for what stands above the rows, and for what stands below them.
const HEAD: usize = LIMIT / 2;
const FOOT: usize = LIMIT / 4;
/// How many lines of one kind stand above the rows.
const LISTED: usize = 25;
/// The characters of a notice: a problem with its help.
const NOTICE: usize = 600;
const LISTED_NOTES: usize = 3;
const TABLE_ROWS: usize = 50;

impl Page {
    pub(crate) fn markdown(&self) -> String {
        let (head, foot) = (self.head(), self.foot());
        let mut comment = Bounded::new(LIMIT.saturating_sub(NOTE + characters(&foot)));
        comment.add(&head);
        let omitted = match self.folded {
            Folded::Rows => self.folded_rows(&mut comment),
            Folded::Groups => self.folded_groups(&mut comment),
        };
        comment.text + &self.note(&omitted) + &foot
    }

    fn head(&self) -> String {
        let mut head = Bounded::new(HEAD);
        head.add(&format!("## {}\n\n", plain(&shortened(&self.title))));
        for PageLine { label, text } in &self.about {
            let label = label.map(|label| format!("**{label}:** ")).unwrap_or_default();
            head.add(&format!("{label}{}\n", plain(&shortened(text))));
        }
        let grave = self.groups.iter().filter(|group| group.is_grave).flat_map(|group| &group.rows);
        let grave: Vec<String> = grave.map(|row| self.grave_item(row)).collect();
        if !grave.is_empty() && head.add(&format!("\n### {}\n\n", self.grave)) {
            head.list(&grave, LISTED);
        }
        if self.folded == Folded::Rows && self.groups.len() > 1 {
            let row = |group: &PageGroup| vec![group.heading.clone(), group.counts.clone()];
            let rows = self.groups.iter().filter(|group| !group.counts.is_empty()).map(row).collect();
            table(&PageTable { columns: vec!["".into(), "".into()], rows }, &mut head);
        }
        self.tables.iter().for_each(|each| table(each, &mut head));
        for Notice { heading, items } in &self.notices {
            let items: Vec<String> =
                items.iter().map(|item| format!("- {}\n", plain(&within(item, NOTICE)))).collect();
            if head.add(&format!("\n### {heading}\n\n")) {
                head.list(&items, LISTED);
            }
        }
        head.text
    }

    /// A row on top, with some of its notes.
    fn grave_item(&self, row: &PageRow) -> String {
        let notes = row.notes.iter().take(LISTED_NOTES);
        let notes: String = notes.map(|note| format!("  - {}\n", plain(&shortened(note)))).collect();
        format!("- {}\n{notes}", self.in_short(row))
    }

    /// One line: the mark in a word, name, text and aside.
    fn in_short(&self, row: &PageRow) -> String {
        let text = if row.text.is_empty() { String::new() } else { format!(" {}", plain(&shortened(&row.text))) };
        let aside = row.aside.as_ref().map(|aside| format!(" ({})", plain(&shortened(aside))));
        format!("**{}** {}{text}{}", self.mark(row).value, plain(&row.name.0), aside.unwrap_or_default())
    }

    fn folded_rows(&self, comment: &mut Bounded) -> Omitted {
        let heading = |group: &PageGroup| {
            let mut heading = format!("\n#### {}\n\n", self.heading(group));
            group.about.iter().for_each(|line| heading.push_str(&format!("- {}\n", plain(&line.0))));
            heading.push_str(if group.about.is_empty() { "" } else { "\n" });
            heading
        };
        let short = |row: &PageRow| format!("- {}\n", self.in_short(row));
        let in_short = |group: &PageGroup| {
            characters(&heading(group)) + group.rows.iter().map(|row| characters(&short(row))).sum::<usize>()
        };
        let mut spare = Spare(comment.spare(self.groups.iter().map(in_short).sum()));
        let (mut omitted, mut is_full) = (Omitted::default(), false);
        for group in &self.groups {
            let mut top = Some(heading(group));
            if let Some(each) = &group.table {
                let mut block = Bounded::new(HEAD);
                table(each, &mut block);
                top = top.map(|top| top + &block.text + "\n");
            }
            if group.rows.is_empty() {
                is_full |= !comment.add(&top.take().unwrap_or_default());
            }
            for row in &group.rows {
                let (whole, short) = (self.whole(row), short(row));
                let before = top.clone().unwrap_or_default();
                let details = characters(&whole).saturating_sub(characters(&short));
                if !is_full && (details == 0 || spare.take(details)) && comment.add(&(before.clone() + &whole)) {
                    top = None;
                } else if !is_full && comment.add(&(before + &short)) {
                    top = None;
                    omitted.details += 1;
                } else {
                    is_full = true;
                    omitted.rows += 1;
                }
            }
        }
        omitted
    }

    /// Grave rows are listed under what their group's heading begins with.
    fn heading(&self, group: &PageGroup) -> String {
        let place = group.heading.0.strip_prefix(self.grave).and_then(|rest| rest.strip_prefix(" in "));
        match place.filter(|_| group.is_grave) {
            Some(place) => format!("{}: {}", plain(place), plain(&group.counts.0)),
            None => plain(&group.heading.0),
        }
    }

    fn whole(&self, row: &PageRow) -> String {
        let body: String = row.notes.iter().map(|note| format!("- {}\n", plain(&note.0))).collect();
        let body = body + &row.fields.iter().map(field).collect::<String>();
        if body.is_empty() {
            return format!("- {}\n", self.in_short(row));
        }
        let mark = self.mark(row);
        let aside = row.aside.as_ref().map(|aside| format!(" ({})", in_element(&shortened(aside))));
        format!(
            "<details><summary>{} {} <b>{}</b> {}{}</summary>\n\n{body}\n</details>\n",
            in_element(mark.sign),
            mark.value,
            in_element(&row.name.0),
            in_element(&shortened(&row.text)),
            aside.unwrap_or_default()
        )
    }

    fn folded_groups(&self, comment: &mut Bounded) -> Omitted {
        let short = |group: &PageGroup| {
            format!("- **{}**: {}\n", plain(&group.heading.0), plain(&shortened(&group.counts)))
        };
        let in_short = self.groups.iter().map(|group| characters(&short(group))).sum();
        let mut spare = Spare(comment.spare(in_short));
        let mut omitted = Omitted::default();
        comment.add("\n");
        for group in &self.groups {
            let about: String = group.about.iter().map(|line| format!("- {}\n", plain(&line.0))).collect();
            // Two lists in a row would be one.
            let about = match about.is_empty() {
                true => about,
                false => format!("{about}\n{}:\n\n", count(group.rows.len(), self.noun)),
            };
            let (heading, counts) = (in_element(&group.heading.0), in_element(&shortened(&group.counts)));
            let before = format!("<details><summary><b>{heading}</b>: {counts}</summary>\n\n{about}");
            let after = "\n</details>\n";
            let rest = |number: usize| if number > 0 { format!("- and {number} more\n") } else { String::new() };
            let frame = characters(&before) + characters(after) + characters(&rest(group.rows.len()));
            if !spare.take(frame) {
                let is_named = comment.add(&short(group));
                omitted.details += if is_named { group.rows.len() } else { 0 };
                omitted.rows += if is_named { 0 } else { group.rows.len() };
                continue;
            }
            let lines = group.rows.iter().map(line_of).take_while(|line| spare.take(characters(line)));
            let lines: Vec<String> = lines.collect();
            let left = group.rows.len() - lines.len();
            omitted.details += left;
            comment.add(&format!("{before}{}{}{after}", lines.concat(), rest(left)));
        }
        omitted
    }

    fn note(&self, Omitted { rows, details }: &Omitted) -> String {
        let are = |number: usize| if number == 1 { "is" } else { "are" };
        let left = |number: usize, what: &str| {
            (number > 0).then(|| format!("{} {} {what}", count(number, self.noun), are(number)))
        };
        let named = match self.folded {
            Folded::Rows => "without details",
            Folded::Groups => "not named",
        };
        let parts: Vec<String> = [left(*rows, "not shown"), left(*details, named)].into_iter().flatten().collect();
        if parts.is_empty() {
            return String::new();
        }
        let everything = match self.everything.is_empty() {
            true => "`--format html`".to_owned(),
            false => format!("<code>{}</code>", in_element(&self.everything)),
        };
        format!(
            "\n**Cut:** {}, because a comment holds at most 65,000 characters. {everything} shows everything.\n",
            parts.join(", and ")
        )
    }

    fn foot(&self) -> String {
        let mut foot = Bounded::new(FOOT);
        for PageLine { label, text } in &self.closing {
            foot.add(&match label {
                Some(label) => format!("\n{label} `{}`\n", plain(&text.0)),
                None => format!("\n{}\n", plain(&text.0)),
            });
        }
        if !self.next.is_empty() {
            foot.add("\n### Next\n");
        }
        for NextStep { what, command } in &self.next {
            let what = plain(&shortened(what));
            let block = match command.is_empty() {
                true => format!("\n{what}.\n"),
                false => format!("\n{what}:\n\n{}", fenced("sh", command.iter().map(|line| line.0.as_str()))),
            };
            if !foot.add(&block) {
                foot.add(&format!("\n{what}: the command is too long for a comment.\n"));
            }
        }
        foot.text
    }
}

fn shortened(text: &Untrusted) -> String {
    within(text, 300)
}

/// The first so many characters.
fn within(text: &Untrusted, most: usize) -> String {
    match text.0.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text.0[..end]),
        None => text.0.clone(),
    }
}

/// A row of a group that is folded.
fn line_of(row: &PageRow) -> String {
    let text = if row.text.is_empty() { String::new() } else { format!(": {}", plain(&shortened(&row.text))) };
    let aside = row.aside.as_ref().map(|aside| format!(" ({})", plain(&shortened(aside))));
    format!("- {}{text}{}\n", plain(&row.name.0), aside.unwrap_or_default())
}

fn field(PageField { label, effect, text, statements, example, document }: &PageField) -> String {
    let effect = effect.map(|effect| format!(" **{effect}**")).unwrap_or_default();
    let label = plain(&label.0);
    let mut block = match text {
        Some(text) if label.is_empty() => format!("- {}\n", plain(&text.0)),
        Some(text) => format!("- {label}{effect}: {}\n", plain(&text.0)),
        None => format!("- {label}{effect}:\n"),
    };
    for SignedLine { sign, text, is_value } in statements {
        let indent = if *is_value { "    " } else { "  " };
        let _ = writeln!(block, "{indent}- {}: {}", sign.verb(), plain(&text.0));
    }
    if let Some(example) = example {
        let _ = writeln!(block, "  - newly allowed, for example: {}", plain(&example.0));
    }
    if !document.is_empty() {
        let _ = writeln!(block, "\n{}", fenced("diff", document.iter().map(|line| line.0.as_str())));
    }
    block
}

/// As many rows as there is room for, and the number of the others.
fn table(table: &PageTable, head: &mut Bounded) {
    let PageTable { columns, rows } = table;
    let line = |cells: &[Untrusted]| {
        let cells: Vec<String> = cells.iter().map(|cell| plain(&shortened(cell))).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let align = |nth| if table.is_number(&nth) { "---:" } else { "---" };
    let align = (0..columns.len()).map(align).collect::<Vec<_>>().join(" | ");
    if rows.is_empty() || !head.add(&format!("\n{}| {align} |\n", line(columns))) {
        return;
    }
    let shown = rows.iter().take(TABLE_ROWS).take_while(|row| head.add(&line(row))).count();
    if shown < rows.len() {
        head.add(&format!("\nThe table omits {}.\n", count(rows.len() - shown, "row")));
    }
}
