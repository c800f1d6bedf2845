//! A role's settings: its own over `[role_defaults]` over what is built in; filled and held against IAM's
//! limits.
use super::scope::{Scope, Several};
use crate::arn::{InvalidArn, PolicyArn};
use crate::desired::KeyedText;
use crate::ids::{AccountId, InvalidId, PolicyName, RoleKey, RoleName, RolePath};
use crate::manifest::diagnostic::{Diagnostic, quoted};
use crate::manifest::document::{Given, RoleSettings, TagTexts, Text};
use crate::manifest::source::{Place, Placed};
use crate::manifest::template::{Names, Placeholder, Template};
use crate::region::Partition;

/// What a role is like where nothing is said. The texts may hold placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    pub name: &'static str,
    pub path: &'static str,
    pub policy_name: &'static str,
    pub description: &'static str,
    /// `max_session_duration`, in seconds.
    pub max_session_duration: u32,
}

/// What a role is like where nothing is said.
pub const BUILT_IN: BuiltIn = BuiltIn {
    name: "PinpointEventStream-{app}",
    path: "/pinpoint-streams/",
    policy_name: "PinpointEventStreamPermissionsPolicy",
    description: "Lets Amazon Pinpoint stream {app} to {stream}",
    max_session_duration: 3600,
};

/// The longest name of a role, and description, in characters.
/// Source: IAM API reference, CreateRole.
const LONGEST_NAME: usize = 64;
const LONGEST_DESCRIPTION: usize = 1000;

/// The defaults that are built in, as if they stood at the place of the role.
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

/// The first of these layers that says something about a setting; none where that is broken.
pub(super) fn first<T>(layers: [&RoleSettings; 3], setting: fn(&RoleSettings) -> &Given<T>) -> Option<&Placed<T>> {
    let [own, defaults, built_in] = layers.map(setting);
    own.or(defaults).or(built_in).value()
}

/// A role's name. What it becomes under the role's own key must be one that IAM takes.
pub(super) fn name(text: &Placed<Text>, key: &RoleKey, scope: &Scope) -> Result<KeyedText, Diagnostic> {
    let keyed = scope.fill_but_key(text)?;
    let filled = keyed.under(key);
    if filled.len() > LONGEST_NAME {
        let length = filled.chars().count();
        let message = format!("{} gives a name of {length} characters, IAM takes {LONGEST_NAME}", text.value.path);
        let error = Diagnostic::new(message).at(text.place, quoted(&filled));
        return Err(error.help(format!("give {} a shorter name", scope.owner)));
    }
    let checked: Result<RoleName, InvalidId> = filled.parse();
    checked.map_err(|error| scope.malformed(text, &filled, error.kind, error.rule.to_owned()))?;
    Ok(keyed)
}

/// A role's path. Wildcards are refused, since a path becomes part of ARNs in other people's policies.
pub(super) fn path(text: &Placed<Text>, key: &RoleKey, scope: &Scope) -> Result<KeyedText, Diagnostic> {
    let keyed = scope.fill_but_key(text)?;
    let filled = keyed.under(key);
    let checked: Result<RolePath, InvalidId> = filled.parse();
    checked.map_err(|error| scope.malformed(text, &filled, error.kind, error.rule.to_owned()))?;
    if filled.contains(['*', '?']) {
        return Err(scope.malformed(text, &filled, "path", "it holds no wildcards".to_owned()));
    }
    Ok(keyed)
}

pub(super) fn policy_name(text: &Placed<Text>, scope: &Scope) -> Result<PolicyName, Diagnostic> {
    let filled = scope.fill(text, Several::Refused)?;
    filled.parse().map_err(|error: InvalidId| scope.malformed(text, &filled, error.kind, error.rule.to_owned()))
}

/// A role's description; empty is none.
pub(super) fn description(text: &Placed<Text>, scope: &Scope) -> Result<String, Diagnostic> {
    let filled = scope.fill(text, Several::Joined)?;
    let length = filled.chars().count();
    if length > LONGEST_DESCRIPTION {
        let message =
            format!("{} gives a text of {length} characters, IAM takes {LONGEST_DESCRIPTION}", text.value.path);
        let error = Diagnostic::new(message).at(text.place, "");
        return Err(error.help(format!("give {} a description of its own", scope.owner)));
    }
    match filled.chars().find(|c| !may_describe(*c)) {
        None => Ok(filled),
        Some(c) => {
            let error = Diagnostic::new(format!(
                "{} holds {}, which IAM does not take",
                text.value.path,
                quoted(c.encode_utf8(&mut [0; 4]))
            ));
            Err(error.at(text.place, "Latin letters, digits and signs alone"))
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
    let filled = scope.fill(text, Several::Refused)?;
    let arn =
        if filled.starts_with("arn:") { filled.parse() } else { PolicyArn::named(partition, account, &filled) };
    let arn: PolicyArn =
        arn.map_err(|error: InvalidArn| scope.malformed(text, &filled, error.kind, error.reason))?;
    let mut fields = arn.as_str().split(':').skip(1);
    let (their_partition, their_account) = (fields.next(), fields.nth(2));
    let agrees = their_partition == Some(partition.as_str())
        && [Some(account.as_str()), Some("aws")].contains(&their_account);
    if agrees {
        return Ok(arn);
    }
    let message = format!("{} is a policy that {} cannot have", text.value.path, scope.owner);
    let rule = format!("expected one of AWS's own or of account {account} in partition {partition}");
    Err(Diagnostic::new(message).at(text.place, rule).and(scope.place, scope.owner.clone()))
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
