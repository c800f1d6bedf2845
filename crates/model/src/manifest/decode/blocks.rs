//! `[defaults]`, `[accounts.*]`, `[[moved]]`, `[[forget]]`, `[safety]`, `[sweep]`, `[notices]` and `[state]`.
use super::resources::pinpoint_region;
use super::visitor::{Field, Table, Visitor};
use crate::desired::{MaxDelete, Safety};
use crate::error::InvalidText;
use crate::error_code::manifest as codes;
use crate::manifest::diagnostic::{Diagnostic, quoted};
use crate::manifest::raw::{Account, MovedKeys, RawManifest};
use crate::manifest::source::Placed;
use crate::manifest::state::{BucketName, ObjectKey, S3State, StateAt};
use crate::manifest::{AccountSpec, Notices, Sweep, keys, tag};
use crate::region::AWS_REGIONS;
use crate::{AccountAlias, AccountId, AppKey, Region, RoleArn};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};
use std::str::FromStr;
use toml::de::DeValue;
use wildmatch::WildMatch;

pub(super) fn decode(visitor: &mut Visitor<'_>, manifest: &Table<'_>, raw: &mut RawManifest) {
    if let Some(table) = manifest.get("defaults").and_then(|field| visitor.table(field, keys::DEFAULTS)) {
        raw.default_account = table.given("account", |field| visitor.fixed(field));
        raw.default_region = table.given("region", |field| pinpoint_region(visitor, field));
    }
    raw.accounts = manifest.get("accounts").and_then(|field| accounts(visitor, field));
    for table in blocks(visitor, manifest.get("moved"), "[[moved]] blocks", keys::MOVED) {
        let mut app = |key| required(visitor, &table, key, key_alone);
        let (from, to) = (app("from"), app("to"));
        raw.moved.extend(from.zip(to).map(|(from, to)| MovedKeys { from, to }));
    }
    for table in blocks(visitor, manifest.get("forget"), "[[forget]] blocks", keys::FORGET) {
        raw.forget.extend(required(visitor, &table, "address", |_| None));
    }
    if let Some(table) = manifest.get("safety").and_then(|field| visitor.table(field, keys::SAFETY)) {
        raw.safety = Safety {
            max_delete: table.get("max_delete").and_then(|field| max_delete(visitor, field)).unwrap_or_default(),
            required_tags: required_tags(visitor, table.get("required_tags")),
            read_only: visitor.flag(table.get("read_only")),
        };
    }
    if let Some(table) = manifest.get("sweep").and_then(|field| visitor.table(field, keys::SWEEP)) {
        let (exclude, regions) = ("an array of role names and patterns", "an array of regions and patterns");
        raw.sweep = Sweep {
            exclude: patterns(visitor, table.get("exclude"), exclude, |_| None),
            no_pinpoint_in: patterns(visitor, table.get("no_pinpoint_in"), regions, matches_no_region),
        };
    }
    if let Some(table) = manifest.get("notices").and_then(|field| visitor.table(field, keys::NOTICES)) {
        let end_of_support = table.get("end_of_support").and_then(|field| visitor.boolean(field));
        raw.notices = end_of_support.map_or_else(Notices::default, |end_of_support| Notices { end_of_support });
    }
    raw.state = manifest.get("state").and_then(|field| state(visitor, field));
}

/// The tables of an array.
fn blocks<'t>(
    visitor: &mut Visitor<'_>,
    field: Option<&Field<'t>>,
    expected: &str,
    known: &[&str],
) -> Vec<Table<'t>> {
    let blocks = field.and_then(|field| visitor.array(field, expected)).unwrap_or_default();
    blocks.iter().filter_map(|block| visitor.table(block, known)).collect()
}

/// `[[moved]]` names an app by its key, `[[forget]]` a resource by its address.
fn key_alone(text: &str) -> Option<String> {
    let (kind, key) = text.split_once('.')?;
    let is_address = ["app", "apps", "role", "roles", "event_stream"].contains(&kind);
    let key: AppKey = key.parse().ok().filter(|_| is_address)?;
    Some(format!("write the app's key alone, `{key}`: its role and its event stream move with it"))
}

/// The value of a key that a block must have. `help` is about one that is not valid.
fn required<T: FromStr<Err = InvalidText>>(
    visitor: &mut Visitor<'_>,
    table: &Table<'_>,
    key: &str,
    help: impl FnOnce(&str) -> Option<String>,
) -> Option<Placed<T>> {
    let Some(field) = table.get(key) else {
        if table.has(key) {
            return None;
        }
        visitor.missing(
            Diagnostic::new(&codes::MISSING_KEY, format!("{} has no `{key}`", table.path)).at(table.place, ""),
        );
        return None;
    };
    visitor.parsed_with_help(field, help)
}

