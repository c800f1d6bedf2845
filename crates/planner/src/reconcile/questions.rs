//! Which questions AWS must answer before a plan can be made.
use super::Preparation;
use crate::context::Context;
use crate::event_stream::EventStreamOwnership;
use crate::role::RoleArns;
use crate::selection::{covered_accounts, is_renamed};
use crate::settle;
use crate::usage::PossibleApps;
use pinpoint_streams_model::ownership::PREFIX;
use pinpoint_streams_model::policy::same_meaning;
use pinpoint_streams_model::{
    Address, AppArn, AppId, AppIdentity, AppKey, DesiredApp, DesiredEventStream, DesiredRole, Document,
    EventStreamRecord, LiveRole, Mode, Object, PolicyName, Question, Read, Recorded, Resource, RoleArn,
    RoleRecord, RoleRef, TrustScope,
};
use std::collections::BTreeSet;

impl Preparation<'_> {
    /// What must be asked still, given what has been answered so far.
    pub(super) fn questions(&self) -> BTreeSet<Question> {
        let mut questions = settle::questions(&self.inputs.recorded, self.live);
        let moved = &self.moves.recorded;
        let context = Context { recorded: moved, ..self.context() };
        let set = QuestionSet { context, arns: &self.arns, questions: &mut questions };
        set.collect(&self.settled);
        questions
    }
}

struct QuestionSet<'a> {
    context: Context<'a>,
    arns: &'a RoleArns,
    questions: &'a mut BTreeSet<Question>,
}

