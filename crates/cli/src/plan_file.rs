//! Saved plans on disk.
mod access;
mod differences;
mod stale;

pub(crate) use access::{credentials_of, source_of};
pub use stale::{Stale, check_age, check_basis, check_changes, check_record, check_steps, check_workspace};

use pinpoint_streams_model::digest::{self, Digest};
use pinpoint_streams_model::plan::{FORMAT_VERSION, Plan, ViewMismatch};
use pinpoint_streams_model::unique_names;
use pinpoint_streams_store::disk;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::io;
use std::path::{Path, PathBuf};

/// Why a saved plan cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SavedPlanError {
    #[error("failed to {operation} the plan {}", path.display())]
    File {
        /// A verb: "save".
        operation: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    /// There may be a manifest, or a bundle of evidence.
    #[error("{} exists and is not a saved plan; it was not replaced", path.display())]
    NotReplaced { path: PathBuf },
    #[error("{} is not a saved plan: {reason}", path.display())]
    Broken { path: PathBuf, reason: String },
    /// A newer version of the program wrote it.
    #[error("the plan {} has format {format}, newer than {FORMAT_VERSION}", path.display())]
    Newer { path: PathBuf, format: u32 },
    /// The content differs from what was saved: the steps, or what a reviewer sees of them.
    #[error("the plan {} was edited after it was saved: its content does not match its digest", path.display())]
    Edited { path: PathBuf },
    /// Its digest is right, but a reader would see something else than what its steps do.
    #[error("the changes that the plan {} shows are not those of its steps: {why}", path.display())]
    Misleading { path: PathBuf, why: ViewMismatch },
}

impl SavedPlanError {
    pub(crate) fn path(&self) -> &Path {
        match self {
            SavedPlanError::File { path, .. }
            | SavedPlanError::NotReplaced { path }
            | SavedPlanError::Broken { path, .. }
            | SavedPlanError::Newer { path, .. }
            | SavedPlanError::Edited { path, .. }
            | SavedPlanError::Misleading { path, .. } => path,
        }
    }

    /// What a person can do about it.
    pub fn hint(&self) -> String {
        match self {
            SavedPlanError::File { source, .. } if source.kind() == io::ErrorKind::FileTooLarge => {
                "check that this is the intended file".to_owned()
            }
            SavedPlanError::NotReplaced { .. } => "choose another file with --out".to_owned(),
            SavedPlanError::File { .. } => "check the path and its permissions".to_owned(),
            SavedPlanError::Broken { .. } | SavedPlanError::Edited { .. } => {
                "save it again with `pinpoint-streams plan --out FILE`".to_owned()
            }
            SavedPlanError::Misleading { .. } => {
                "do not apply it: plan again with `pinpoint-streams plan --out FILE` and review the result"
                    .to_owned()
            }
            SavedPlanError::Newer { .. } => {
                "use the version that saved it, or save it again with this one".to_owned()
            }
        }
    }
}

/// A second digest, over all of the file: `plan_digest` does not cover when a sweep was planned, and in format 1 only what
/// is applied. Format 2 has none, since its `plan_digest` covers everything.
const FILE_DIGEST: &str = "file_digest";
const PLAN_DIGEST: &str = "plan_digest";

/// Saves a plan atomically, readable by its owner only. Replaces an earlier saved plan or an empty file only.
pub fn save(path: &Path, plan: &Plan) -> Result<(), SavedPlanError> {
    let error = |source| SavedPlanError::File { operation: "save", path: path.to_owned(), source };
    let json = to_json(plan).map_err(|failed| error(failed.into()))?;
    if json.len() as u64 > disk::LARGEST {
        return Err(error(io::ErrorKind::FileTooLarge.into()));
    }
    // What cannot be read is left to the write, which says why.
    if disk::read_given(path, disk::LARGEST).is_ok_and(|there| !is_replaceable(&there)) {
        return Err(SavedPlanError::NotReplaced { path: path.to_owned() });
    }
    disk::replace_beside(path, &json).map_err(|failed| error(failed.source))
}

/// Whether a file is a saved plan of any format, edited or not, or empty.
fn is_replaceable(file: &[u8]) -> bool {
    let plan =
        |file| serde_json::from_slice::<Map<String, Value>>(file).is_ok_and(|keys| keys.contains_key("steps"));
    file.is_empty() || plan(file)
}

fn to_json(plan: &Plan) -> Result<Vec<u8>, serde_json::Error> {
    #[derive(Serialize)]
    struct File<'a> {
        #[serde(flatten)]
        plan: &'a Plan,
        #[serde(skip_serializing_if = "Option::is_none")]
        file_digest: Option<Digest>,
    }
    let file_digest = (plan.format_version != 2).then(|| plan.digest_of_all());
    let mut json = serde_json::to_vec_pretty(&File { plan, file_digest })?;
    json.push(b'\n');
    Ok(json)
}

