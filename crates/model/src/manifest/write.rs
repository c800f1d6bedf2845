//! From a draft to TOML that reads as if a person had written it: keys of one table aligned, short tables on
//! one line, long ones under a header of their own.
use super::AccountSpec;
use super::draft::{
    DraftApp, DraftGroup, DraftManifest, DraftRole, DraftRoleChoice, DraftSharedRole, DraftStream, DraftText,
};
use super::keys;
use crate::invisible_chars::is_invisible;
use crate::{Tags, TrustScope};
use std::fmt::Write as _;

/// How wide a table on one line may be.
const WIDTH: usize = 110;

impl DraftManifest {
    /// The manifest as TOML. The same draft gives the same text, byte for byte.
    pub fn to_toml(&self) -> String {
        let DraftManifest {
            preface,
            workspace,
            default_account,
            default_region,
            accounts,
            role_defaults,
            streams,
            roles,
            groups,
        } = self;
        let mut toml = Toml::default();
        toml.comments(preface);
        toml.entries(&[entry("version", Value::Bare("1".to_owned())), text("workspace", workspace.as_str())]);
        let mut defaults = Vec::new();
        defaults.extend(default_account.as_ref().map(|alias| text("account", alias.as_str())));
        defaults.extend(default_region.as_ref().map(|region| text("region", region.as_str())));
        toml.table_if_any(&["defaults"], defaults);
        for (alias, spec) in accounts {
            toml.table(&["accounts", alias.as_str()], &[], account(spec));
        }
        toml.table_if_any(&["role_defaults"], with_warning(settings(role_defaults)));
        for (key, DraftStream { service, name, kms_key }) in streams {
            let mut entries = vec![text(&service.to_string(), DraftText::literal(name).as_str())];
            entries.extend(kms_key.as_ref().map(|key| text("kms_key", &key.to_string())));
            toml.table(&["streams", key.as_str()], &[], entries);
        }
        for (key, DraftSharedRole { comments, trust, settings: role }) in roles {
            let mut entries = match trust {
                TrustScope::Apps => Vec::new(),
                TrustScope::Region => vec![text("trust", "region")],
            };
            entries.extend(settings(role));
            toml.table(&["roles", key.as_str()], comments, entries);
        }
        for DraftGroup { title, apps, left_out } in groups {
            if let Some(title) = title {
                toml.blank();
                toml.comments(&[format!("--- {title} ---")]);
            }
            for (key, draft) in apps {
                toml.table(&["apps", key.as_str()], &draft.comments, app(draft));
            }
            if !left_out.is_empty() {
                toml.blank();
                toml.comments(left_out);
            }
        }
        toml.text
    }
}

fn account(spec: &AccountSpec) -> Vec<Entry> {
    let AccountSpec { id, profile, assume_role, external_id, session_name } = spec;
    let fixed = |key: &str, value: &Option<String>| {
        value.as_ref().map(|value| text(key, DraftText::literal(value).as_str()))
    };
    let role = assume_role.as_ref().map(ToString::to_string);
    let id = id.as_ref().map(ToString::to_string);
    let entries = [
        fixed("id", &id),
        fixed("profile", profile),
        fixed("assume_role", &role),
        fixed("external_id", external_id),
        fixed("session_name", session_name),
    ];
    entries.into_iter().flatten().collect()
}

fn app(draft: &DraftApp) -> Vec<Entry> {
    let DraftApp { comments: _, id, account, region, stream, role } = draft;
    let mut entries = vec![text("id", id.as_str())];
    entries.extend(account.as_ref().map(|alias| text("account", alias.as_str())));
    entries.extend(region.as_ref().map(|region| text("region", region.as_str())));
    entries.push(text("stream", stream.as_str()));
    match role {
        DraftRoleChoice::Shared(key) => entries.push(text("role", key.as_str())),
        DraftRoleChoice::Elsewhere { comments, arn } => {
            let arn = text("arn", DraftText::literal(&arn.to_string()).as_str());
            entries.push(Entry { comments: comments.clone(), ..entry("role", Value::Table(vec![arn])) });
        }
        DraftRoleChoice::Own(role) => {
            // An app's tags are those of its own role.
            let untagged = settings(&DraftRole { tags: Tags::new(), ..role.clone() });
            if !untagged.is_empty() {
                entries.push(entry("role", Value::Table(untagged)));
            }
            entries.extend(tags(&role.tags));
        }
    }
    entries
}

