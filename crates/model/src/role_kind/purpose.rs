//! A role's purpose, by the meaning of its permissions: `kinesis:*` and `NotAction` count, and a `Deny` subtracts.
use super::{Grant, RoleKind};
use crate::ids::display_as_str;
use crate::policy::{Actions, Effect, Request, Resources, Unstated, explain};
use crate::{AccountId, Decision, Document};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wildmatch::WildMatch;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Writes events to Kinesis or Firehose.
    EventStream,
    /// Reads segments from S3.
    Import,
    /// Writes endpoints to S3.
    Export,
    /// Gets recommendations from Amazon Personalize.
    Recommender,
    /// Sends email.
    Email,
    /// Several of these, none, or not known.
    Unclear,
}

struct PurposeFacts {
    purpose: Purpose,
    name: &'static str,
    /// Any of these actions on a resource of the service indicates the purpose, as do those of its kinds of roles.
    shown_by: &'static [(&'static str, &'static [&'static str])],
    /// A purpose that includes this one.
    unless: Option<Purpose>,
    /// The prefixes of the services whose actions belong to it, besides those of its kinds of roles.
    services: &'static [&'static str],
}

/// Sources: Amazon Pinpoint developer guide, the IAM roles for importing segments, exporting endpoints
/// and recommender models; Pinpoint API reference, EmailChannelRequest (RoleArn, OrchestrationSendingRoleArn).
const PURPOSES: [PurposeFacts; 5] = [
    PurposeFacts {
        purpose: Purpose::EventStream,
        name: "event stream",
        shown_by: &[],
        unless: None,
        services: &["kms"],
    },
    PurposeFacts {
        purpose: Purpose::Import,
        name: "import",
        shown_by: &[("s3", &["s3:GetObject", "s3:ListBucket"])],
        unless: Some(Purpose::Export),
        services: &["s3", "kms"],
    },
    PurposeFacts {
        purpose: Purpose::Export,
        name: "export",
        shown_by: &[("s3", &["s3:PutObject"])],
        unless: None,
        services: &["s3", "kms"],
    },
    PurposeFacts {
        purpose: Purpose::Recommender,
        name: "recommender",
        shown_by: &[("personalize", &["personalize:GetRecommendations", "personalize:DescribeCampaign"])],
        unless: None,
        services: &["personalize"],
    },
    PurposeFacts {
        purpose: Purpose::Email,
        name: "email",
        shown_by: &[
            ("ses", &["ses:SendEmail", "ses:SendRawEmail"]),
            ("mobiletargeting", &["mobiletargeting:PutEvents"]),
            ("mobileanalytics", &["mobileanalytics:PutEvents"]),
        ],
        unless: None,
        services: &["ses", "mobiletargeting", "mobileanalytics"],
    },
];

impl Purpose {
    /// Every purpose but `Unclear`.
    pub fn all() -> impl Iterator<Item = Purpose> {
        PURPOSES.iter().map(|facts| facts.purpose)
    }

    /// The actions that indicate the purpose, each with its service.
    pub fn actions(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let shown_by = self.facts().into_iter().flat_map(|facts| facts.shown_by);
        let of_kinds = self.grants().map(|grant| (grant.service, grant.actions));
        let all = shown_by.copied().chain(of_kinds);
        all.flat_map(|(service, actions)| actions.iter().map(move |action| (service, *action)))
    }

    /// The purpose that these permissions of a role of this account indicate, if it is exactly one.
    pub fn of(documents: &[&Document], account: &AccountId) -> Purpose {
        let is_shown = |facts: &&PurposeFacts| {
            let mut actions = facts.purpose.actions();
            actions.any(|(service, action)| may(documents, account, service, action))
        };
        let shown: Vec<&PurposeFacts> = PURPOSES.iter().filter(is_shown).collect();
        let is_included =
            |one: &PurposeFacts| one.unless.is_some_and(|other| shown.iter().any(|facts| facts.purpose == other));
        let mut own = shown.iter().filter(|facts| !is_included(facts));
        match (own.next(), own.next()) {
            (Some(only), None) => only.purpose,
            _ => Purpose::Unclear,
        }
    }

    pub fn as_str(self) -> &'static str {
        self.facts().map_or("unclear", |facts| facts.name)
    }

    /// Whether a policy serves only this purpose: it allows only actions of the purpose's services, by name.
    pub fn includes(self, document: &Document) -> bool {
        let own = self.facts().into_iter().flat_map(|facts| facts.services).copied();
        let services: Vec<&str> = own.chain(self.grants().map(|grant| grant.service)).collect();
        document.statements.iter().filter(|one| one.effect == Effect::Allow).all(|one| match &one.action {
            Actions::Action(names) => names.iter().all(|name| {
                let name = name.folded();
                name.split_once(':').is_some_and(|(service, _)| services.contains(&service))
            }),
            Actions::NotAction(_) => false,
        })
    }

    fn grants(self) -> impl Iterator<Item = &'static Grant> {
        RoleKind::all().filter(move |kind| kind.purpose() == self).flat_map(|kind| kind.0.grants)
    }

    fn facts(self) -> Option<&'static PurposeFacts> {
        PURPOSES.iter().find(|facts| facts.purpose == self)
    }
}

display_as_str!(Purpose);

/// Whether the action may be allowed on some resource of its service.
fn may(documents: &[&Document], account: &AccountId, service: &str, action: &str) -> bool {
    let context = BTreeMap::new();
    let statements = documents.iter().flat_map(|document| document.statements.iter());
    let allowing = statements.filter(|one| one.effect == Effect::Allow && is_about(&one.action, action));
    let mut examples = allowing.flat_map(|statement| -> Vec<String> {
        match &statement.resource {
            Some(Resources::Resource(arns)) => {
                arns.iter().filter_map(|arn| example(arn, service, account)).collect()
            }
            Some(Resources::NotResource(_)) | None => example("*", service, account).into_iter().collect(),
        }
    });
    examples.any(|resource| {
        let request = Request { principal: None, action, resource: Some(&resource), context: &context };
        let decision = explain(documents.iter().copied(), &request, Unstated::Unknown).decision;
        matches!(decision, Decision::Allowed | Decision::Undecidable(_))
    })
}

/// Whether the actions may include this one. Saves the evaluation of statements that do not.
fn is_about(actions: &Actions, action: &str) -> bool {
    match actions {
        Actions::Action(names) => names.iter().any(|name| name.matches_action(action)),
        Actions::NotAction(_) => true,
    }
}

/// A resource of the service that matches the pattern, if there is one. Missing fields are `*`.
fn example(pattern: &str, service: &str, account: &AccountId) -> Option<String> {
    let usual = ["arn", "aws", service, "us-east-1", account.as_str(), "example"];
    let fields: Vec<&str> = pattern.splitn(usual.len(), ':').collect();
    let filled = usual.iter().enumerate().map(|(index, usual)| match fields.get(index) {
        None => Some((*usual).to_owned()),
        Some(field) if index == 0 => WildMatch::new(field).matches(usual).then(|| (*usual).to_owned()),
        Some(field) if index == 2 => WildMatch::new(field).matches(service).then(|| service.to_owned()),
        Some(&"*") => Some((*usual).to_owned()),
        Some(field) if WildMatch::new(field).matches(usual) => Some((*usual).to_owned()),
        Some(field) => Some(field.replace(['*', '?'], "x")),
    });
    Some(filled.collect::<Option<Vec<_>>>()?.join(":"))
}
