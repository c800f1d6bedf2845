//! The policies of a role of a kind, and whether those of a live role allow as much.
use super::{ASSUME_ROLE, RoleKind, SOURCE_ACCOUNT, SOURCE_ARN, StreamTarget};
use crate::policy::{
    Actions, Clause, Effect, Name, Operator, Principal, PrincipalClause, Request, Resources, Statement, Test,
    Unstated, explain,
};
use crate::sorted_set::SortedSet;
use crate::{AccountId, Decision, Document, StreamArn};
use std::collections::{BTreeMap, BTreeSet};

impl RoleKind {
    /// The service's actions on a resource; none on one that is not of the kind.
    pub fn actions_on(self, resource: &str) -> &'static [&'static str] {
        self.grant(resource).map_or(&[], |grant| grant.actions)
    }

    /// The actions that it needs on the customer managed key of the resource.
    pub fn key_actions_on(self, resource: &str) -> &'static [&'static str] {
        self.grant(resource).map_or(&[], |grant| grant.key_actions)
    }

    /// The trust policy: the service, acting for these sources in this account. Without a source it admits nothing.
    pub fn trust_policy<V: Ord + From<String>>(
        self,
        account: &AccountId,
        source_arns: impl IntoIterator<Item = V>,
    ) -> Document<V> {
        let clause =
            |test, key: &str, values| Clause { operator: Operator::plain(test), key: Name::from(key), values };
        let service = Principal::Service(self.service_principal().to_owned());
        Document::new(vec![Statement {
            sid: None,
            effect: Effect::Allow,
            principal: Some(PrincipalClause::Principal(SortedSet::from([service]))),
            action: Actions::Action(SortedSet::from([Name::from(ASSUME_ROLE)])),
            resource: None,
            condition: SortedSet::from([
                clause(Test::StringEquals, SOURCE_ACCOUNT, SortedSet::from([V::from(account.to_string())])),
                clause(Test::ArnLike, SOURCE_ARN, source_arns.into_iter().collect()),
            ]),
        }])
    }

    /// The permissions to write to these streams: one statement for each service with all its streams, and for the
    /// customer managed keys one for each set of actions.
    pub fn permissions(self, targets: &SortedSet<StreamTarget>) -> Document {
        let (mut streams, mut keys) = (BTreeMap::new(), BTreeMap::new());
        for StreamTarget { arn, kms_key } in targets {
            let (service, arn) = (arn.service(), arn.to_string());
            if let Some(key) = kms_key {
                let actions = keys.entry(key.to_string()).or_insert_with(BTreeSet::new);
                actions.extend(self.key_actions_on(&arn));
            }
            let of_service = streams.entry(service).or_insert_with(|| (self.actions_on(&arn), BTreeSet::new()));
            of_service.1.insert(arn);
        }
        let mut keys_by_actions = BTreeMap::new();
        for (key, actions) in keys {
            keys_by_actions.entry(actions).or_insert_with(BTreeSet::new).insert(key);
        }
        let for_streams = streams.into_values().map(|(actions, arns)| allow(actions.iter().copied(), arns));
        let for_keys = keys_by_actions.into_iter().map(|(actions, keys)| allow(actions, keys));
        Document::new(for_streams.chain(for_keys).collect())
    }

    /// Whether a role's policies together allow everything needed to write to the stream.
    pub fn may_write<'d>(self, permissions: impl Iterator<Item = &'d Document>, stream: &StreamArn) -> Decision {
        let stream = stream.to_string();
        all_allowed(permissions, self.actions_on(&stream), &stream)
    }
}

fn allow<'a>(actions: impl IntoIterator<Item = &'a str>, resources: BTreeSet<String>) -> Statement {
    Statement {
        sid: None,
        effect: Effect::Allow,
        principal: None,
        action: Actions::Action(actions.into_iter().map(Name::from).collect()),
        resource: Some(Resources::Resource(resources.into_iter().collect())),
        condition: SortedSet::default(),
    }
}

/// The least favourable decision on any of the actions: denied before undecidable. Not allowed if there are none.
fn all_allowed<'d>(permissions: impl Iterator<Item = &'d Document>, actions: &[&str], resource: &str) -> Decision {
    let documents: Vec<&Document> = permissions.collect();
    let mut least = if actions.is_empty() { Decision::NotAllowed } else { Decision::Allowed };
    for action in actions {
        let request = Request { principal: None, action, resource: Some(resource), context: &BTreeMap::new() };
        match explain(documents.iter().copied(), &request, Unstated::Unknown).decision {
            Decision::Allowed => {}
            refused @ (Decision::ExplicitlyDenied | Decision::NotAllowed) => return refused,
            undecidable @ Decision::Undecidable(_) => least = undecidable,
        }
    }
    least
}
