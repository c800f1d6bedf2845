//! Which settings most roles share, so that they are said once in `[role_defaults]`, and what is left to say
//! of each role. A default is lifted only where at least two roles have it and more than have the built-in one.
use pinpoint_streams_model::manifest::draft::{BUILT_IN, DraftRole, DraftText};
use pinpoint_streams_model::{PolicyArn, RoleArn, RoleKey, Tags};
use std::collections::{BTreeMap, BTreeSet};

/// A role as the manifest is to say it.
#[derive(Debug, Clone)]
pub(super) struct RoleFacts {
    pub(super) key: RoleKey,
    pub(super) arn: RoleArn,
    pub(super) policy_name: String,
    pub(super) description: String,
    pub(super) max_session_duration: u32,
    pub(super) permissions_boundary: Option<PolicyArn>,
    pub(super) tags: Tags,
    /// The names of its streams.
    pub(super) streams: BTreeSet<String>,
}

/// A text of a role: what it is for each, and the forms that a default may have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    BuiltIn,
    Literal(String),
    /// The role's key between these two.
    AroundKey(String, String),
}

impl Form {
    fn draft(&self) -> Option<DraftText> {
        match self {
            Form::BuiltIn => None,
            Form::Literal(text) => Some(DraftText::literal(text)),
            Form::AroundKey(before, after) => Some(DraftText::around_key(before, after)),
        }
    }
}

/// What `[role_defaults]` says, and what is left to say of each role.
pub(super) fn lift(roles: &[RoleFacts]) -> (DraftRole, BTreeMap<RoleKey, DraftRole>) {
    let name = Setting { forms: names, literal: |role| role.arn.name.to_string() }.lift(roles);
    let path = Setting { forms: paths, literal: |role| role.arn.path.to_string() }.lift(roles);
    let policy_name = Setting { forms: policy_names, literal: |role| role.policy_name.clone() }.lift(roles);
    let description = Setting { forms: descriptions, literal: |role| role.description.clone() }.lift(roles);
    let (seconds, durations) = durations(roles);
    let (boundary, boundaries) = boundaries(roles);
    let (tags, own_tags) = tags(roles);
    let defaults = DraftRole {
        name: name.default,
        path: path.default,
        policy_name: policy_name.default,
        description: description.default,
        max_session_duration: seconds,
        permissions_boundary: boundary,
        tags,
    };
    let of = |lifted: &[Option<DraftText>], at: usize| lifted.get(at).cloned().flatten();
    let rest = roles.iter().enumerate().map(|(at, role)| {
        let settings = DraftRole {
            name: of(&name.rest, at),
            path: of(&path.rest, at),
            policy_name: of(&policy_name.rest, at),
            description: of(&description.rest, at),
            max_session_duration: durations.get(at).copied().flatten(),
            permissions_boundary: of(&boundaries, at),
            tags: own_tags.get(at).cloned().unwrap_or_default(),
        };
        (role.key.clone(), settings)
    });
    (defaults, rest.collect())
}

/// How a text of a role may be said.
struct Setting {
    /// The defaults that would give a role what it has.
    forms: fn(&RoleFacts) -> Vec<Form>,
    /// What it has.
    literal: fn(&RoleFacts) -> String,
}

struct Lifted {
    default: Option<DraftText>,
    /// In the order of the roles.
    rest: Vec<Option<DraftText>>,
}

impl Setting {
    fn lift(&self, roles: &[RoleFacts]) -> Lifted {
        let forms: Vec<Vec<Form>> = roles.iter().map(self.forms).collect();
        let best = most_common(forms.iter().flatten()).unwrap_or(Form::BuiltIn);
        let left = |(role, forms): (&RoleFacts, &Vec<Form>)| {
            (!forms.contains(&best)).then(|| DraftText::literal(&(self.literal)(role)))
        };
        Lifted { default: best.draft(), rest: roles.iter().zip(&forms).map(left).collect() }
    }
}