/// Reads a saved plan. Rejects newer formats without decoding them, edited plans, and plans that show other changes than
/// those of their steps.
pub fn load(path: &Path) -> Result<Plan, SavedPlanError> {
    let json = disk::read_given(path, disk::LARGEST).map_err(|source| SavedPlanError::File {
        operation: "read",
        path: path.to_owned(),
        source,
    })?;
    let plan = parse(path, &json)?;
    plan.check_view().map_err(|why| SavedPlanError::Misleading { path: path.to_owned(), why })?;
    Ok(plan)
}

/// Reads a saved plan from its bytes and checks its digest. `path` is used in error messages.
pub fn parse(path: &Path, json: &[u8]) -> Result<Plan, SavedPlanError> {
    /// The part that every format has.
    #[derive(Deserialize)]
    struct Header {
        format_version: u32,
    }
    let broken =
        |error: serde_json::Error| SavedPlanError::Broken { path: path.to_owned(), reason: error.to_string() };
    let Header { format_version: format } = serde_json::from_slice(json).map_err(broken)?;
    if format > FORMAT_VERSION {
        return Err(SavedPlanError::Newer { path: path.to_owned(), format });
    }
    unique_names::check(json).map_err(broken)?;
    let mut whole: Map<String, Value> = serde_json::from_slice(json).map_err(broken)?;
    let key = if format == 2 { PLAN_DIGEST } else { FILE_DIGEST };
    let Some(Value::String(stated)) = whole.remove(key) else {
        return Err(SavedPlanError::Broken { path: path.to_owned(), reason: format!("it has no `{key}`") });
    };
    let edited = || SavedPlanError::Edited { path: path.to_owned() };
    let found = digest::of(&whole);
    if found.to_string() != stated {
        return Err(edited());
    }
    if format == 2 {
        whole.insert(key.to_owned(), Value::String(stated));
    }
    let plan: Plan = serde_json::from_value(Value::Object(whole)).map_err(broken)?;
    if plan.digest() != plan.plan_digest {
        return Err(edited());
    }
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use pinpoint_streams_model::plan::Access;
    use serde_json::json;
    use std::fs;

    fn saved() -> (tempfile::TempDir, PathBuf, Plan) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.plan");
        let plan = testing::plan(&[testing::new_blog()]);
        save(&path, &plan).unwrap();
        (folder, path, plan)
    }

    #[test]
    fn a_saved_plan_is_read_back_as_it_was() {
        let (_folder, path, mut plan) = saved();
        assert_eq!(load(&path).unwrap(), plan);
        plan.set_access(Some(Access { manifest: true, ..Access::default() }));
        save(&path, &plan).unwrap();
        assert_eq!(load(&path).unwrap(), plan);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_plan_replaces_an_earlier_plan_and_no_other_file() {
        let (_folder, path, plan) = saved();
        save(&path, &plan).unwrap();
        for (other, is_replaced) in [("", true), ("version = 1\n", false), ("{}", false), ("\u{1f}bundle", false)]
        {
            fs::write(&path, other).unwrap();
            let saved = save(&path, &plan);
            assert_eq!(saved.is_ok(), is_replaced, "{other:?}: {saved:?}");
            assert_eq!(fs::read_to_string(&path).unwrap() == other, !is_replaced, "{other:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_may_read_a_saved_plan() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, path, _) = saved();
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_plan_that_was_edited_is_refused() {
        let (_folder, path, _) = saved();
        let text = fs::read_to_string(&path).unwrap().replace("\"name\": \"Blog\"", "\"name\": \"Evil\"");
        fs::write(&path, text).unwrap();
        assert!(matches!(load(&path), Err(SavedPlanError::Edited { .. })));
    }

    #[test]
    fn a_newer_format_is_refused_unread_and_a_torn_file_is_no_plan() {
        let (_folder, path, _) = saved();
        let whole = fs::read(&path).unwrap();
        fs::write(&path, format!(r#"{{"format_version": {}, "who": "knows"}}"#, FORMAT_VERSION + 1)).unwrap();
        assert!(matches!(load(&path), Err(SavedPlanError::Newer { format, .. }) if format == FORMAT_VERSION + 1));
        // The last byte is the end of its last line.
        for end in 0..whole.len() - 1 {
            assert!(matches!(parse(&path, &whole[..end]), Err(SavedPlanError::Broken { .. })), "cut at {end}");
        }
    }

    /// Every value of a document that is neither an object nor a list, by its path.
    fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(object) if !object.is_empty() => {
                for (key, value) in object {
                    leaves(value, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found);
                }
            }
            Value::Array(list) if !list.is_empty() => {
                list.iter().enumerate().for_each(|(nth, value)| leaves(value, &format!("{at}/{nth}"), found));
            }
            _ => found.push(at.to_owned()),
        }
    }

    fn other(value: &Value) -> Value {
        match value {
            Value::Null => json!("x"),
            Value::Bool(known) => json!(!known),
            Value::Number(number) => json!(number.as_u64().unwrap() + 1),
            Value::String(text) => json!(format!("{text}x")),
            Value::Array(_) => json!(["x"]),
            Value::Object(_) => json!({"x": 1}),
        }
    }

    /// With every option set that a plan can have, so that each has a value to be changed.
    fn rich() -> Plan {
        let mut plan = testing::plan(&[
            testing::change(
                "role.shop",
                "update",
                "drifted",
                json!([
                {"path": "trust_policy", "before": testing::trust(&[]), "after": testing::trust(&[testing::app_arn("a")]),
                 "effect": "widens"}]),
            ),
            testing::change("app.blog", "create", "new", json!([])),
        ]);
        plan.options = serde_json::from_value(json!({
            "targets": ["role.*"], "excludes": ["app.x"], "accounts": ["main"], "replace": ["role.shop"],
            "adopt": false, "allow_mass_delete": false, "delete_apps": false, "include_adopted": false,
            "allow_detach": ["inline"], "event_streams_gone": ["123456789012/eu-west-1"],
            "restore": {"archives": ["sha256:5"], "unverified": false},
        }))
        .unwrap();
        let access = serde_json::from_value(json!({"manifest": false, "archive": "a", "accounts": {
            "main": {"partition": "aws", "profile": "p", "assume_role": "arn:aws:iam::123456789012:role/r"}}}));
        plan.set_access(access.ok());
        plan
    }

    #[test]
    fn whatever_is_changed_added_or_taken_away_in_a_saved_plan_it_is_refused() {
        let path = Path::new("shop.plan");
        let plan = rich();
        let whole: Value = serde_json::from_slice(&to_json(&plan).unwrap()).unwrap();
        let read = |value: &Value| parse(path, value.to_string().as_bytes());
        assert_eq!(read(&whole).unwrap(), plan);
        let mut places = Vec::new();
        leaves(&whole, "", &mut places);
        assert!(places.len() > 60, "{places:#?}");
        for place in &places {
            let mut changed = whole.clone();
            let value = changed.pointer_mut(place).unwrap();
            *value = other(value);
            assert!(read(&changed).is_err(), "{place} changed");
            let mut less = whole.clone();
            let (parent, name) = place.rsplit_once('/').unwrap();
            match less.pointer_mut(parent).unwrap() {
                Value::Object(object) => drop(object.remove(&name.replace("~1", "/").replace("~0", "~"))),
                Value::Array(list) => drop(list.remove(name.parse().unwrap())),
                _ => unreachable!("something holds it"),
            }
            assert!(read(&less).is_err(), "{place} taken away");
        }
        for parent in ["", "/options", "/basis", "/steps/0", "/steps/0/op/create_app", "/changes/0", "/access"] {
            let mut more = whole.clone();
            more.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert("more".to_owned(), json!(1));
            assert!(read(&more).is_err(), "{parent} has more");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]
        #[test]
        fn a_saved_plan_of_which_any_byte_was_changed_is_refused_or_means_the_same(
            at: proptest::sample::Index, byte: u8,
        ) {
            let plan = rich();
            let mut json = to_json(&plan).unwrap();
            let at = at.index(json.len());
            json[at] = byte;
            if let Ok(read) = parse(Path::new("shop.plan"), &json) {
                proptest::prop_assert_eq!(read, plan);
            }
        }
    }

    #[test]
    fn the_options_of_a_sweep_are_covered_too() {
        let mut plan = rich();
        plan.options.sweep = Some(serde_json::from_value(json!({
            "action": {"reap": {"after_days": 30}}, "now": "2026-11-23T10:00:00Z", "run": "r1", "regions": ["eu-west-1"],
            "unused_since": "2026-10-31T00:00:00Z", "min_age_days": 30, "max_delete": 25, "all_purposes": false,
            "exclude": ["x"], "no_pinpoint_in": ["ap-*"], "event_streams_gone": ["123456789012/eu-west-1"],
            "allow_detach": ["managed"], "terraform": {"arn:a": "tf.json"},
        })).unwrap());
        let covered = plan.digest();
        let whole = serde_json::to_value(&plan.options).unwrap();
        let mut places = Vec::new();
        leaves(&whole, "", &mut places);
        // The digest of the file covers the run.
        let shown = |place: &&String| place.starts_with("/sweep") && *place != "/sweep/run";
        for place in places.iter().filter(shown) {
            let mut changed = whole.clone();
            let value = changed.pointer_mut(place).unwrap();
            let another = match &*value {
                Value::String(text) if text.contains('T') => json!("2026-11-24T10:00:00Z"),
                Value::String(text) if text.starts_with("eu-") => json!("us-east-1"),
                Value::String(text) if text.starts_with("1234") => json!("123456789012/us-east-1"),
                Value::String(text) if text == "managed" => json!("profile"),
                value => other(value),
            };
            *value = another;
            let options = serde_json::from_value(changed).unwrap();
            assert_ne!(Plan { options, ..plan.clone() }.digest(), covered, "{place}");
        }
    }
}