impl QuestionSet<'_> {
    fn ask(&mut self, question: Question) {
        if !self.context.live.answers(&question) {
            self.questions.insert(question);
        }
    }

    fn ask_all(&mut self, questions: impl IntoIterator<Item = Question>) {
        questions.into_iter().for_each(|question| self.ask(question));
    }

    fn collect(mut self, before_moves: &Recorded) {
        let context = self.context;
        let mut accounts = covered_accounts(context.selection, context.desired, context.recorded);
        for (address, resource) in &before_moves.resources {
            if context.selection.covers(address) || context.desired.forget.contains(address) {
                accounts.insert(&resource.account);
                self.recorded(resource);
            }
        }
        for account in accounts {
            self.ask_all(Question::of_account(account));
        }
        for (address, resource) in &context.recorded.resources {
            if context.selection.covers(address) && context.mode != Mode::Drift {
                self.before_delete(address, resource);
            }
        }
        if context.mode == Mode::Converge {
            for (key, app) in &context.desired.apps {
                self.app(key, app);
            }
            self.roles();
        }
    }

    /// What is recorded is looked at where it was recorded.
    fn recorded(&mut self, resource: &Resource) {
        let account = &resource.account;
        match &resource.object {
            Object::App(record) => {
                let arn = record.arn(account);
                self.ask(Question::Apps(arn.place()));
                if let Some(apps) = self.context.live.apps.get(&arn.place()).and_then(Read::present) {
                    match apps.get(&arn.id) {
                        None => self.ask(Question::App(arn)),
                        Some(app) if app.tags.is_none() => self.ask(Question::AppTags(arn)),
                        Some(_) => {}
                    }
                }
            }
            Object::Role(record) => {
                let RoleArn { account, name, .. } = &record.arn;
                match self.context.live.roles.get(&record.arn.in_account()) {
                    Some(Read::Absent) => self.ask(Question::role_directly(account, name)),
                    Some(Read::Present(live)) if differs(live, record) => {
                        self.ask(Question::role_directly(account, name));
                    }
                    Some(_) => {}
                    None => self.ask(Question::role(account, name)),
                }
            }
            Object::EventStream(record) => self.ask(Question::EventStream(record.app(account))),
        }
    }

    /// Before a role goes, every app that may use it is asked; before an app goes, its channels are named and its
    /// event stream is looked at.
    fn before_delete(&mut self, address: &Address, resource: &Resource) {
        match &resource.object {
            Object::App(record) => {
                let wanted = matches!(address, Address::App(key) if self.context.wanted_app(key).is_some());
                if self.context.options.delete_apps && !wanted {
                    let app = record.arn(&resource.account);
                    self.ask(Question::Channels(app.clone()));
                    self.ask(Question::EventStream(app));
                }
            }
            Object::Role(record) if self.may_be_deleted(address) => {
                if let Some(Read::Present(live)) = self.context.live.roles.get(&record.arn.in_account()) {
                    self.possible_apps(live);
                }
            }
            Object::EventStream(record) if self.may_leave(address, resource, record) => {
                self.owner_of_event_stream(address, &record.app(&resource.account));
            }
            Object::Role(_) | Object::EventStream(_) => {}
        }
    }

    /// Whether a recorded event stream may be deleted: it is not wanted, wanted on another app, or to be replaced.
    fn may_leave(&self, address: &Address, resource: &Resource, record: &EventStreamRecord) -> bool {
        let Address::EventStream(key) = address else { return false };
        let Some((app, _)) = self.context.wanted_event_stream(key) else { return true };
        let stays = self.known_id(key, app).is_some_and(|id| app.arn(&id) == record.app(&resource.account));
        !stays || self.context.options.replace.contains(address)
    }

    fn may_be_deleted(&self, address: &Address) -> bool {
        let Address::Role(key) = address else { return true };
        let Some(desired) = self.context.wanted_role(key) else { return true };
        self.context.options.replace.contains(address)
            || self.context.resource(address).is_some_and(|resource| is_renamed(key, desired, resource))
    }

    fn possible_apps(&mut self, role: &LiveRole) {
        let possible = PossibleApps::of(self.context.live, self.context.recorded, role);
        self.ask_all(possible.regions.into_iter().map(Question::Apps));
        self.ask_all(possible.apps.into_iter().map(Question::EventStream));
    }

    fn app(&mut self, key: &AppKey, app: &DesiredApp) {
        let covers = |address: Address| self.context.selection.covers(&address);
        let (covers_app, covers_stream) =
            (covers(Address::App(key.clone())), covers(Address::EventStream(key.clone())));
        if !covers_app && !covers_stream && self.context.selection.is_partial() {
            return;
        }
        self.ask(Question::Apps(app.place()));
        if let AppIdentity::Owned { name, tags: _ } = &app.identity
            && self.context.resource(&Address::App(key.clone())).is_none()
        {
            self.candidates(&Address::App(key.clone()), app, name);
        }
        let Some(stream) = app.event_stream.as_ref().filter(|_| covers_stream) else { return };
        self.ask(Question::Stream(stream.target.arn.clone()));
        if let RoleRef::Elsewhere(arn) = &stream.role {
            self.ask(Question::role(&arn.account, &arn.name));
        }
        if let Some(id) = self.known_id(key, app) {
            self.ask(Question::EventStream(app.arn(&id)));
            let address = Address::EventStream(key.clone());
            if self.changes_event_stream(&address, stream, &app.arn(&id)) {
                self.owner_of_event_stream(&address, &app.arn(&id));
            }
        }
    }

    /// Whether the event stream of an app is not recorded there, or is not as wanted.
    fn changes_event_stream(&self, address: &Address, wanted: &DesiredEventStream, app: &AppArn) -> bool {
        let recorded_on = |resource: &Resource| Some(resource.object.as_event_stream()?.app(&resource.account));
        if self.context.resource(address).and_then(recorded_on).as_ref() != Some(app) {
            return true;
        }
        let role = match &wanted.role {
            RoleRef::Elsewhere(arn) => Some(arn),
            RoleRef::Managed(key) => self.arns.get(key),
        };
        let live = self.context.live.event_streams.get(app).and_then(Read::present);
        live.is_some_and(|live| {
            live.destination != wanted.target.arn.to_string() || !role.is_some_and(|role| live.uses(role))
        })
    }

    /// Who owns an event stream: its role tells, and its app if the role does not tell enough.
    fn owner_of_event_stream(&mut self, address: &Address, app: &AppArn) {
        let (context, live) = (self.context, self.context.live);
        let Some(Read::Present(stream)) = live.event_streams.get(app) else { return };
        if let Ok(role) = stream.role_arn.parse::<RoleArn>()
            && context.desired.accounts.values().any(|account| *account == role.account)
        {
            self.ask(Question::role(&role.account, &role.name));
        }
        let ownership = EventStreamOwnership { context: &context, address, app, live: stream };
        if ownership.is_settled_by_role() {
            return;
        }
        self.ask(Question::Apps(app.place()));
        let listed = live.apps.get(&app.place()).and_then(Read::present).and_then(|apps| apps.get(&app.id));
        if listed.is_some_and(|listed| listed.tags.is_none()) {
            self.ask(Question::AppTags(app.clone()));
        }
    }

    fn known_id(&self, key: &AppKey, app: &DesiredApp) -> Option<AppId> {
        match &app.identity {
            AppIdentity::Existing(id) => Some(id.clone()),
            AppIdentity::Owned { .. } => {
                Some(self.context.resource(&Address::App(key.clone()))?.object.as_app()?.id.clone())
            }
        }
    }

    /// Apps that may be the one we are to make: their tags tell, and their event stream matters then.
    fn candidates(&mut self, address: &Address, app: &DesiredApp, name: &str) {
        let Some(Read::Present(apps)) = self.context.live.apps.get(&app.place()) else { return };
        for live in apps.values().filter(|live| live.name == name) {
            if live.tags.is_none() {
                self.ask(Question::AppTags(app.arn(&live.id)));
            }
            let tags = self.context.tags_of(address, &app.place(), live);
            let is_ours = tags.is_ok_and(|tags| tags.keys().any(|key| key.starts_with(PREFIX)));
            if app.adopt || self.context.options.adopt || is_ours {
                self.ask(Question::EventStream(app.arn(&live.id)));
            }
        }
    }

    /// The wanted roles; and where a role admits apps that it should not, whether those still use it.
    fn roles(&mut self) {
        for (key, arn) in self.arns {
            let address = Address::Role(key.clone());
            if !self.context.selection.covers(&address) {
                continue;
            }
            self.ask(Question::role(&arn.account, &arn.name));
            let live = self.context.live.roles.get(&arn.in_account());
            let (Some(Read::Present(live)), Some(desired)) = (live, self.context.wanted_role(key)) else {
                continue;
            };
            let changes_permissions = self.changes_permissions(&address, desired, live);
            self.confirm_app_loss(desired, live, changes_permissions);
        }
    }

    /// Whether a policy of ours on the role is to say something else, so that an app that stays admitted may lose permissions.
    fn changes_permissions(&self, address: &Address, desired: &DesiredRole, live: &LiveRole) -> bool {
        let wanted = desired.kind.permissions(&desired.targets);
        let says_so =
            |name: &PolicyName, policy: &Document| *name == desired.policy_name && same_meaning(policy, &wanted);
        let recorded = self.context.resource(address).and_then(|resource| resource.object.as_role());
        let is_ours = |name: &PolicyName| {
            *name == desired.policy_name || recorded.is_some_and(|role| role.inline_policies.contains_key(name))
        };
        live.inline_policies.iter().any(|(name, policy)| is_ours(name) && !says_so(name, policy))
    }

    /// Apps that a role admits, or whose event streams are recorded on it, and that may lose their access.
    fn confirm_app_loss(&mut self, desired: &DesiredRole, live: &LiveRole, changes_permissions: bool) {
        let apps = desired.apps.iter().filter_map(|key| Some((key, self.context.desired.apps.get(key)?)));
        let (mut regions, mut places) = (BTreeSet::new(), BTreeSet::new());
        for (key, app) in apps {
            places.extend(self.known_id(key, app).map(|id| app.arn(&id)));
            regions.insert(app.place());
        }
        let stays = |place: &AppArn| match desired.trust {
            TrustScope::Region => !changes_permissions && regions.contains(&place.place()),
            TrustScope::Apps => places.contains(place),
        };
        let possible = PossibleApps::of(self.context.live, &Recorded::default(), live);
        for place in possible.regions {
            if desired.trust == TrustScope::Apps || changes_permissions || !regions.contains(&place) {
                self.ask(Question::Apps(place));
            }
        }
        let mut losing: BTreeSet<AppArn> = possible.apps.into_iter().filter(|place| !stays(place)).collect();
        if self.context.selection.is_partial() {
            // A partial plan may leave these alone, and must take nothing from them.
            losing.extend(recorded_on(self.context.recorded, &live.arn));
            losing.extend(places);
        }
        self.ask_all(losing.into_iter().map(Question::EventStream));
    }
}

/// The apps whose event streams are recorded on the role.
fn recorded_on(recorded: &Recorded, role: &RoleArn) -> impl Iterator<Item = AppArn> {
    let on_it = recorded.resources.event_streams_on(role);
    on_it.filter_map(|(_, resource)| Some(resource.object.as_event_stream()?.app(&resource.account)))
}

/// Whether a role looks other than it was last written. Of its policies and tags only those that are recorded count.
fn differs(live: &LiveRole, record: &RoleRecord) -> bool {
    let RoleRecord {
        arn,
        id,
        trust_policy,
        inline_policies,
        description,
        max_session_duration,
        permissions_boundary,
        tags,
    } = record;
    let is_as_recorded =
        |(name, ours)| live.inline_policies.get(name).is_some_and(|live: &Document| same_meaning(live, ours));
    live.arn != *arn
        || live.id != *id
        || live.description != *description
        || live.max_session_duration != *max_session_duration
        || live.permissions_boundary != *permissions_boundary
        || !same_meaning(&live.trust_policy, trust_policy)
        || !inline_policies.iter().all(is_as_recorded)
        || !tags.iter().all(|(key, value)| live.tags.get(key) == Some(value))
}
