//! Whether the event stream of each app can work: what the manifest asks for, checked against what is live.
//!
//! | check | how |
//! | --- | --- |
//! | app | it exists, by its ID or as recorded |
//! | event stream | Pinpoint's record names the role and the stream of the manifest |
//! | trust | the role's trust policy is evaluated here for the request that Pinpoint makes |
//! | permissions | IAM simulates the role's policies, its boundary and service control policies |
//! | stream | it exists, is ACTIVE, and takes records from applications |
//! | key | IAM simulates whether the role may use the stream's customer managed key |
//!
//! IAM's simulator leaves out the policies of streams and keys themselves; these are read and evaluated here.
mod access;
mod finding;
mod resource_policy;
mod stream;

pub use finding::{Check, CheckKind, CheckResult, VerifyCode, VerifyFinding};

use crate::Inquiry;
use crate::guard::wrong_caller;
use crate::selection::{Selection, select};
use pinpoint_streams_model::plan::{Mode, Options};
use pinpoint_streams_model::{
    AccountId, Address, AppArn, AppId, AppIdentity, AppKey, Desired, DesiredApp, DesiredEventStream, Live,
    LiveEventStream, LiveRole, Object, Problems, Question, Read, Recorded, Region, RoleArn, RoleKind, RoleRef,
    StreamArn,
};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Verifies the event streams of a manifest.
#[derive(Debug, Clone)]
pub struct Verify {
    pub desired: Arc<Desired>,
    pub recorded: Recorded,
    /// Only the selectors matter.
    pub options: Options,
}

/// What was found. Nothing is planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    pub apps: Vec<VerifiedApp>,
    /// Selected apps for which the manifest declares no event stream.
    pub without_event_stream: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifiedApp {
    /// Of the event stream.
    pub address: Address,
    pub account: AccountId,
    pub region: Region,
    /// None if the app does not exist yet.
    pub app_id: Option<AppId>,
    /// As the manifest asks for them.
    pub role: RoleArn,
    pub stream: StreamArn,
    /// In the order of their kinds.
    pub checks: Vec<Check>,
}

impl Verification {
    pub fn findings(&self) -> impl Iterator<Item = &VerifyFinding> {
        self.apps.iter().flat_map(|app| &app.checks).flat_map(|check| &check.findings)
    }

    /// Whether something that matters could not be read.
    pub fn has_unknown(&self) -> bool {
        self.apps.iter().flat_map(|app| &app.checks).any(|check| check.result() == CheckResult::Unknown)
    }
}

/// One event stream that the manifest asks for.
struct Asked<'a> {
    key: &'a AppKey,
    app: &'a DesiredApp,
    stream: &'a DesiredEventStream,
    /// None if the app does not exist yet.
    app_arn: Option<AppArn>,
    role: RoleArn,
}

impl Verify {
    fn selection(&self) -> (Selection, Problems) {
        select(Mode::Converge, &self.desired, &self.recorded, &self.options)
    }

    /// The selected event streams.
    fn asked<'a>(&'a self, selection: &Selection) -> Vec<Asked<'a>> {
        let apps = self.desired.apps.iter().filter_map(|(key, app)| Some((key, app, app.event_stream.as_ref()?)));
        let covered = apps.filter(|(key, _, _)| selection.covers(&Address::EventStream((*key).clone())));
        let asked = covered.filter_map(|(key, app, stream)| {
            let app_arn = self.app_id(key, app).map(|id| app.arn(&id));
            Some(Asked { key, app, stream, app_arn, role: self.role(&stream.role)? })
        });
        asked.collect()
    }

    fn app_id(&self, key: &AppKey, app: &DesiredApp) -> Option<AppId> {
        match &app.identity {
            AppIdentity::Existing(id) => Some(id.clone()),
            AppIdentity::Owned { .. } => match &self.recorded.resources.get(&Address::App(key.clone()))?.object {
                Object::App(app) => Some(app.id.clone()),
                Object::Role(_) | Object::EventStream(_) => None,
            },
        }
    }

    /// The role as it is recorded, or as the manifest names it.
    fn role(&self, role: &RoleRef) -> Option<RoleArn> {
        match role {
            RoleRef::Elsewhere(arn) => Some(arn.clone()),
            RoleRef::Managed(key) => {
                match self.recorded.resources.get(&Address::Role(key.clone())).map(|resource| &resource.object) {
                    Some(Object::Role(role)) => Some(role.arn.clone()),
                    // The manifest was resolved, so its names are valid.
                    _ => self.desired.roles.get(key)?.arn_under(key).ok(),
                }
            }
        }
    }
}

impl Inquiry for Verify {
    type Output = Result<Verification, Problems>;

    fn questions(&self, live: &Live) -> BTreeSet<Question> {
        let (selection, problems) = self.selection();
        if !problems.is_empty() {
            return BTreeSet::new();
        }
        let mut questions = BTreeSet::new();
        for asked in self.asked(&selection) {
            let Asked { key: _, app, stream, app_arn, role } = &asked;
            questions.insert(Question::Caller(app.account.clone()));
            questions.insert(Question::Apps(app.place()));
            questions.insert(Question::role(&role.account, &role.name));
            questions.insert(Question::Stream(stream.target.arn.clone()));
            questions.extend(app_arn.clone().map(Question::EventStream));
            if asked.live_role(live).is_some() {
                questions.extend(asked.access_questions(live));
            }
        }
        questions
    }

