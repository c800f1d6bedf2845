//! Whether an app's events arrive: what Pinpoint tries in PutEventStream, and what must go on holding afterwards.
//! The names of the principal and of the actions stand here once more, apart from the model's, so that a slip there
//! does not prove itself right.
use super::account::{Accounts, Grants};
use pinpoint_streams_model::arn::{AppArn, PolicyArn, RoleArn, StreamArn, StreamService};
use pinpoint_streams_model::live::LiveEventStream;
use pinpoint_streams_model::live::simulation::{SimulatedAccess, SimulatedDecision, SimulatedEffect, Simulation};
use pinpoint_streams_model::policy::{Decision, Document, Request, evaluate};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use tokio::time::Instant;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hindrance {
    NoRole(String),
    NotAdmitted(RoleArn),
    MayNot {
        role: RoleArn,
        action: &'static str,
    },
    /// All is well, but Pinpoint does not see it yet.
    NotYet(Box<Hindrance>),
    NoStream(String),
}

impl fmt::Display for Hindrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hindrance::NoRole(arn) => write!(f, "no role {arn}"),
            Hindrance::NotAdmitted(role) => write!(f, "{role} does not admit the app"),
            Hindrance::MayNot { role, action } => write!(f, "{role} may not {action}"),
            Hindrance::NotYet(hindrance) => write!(f, "not settled yet: {hindrance}"),
            Hindrance::NoStream(arn) => write!(f, "no stream {arn}"),
        }
    }
}

/// What PutEventStream tries: the role as Pinpoint sees it now, without the key, which is met only in delivery.
pub(crate) fn may_stream_now(
    accounts: &Accounts,
    app: &AppArn,
    event_stream: &LiveEventStream,
    now: Instant,
) -> Result<(), Hindrance> {
    Attempt::new(accounts, app, event_stream, false)?.as_seen(now)
}

/// Whether events arrive now and go on arriving: the role as it is written, and as Pinpoint sees it.
pub(crate) fn delivers(
    accounts: &Accounts,
    app: &AppArn,
    event_stream: &LiveEventStream,
    now: Instant,
) -> Result<(), Hindrance> {
    let attempt = Attempt::new(accounts, app, event_stream, true)?;
    attempt.as_written()?;
    attempt.as_seen(now).map_err(|hindrance| Hindrance::NotYet(Box::new(hindrance)))
}

struct Attempt<'a> {
    accounts: &'a Accounts,
    app: &'a AppArn,
    role: &'a super::account::Role,
    needs: Vec<(&'static str, String)>,
}

impl<'a> Attempt<'a> {
    fn new(
        accounts: &'a Accounts,
        app: &'a AppArn,
        event_stream: &LiveEventStream,
        with_key: bool,
    ) -> Result<Attempt<'a>, Hindrance> {
        let LiveEventStream { destination, role_arn } = event_stream;
        let arn = role_arn.parse::<RoleArn>().ok().filter(|arn| arn.account == app.account);
        let role = arn.and_then(|arn| accounts.role(&arn)).filter(|role| role.arn.to_string() == *role_arn);
        let role = role.ok_or_else(|| Hindrance::NoRole(role_arn.clone()))?;
        let stream = destination.parse::<StreamArn>().ok();
        let stream = stream.filter(|arn| (arn.account(), arn.region()) == (&app.account, &app.region));
        let found = stream.and_then(|arn| accounts.streams.get_key_value(&arn));
        let (arn, live) = found.ok_or_else(|| Hindrance::NoStream(destination.clone()))?;
        let (actions, with_the_key): (_, &[_]) = match arn.service() {
            StreamService::Kinesis => (["kinesis:PutRecords", "kinesis:DescribeStream"], &["kms:GenerateDataKey"]),
            StreamService::Firehose => (
                ["firehose:PutRecordBatch", "firehose:DescribeDeliveryStream"],
                &["kms:GenerateDataKey", "kms:Decrypt"],
            ),
        };
        let mut needs: Vec<_> = actions.into_iter().map(|action| (action, destination.clone())).collect();
        if let Some(key) = live.customer_key.as_ref().filter(|_| with_key) {
            needs.extend(with_the_key.iter().map(|action| (*action, key.clone())));
        }
        Ok(Attempt { accounts, app, role, needs })
    }

    fn as_written(&self) -> Result<(), Hindrance> {
        self.under(&self.role.grants)
    }

    fn as_seen(&self, now: Instant) -> Result<(), Hindrance> {
        match self.role.seen(now, self.accounts.propagation) {
            Some(grants) => self.under(grants),
            None => Err(Hindrance::NoRole(self.role.arn.to_string())),
        }
    }

    fn under(&self, grants: &Grants) -> Result<(), Hindrance> {
        let role = &self.role.arn;
        if !admits(grants, self.app) {
            return Err(Hindrance::NotAdmitted(role.clone()));
        }
        let refused = self.needs.iter().find(|(action, on)| !self.accounts.allow(grants, action, on));
        refused.map_or(Ok(()), |(action, _)| Err(Hindrance::MayNot { role: role.clone(), action }))
    }
}

