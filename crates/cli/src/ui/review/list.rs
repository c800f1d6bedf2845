//! What is shown of the items, and what each key does.
use super::details::whole;
use super::{Item, Reviewed};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::collections::{BTreeMap, BTreeSet};

/// The items with what a person has done to them.
#[derive(Debug)]
pub(super) struct List {
    heading: String,
    items: Vec<Item>,
    /// Shown are items that contain it, whatever the letter case.
    filter: String,
    is_typing: bool,
    unfolded: BTreeSet<usize>,
    left_out: BTreeSet<usize>,
    /// Of the terminal, to which details are wrapped.
    width: usize,
    /// Among the rows.
    cursor: usize,
    /// The first row on the screen.
    top: usize,
}

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    Item(usize),
    /// A line of the details of an item.
    Detail {
        item: usize,
        line: usize,
    },
}

impl Row {
    fn item(self) -> usize {
        match self {
            Row::Item(item) | Row::Detail { item, .. } => item,
        }
    }
}

impl List {
    pub(super) fn new(heading: &str, items: Vec<Item>) -> List {
        List {
            heading: heading.to_owned(),
            items,
            filter: String::new(),
            is_typing: false,
            unfolded: BTreeSet::new(),
            left_out: BTreeSet::new(),
            width: usize::MAX,
            cursor: 0,
            top: 0,
        }
    }

    pub(super) fn item(&self, item: usize) -> &Item {
        &self.items[item]
    }

    pub(super) fn resize(&mut self, width: usize) {
        self.width = width;
    }

    /// The lines below an item that is unfolded.
    pub(super) fn details(&self, item: usize) -> Vec<String> {
        whole(&self.items[item], self.width)
    }

