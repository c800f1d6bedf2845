//! What a folder holds, without what differs from run to run: two folders to which the same was done give the same
//! picture.
use crate::support::Workspace;
use crate::sweep::contents;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const OURS: &str = ".pinpoint-streams/sandbox";

/// The account, the record, and the names of the files. Ids stand as the name of what they are the id of, so that
/// who names whom is in the picture too.
pub(super) fn picture(workspace: &Workspace) -> Value {
    let account = contents(workspace);
    let ids = ids(&account);
    let states = states(workspace);
    let lineages = states.iter().filter_map(|state| state["lineage"].as_str());
    let mut names: Vec<(String, String)> = lineages.map(|id| (id.to_owned(), "<lineage>".to_owned())).collect();
    names.extend(ids);
    let mut whole = json!({"account": account, "states": states, "files": files(workspace)});
    redact(&mut whole, &names);
    whole
}

/// Each app's and role's id, and what it is called here. No two may be called the same.
fn ids(account: &Value) -> Vec<(String, String)> {
    let mut ids = Vec::new();
    let mut seen = BTreeSet::new();
    let accounts = account["accounts"].as_object().into_iter().flatten();
    for (account, contents) in accounts {
        let mut named = |thing: &Value, of: &str| {
            let name = format!("<{of} {} of {account}>", thing["name"].as_str().unwrap());
            assert!(seen.insert(name.clone()), "{name} is there twice: {contents:#}");
            ids.push((thing["id"].as_str().unwrap().to_owned(), name));
        };
        for role in contents["roles"].as_array().unwrap() {
            named(role, "role");
        }
        for (region, contents) in contents["regions"].as_object().into_iter().flatten() {
            for app in contents["apps"].as_array().unwrap() {
                named(app, &format!("{region} app"));
            }
        }
    }
    ids
}

/// The states in the folder, which must be whole and have nothing open.
fn states(workspace: &Workspace) -> Vec<Value> {
    let names = names_in(&workspace.path(OURS));
    let states = names.iter().filter(|name| name.ends_with(".state.json"));
    let state = |name: &String| {
        let mut state: Value = serde_json::from_str(&workspace.read(&format!("{OURS}/{name}"))).unwrap();
        assert_eq!(state["pending"], json!([]), "{state:#}");
        for path in state["archives"].as_object().into_iter().flatten().map(|(path, _)| path) {
            assert!(Path::new(path).exists(), "{path}, which the record names, is gone");
        }
        let fields = state.as_object_mut().unwrap();
        for of_a_run in ["serial", "last_run", "journal_seq", "archives", "run_logs"] {
            fields.remove(of_a_run);
        }
        for (_, resource) in fields["resources"].as_object_mut().unwrap() {
            resource.as_object_mut().unwrap().remove("changed_at");
        }
        for (_, quarantined) in fields.get_mut("quarantined").and_then(Value::as_object_mut).into_iter().flatten()
        {
            quarantined.as_object_mut().unwrap().remove("at");
        }
        state
    };
    states.map(state).collect()
}

/// Every archive that is there is whole, whenever its run was cut off.
pub(super) fn archives_are_whole(workspace: &Workspace) {
    for path in all_files(workspace) {
        if path.starts_with(workspace.path(OURS).join("archive")) && path.extension() == Some("json".as_ref()) {
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(serde_json::from_str::<Value>(&text).is_ok(), "{} is torn: {text}", path.display());
        }
    }
}

/// The paths of all files, but for how many archives and kept runs there are: who was cut off has more of them, and
/// beside its archives perhaps the beginning of one.
fn files(workspace: &Workspace) -> BTreeSet<String> {
    let root = workspace.path("");
    let mut files = BTreeSet::new();
    for path in all_files(workspace) {
        let relative = path.strip_prefix(&root).unwrap().display().to_string();
        let is_archive = relative.starts_with(&format!("{OURS}/archive/"));
        let extension = path.extension().unwrap_or_default().display().to_string();
        if is_archive && extension == "tmp" {
            continue;
        }
        let is_one_of_many = is_archive || relative.starts_with(&format!("{OURS}/runs/"));
        files.insert(if is_one_of_many { format!("{OURS}/*.{extension}") } else { relative });
    }
    files
}

fn all_files(workspace: &Workspace) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![workspace.path("")];
    while let Some(folder) = folders.pop() {
        for path in names_in(&folder).into_iter().map(|name| folder.join(name)) {
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn redact(value: &mut Value, names: &[(String, String)]) {
    match value {
        Value::String(text) => {
            for (id, name) in names {
                *text = text.replace(id, name);
            }
        }
        Value::Array(values) => {
            values.iter_mut().for_each(|value| redact(value, names));
            // Lists come in the order of ids here and there.
            values.sort_by_cached_key(Value::to_string);
        }
        Value::Object(fields) => {
            for time_or_run in ["pinpoint-streams:quarantined-at", "pinpoint-streams:quarantined-by"] {
                if let Some(tag) = fields.get_mut(time_or_run) {
                    *tag = Value::Null;
                }
            }
            fields.values_mut().for_each(|value| redact(value, names));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
