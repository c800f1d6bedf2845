//! A role's settings and tags: its own over `[role_defaults]` over the built-in ones, filled in and checked against
//! AWS's limits.
use super::scope::Scope;
use crate::desired::KeyedText;
use crate::error_code::manifest as codes;
use crate::ids::RolePath;
use crate::live::DEFAULT_SESSION_DURATION;
use crate::manifest::diagnostic::{Diagnostic, Diagnostics, quoted};
use crate::manifest::raw::{Given, RoleSettings, TagTexts, Text};
use crate::manifest::source::{Place, Placed};
use crate::manifest::tag;
use crate::manifest::template::{Names, Placeholder, Template};
use crate::{AccountId, Partition, PolicyArn, RoleKey, RoleName, Tags};
use std::collections::BTreeMap;

/// The built-in defaults of a role. The texts may hold placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    pub name: &'static str,
    pub path: &'static str,
    pub policy_name: &'static str,
    pub description: &'static str,
    /// `max_session_duration`, in seconds.
    pub max_session_duration: u32,
}

pub const BUILT_IN: BuiltIn = BuiltIn {
    name: "PinpointEventStream-{app}",
    path: "/pinpoint-streams/",
    policy_name: "PinpointEventStreamPermissionsPolicy",
    description: "Lets Amazon Pinpoint stream {app} to {stream}",
    max_session_duration: DEFAULT_SESSION_DURATION,
};

/// The longest name of a role, and description, in characters.
/// Source: IAM API reference, CreateRole.
const LONGEST_NAME: usize = 64;
const LONGEST_DESCRIPTION: usize = 1000;

/// The built-in defaults, as if they were written where the role is.
pub(super) fn built_in(place: Place) -> RoleSettings {
    let text = |key: &str, text: &str| {
        let template = Template::parse(text, Placeholder::ALL, &Names::default());
        let template = template.unwrap_or_else(|_| Template::literal(text));
        let path = format!("the default {key}");
        Given::Value(Placed::new(Text { path, template, verbatim: false }, place))
    };
    let BuiltIn { name, path, policy_name, description, max_session_duration } = BUILT_IN;
    RoleSettings {
        name: text("name", name),
        path: text("path", path),
        policy_name: text("policy_name", policy_name),
        description: text("description", description),
        max_session_duration: Given::Value(Placed::new(max_session_duration, place)),
        permissions_boundary: Given::Absent,
        tags: TagTexts::new(),
    }
}

/// A setting of the first layer that has it; none if that is invalid.
pub(super) fn first<T>(layers: [&RoleSettings; 3], setting: fn(&RoleSettings) -> &Given<T>) -> Option<&Placed<T>> {
    let [own, defaults, built_in] = layers.map(setting);
    own.or(defaults).or(built_in).value()
}

/// A role's name. What it becomes under the role's own key must be one that IAM takes.
pub(super) fn name(text: &Placed<Text>, key: &RoleKey, scope: &Scope) -> Result<KeyedText, Diagnostic> {
    let keyed = scope.fill_except_key(text)?;
    let filled = keyed.under(key);
    if filled.len() > LONGEST_NAME {
        let length = filled.chars().count();
        let message =
            format!("{} gives a name of {length} characters, IAM allows {LONGEST_NAME}", text.value.path);
        let error = Diagnostic::new(&codes::INVALID_VALUE, message).at(text.place, quoted(&filled));
        return Err(error.help(format!("give {} a shorter name", scope.owner)));
    }
    scope.parse::<RoleName>(text, &filled)?;
    Ok(keyed)
}

/// A role's path. Wildcards are refused, since a path becomes part of ARNs in other people's policies.
pub(super) fn path(text: &Placed<Text>, key: &RoleKey, scope: &Scope) -> Result<KeyedText, Diagnostic> {
    let keyed = scope.fill_except_key(text)?;
    let filled = keyed.under(key);
    scope.parse::<RolePath>(text, &filled)?;
    if filled.contains(['*', '?']) {
        return Err(scope.malformed(text, &filled, "path", "it contains no wildcards"));
    }
    Ok(keyed)
}

