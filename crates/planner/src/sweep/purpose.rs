//! What a role was made for, by the meaning of its permissions: what it may do somewhere, whichever way that
//! is written. `kinesis:*` counts, a `NotAction` too, and a `Deny` takes away.
use super::facts::Facts;
use super::marks::is_quarantine;
use pinpoint_streams_model::arn::{PolicyArn, StreamArn, StreamService};
use pinpoint_streams_model::ids::{AccountId, PolicyName};
use pinpoint_streams_model::live::{LiveRole, Read};
use pinpoint_streams_model::policy::{
    Actions, Decision, Document, Effect, Request, Resources, Statement, Unstated, explain,
};
use pinpoint_streams_model::role_kind::RoleKind;
use pinpoint_streams_model::sweep::Purpose;
use std::collections::{BTreeMap, BTreeSet};
use wildmatch::WildMatch;

/// What a role may do, and what of that could not be read.
pub(super) struct Permissions<'a> {
    documents: Vec<&'a Document>,
    /// Managed policies without a document, and why.
    pub(super) unread: Vec<(&'a PolicyArn, Option<&'a Read<Document>>)>,
    account: &'a AccountId,
}

impl<'a> Permissions<'a> {
    /// All that is granted to a role. Our own quarantine is put aside: it says nothing of what the role is for.
    pub(super) fn of(facts: &Facts<'a>, role: &'a LiveRole) -> Permissions<'a> {
        let account = &role.arn.account;
        let inline = role.inline_policies.iter().filter(|(name, _)| !is_quarantine(name));
        let mut documents: Vec<&Document> = inline.map(|(_, document)| document).collect();
        let mut unread = Vec::new();
        for policy in &role.attached_policies {
            match facts.live.policies.get(&(account.clone(), policy.clone())) {
                // IAM takes no policy without a statement, so such an answer is not the policy.
                Some(Read::Present(document)) if !document.statements.is_empty() => documents.push(document),
                other => unread.push((policy, other)),
            }
        }
        Permissions { documents, unread, account }
    }

    /// What it was made for, as far as its permissions were read.
    pub(super) fn purpose(&self) -> Purpose {
        let may = |service: &str, actions: &[&str]| actions.iter().any(|action| self.allow(service, action));
        let streams = [StreamService::Kinesis, StreamService::Firehose];
        let writes_events = streams
            .into_iter()
            .any(|service| may(&service.to_string(), &RoleKind::PinpointEventStream.stream_actions(service)));
        // Sources: Amazon Pinpoint developer guide, the IAM roles for importing segments, exporting endpoints
        // and recommender models; Pinpoint API reference, EmailChannelRequest (RoleArn, OrchestrationSendingRoleArn).
        let exports = may("s3", &["s3:PutObject"]);
        let imports = !exports && may("s3", &["s3:GetObject", "s3:ListBucket"]);
        let recommends = may("personalize", &["personalize:GetRecommendations", "personalize:DescribeCampaign"]);
        let mails = may("ses", &["ses:SendEmail", "ses:SendRawEmail"])
            || may("mobiletargeting", &["mobiletargeting:PutEvents"])
            || may("mobileanalytics", &["mobileanalytics:PutEvents"]);
        match (writes_events, imports, exports, recommends, mails) {
            (true, false, false, false, false) => Purpose::EventStream,
            (false, true, false, false, false) => Purpose::Import,
            (false, false, true, false, false) => Purpose::Export,
            (false, false, false, true, false) => Purpose::Recommender,
            (false, false, false, false, true) => Purpose::Email,
            _ => Purpose::Unclear,
        }
    }

    /// The streams that are named in what it may do.
    pub(super) fn streams(&self) -> BTreeSet<StreamArn> {
        let named = self.allowing().filter_map(|statement| match &statement.resource {
            Some(Resources::Resource(arns)) => Some(arns),
            Some(Resources::NotResource(_)) | None => None,
        });
        named.flatten().filter_map(|arn| arn.parse().ok()).collect()
    }

    fn allowing(&self) -> impl Iterator<Item = &Statement> {
        self.documents.iter().flat_map(|document| &document.statements).filter(|one| one.effect == Effect::Allow)
    }

    /// Whether the action may be allowed on some resource of its service.
    fn allow(&self, service: &str, action: &str) -> bool {
        let context = BTreeMap::new();
        self.allowing().filter(|statement| is_about(&statement.action, action)).any(|statement| {
            let examples: Vec<String> = match &statement.resource {
                Some(Resources::Resource(arns)) => {
                    arns.iter().filter_map(|arn| example(arn, service, self.account)).collect()
                }
                Some(Resources::NotResource(_)) | None => {
                    example("*", service, self.account).into_iter().collect()
                }
            };
            examples.iter().any(|resource| {
                let request = Request { principal: None, action, resource: Some(resource), context: &context };
                let decision = explain(self.documents.iter().copied(), &request, Unstated::Unknown).decision;
                matches!(decision, Decision::Allowed | Decision::Undecidable(_))
            })
        })
    }
}

/// Whether the actions may be about this one. It spares the evaluation of statements that are not.
fn is_about(actions: &Actions, action: &str) -> bool {
    match actions {
        Actions::Action(names) => {
            let action = action.to_ascii_lowercase();
            names.iter().any(|name| WildMatch::new(&name.folded()).matches(&action))
        }
        Actions::NotAction(_) => true,
    }
}

/// A resource of the service that fits the pattern; none if no such resource does.
fn example(pattern: &str, service: &str, account: &AccountId) -> Option<String> {
    let usual = ["arn", "aws", service, "us-east-1", account.as_str(), "example"];
    let fields: Vec<&str> = pattern.splitn(usual.len(), ':').collect();
    if fields.len() < usual.len() && !pattern.ends_with('*') {
        return None;
    }
    let filled = usual.iter().enumerate().map(|(index, usual)| match fields.get(index) {
        None => Some((*usual).to_owned()),
        Some(field) if index == 2 => WildMatch::new(field).matches(service).then(|| service.to_owned()),
        Some(&"*") => Some((*usual).to_owned()),
        Some(field) if WildMatch::new(field).matches(usual) => Some((*usual).to_owned()),
        Some(field) => Some(field.replace(['*', '?'], "x")),
    });
    Some(filled.collect::<Option<Vec<_>>>()?.join(":"))
}

/// The inline policies that are part of what the role is for, and nothing more: each allows only actions of
/// the purpose's own services, by name. Any other was put there for something that we do not know.
pub(super) fn own_policies(role: &LiveRole, purpose: Purpose) -> impl Iterator<Item = (&PolicyName, &Document)> {
    let services: &[&str] = match purpose {
        Purpose::EventStream => &["kinesis", "firehose", "kms"],
        Purpose::Import | Purpose::Export => &["s3", "kms"],
        Purpose::Recommender => &["personalize"],
        Purpose::Email => &["ses", "mobiletargeting", "mobileanalytics"],
        Purpose::Unclear => &[],
    };
    let is_own = move |document: &Document| {
        document.statements.iter().filter(|one| one.effect == Effect::Allow).all(|one| match &one.action {
            Actions::Action(names) => names.iter().all(|name| {
                let name = name.folded();
                name.split_once(':').is_some_and(|(service, _)| services.contains(&service))
            }),
            Actions::NotAction(_) => false,
        })
    };
    role.inline_policies.iter().filter(move |(name, document)| is_quarantine(name) || is_own(document))
}