fn accounts(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<BTreeMap<AccountAlias, Account>> {
    let mut accounts = BTreeMap::new();
    let fields = visitor.entries(field).filter(|fields| !fields.is_empty())?;
    for field in &fields {
        let (alias, spec) = (visitor.key::<AccountAlias>(field), account(visitor, field));
        if let Some(alias) = alias {
            // An invalid account is still declared, so that apps may name it.
            accounts.insert(alias, Account { key: field.key, spec: spec.unwrap_or_default() });
        }
    }
    Some(accounts)
}

fn account(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<AccountSpec> {
    let table = visitor.table(field, keys::ACCOUNT)?;
    let id: Option<Placed<AccountId>> = table.get("id").and_then(|field| visitor.parsed(field));
    if !table.has("id") {
        let error = Diagnostic::new(&codes::MISSING_KEY, format!("{} has no id", table.path)).at(field.key, "");
        visitor.missing(error.help("add `id = \"…\"`, its 12 digits: any other account is then refused"));
    }
    let assume_role: Option<Placed<RoleArn>> = table.get("assume_role").and_then(|field| visitor.parsed(field));
    if let (Some(id), Some(role)) = (&id, &assume_role)
        && id.value != role.value.account
    {
        let error = Diagnostic::new(
            &codes::OTHER_PLACE,
            format!("{}.assume_role is a role of another account", table.path),
        );
        let error = error.at(role.place, format!("of account {}", role.value.account));
        visitor.error(error.and(id.place, "the declared account"));
    }
    let profile = limited(visitor, table.get("profile"), &PROFILE);
    let external_id = with_assume_role(visitor, &table, "external_id", &EXTERNAL_ID);
    let session_name = with_assume_role(visitor, &table, "session_name", &SESSION_NAME);
    let (id, assume_role) = (id.map(|id| id.value), assume_role.map(|role| role.value));
    Some(AccountSpec { id, profile, assume_role, external_id, session_name })
}

/// The length and characters of a text.
struct Limits {
    least: usize,
    most: usize,
    /// The characters allowed besides letters and digits; none allows all.
    set: Option<&'static str>,
}

/// The name of a profile.
const PROFILE: Limits = Limits { least: 1, most: 256, set: None };
/// A key ID, key ARN, alias or alias ARN. Source: KMS API reference, `KeyIdType` (1 to 2048).
const KMS_KEY_ID: Limits = Limits { least: 1, most: 2048, set: Some("_:/-") };
/// Source: STS API reference, AssumeRole, `ExternalId` (`[\w+=,.@:\/-]*`, 2 to 1224).
const EXTERNAL_ID: Limits = Limits { least: 2, most: 1224, set: Some("_+=,.@:/-") };
/// Source: STS API reference, AssumeRole, `RoleSessionName` (`[\w+=,.@-]*`, 2 to 64).
const SESSION_NAME: Limits = Limits { least: 2, most: 64, set: Some("_+=,.@-") };

fn with_assume_role(visitor: &mut Visitor<'_>, table: &Table<'_>, key: &str, limits: &Limits) -> Option<String> {
    let field = table.get(key)?;
    if !table.has("assume_role") {
        let error = Diagnostic::new(
            &codes::CONFLICTING_KEYS,
            format!("{} needs assume_role, which is missing", field.path),
        );
        visitor.missing(error.at(field.key, ""));
    }
    limited(visitor, Some(field), limits)
}

fn limited(visitor: &mut Visitor<'_>, field: Option<&Field<'_>>, limits: &Limits) -> Option<String> {
    let field = field?;
    let text = visitor.fixed(field)?.value;
    let Limits { least, most, set } = *limits;
    let in_set = |c: char| set.is_none_or(|set| c.is_ascii_alphanumeric() || set.contains(c));
    if (least..=most).contains(&text.len()) && text.chars().all(in_set) {
        return Some(text);
    }
    let rule = match set {
        Some(set) => format!("it is {least} to {most} of A-Z a-z 0-9 {set}"),
        None => format!("it is {least} to {most} characters"),
    };
    visitor.error(
        Diagnostic::new(&codes::INVALID_VALUE, format!("{} is malformed", field.path)).at(field.place, rule),
    );
    None
}

fn max_delete(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<MaxDelete> {
    const EXPECTED: &str = "a number of resources, or a percentage such as \"30%\"";
    let limit = match field.value {
        DeValue::Integer(_) => usize::try_from(visitor.integer(field)?).ok().map(MaxDelete::Count),
        DeValue::String(_) => {
            let text = visitor.fixed(field)?.value;
            let digits = text.strip_suffix('%').filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
            let percent = digits.and_then(|digits| digits.parse::<u8>().ok()).filter(|percent| *percent <= 100);
            percent.map(MaxDelete::Percent)
        }
        _ => {
            visitor.wrong_type(field, EXPECTED);
            return None;
        }
    };
    if limit.is_none() {
        let error = Diagnostic::new(&codes::INVALID_VALUE, format!("{} is not a valid limit", field.path));
        visitor.error(error.at(field.place, format!("expected {EXPECTED}")));
    }
    limit
}

fn required_tags(visitor: &mut Visitor<'_>, field: Option<&Field<'_>>) -> BTreeSet<String> {
    let Some(field) = field else { return BTreeSet::new() };
    let keys = visitor.strings(field, "an array of tag keys", |field, key| {
        let error = Diagnostic::new(
            &codes::INVALID_VALUE,
            format!("{} is {}, which cannot be required", field.path, quoted(key)),
        );
        Some(error.at(field.place, tag::wrong_with_key(key)?))
    });
    keys.into_iter().flatten().map(|key| key.value).collect()
}

/// Names with `*` and `?`, none of them empty.
fn patterns(
    visitor: &mut Visitor<'_>,
    field: Option<&Field<'_>>,
    expected: &str,
    wrong: fn(&str) -> Option<&'static str>,
) -> BTreeSet<String> {
    let Some(field) = field else { return BTreeSet::new() };
    let patterns = visitor.strings(field, expected, |field, pattern| {
        let reason = if pattern.is_empty() { Some("matches nothing") } else { wrong(pattern) };
        let error = Diagnostic::new(
            &codes::INVALID_VALUE,
            format!("{} is {}, which {}", field.path, quoted(pattern), reason?),
        );
        Some(error.at(field.place, "expected a pattern such as \"ap-*\""))
    });
    patterns.into_iter().flatten().map(|pattern| pattern.value).collect()
}

/// A role may name a region in which Pinpoint never was.
fn matches_no_region(pattern: &str) -> Option<&'static str> {
    let pattern = WildMatch::new(pattern);
    let matches_one = AWS_REGIONS.iter().any(|region| pattern.matches(region));
    (!matches_one).then_some("is neither a region nor a pattern that matches one")
}

/// A file or a bucket, never both.
fn state(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<StateAt> {
    let table = visitor.table(field, keys::STATE)?;
    let (path, bucket) = (table.get("path"), table.get("s3"));
    let file = path.and_then(|field| file(visitor, field)).map(StateAt::File);
    let remote = bucket.and_then(|field| s3(visitor, field)).map(StateAt::S3);
    if let (Some(path), Some(s3)) = (path, bucket) {
        let error =
            Diagnostic::new(&codes::CONFLICTING_KEYS, "a state is kept in one place: state.path or state.s3");
        visitor.error(error.at(s3.key, "in a bucket").and(path.key, "in a file"));
        return None;
    }
    file.or(remote)
}

fn file(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<String> {
    let path = visitor.fixed(field)?.value;
    if path.is_empty() || path.ends_with('/') || path.contains(char::is_control) {
        visitor.error(
            Diagnostic::new(&codes::INVALID_VALUE, "state.path is not a file path")
                .at(field.place, "expected a file's path"),
        );
        return None;
    }
    // What a manifest names is read and replaced when it is planned.
    let is_below = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    if !Path::new(&path).components().all(is_below) {
        let error = Diagnostic::new(&codes::INVALID_VALUE, "state.path leads out of the manifest's directory");
        visitor.error(error.at(field.place, "expected a relative path without `..`"));
        return None;
    }
    Some(path)
}

fn s3(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<S3State> {
    let table = visitor.table(field, keys::STATE_S3)?;
    for (key, example) in [("bucket", "the bucket's name"), ("key", "such as growth/state.json")] {
        if !table.has(key) {
            let error =
                Diagnostic::new(&codes::MISSING_KEY, format!("{} has no {key}", table.path)).at(field.key, "");
            visitor.missing(error.help(format!("add `{key} = \"…\"`, {example}")));
        }
    }
    let bucket: Option<Placed<BucketName>> = table.get("bucket").and_then(|field| visitor.parsed(field));
    let key: Option<Placed<ObjectKey>> = table.get("key").and_then(|field| visitor.parsed(field));
    let region: Option<Placed<Region>> = table.get("region").and_then(|field| visitor.parsed(field));
    let profile = limited(visitor, table.get("profile"), &PROFILE);
    let kms_key_id = limited(visitor, table.get("kms_key_id"), &KMS_KEY_ID);
    let encrypt = table.get("encrypt").map(|field| (field, visitor.boolean(field)));
    if let (Some((field, Some(false))), Some(_)) = (encrypt, &kms_key_id) {
        let error = Diagnostic::new(
            &codes::CONFLICTING_KEYS,
            "state.s3.encrypt is false, and state.s3.kms_key_id is a key to encrypt with",
        );
        visitor.error(error.at(field.place, "set it to true, or omit it"));
    }
    let encrypt = kms_key_id.is_some() || matches!(encrypt, Some((_, Some(true))));
    let region = region.map(|region| region.value);
    Some(S3State { bucket: bucket?.value, key: key?.value, region, profile, encrypt, kms_key_id })
}