/// Whether Pinpoint may assume the role for this app, under its own name or that of its region.
fn admits(grants: &Grants, app: &AppArn) -> bool {
    let context = BTreeMap::from([
        ("aws:SourceAccount".to_owned(), app.account.to_string()),
        ("aws:SourceArn".to_owned(), app.to_string()),
    ]);
    let Ok(trust) = Document::from_wire(&grants.trust) else { return false };
    let regional = format!("pinpoint.{}.amazonaws.com", app.region);
    let decision = |principal| {
        let request =
            Request { principal: Some(principal), action: "sts:AssumeRole", resource: None, context: &context };
        evaluate(&trust, &request)
    };
    let decisions = [decision("pinpoint.amazonaws.com"), decision(&regional)];
    decisions.contains(&Decision::Allowed) && !decisions.contains(&Decision::ExplicitlyDenied)
}

impl Accounts {
    /// What IAM's simulator says of a role; none if it does not exist. As on AWS it knows every change at once.
    pub(crate) fn simulation(&self, asked: &SimulatedAccess) -> Option<Simulation> {
        let SimulatedAccess { role, actions, resource } = asked;
        let grants = &self.role(role).filter(|live| live.arn == *role)?.grants;
        let decide = |action: &str, text: &str| {
            let request = Request { principal: None, action, resource: Some(resource), context: &BTreeMap::new() };
            Document::from_wire(text).map_or(Decision::NotAllowed, |document| evaluate(&document, &request))
        };
        let decided = actions.iter().map(|action| {
            let attached = grants.attached.iter().filter_map(|policy| self.policies.get(policy));
            let texts = grants.inline.values().chain(attached);
            let decisions: Vec<_> = texts.map(|text| decide(action, text)).collect();
            let boundary = grants.boundary.as_ref().and_then(|policy| self.policies.get(policy));
            let is_outside = boundary.is_some_and(|text| decide(action, text) != Decision::Allowed);
            let effect = if decisions.contains(&Decision::ExplicitlyDenied) {
                SimulatedEffect::ExplicitlyDenied
            } else if decisions.contains(&Decision::Allowed) && !is_outside {
                SimulatedEffect::Allowed
            } else {
                SimulatedEffect::ImplicitlyDenied
            };
            let decision = SimulatedDecision {
                effect,
                is_outside_boundary: is_outside,
                is_denied_by_organization: false,
                missing_context: BTreeSet::new(),
            };
            (action.clone(), decision)
        });
        Some(Simulation(decided.collect()))
    }

    /// Whether the role's policies allow this. One that is no policy, or cannot be decided, allows nothing.
    fn allow(&self, grants: &Grants, action: &str, on: &str) -> bool {
        let decide = |text: &str| {
            let request = Request { principal: None, action, resource: Some(on), context: &BTreeMap::new() };
            Document::from_wire(text).map_or(Decision::NotAllowed, |document| evaluate(&document, &request))
        };
        let of_managed = |policy: &PolicyArn| self.policies.get(policy).map(|text| decide(text));
        let attached = grants.attached.iter().filter_map(of_managed);
        let decisions: Vec<_> = grants.inline.values().map(|text| decide(text)).chain(attached).collect();
        // The documents of AWS's own policies are not known here; as a boundary they allow what is asked.
        let within =
            grants.boundary.as_ref().and_then(of_managed).is_none_or(|decision| decision == Decision::Allowed);
        within && decisions.contains(&Decision::Allowed) && !decisions.contains(&Decision::ExplicitlyDenied)
    }
}