/// A role's description; empty is none.
pub(super) fn description(text: &Placed<Text>, scope: &Scope) -> Result<String, Diagnostic> {
    let filled = scope.fill_joined(text)?;
    let length = filled.chars().count();
    if length > LONGEST_DESCRIPTION {
        let message =
            format!("{} gives a text of {length} characters, IAM allows {LONGEST_DESCRIPTION}", text.value.path);
        let error = Diagnostic::new(&codes::INVALID_VALUE, message).at(text.place, "");
        return Err(error.help(format!("give {} a description of its own", scope.owner)));
    }
    match filled.chars().find(|c| !may_describe(*c)) {
        None => Ok(filled),
        Some(c) => {
            let (path, c) = (&text.value.path, quoted(c.encode_utf8(&mut [0; 4])));
            let error =
                Diagnostic::new(&codes::INVALID_VALUE, format!("{path} contains {c}, which IAM does not accept"));
            Err(error.at(text.place, "only Latin letters, digits and signs"))
        }
    }
}

/// Whether IAM takes this text as a role's description.
pub fn can_describe(text: &str) -> bool {
    text.chars().count() <= LONGEST_DESCRIPTION && text.chars().all(may_describe)
}

/// Source: IAM API reference, CreateRole, `Description` (`[\t\n\r\x20-\x7E\xA1-\xFF]*`).
fn may_describe(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}')
}

/// A permissions boundary: a policy's ARN, or the name of one in the role's account.
pub(super) fn permissions_boundary(
    text: &Placed<Text>,
    partition: Partition,
    account: &AccountId,
    scope: &Scope,
) -> Result<PolicyArn, Diagnostic> {
    let filled = scope.fill(text)?;
    let arn: PolicyArn = if filled.starts_with("arn:") {
        scope.parse(text, &filled)?
    } else {
        let named = PolicyArn::named(partition, account, &filled);
        named.map_err(|error| scope.malformed(text, &filled, error.kind, error.rule))?
    };
    let mut fields = arn.as_str().split(':').skip(1);
    let (their_partition, their_account) = (fields.next(), fields.nth(2));
    let agrees = their_partition == Some(partition.as_str())
        && [Some(account.as_str()), Some("aws")].contains(&their_account);
    if agrees {
        return Ok(arn);
    }
    let message = format!("{} is a policy that {} cannot have", text.value.path, scope.owner);
    let rule = format!("expected one of AWS's own or of account {account} in partition {partition}");
    Err(Diagnostic::new(&codes::OTHER_PLACE, message).at(text.place, rule).and(scope.place, scope.owner.clone()))
}

/// The tags of these layers. A later layer wins.
pub(super) fn tags(layers: &[&TagTexts], scope: &Scope, found: &mut Diagnostics) -> Tags {
    let mut merged = TagTexts::new();
    for layer in layers {
        merged.extend(layer.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    if merged.len() > tag::MOST {
        let message = format!("{} has {} tags, at most {} are allowed", scope.owner, merged.len(), tag::MOST);
        let error = Diagnostic::new(&codes::INVALID_VALUE, message).at(scope.place, "");
        found.error(error.help("AWS allows 50, and four are ownership tags"));
    }
    let mut folded: BTreeMap<String, (&str, Place)> = BTreeMap::new();
    let mut tags = Tags::new();
    for (key, (place, text)) in &merged {
        if let Some((first, first_place)) = folded.insert(key.to_lowercase(), (key, *place)) {
            let message = format!("tags {} and {} differ only in letter case", quoted(first), quoted(key));
            found.error(
                Diagnostic::new(&codes::INVALID_VALUE, message)
                    .at(*place, "the same tag to AWS")
                    .and(first_place, "the other"),
            );
        }
        let Some(value) = found.check(scope.fill(text)) else { continue };
        match tag::wrong_with_value(&value) {
            None => drop(tags.insert(key.clone(), value)),
            Some(rule) => found.error(scope.malformed(text, &value, "tag's value", rule)),
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_texts_are_templates() {
        let BuiltIn { name, path, policy_name, description, max_session_duration: _ } = BUILT_IN;
        for text in [name, path, policy_name, description] {
            assert!(Template::parse(text, Placeholder::ALL, &Names::default()).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_description_is_latin_1_without_control_characters() {
        assert!("plain, größe\n".chars().all(may_describe));
        for c in ['“', '\u{7f}', '\u{a0}', '🎉'] {
            assert!(!may_describe(c), "{c:?}");
        }
    }
}