fn settings(role: &DraftRole) -> Vec<Entry> {
    let DraftRole { name, path, policy_name, description, max_session_duration, permissions_boundary, tags: own } =
        role;
    let setting = |key: &str, value: &Option<DraftText>| value.as_ref().map(|value| text(key, value.as_str()));
    let seconds = max_session_duration.map(|seconds| Value::Bare(seconds.to_string()));
    let entries = [
        setting("name", name),
        setting("path", path),
        setting("policy_name", policy_name),
        setting("description", description),
        seconds.map(|seconds| entry("max_session_duration", seconds)),
        setting("permissions_boundary", permissions_boundary),
        tags(own),
    ];
    let entries: Vec<Entry> = entries.into_iter().flatten().collect();
    debug_assert!(entries.iter().all(|entry| keys::ROLE_DEFAULTS.contains(&entry.key.as_str())));
    entries
}

/// Says at the names that contain keys what a key that is changed does to them.
fn with_warning(mut settings: Vec<Entry>) -> Vec<Entry> {
    for Entry { comments, key, value } in &mut settings {
        let Value::Text(text) = value else { continue };
        if key == "name" && text.replace("{{", "").contains("{app}") {
            *comments = KEYS_IN_NAMES.map(str::to_owned).to_vec();
        }
    }
    settings
}

const KEYS_IN_NAMES: [&str; 3] = [
    "Keys are part of these names: under another key, another role would be created. To rename the key of an app",
    "and keep its role, apply first, then add a `[[moved]]` block with the old key as `from` and the new one as `to`.",
    "Before the first apply, give the app the role's name instead: `role = { name = \"…\" }`.",
];

fn tags(tags: &Tags) -> Option<Entry> {
    let entries = tags.iter().map(|(key, value)| text(key, DraftText::literal(value).as_str()));
    (!tags.is_empty()).then(|| entry("tags", Value::Table(entries.collect())))
}

struct Entry {
    comments: Vec<String>,
    key: String,
    value: Value,
}

enum Value {
    /// As it is written.
    Bare(String),
    Text(String),
    Table(Vec<Entry>),
}

fn entry(key: &str, value: Value) -> Entry {
    Entry { comments: Vec::new(), key: key.to_owned(), value }
}

fn text(key: &str, value: &str) -> Entry {
    entry(key, Value::Text(value.to_owned()))
}

#[derive(Default)]
struct Toml {
    text: String,
}

