//! What makes a role one of a kind: whom it trusts, for which sources, and what it may do where.
//! Nothing else in the program names a kind's principal, its actions or its sources.
mod admitted_apps;
mod lint;

pub use admitted_apps::{AdmittedApps, Reach};

use crate::arn::{KmsKeyArn, StreamArn, StreamService};
use crate::ids::AccountId;
use crate::policy::{
    Actions, Clause, Decision, Document, Effect, Explanation, Name, Operator, Principal, PrincipalClause, Request,
    Resources, Statement, Test, Unstated, explain,
};
use crate::region::Region;
use std::collections::{BTreeMap, BTreeSet};

/// A kind of role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleKind {
    /// Lets Amazon Pinpoint write an app's events to a stream.
    /// Source: Amazon Pinpoint developer guide, "IAM role for streaming events to Kinesis".
    PinpointEventStream,
}

/// A stream to write to, and the customer's key it is encrypted with, if any.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct StreamTarget {
    /// The stream.
    pub arn: StreamArn,
    /// The key; none for the stream service's own key or no encryption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<KmsKeyArn>,
}

const ASSUME_ROLE: &str = "sts:AssumeRole";
const SOURCE_ACCOUNT: &str = "aws:SourceAccount";
const SOURCE_ARN: &str = "aws:SourceArn";

