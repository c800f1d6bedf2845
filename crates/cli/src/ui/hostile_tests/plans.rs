//! Plans, as text and JSON.
use super::{is_safe, is_safe_json, rich_plan, run};
use crate::settings::Environment;
use crate::ui::error::Error;
use crate::ui::problems;
use crate::ui::text::json as to_json;
use crate::ui::views::Detail;
use crate::ui::views::plan::plan;
use pinpoint_streams_testkit::hostile::{Places, STRINGS, filled};

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