impl Toml {
    fn blank(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    fn comments(&mut self, lines: &[String]) {
        for line in lines {
            self.text.push_str("# ");
            self.text.push_str(&shown(line));
            self.text.push('\n');
        }
    }

    fn table_if_any(&mut self, path: &[&str], entries: Vec<Entry>) {
        if !entries.is_empty() {
            self.table(path, &[], entries);
        }
    }

    /// A table under its header, and after it the tables in it that are too long for one line.
    fn table(&mut self, path: &[&str], comments: &[String], entries: Vec<Entry>) {
        self.blank();
        self.comments(comments);
        let header: Vec<String> = path.iter().map(|key| key_text(key)).collect();
        let _ = writeln!(self.text, "[{}]", header.join("."));
        let is_long = |entry: &Entry| {
            matches!(entry.value, Value::Table(_)) && entry.key.len() + inline(&entry.value).len() > WIDTH
        };
        let (long, short): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(is_long);
        self.entries(&short);
        for Entry { comments, key, value } in long {
            let Value::Table(entries) = value else { continue };
            let path: Vec<&str> = path.iter().copied().chain([key.as_str()]).collect();
            self.table(&path, &comments, entries);
        }
    }

    fn entries(&mut self, entries: &[Entry]) {
        let width = entries.iter().map(|entry| key_text(&entry.key).chars().count()).max().unwrap_or(0);
        for Entry { comments, key, value } in entries {
            self.comments(comments);
            let _ = writeln!(self.text, "{:width$} = {}", key_text(key), inline(value));
        }
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::Bare(text) => text.clone(),
        Value::Text(text) => quoted(text),
        Value::Table(entries) => {
            let pairs = entries.iter().map(|entry| format!("{} = {}", key_text(&entry.key), inline(&entry.value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A key, quoted where it has to be.
fn key_text(key: &str) -> String {
    let is_bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    if is_bare { key.to_owned() } else { quoted(key) }
}

/// A basic string on one line. Source: TOML 1.0, "String".
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if is_invisible(c) => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A comment's text on one line, as it can be looked at safely.
fn shown(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        if is_invisible(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_contain_keys_say_how_a_key_is_renamed() {
        let written = |name: DraftText| {
            let role_defaults = DraftRole { name: Some(name), ..DraftRole::default() };
            DraftManifest { role_defaults, ..draft() }.to_toml()
        };
        let around = written(DraftText::around_key("Stream-", ""));
        assert!(around.contains("[role_defaults]\n# Keys are part of these names: "), "{around}");
        assert!(around.contains("`[[moved]]`") && around.contains("\nname = \"Stream-{app}\"\n"), "{around}");
        assert!(!written(DraftText::literal("{app}")).contains("# Keys"), "a literal is no placeholder");
    }

    use crate::manifest::{Manifest, OneFile, Overrides};
    use std::collections::BTreeMap;

    fn draft() -> DraftManifest {
        DraftManifest {
            preface: Vec::new(),
            workspace: "growth".parse().unwrap(),
            default_account: None,
            default_region: Some("eu-west-1".parse().unwrap()),
            accounts: BTreeMap::new(),
            role_defaults: DraftRole::default(),
            streams: BTreeMap::from([(
                "clicks".parse().unwrap(),
                DraftStream {
                    service: crate::arn::StreamService::Kinesis,
                    name: "clicks".to_owned(),
                    kms_key: None,
                },
            )]),
            roles: BTreeMap::new(),
            groups: vec![DraftGroup {
                title: None,
                apps: vec![(
                    "shop".parse().unwrap(),
                    DraftApp {
                        comments: Vec::new(),
                        id: "810c7aab86d42fb2b56c8c966example".parse().unwrap(),
                        account: None,
                        region: None,
                        stream: "clicks".parse().unwrap(),
                        role: DraftRoleChoice::Own(DraftRole::default()),
                    },
                )],
                left_out: Vec::new(),
            }],
        }
    }

    fn own(draft: &mut DraftManifest) -> &mut DraftRole {
        match &mut draft.groups[0].apps[0].1.role {
            DraftRoleChoice::Own(settings) => settings,
            other => panic!("{other:?}"),
        }
    }

    fn load(draft: &DraftManifest) -> crate::desired::Desired {
        let text = draft.to_toml();
        let manifest = Manifest::load("x.toml", text.clone(), &OneFile, &Overrides::default());
        let manifest = manifest.unwrap_or_else(|errors| panic!("{errors:?}\n{text}"));
        assert!(manifest.warnings().is_empty(), "{:?}", manifest.warnings());
        crate::desired::Desired::clone(manifest.offline())
    }

    #[test]
    fn a_small_manifest_is_as_a_person_would_write_it() {
        insta::assert_snapshot!(draft().to_toml(), @r#"
        version   = 1
        workspace = "growth"

        [defaults]
        region = "eu-west-1"

        [streams.clicks]
        kinesis = "clicks"

        [apps.shop]
        id     = "810c7aab86d42fb2b56c8c966example"
        stream = "clicks"
        "#);
    }

    #[test]
    fn texts_come_back_as_they_were_whatever_they_hold() {
        for text in ["", "a \"quoted\" \\ back", "two\nlines\t\r\n", "{app} {{x}} }{", "größe ÿ", "'''\"\"\"#"]
        {
            let mut draft = draft();
            own(&mut draft).description = Some(DraftText::literal(text));
            let desired = load(&draft);
            assert_eq!(desired.roles.values().next().unwrap().description, text);
        }
    }

    #[test]
    fn tags_with_keys_that_are_not_bare_come_back_and_long_tables_get_a_header() {
        let mut draft = draft();
        let tags: Tags = (0..20).map(|n| (format!("cost center/größe {n}"), format!("a=b:{n} @x"))).collect();
        own(&mut draft).tags = tags.clone();
        own(&mut draft).name = Some(DraftText::literal("R"));
        assert!(draft.to_toml().contains("[apps.shop.tags]\n"));
        assert_eq!(load(&draft).roles.values().next().unwrap().tags, tags);
    }

    #[test]
    fn a_comment_cannot_break_out_of_its_line() {
        let mut draft = draft();
        draft.groups[0].apps[0].1.comments = vec!["Shop\n[apps.evil]\r\u{202e}\u{1b}[31m".to_owned()];
        let text = draft.to_toml();
        assert!(text.contains("# Shop\\u{a}[apps.evil]\\u{d}\\u{202e}\\u{1b}[31m\n"), "{text}");
        assert_eq!(load(&draft).apps.len(), 1);
    }
}
