//! Draws the list: a heading, the rows, and the keys.
use super::details::start;
use super::list::{List, Row};
use crate::ui::style::{ADDED, CHANGED, QUIET, REMOVED, STRONG};
use anstyle::{AnsiColor, Color as AnyColor, Effects, Style as TextStyle};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

/// Keys that the last line shows. With less room, the last are left out.
const KEYS: [&str; 7] =
    ["c continue", "q quit", "enter unfold", "x leave out", "/ filter", "a unfold all", "up/down move"];

/// Rows that are not of the list.
const AROUND: u16 = 3;

/// The rows of the list on a terminal of this height.
pub(super) fn list_height(rows: u16) -> usize {
    usize::from(rows.saturating_sub(AROUND)).max(1)
}

pub(super) fn draw(frame: &mut Frame<'_>, list: &mut List, colored: bool) {
    let areas = [Constraint::Length(2), Constraint::Min(1), Constraint::Length(1)];
    let [heading, rows, keys] = Layout::vertical(areas).areas(frame.area());
    let style = |style: TextStyle| converted(style, colored);
    let width = usize::from(rows.width);

    list.resize(width);
    let title = format!("{}   {}", list.counts(), list.title());
    frame.render_widget(Paragraph::new(Line::styled(shortened(&title, width), style(STRONG))), heading);

    let (page, cursor) = list.page(usize::from(rows.height));
    let lines = page.iter().enumerate().map(|(at, row)| {
        let line = line(list, *row, width, &style);
        if at == cursor { line.style(Style::new().add_modifier(Modifier::REVERSED)) } else { line }
    });
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), rows);

    let last = match (list.is_typing(), list.filter()) {
        (true, filter) => format!("filter: {filter}_   enter keeps it, esc clears it"),
        (false, "") => keys_within(width),
        (false, filter) => format!("filter: {filter}   esc clears it   c continue   q quit"),
    };
    frame.render_widget(Paragraph::new(Line::styled(shortened(&last, width), style(QUIET))), keys);
}

fn line<'l>(list: &List, row: Row, width: usize, style: &impl Fn(TextStyle) -> Style) -> Line<'l> {
    match row {
        Row::Item(item) => {
            let is_left_out = list.is_left_out(item);
            let fold = if list.is_unfolded(item) { "v" } else { ">" };
            let shown = list.item(item);
            let mark = if is_left_out { "left out: " } else { "" };
            let start = start(fold, shown);
            let rest = shortened(&format!("{mark}{}", shown.line), width.saturating_sub(start.chars().count()));
            let tone = style(if is_left_out { QUIET } else { shown.style });
            Line::from(vec![
                Span::styled(start, tone),
                Span::styled(rest, if is_left_out { tone } else { Style::new() }),
            ])
        }
        Row::Detail { item, line } => {
            let details = list.details(item);
            let text = details.get(line).map(String::as_str).unwrap_or_default();
            let tone = match text.trim_start().chars().next() {
                Some('+') => ADDED,
                Some('-') => REMOVED,
                Some('~' | '!') => CHANGED,
                _ => TextStyle::new(),
            };
            Line::styled(shortened(text, width), style(tone))
        }
    }
}

fn keys_within(width: usize) -> String {
    let mut text = String::new();
    for key in KEYS {
        let next = if text.is_empty() { key.to_owned() } else { format!("{text}   {key}") };
        if next.len() > width {
            break;
        }
        text = next;
    }
    text
}

/// At most this many columns, with an ellipsis for what is cut off.
fn shortened(text: &str, width: usize) -> String {
    if Span::raw(text).width() <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    for letter in text.chars() {
        short.push(letter);
        if Span::raw(short.as_str()).width() + 1 > width {
            short.pop();
            break;
        }
    }
    short.push('…');
    short
}

fn converted(style: TextStyle, colored: bool) -> Style {
    let mut converted = Style::new();
    if style.get_effects().contains(Effects::BOLD) {
        converted = converted.add_modifier(Modifier::BOLD);
    }
    if style.get_effects().contains(Effects::DIMMED) {
        converted = converted.add_modifier(Modifier::DIM);
    }
    let color = match style.get_fg_color().filter(|_| colored) {
        Some(AnyColor::Ansi(AnsiColor::Green)) => Color::Green,
        Some(AnyColor::Ansi(AnsiColor::Yellow)) => Color::Yellow,
        Some(AnyColor::Ansi(AnsiColor::Red)) => Color::Red,
        Some(AnyColor::Ansi(AnsiColor::Cyan)) => Color::Cyan,
        Some(_) | None => return converted,
    };
    converted.fg(color)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::review::Item;
    use crate::ui::style::of_action;
    use crossterm::event::{KeyCode, KeyEvent};
    use pinpoint_streams_model::plan::Action;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    fn list() -> List {
        let item = |(action, address, what): (Action, &str, &str)| Item {
            sign: of_action(action).1.to_owned(),
            style: of_action(action).2,
            line: format!("{address}  {what}"),
            details:
                "      trust_policy (widens):\n        + \"aws:SourceAccount\": \"222222222222\"\n        - Sid"
                    .to_owned(),
            exclude: Some(address.to_owned()),
            verb: Some(of_action(action).0),
        };
        let changes = [
            (Action::Delete, "event_stream.old", "app 0123456789abcdef0123456789abcdef: its events stop"),
            (Action::Create, "role.shop", "PinpointEventStream-shop"),
            (
                Action::Update,
                "role.größe",
                "a name with letters of two bytes and a line that is longer than the terminal",
            ),
        ];
        List::new("Plan for workspace `acme`", changes.into_iter().map(item).collect())
    }

    fn drawn(list: &mut List, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, list, false)).unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn it_fits_a_small_terminal() {
        let mut list = list();
        for key in [KeyCode::Down, KeyCode::Char('x'), KeyCode::Down, KeyCode::Enter] {
            list.press(KeyEvent::from(key), list_height(12));
        }
        insta::assert_snapshot!(drawn(&mut list, 60, 12));
    }

    #[test]
    fn what_is_typed_as_a_filter_is_shown() {
        let mut list = list();
        for key in "/SHOP".chars() {
            list.press(KeyEvent::from(KeyCode::Char(key)), list_height(8));
        }
        insta::assert_snapshot!(drawn(&mut list, 50, 8));
    }

    #[test]
    fn nothing_breaks_on_a_terminal_without_room() {
        for (width, height) in [(1, 1), (3, 4), (10, 2)] {
            drawn(&mut list(), width, height);
        }
    }
}
