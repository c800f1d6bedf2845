//! What pages and comments have in common, from a page made by hand.
use super::*;

const MARKS: [RowMark; 2] = [
    RowMark { value: "lost", sign: "-", tone: Tone::Bad, label: "lost" },
    RowMark { value: "kept", sign: "=", tone: Tone::Quiet, label: "kept" },
];

fn row(value: &str, name: &str, details: usize) -> PageRow {
    PageRow {
        values: vec![value.into(), "main".into()],
        name: name.into(),
        text: "a role".into(),
        fields: (0..details).map(|nth| PageField::of("evidence", format!("fact {nth}"))).collect(),
        ..PageRow::default()
    }
}

fn page_of(groups: Vec<PageGroup>, folded: Folded) -> Page {
    Page {
        title: "The verdict".into(),
        noun: "role",
        facets: &["verdict", "account"],
        marks: MARKS.into(),
        grave: "Lost",
        groups,
        folded,
        next: vec![NextStep::of("Sweep again", "pinpoint-streams sweep")],
        closing: vec![PageLine::of("Digest", "sha256:1")],
        everything: "pinpoint-streams sweep --format html".to_owned(),
        ..Page::default()
    }
}

fn group(heading: &str, rows: Vec<PageRow>) -> PageGroup {
    PageGroup {
        heading: heading.into(),
        counts: format!("{} roles", rows.len()).into(),
        rows,
        ..PageGroup::default()
    }
}

fn rows(value: &str, number: usize, details: usize) -> Vec<PageRow> {
    (0..number).map(|nth| row(value, &format!("{value}-{nth:05}"), details)).collect()
}

#[test]
fn a_comment_that_fits_leaves_nothing_out() {
    for folded in [Folded::Rows, Folded::Groups] {
        let text = page_of(vec![group("lost", rows("lost", 20, 2))], folded).markdown();
        assert!(text.starts_with("## The verdict\n") && text.contains("lost-00019"), "{text}");
        assert!(!text.contains("**Cut:**"), "{text}");
        assert!(text.ends_with("Sweep again:\n\n```sh\npinpoint-streams sweep\n```\n"), "{text}");
    }
}

fn cut(text: &str) -> &str {
    text.split("**Cut:** ").nth(1).unwrap_or_default().lines().next().unwrap_or_default()
}

#[test]
fn groups_are_named_even_where_there_is_no_room_for_their_rows() {
    for number in [1_000, 100_000] {
        let groups = vec![group("lost", rows("lost", number, 0)), group("kept", rows("kept", 30, 0))];
        let text = page_of(groups, Folded::Groups).markdown();
        assert!(text.chars().count() <= 65_000 && text.chars().count() > 20_000, "{}", text.chars().count());
        assert!(text.contains(&format!("<b>lost</b>: {number} roles")), "{}", &text[..200]);
        assert!(text.contains("<b>kept</b>: 30 roles") || text.contains("- **kept**: 30 roles"), "{}", cut(&text));
        let named = text.lines().filter(|line| line.starts_with("- lost-") || line.starts_with("- kept-")).count();
        let (omitted, is_cut) = (number + 30 - named, cut(&text));
        if omitted > 0 {
            assert!(is_cut.starts_with(&format!("{omitted} roles are not named, because")), "{is_cut}");
            assert!(
                is_cut.ends_with("<code>pinpoint-streams sweep --format html</code> shows everything."),
                "{is_cut}"
            );
        }
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    }
}

#[test]
fn rows_lose_their_details_before_they_are_left_out() {
    let text = page_of(vec![group("kept", rows("kept", 900, 10))], Folded::Rows).markdown();
    assert!(text.chars().count() <= 65_000);
    assert!(text.contains("kept-00899"), "every row is named: {}", cut(&text));
    let details = 900 - text.matches("<details>").count();
    assert!(details > 0 && cut(&text).starts_with(&format!("{details} roles are without details, because")));
}

#[test]
fn the_command_of_a_step_that_is_too_long_is_left_out_and_the_step_is_not() {
    let mut page = page_of(Vec::new(), Folded::Groups);
    page.next.push(NextStep { what: "Assert it".into(), command: vec!["x".repeat(100_000).into()] });
    let text = page.markdown();
    assert!(text.chars().count() <= 65_000);
    assert!(
        text.ends_with("Assert it: the command is too long for a comment.\n"),
        "{}",
        &text[text.len() - 200..]
    );
}

#[test]
fn what_is_grave_is_listed_first_and_long_lists_say_how_many_are_missing() {
    let grave = PageGroup { is_grave: true, ..group("lost", rows("lost", 40, 1)) };
    let text = page_of(vec![grave], Folded::Rows).markdown();
    let list = text.split_once("### Lost\n").unwrap().1.split_once("\n#### ").unwrap().0;
    assert_eq!(list.lines().filter(|line| line.starts_with("- **lost** ")).count(), 25, "{list}");
    assert!(list.ends_with("- and 15 more\n"), "{list}");
}

#[test]
fn the_counts_of_the_bar_add_up_and_a_mark_without_rows_has_none() {
    let page = page_of(vec![group("kept", rows("kept", 3, 0))], Folded::Groups);
    let html = page.html();
    assert!(html.contains("<span class=\"sign quiet\">=</span> <b>3</b> kept</button>"), "{html}");
    assert!(!html.contains("<b>0</b>") && !html.contains("data-verdict=\"lost\""), "{html}");
    assert_eq!(html.matches("<details class=\"row\" data-verdict=\"kept\" data-account=\"main\">").count(), 3);
}

#[test]
fn a_command_of_several_lines_keeps_them() {
    let mut page = page_of(Vec::new(), Folded::Groups);
    page.next = vec![NextStep { what: "Assert it".into(), command: vec!["a \\".into(), "  b".into()] }];
    assert!(page.markdown().ends_with("```sh\na \\\n  b\n```\n"));
    assert!(page.html().contains("<code class=\"command\">a \\\n  b</code>"), "{}", page.html());
}

#[test]
fn what_stands_in_backticks_is_code_on_a_page_and_nothing_else_is_markup() {
    let shown = |text: &str| {
        let mut row = row("kept", "a", 0);
        row.fields = vec![PageField::of("advice", text)];
        page_of(vec![group("kept", vec![row])], Folded::Rows).html()
    };
    let html = shown("`sweep <b>` and `plan` show it");
    assert!(html.contains("</code> <kbd>sweep &#60;b&#62;</kbd> and <kbd>plan</kbd> show it</div>"), "{html}");
    for text in ["a ` alone", "``", "none"] {
        let html = shown(text);
        assert!(html.contains(&format!("</code> {text}</div>")), "{text}: {html}");
    }
}

#[test]
fn only_columns_of_numbers_are_aligned_right() {
    let table = PageTable {
        columns: ["role", "roles", "approved by"].map(Untrusted::from).into(),
        rows: vec![
            ["7", "12", "-"].map(Untrusted::from).into(),
            ["all", "-", "root, by --auto-approve"].map(Untrusted::from).into(),
        ],
    };
    let html = Page { tables: vec![table], ..page_of(Vec::new(), Folded::Rows) }.html();
    assert!(html.contains("<th>role</th><th class=\"number\">roles</th><th>approved by</th>"), "{html}");
    assert!(html.contains("<td>7</td><td class=\"number\">12</td><td>-</td>"), "{html}");
}
