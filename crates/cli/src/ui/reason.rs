//! Why a change is made, in words.
use pinpoint_streams_model::address::Kind;
use pinpoint_streams_model::plan::{Action, Change, Reason};

/// `is_undo`: whether the plan of the change reverses a run.
pub(crate) fn why(change: &Change, is_undo: bool) -> &'static str {
    match (is_undo, change.action, change.reason) {
        (true, Action::Update, Reason::Restored) => "as before the run",
        (true, Action::Forget, Reason::Restored) => "the run adopted it",
        (true, Action::Delete, Reason::DestroyAsked) => "the run created it",
        (true, Action::Release, Reason::Released) => "the run quarantined it",
        (_, Action::Update, Reason::LostRecord) => "as declared; the state is out of date",
        // An event stream has no tags of its own.
        (_, _, Reason::LostRecord) if change.kind == Kind::EventStream => {
            "its role has this workspace's tags, but it is not in the state"
        }
        (_, _, reason) => reason.as_str(),
    }
}

/// The same reason of several changes.
pub(crate) fn of_many(why: &str) -> &str {
    match why {
        "exists, and is adopted" => "exist, and are adopted",
        "has this workspace's tags, but is not in the state" => {
            "have this workspace's tags, but are not in the state"
        }
        "its role has this workspace's tags, but it is not in the state" => {
            "their roles have this workspace's tags, but they are not in the state"
        }
        "the run adopted it" => "the run adopted them",
        "the run created it" => "the run created them",
        "the run quarantined it" => "the run quarantined them",
        same => same,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use serde_json::json;

    fn change(address: &str, action: &str, reason: &str) -> Change {
        serde_json::from_value(testing::change(address, action, reason, json!([]))).unwrap()
    }

    #[test]
    fn an_undo_says_what_the_run_did() {
        for (action, reason, ordinary, undone) in [
            ("update", "restored", "restored from the archive", "as before the run"),
            ("forget", "restored", "restored from the archive", "the run adopted it"),
            ("delete", "destroy_asked", "destroy requested", "the run created it"),
            ("release", "released", "release requested", "the run quarantined it"),
            ("create", "restored", "restored from the archive", "restored from the archive"),
        ] {
            let change = change("role.shop", action, reason);
            assert_eq!((why(&change, false), why(&change, true)), (ordinary, undone), "{action}");
        }
    }

    /// None of them is about one thing any more.
    #[test]
    fn of_several_changes_a_reason_is_in_the_plural() {
        let all = [
            ("adopt", "adoption_asked", false),
            ("adopt", "lost_record", false),
            ("forget", "restored", true),
            ("delete", "destroy_asked", true),
            ("release", "released", true),
        ];
        for kind in ["role.shop", "event_stream.shop"] {
            for (action, reason, is_undo) in all {
                let words = of_many(why(&change(kind, action, reason), is_undo));
                let is_of_one = words.ends_with(" it") || words.starts_with("exists") || words.starts_with("has ");
                assert!(!is_of_one, "{words}");
            }
        }
        assert_eq!(of_many("moved"), "moved");
    }

    #[test]
    fn an_event_stream_is_ours_by_the_tags_of_its_role() {
        assert!(why(&change("event_stream.shop", "adopt", "lost_record"), false).starts_with("its role has"));
        assert!(why(&change("role.shop", "adopt", "lost_record"), false).starts_with("has this workspace's tags"));
    }
}