impl RoleKind {
    /// The service that the roles of this kind trust.
    pub fn service_principal(self) -> &'static str {
        match self {
            RoleKind::PinpointEventStream => "pinpoint.amazonaws.com",
        }
    }

    /// The service as roles of the wild name it in one region, `pinpoint.us-east-1.amazonaws.com`.
    /// Source: the examples of Terraform's and Pulumi's `pinpoint.EventStream`.
    fn regional_principal(self, region: &str) -> String {
        match self {
            RoleKind::PinpointEventStream => format!("pinpoint.{region}.amazonaws.com"),
        }
    }

    /// Whether the principal is the trusted service, by its global or a regional name.
    pub fn is_principal(self, principal: &Principal) -> bool {
        let Principal::Service(service) = principal else { return false };
        let region = service.split('.').nth(1).filter(|region| region.parse::<Region>().is_ok());
        service == self.service_principal()
            || region.is_some_and(|region| *service == self.regional_principal(region))
    }

    /// What the service does with a stream. Source: as for the kind.
    pub fn stream_actions(self, service: StreamService) -> [&'static str; 2] {
        match (self, service) {
            (RoleKind::PinpointEventStream, StreamService::Kinesis) => {
                ["kinesis:DescribeStream", "kinesis:PutRecords"]
            }
            (RoleKind::PinpointEventStream, StreamService::Firehose) => {
                ["firehose:DescribeDeliveryStream", "firehose:PutRecordBatch"]
            }
        }
    }

    /// What writing to a stream takes on the customer's key that encrypts it.
    /// Source: Kinesis Data Streams developer guide, "Permissions to use user-generated KMS keys";
    /// for Firehose the errors of PutRecordBatch (InvalidKMSResourceException).
    pub fn key_actions(self, service: StreamService) -> &'static [&'static str] {
        match (self, service) {
            (RoleKind::PinpointEventStream, StreamService::Kinesis) => &["kms:GenerateDataKey"],
            (RoleKind::PinpointEventStream, StreamService::Firehose) => &["kms:Decrypt", "kms:GenerateDataKey"],
        }
    }

    /// The trust policy: the service, acting for these sources in this account. With no source it
    /// admits nothing.
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
            principal: Some(PrincipalClause::Principal(BTreeSet::from([service]))),
            action: Actions::Action(BTreeSet::from([Name::from(ASSUME_ROLE)])),
            resource: None,
            condition: BTreeSet::from([
                clause(Test::StringEquals, SOURCE_ACCOUNT, BTreeSet::from([V::from(account.to_string())])),
                clause(Test::ArnLike, SOURCE_ARN, source_arns.into_iter().collect()),
            ]),
        }])
    }

    /// The permissions to write to these streams: one statement for each service with all its streams,
    /// and for the customers' keys one for each set of actions.
    pub fn permissions(self, targets: &BTreeSet<StreamTarget>) -> Document {
        let (mut streams, mut keys) = (BTreeMap::new(), BTreeMap::new());
        for StreamTarget { arn, kms_key } in targets {
            let service = arn.service();
            streams.entry(service).or_insert_with(BTreeSet::new).insert(arn.to_string());
            if let Some(key) = kms_key {
                let actions = keys.entry(key.to_string()).or_insert_with(BTreeSet::new);
                actions.extend(self.key_actions(service));
            }
        }
        let mut keys_by_actions = BTreeMap::new();
        for (key, actions) in keys {
            keys_by_actions.entry(actions).or_insert_with(BTreeSet::new).insert(key);
        }
        let for_streams = streams.into_iter().map(|(service, arns)| allow(self.stream_actions(service), arns));
        let for_keys = keys_by_actions.into_iter().map(|(actions, keys)| allow(actions, keys));
        Document::new(for_streams.chain(for_keys).collect())
    }

    /// Whether the trust policy lets the service assume the role for this app of this account.
    pub fn admits(self, trust: &Document, app_arn: &str, account: &str) -> Decision {
        self.explain_admission(trust, app_arn, account).decision
    }

    /// The same with the reasons. A condition on what is not known of Pinpoint's requests, `sts:ExternalId`
    /// say, makes the answer undecidable.
    pub fn explain_admission(self, trust: &Document, app_arn: &str, account: &str) -> Explanation {
        let context = BTreeMap::from([
            (SOURCE_ARN.to_owned(), app_arn.to_owned()),
            (SOURCE_ACCOUNT.to_owned(), account.to_owned()),
        ]);
        let asked_as = |principal: &str| {
            let request =
                Request { principal: Some(principal), action: ASSUME_ROLE, resource: None, context: &context };
            explain([trust], &request, Unstated::Unknown)
        };
        let region = app_arn.split(':').nth(3).unwrap_or_default();
        // An Allow under either name does, and so does a Deny; where both say the same, the usual name speaks.
        let weight = |explanation: &Explanation| match explanation.decision {
            Decision::NotAllowed => 0,
            Decision::Undecidable(_) => 1,
            Decision::Allowed => 2,
            Decision::ExplicitlyDenied => 3,
        };
        let (global, regional) = (asked_as(self.service_principal()), asked_as(&self.regional_principal(region)));
        if weight(&regional) > weight(&global) { regional } else { global }
    }

    /// Which apps a trust policy lets the service assume the role for, rather too many than too few.
    pub fn admitted_apps(self, trust: &Document) -> AdmittedApps {
        AdmittedApps::of(self, trust)
    }

    /// Whether the trust policy names this service and no one else.
    pub fn is_the_only_trusted(self, trust: &Document) -> bool {
        let mut allows = trust.statements.iter().filter(|statement| statement.effect == Effect::Allow).peekable();
        allows.peek().is_some()
            && allows.all(|statement| match &statement.principal {
                Some(PrincipalClause::Principal(set)) => set.iter().all(|principal| self.is_principal(principal)),
                Some(PrincipalClause::NotPrincipal(_)) | None => false,
            })
    }

    /// Whether a role's policies, taken together, allow all that writing to the stream takes.
    pub fn may_write<'d>(self, permissions: impl Iterator<Item = &'d Document>, stream: &StreamArn) -> Decision {
        all_allowed(permissions, &self.stream_actions(stream.service()), &stream.to_string())
    }

    /// Whether a role's policies allow what the target's customer key takes; without such a key, nothing.
    pub fn may_use_key<'d>(
        self,
        permissions: impl Iterator<Item = &'d Document>,
        target: &StreamTarget,
    ) -> Decision {
        match &target.kms_key {
            None => Decision::Allowed,
            Some(key) => all_allowed(permissions, self.key_actions(target.arn.service()), &key.to_string()),
        }
    }
}

fn allow<'a>(actions: impl IntoIterator<Item = &'a str>, resources: BTreeSet<String>) -> Statement {
    Statement {
        sid: None,
        effect: Effect::Allow,
        principal: None,
        action: Actions::Action(actions.into_iter().map(Name::from).collect()),
        resource: Some(Resources::Resource(resources)),
        condition: BTreeSet::new(),
    }
}

/// The least favourable of the decisions on each action: a refusal before a doubt.
fn all_allowed<'d>(permissions: impl Iterator<Item = &'d Document>, actions: &[&str], resource: &str) -> Decision {
    let documents: Vec<&Document> = permissions.collect();
    let mut doubt = Decision::Allowed;
    for action in actions {
        let request = Request { principal: None, action, resource: Some(resource), context: &BTreeMap::new() };
        match explain(documents.iter().copied(), &request, Unstated::Unknown).decision {
            Decision::Allowed => {}
            refused @ (Decision::ExplicitlyDenied | Decision::NotAllowed) => return refused,
            undecidable @ Decision::Undecidable(_) => doubt = undecidable,
        }
    }
    doubt
}

#[cfg(test)]
mod tests;