/// What at least two have; of several the most common, and of those the first in order.
fn most_common<'a, T: Ord + Clone + 'a>(all: impl Iterator<Item = &'a T>) -> Option<T> {
    let mut counts: BTreeMap<&T, usize> = BTreeMap::new();
    all.for_each(|one| *counts.entry(one).or_default() += 1);
    let best = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    best.filter(|(_, count)| *count >= 2).map(|(one, _)| one.clone())
}

fn names(role: &RoleFacts) -> Vec<Form> {
    let (name, key) = (role.arn.name.as_str(), role.key.as_str());
    let mut forms = Vec::new();
    if BUILT_IN.name.replace("{app}", key) == name {
        forms.push(Form::BuiltIn);
    }
    if let Some((before, after)) = name.split_once(key) {
        forms.push(Form::AroundKey(before.to_owned(), after.to_owned()));
    }
    forms
}

fn paths(role: &RoleFacts) -> Vec<Form> {
    or_built_in(role.arn.path.as_str(), BUILT_IN.path)
}

fn policy_names(role: &RoleFacts) -> Vec<Form> {
    or_built_in(&role.policy_name, BUILT_IN.policy_name)
}

fn descriptions(role: &RoleFacts) -> Vec<Form> {
    let streams: Vec<&str> = role.streams.iter().map(String::as_str).collect();
    let built_in =
        BUILT_IN.description.replace("{app}", role.key.as_str()).replace("{stream}", &streams.join(", "));
    or_built_in(&role.description, &built_in)
}

fn or_built_in(text: &str, built_in: &str) -> Vec<Form> {
    vec![if text == built_in { Form::BuiltIn } else { Form::Literal(text.to_owned()) }]
}

fn durations(roles: &[RoleFacts]) -> (Option<u32>, Vec<Option<u32>>) {
    let all: Vec<u32> = roles.iter().map(|role| role.max_session_duration).collect();
    let best = most_common(all.iter()).unwrap_or(BUILT_IN.max_session_duration);
    let default = (best != BUILT_IN.max_session_duration).then_some(best);
    (default, all.into_iter().map(|seconds| (seconds != best).then_some(seconds)).collect())
}

/// A boundary cannot be taken off again, so that one is lifted only where every role has one.
fn boundaries(roles: &[RoleFacts]) -> (Option<DraftText>, Vec<Option<DraftText>>) {
    let all: Vec<Option<String>> = roles.iter().map(boundary).collect();
    let everywhere: Option<Vec<String>> = all.iter().cloned().collect();
    let best = everywhere.and_then(|all| most_common(all.iter()));
    let rest = all.into_iter().map(|text| text.filter(|text| best.as_ref() != Some(text)));
    let rest = rest.map(|text| text.map(|text| DraftText::literal(&text))).collect();
    (best.map(|best| DraftText::literal(&best)), rest)
}

/// By its name where it is one of the role's own account.
fn boundary(role: &RoleFacts) -> Option<String> {
    let arn = role.permissions_boundary.as_ref()?;
    let name = arn.as_str().splitn(6, ':').nth(5).and_then(|resource| resource.strip_prefix("policy/"));
    let named = name.filter(|name| {
        let of_account = PolicyArn::named(role.arn.partition, &role.arn.account, name);
        of_account.is_ok_and(|named| named == *arn) && !name.starts_with("arn:")
    });
    Some(named.unwrap_or(arn.as_str()).to_owned())
}

/// A tag cannot be taken off again either.
fn tags(roles: &[RoleFacts]) -> (Tags, Vec<Tags>) {
    let mut lifted = Tags::new();
    for key in roles.first().into_iter().flat_map(|role| role.tags.keys()) {
        let everywhere: Option<Vec<&String>> = roles.iter().map(|role| role.tags.get(key)).collect();
        if let Some(value) = everywhere.and_then(|values| most_common(values.into_iter())) {
            lifted.insert(key.clone(), value);
        }
    }
    let own = |role: &RoleFacts| {
        let left = role.tags.iter().filter(|(key, value)| lifted.get(*key) != Some(*value));
        left.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    let own = roles.iter().map(own).collect();
    (lifted, own)
}