    fn conclude(&self, live: &Live) -> Result<Verification, Problems> {
        let (selection, mut problems) = self.selection();
        let asked = self.asked(&selection);
        let accounts: BTreeSet<&AccountId> = asked.iter().map(|asked| &asked.app.account).collect();
        let hint = "check the profile or the role of that account in the manifest";
        problems.extend(accounts.iter().filter_map(|account| wrong_caller(live, account, hint)));
        if !problems.is_empty() {
            return Err(problems);
        }
        let is_without = |(key, app): &(&AppKey, &DesiredApp)| {
            app.event_stream.is_none() && selection.covers(&Address::App((*key).clone()))
        };
        Ok(Verification {
            apps: asked.iter().map(|asked| asked.verify(live)).collect(),
            without_event_stream: self.desired.apps.iter().filter(is_without).count(),
        })
    }
}

impl Asked<'_> {
    const KIND: RoleKind = RoleKind::for_event_streams();

    fn verify(&self, live: &Live) -> VerifiedApp {
        let Asked { key, app, stream, app_arn, role } = self;
        VerifiedApp {
            address: Address::EventStream((*key).clone()),
            account: app.account.clone(),
            region: app.region.clone(),
            app_id: app_arn.as_ref().map(|arn| arn.id.clone()),
            role: role.clone(),
            stream: stream.target.arn.clone(),
            checks: vec![
                Check::of(CheckKind::App, self.check_app(live)),
                Check::of(CheckKind::EventStream, self.check_event_stream(live)),
                Check::of(CheckKind::Trust, self.check_trust(live)),
                Check::of(CheckKind::Permissions, self.check_permissions(live)),
                Check::of(CheckKind::Stream, stream::check(&stream.target.arn, live)),
                Check::of(CheckKind::Key, self.check_key(live)),
            ],
        }
    }

    /// The role, if it could be read and is the one that is meant.
    fn live_role<'l>(&self, live: &'l Live) -> Option<&'l LiveRole> {
        let read = live.roles.get(&self.role.in_account())?;
        read.present().map(std::sync::Arc::as_ref).filter(|live| live.arn == self.role)
    }

    fn check_app(&self, live: &Live) -> Findings {
        let place = self.app.place();
        let Some(app) = &self.app_arn else {
            let message = "the app does not exist yet".to_owned();
            return fault(VerifyCode::AppNotCreated, message, "`apply` creates it");
        };
        match live.apps.get(&place) {
            Some(Read::Present(apps)) if apps.contains_key(&app.id) => Vec::new().into(),
            Some(Read::Present(_) | Read::Absent) => {
                let message = format!("there is no app {} in {place}", app.id);
                fault(VerifyCode::AppMissing, message, "check the ID and the region of the app")
            }
            Some(Read::Unreadable(why)) => unknown(format!("the apps of {place} could not be read: {why}")),
            None => unknown(format!("the apps of {place} were not read")),
        }
    }

    fn check_event_stream(&self, live: &Live) -> Findings {
        let Some(app) = &self.app_arn else { return Findings::NotApplicable };
        let recorded = match live.event_streams.get(app) {
            Some(Read::Present(recorded)) => recorded,
            Some(Read::Absent) => {
                let message = format!("Pinpoint has no event stream for app {}: its events are not sent", app.id);
                return fault(VerifyCode::EventStreamMissing, message, "`apply` creates it");
            }
            Some(Read::Unreadable(why)) => return unknown(format!("the event stream could not be read: {why}")),
            None => return unknown("the event stream was not read".to_owned()),
        };
        let mut found = Vec::new();
        let LiveEventStream { destination, role_arn } = recorded;
        let target = &self.stream.target.arn;
        if recorded.stream().as_ref() != Some(target) {
            let message = format!("Pinpoint sends its events to {destination}, not to {target}");
            found.push(VerifyFinding::fault(
                VerifyCode::WrongDestination,
                message,
                "`apply` points it to the stream",
            ));
        }
        if !recorded.uses(&self.role) {
            let message = format!("Pinpoint uses role {role_arn}, not {}", self.role);
            found.push(VerifyFinding::fault(VerifyCode::WrongRole, message, "`apply` points it to the role"));
        }
        found.into()
    }
}

/// What a check found.
enum Findings {
    Found(Vec<VerifyFinding>),
    /// There is nothing to check.
    NotApplicable,
}

impl From<Vec<VerifyFinding>> for Findings {
    fn from(found: Vec<VerifyFinding>) -> Findings {
        Findings::Found(found)
    }
}

fn fault(code: VerifyCode, message: String, hint: &'static str) -> Findings {
    Findings::Found(vec![VerifyFinding::fault(code, message, hint)])
}

fn unknown(message: String) -> Findings {
    Findings::Found(vec![VerifyFinding::unknown(message)])
}
