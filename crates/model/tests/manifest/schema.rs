//! The schema says of every key what the decoder says, and the documents say what the schema says.
use crate::folder::{BASE, Folder};
use pinpoint_streams_model::manifest::keys;
use pinpoint_streams_model::manifest::schema::{MANIFEST, Table, Value, json, page};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// Every table of the schema by its header.
fn tables() -> BTreeMap<&'static str, &'static Table> {
    fn collect(table: &'static Table, found: &mut BTreeMap<&'static str, &'static Table>) {
        found.insert(table.header, table);
        for key in table.keys {
            if let Value::Table(of) | Value::TableOf(of) | Value::Blocks(of) | Value::RoleChoice(of) = key.value {
                collect(of, found);
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(&MANIFEST, &mut found);
    found
}

/// The keys that the decoder knows, by header, with the TOML that begins such a table and the path that messages name.
const DECODED: &[(&str, &[&str], &str, &str)] = &[
    ("", keys::MANIFEST, "", ""),
    ("[defaults]", keys::DEFAULTS, "[defaults]", "defaults."),
    ("[accounts.ALIAS]", keys::ACCOUNT, "[accounts.a]", "accounts.a."),
    ("[role_defaults]", keys::ROLE_DEFAULTS, "[role_defaults]", "role_defaults."),
    ("[roles.KEY]", keys::SHARED_ROLE, "[roles.r]", "roles.r."),
    ("[apps.KEY.role]", keys::OWN_ROLE, "[apps.a.role]", "apps.a.role."),
    ("[streams.KEY]", keys::STREAM, "[streams.s]", "streams.s."),
    ("[apps.KEY]", keys::APP, "[apps.a]", "apps.a."),
    ("[[moved]]", keys::MOVED, "[[moved]]", "moved[0]."),
    ("[[forget]]", keys::FORGET, "[[forget]]", "forget[0]."),
    ("[safety]", keys::SAFETY, "[safety]", "safety."),
    ("[sweep]", keys::SWEEP, "[sweep]", "sweep."),
    ("[notices]", keys::NOTICES, "[notices]", "notices."),
    ("[state]", keys::STATE, "[state]", "state."),
    ("[state.s3]", keys::STATE_S3, "[state.s3]", "state.s3."),
];

#[test]
fn the_schema_has_the_keys_of_the_decoder_in_every_table() {
    let tables = tables();
    assert_eq!(tables.len(), DECODED.len());
    for (header, keys, ..) in DECODED {
        let table = tables.get(header).unwrap_or_else(|| panic!("no table {header}"));
        let described: Vec<&str> = table.keys.iter().map(|key| key.name).collect();
        assert_eq!(described, *keys, "{header}");
    }
}

/// A value of each type, as TOML.
const VALUES: [(&str, &str); 5] =
    [("string", "\"x\""), ("integer", "7"), ("boolean", "true"), ("array", "[]"), ("table", "{}")];

#[test]
fn the_schema_takes_the_types_that_the_decoder_takes() {
    let tables = tables();
    for (header, _, toml, path) in DECODED {
        for key in tables[header].keys {
            let wanted: &[&str] = match key.value {
                Value::Text | Value::Template | Value::Literal | Value::OneOf(_) => &["string"],
                Value::Number => &["integer"],
                Value::Flag => &["boolean"],
                Value::Texts | Value::Blocks(_) => &["array"],
                Value::Limit => &["string", "integer"],
                Value::Tags | Value::Variables | Value::Table(_) | Value::TableOf(_) => &["table"],
                Value::RoleChoice(_) => &["string", "table"],
            };
            for (kind, value) in VALUES {
                // The stream decides which of its two keys is looked at, and the app likewise.
                let beside = match (*header, key.name) {
                    ("[streams.KEY]", "kms_key") => "firehose = \"x\"\n",
                    _ => "",
                };
                let text = format!("{toml}\n{beside}{} = {value}\n", key.name);
                let message = format!("{path}{} is a", key.name);
                let errors = Folder::of(text.clone()).errors();
                let is_refused =
                    errors.iter().any(|error| error.code == "PS0104" && error.message.starts_with(&message));
                assert_eq!(!is_refused, wanted.contains(&kind), "{text}{errors:#?}");
            }
        }
    }
}

#[test]
fn a_required_key_is_one_whose_lack_is_an_error() {
    for (header, _, toml, path) in
        DECODED.iter().filter(|(header, ..)| !["[apps.KEY]", "[apps.KEY.role]", "[streams.KEY]"].contains(header))
    {
        let table = tables()[header];
        let text = if header.is_empty() { String::new() } else { format!("{BASE}{toml}\n") };
        let missing: Vec<String> = match Folder::of(text.clone()).load() {
            Ok(_) => Vec::new(),
            Err(_) => Folder::of(text)
                .errors()
                .into_iter()
                .filter(|error| error.code == "PS0106")
                .map(|e| e.message)
                .collect(),
        };
        for key in table.keys {
            let is_missing = missing.iter().any(|message| {
                message.contains(&format!(" {}", key.name)) || message.contains(&format!("`{}`", key.name))
            });
            assert_eq!(is_missing, key.required, "{path}{}: {missing:?}", key.name);
        }
    }
}

#[test]
fn every_example_and_default_of_the_schema_is_taken_by_the_decoder() {
    for (header, _, toml, path) in DECODED {
        for key in tables()[header].keys {
            for value in [key.default, key.example].into_iter().filter(|value| !value.is_empty()) {
                let text = format!("{toml}\n{} = {value}\n", key.name);
                let errors = Folder::of(text.clone()).errors();
                let message = format!("{path}{} ", key.name);
                let about = |code: &str| ["PS0104", "PS0105", "PS0116"].contains(&code);
                let wrong = errors.iter().find(|error| about(error.code) && error.message.starts_with(&message));
                assert_eq!(wrong, None, "{text}");
            }
        }
    }
}

/// A document that is generated from the schema.
fn is_written(path: &str, text: &str, test: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if std::env::var_os("PINPOINT_STREAMS_WRITE_DOCS").is_some() {
        fs::write(&path, text).unwrap_or_else(|why| panic!("{why}"));
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == text,
        "{} differs from the schema; write it with\n\
         PINPOINT_STREAMS_WRITE_DOCS=1 cargo nextest run --workspace -E 'test({test})'",
        path.display()
    );
}

#[test]
fn the_page_of_the_manifest_says_what_the_schema_says() {
    is_written("docs/manifest.md", &page(include_str!("fixtures/full.toml")), "the_page_of_the_manifest");
    is_written("docs/manifest.schema.json", &json(), "the_page_of_the_manifest");
}

#[test]
fn the_schema_describes_nested_tables_and_refuses_unknown_keys() {
    let schema: serde_json::Value = serde_json::from_str(&json()).unwrap();
    let at = |pointer: &str| schema.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(at("/properties/apps/additionalProperties/properties/id/type"), "string");
    assert_eq!(at("/properties/apps/additionalProperties/additionalProperties"), false);
    assert_eq!(at("/properties/state/properties/s3/required"), serde_json::json!(["bucket", "key"]));
    assert_eq!(at("/properties/role_defaults/properties/max_session_duration/default"), 3600);
    assert_eq!(at("/additionalProperties"), false);
    assert_eq!(at("/required"), serde_json::json!(["version", "workspace"]));
}
