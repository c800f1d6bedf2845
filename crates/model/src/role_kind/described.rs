//! What the policies of a role say in a few words, where they are those that its kind writes.
use super::{RoleKind, SOURCE_ARN};
use crate::policy::{Actions, Effect, Name, Resources, same_meaning};
use crate::{AccountId, Document};

impl RoleKind {
    /// The trusted service, for people.
    pub fn service(self) -> &'static str {
        self.0.service
    }

    /// The sources for which a trust policy of this kind lets the service assume the role; none if the policy says
    /// anything else.
    pub fn sources_of(self, trust: &Document, account: &AccountId) -> Option<Vec<String>> {
        let [statement] = trust.statements.as_slice() else { return None };
        let is_source = |key: &Name| key.as_str().eq_ignore_ascii_case(SOURCE_ARN);
        let clause = statement.condition.iter().find(|clause| is_source(&clause.key))?;
        let sources: Vec<String> = clause.values.iter().cloned().collect();
        same_meaning(trust, &self.trust_policy(account, sources.iter().cloned())).then_some(sources)
    }

    /// The ARNs of the streams that a policy of this kind lets the service write to; none if the policy allows or denies
    /// anything else.
    pub fn streams_of(self, permissions: &Document) -> Option<Vec<String>> {
        let mut streams = Vec::new();
        for statement in permissions.statements.iter() {
            let (Effect::Allow, Actions::Action(actions), Some(Resources::Resource(resources))) =
                (statement.effect, &statement.action, &statement.resource)
            else {
                return None;
            };
            let is_one_of = |names: &[&str]| {
                actions.iter().all(|action| names.iter().any(|name| action.as_str().eq_ignore_ascii_case(name)))
            };
            for resource in resources {
                match self.grant(resource) {
                    Some(grant) if is_one_of(grant.actions) && (grant.is_one)(resource) => {
                        streams.push(resource.clone())
                    }
                    None if self.0.grants.iter().any(|grant| is_one_of(grant.key_actions)) => {}
                    _ => return None,
                }
            }
        }
        let is_unconditional = permissions.statements.iter().all(|statement| statement.condition.is_empty());
        (is_unconditional && !streams.is_empty()).then_some(streams)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StreamTarget;
    use std::sync::Arc;

    #[test]
    fn what_a_kind_writes_is_read_back_and_anything_else_is_not() {
        let kind = RoleKind::for_event_streams();
        let account: AccountId = "123456789012".parse().unwrap();
        let app = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/a1".to_owned();
        let mut trust: Document = kind.trust_policy(&account, [app.clone()]);
        assert_eq!(kind.sources_of(&trust, &account), Some(vec![app]));
        Arc::make_mut(&mut trust.statements)[0].condition = Default::default();
        assert_eq!(kind.sources_of(&trust, &account), None);
        let stream = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks";
        let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab".parse().ok();
        let target = StreamTarget { arn: stream.parse().unwrap(), kms_key: key };
        let mut permissions = kind.permissions(&[target].into_iter().collect());
        assert_eq!(kind.streams_of(&permissions), Some(vec![stream.to_owned()]));
        Arc::make_mut(&mut permissions.statements)[0].effect = Effect::Deny;
        assert_eq!(kind.streams_of(&permissions), None);
    }
}