    /// The heading; what remains to be done where something is left out.
    pub(super) fn title(&self) -> String {
        if self.left_out.is_empty() {
            return self.heading.clone();
        }
        let mut remaining: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, item) in self.items.iter().enumerate().filter(|(at, _)| !self.is_left_out(*at)) {
            item.verb.into_iter().for_each(|verb| *remaining.entry(verb).or_default() += 1);
        }
        let remaining: Vec<String> =
            remaining.into_iter().map(|(verb, number)| format!("{number} to {verb}")).collect();
        if remaining.is_empty() { "No changes.".to_owned() } else { format!("Plan: {}.", remaining.join(", ")) }
    }

    pub(super) fn is_unfolded(&self, item: usize) -> bool {
        self.unfolded.contains(&item)
    }

    pub(super) fn is_left_out(&self, item: usize) -> bool {
        self.left_out.contains(&item)
    }

    pub(super) fn filter(&self) -> &str {
        &self.filter
    }

    pub(super) fn is_typing(&self) -> bool {
        self.is_typing
    }

    /// `7 of 120, 2 left out`
    pub(super) fn counts(&self) -> String {
        let shown = (0..self.items.len()).filter(|item| self.matches(*item)).count();
        let total = self.items.len();
        let mut text = if shown == total { total.to_string() } else { format!("{shown} of {total}") };
        if !self.left_out.is_empty() {
            text.push_str(&format!(", {} left out", self.left_out.len()));
        }
        text
    }

    fn matches(&self, item: usize) -> bool {
        let Item { sign: _, style: _, line, details, exclude: _, verb: _ } = &self.items[item];
        let filter = self.filter.to_lowercase();
        filter.is_empty() || [line, details].iter().any(|text| text.to_lowercase().contains(&filter))
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        let shown = (0..self.items.len()).filter(|item| self.matches(*item));
        shown
            .flat_map(|item| {
                let lines = if self.is_unfolded(item) { self.details(item).len() } else { 0 };
                std::iter::once(Row::Item(item)).chain((0..lines).map(move |line| Row::Detail { item, line }))
            })
            .collect()
    }

    /// The rows on a screen of this height, and which of them the cursor is on.
    pub(super) fn page(&mut self, height: usize) -> (Vec<Row>, usize) {
        let height = height.max(1);
        let rows = self.rows();
        self.cursor = self.cursor.min(rows.len().saturating_sub(1));
        if self.cursor < self.top {
            self.top = self.cursor;
        } else if self.cursor >= self.top + height {
            self.top = (self.cursor + 1).saturating_sub(height);
        }
        self.top = self.top.min(rows.len().saturating_sub(height));
        (rows.into_iter().skip(self.top).take(height).collect(), self.cursor - self.top)
    }

    /// Does what the key says; `height` is that of the list on the screen.
    pub(super) fn press(&mut self, key: KeyEvent, height: usize) -> Option<Reviewed> {
        if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
            return Some(Reviewed::Interrupted);
        }
        if self.is_typing {
            self.type_filter(key.code);
            return None;
        }
        let rows = self.rows();
        let last = rows.len().saturating_sub(1);
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => self.cursor = (self.cursor + 1).min(last),
            KeyCode::PageUp => self.cursor = self.cursor.saturating_sub(height),
            KeyCode::PageDown => self.cursor = (self.cursor + height).min(last),
            KeyCode::Home | KeyCode::Char('g') => self.cursor = 0,
            KeyCode::End | KeyCode::Char('G') => self.cursor = last,
            KeyCode::Enter | KeyCode::Char(' ') => self.on_item(&rows, List::fold),
            KeyCode::Left | KeyCode::Right => {
                let unfold = key.code == KeyCode::Right;
                self.on_item(&rows, |list, item| {
                    if list.is_unfolded(item) != unfold {
                        list.fold(item);
                    }
                });
            }
            KeyCode::Char('a') => self.fold_all(&rows),
            KeyCode::Char('x') => self.on_item(&rows, List::leave_out),
            KeyCode::Char('/') => self.is_typing = true,
            KeyCode::Esc if !self.filter.is_empty() => self.set_filter(String::new()),
            KeyCode::Char('c') => return Some(Reviewed::Continue(self.excluded())),
            KeyCode::Char('q') | KeyCode::Esc => return Some(Reviewed::Quit),
            _ => {}
        }
        None
    }

    fn type_filter(&mut self, key: KeyCode) {
        match key {
            KeyCode::Char(letter) => self.set_filter(format!("{}{letter}", self.filter)),
            KeyCode::Backspace => {
                let mut filter = std::mem::take(&mut self.filter);
                filter.pop();
                self.set_filter(filter);
            }
            KeyCode::Esc => {
                self.is_typing = false;
                self.set_filter(String::new());
            }
            KeyCode::Enter | KeyCode::Down | KeyCode::Up => self.is_typing = false,
            _ => {}
        }
    }

    fn set_filter(&mut self, filter: String) {
        self.filter = filter;
        (self.cursor, self.top) = (0, 0);
    }

    fn on_item(&mut self, rows: &[Row], change: impl Fn(&mut List, usize)) {
        if let Some(row) = rows.get(self.cursor) {
            change(self, row.item());
        }
    }

    /// Folds or unfolds; the cursor goes to the line of the item.
    fn fold(&mut self, item: usize) {
        if !self.unfolded.remove(&item) {
            self.unfolded.insert(item);
        }
        self.go_to_item(item);
    }

    fn fold_all(&mut self, rows: &[Row]) {
        let Some(at) = rows.get(self.cursor).map(|row| row.item()) else { return };
        let shown: BTreeSet<usize> = rows.iter().map(|row| row.item()).collect();
        self.unfolded = if shown.is_subset(&self.unfolded) { BTreeSet::new() } else { shown };
        self.go_to_item(at);
    }

    fn go_to_item(&mut self, item: usize) {
        self.cursor = self.rows().iter().position(|row| *row == Row::Item(item)).unwrap_or(0);
    }

    /// Leaves the item out, or no longer, with all that the same value excludes.
    fn leave_out(&mut self, item: usize) {
        let Some(exclude) = &self.items[item].exclude else { return };
        let is_same = |other: &usize| self.items[*other].exclude.as_ref() == Some(exclude);
        let same: BTreeSet<usize> = (0..self.items.len()).filter(is_same).collect();
        if self.left_out.contains(&item) {
            self.left_out.retain(|other| !same.contains(other));
        } else {
            self.left_out.extend(same);
        }
    }

    fn excluded(&self) -> Vec<String> {
        let values: BTreeSet<&String> =
            self.left_out.iter().filter_map(|item| self.items[*item].exclude.as_ref()).collect();
        values.into_iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anstyle::Style;

    const HEIGHT: usize = 5;

    fn list(count: usize) -> List {
        let item = |at: usize| Item {
            sign: "+".to_owned(),
            style: Style::new(),
            line: format!("role.app{at:02}"),
            details: format!("name: Role{at}\npath: /\ndescription: the {at}th"),
            exclude: (at != 1).then(|| format!("role.app{at:02}")),
            verb: (at != 1).then_some("create"),
        };
        List::new("Plan", (0..count).map(item).collect())
    }

    fn press(list: &mut List, keys: &str) -> Option<Reviewed> {
        let code = |key| match key {
            '\n' => KeyCode::Enter,
            '\u{1b}' => KeyCode::Esc,
            '<' => KeyCode::Left,
            '\u{8}' => KeyCode::Backspace,
            key => KeyCode::Char(key),
        };
        keys.chars().map(|key| list.press(KeyEvent::from(code(key)), HEIGHT)).last().flatten()
    }

    /// The lines on the screen; the cursor's with `>`.
    fn shown(list: &mut List) -> Vec<String> {
        let (rows, cursor) = list.page(HEIGHT);
        let line = |(at, row): (usize, &Row)| {
            let text = match *row {
                Row::Item(item) => list.item(item).line.clone(),
                Row::Detail { item, line } => list.details(item)[line].clone(),
            };
            format!("{}{text}", if at == cursor { ">" } else { "" })
        };
        rows.iter().enumerate().map(line).collect()
    }

    #[test]
    fn what_is_left_out_is_excluded_unless_it_is_put_back() {
        let mut list = list(4);
        assert_eq!(press(&mut list, "xjxjxjxx"), None);
        assert_eq!(list.counts(), "4, 2 left out");
        assert_eq!(list.title(), "Plan: 1 to create.", "what remains");
        let excluded = vec!["role.app00".to_owned(), "role.app02".to_owned()];
        assert_eq!(press(&mut list, "c"), Some(Reviewed::Continue(excluded)));
    }

    #[test]
    fn all_items_that_one_value_excludes_are_left_out_and_put_back_together() {
        let mut list = list(4);
        list.items[3].exclude = list.items[0].exclude.clone();
        press(&mut list, "x");
        assert!(list.is_left_out(0) && list.is_left_out(3) && !list.is_left_out(2));
        assert_eq!(list.counts(), "4, 2 left out");
        assert_eq!(press(&mut list, "c"), Some(Reviewed::Continue(vec!["role.app00".to_owned()])));
        press(&mut list, "jjjx");
        assert_eq!((list.counts(), list.title()), ("4".to_owned(), "Plan".to_owned()));
    }

    #[test]
    fn what_is_wider_than_the_terminal_is_whole_in_the_details() {
        let mut list = list(2);
        list.items[0].details =
            "      - the app is gone: arn:aws:mobiletargeting:us-east-1:123456789012:apps/a1".to_owned();
        list.resize(40);
        press(&mut list, "\n");
        let details = list.details(0);
        assert_eq!(
            details,
            [
                "      - the app is gone:",
                "        arn:aws:mobiletargeting:us-east-",
                "        1:123456789012:apps/a1"
            ]
        );
        assert_eq!(list.rows().len(), 2 + details.len());
    }

    #[test]
    fn the_cursor_stays_on_the_screen_and_in_the_list() {
        let mut list = list(9);
        press(&mut list, "jjjjjj");
        assert_eq!(shown(&mut list), ["role.app02", "role.app03", "role.app04", "role.app05", ">role.app06"]);
        press(&mut list, "GGj");
        assert_eq!(shown(&mut list).last().unwrap(), ">role.app08");
        press(&mut list, "g");
        assert_eq!(shown(&mut list).first().unwrap(), ">role.app00");
    }

    #[test]
    fn details_can_be_scrolled_through_and_folded_from_any_of_their_lines() {
        let mut list = list(3);
        press(&mut list, "\njj");
        let unfolded = ["role.app00", "name: Role0", ">path: /", "description: the 0th", "role.app01"];
        assert_eq!(shown(&mut list), unfolded);
        press(&mut list, "<");
        assert_eq!(shown(&mut list), [">role.app00", "role.app01", "role.app02"]);
    }

    #[test]
    fn everything_is_unfolded_and_folded_at_once() {
        let mut list = list(3);
        press(&mut list, "ja");
        assert_eq!(list.rows().len(), 12);
        assert_eq!(shown(&mut list)[4], ">role.app01");
        press(&mut list, "a");
        assert_eq!(shown(&mut list), ["role.app00", ">role.app01", "role.app02"]);
    }

    #[test]
    fn a_filter_acts_as_it_is_typed_and_letters_are_no_commands_meanwhile() {
        let mut list = list(12);
        assert_eq!(press(&mut list, "/ROLE1"), None);
        assert_eq!(shown(&mut list), [">role.app01", "role.app10", "role.app11"]);
        assert_eq!(list.counts(), "3 of 12");
        press(&mut list, "q\u{8}\nx");
        assert_eq!(list.counts(), "3 of 12", "role.app01 cannot be left out");
        press(&mut list, "jx\u{1b}");
        assert_eq!(list.counts(), "12, 1 left out");
        assert_eq!(press(&mut list, "\u{1b}"), Some(Reviewed::Quit));
    }

    #[test]
    fn nothing_to_show_is_no_reason_to_fail() {
        let mut list = list(0);
        assert_eq!(press(&mut list, "jk\nxaGg/zz\n"), None);
        assert!(shown(&mut list).is_empty());
        assert_eq!(press(&mut list, "c"), Some(Reviewed::Continue(Vec::new())));
    }

    #[test]
    fn ctrl_c_interrupts_even_while_a_filter_is_typed() {
        let mut list = list(1);
        press(&mut list, "/a");
        let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(list.press(ctrl_c, HEIGHT), Some(Reviewed::Interrupted));
    }
}
