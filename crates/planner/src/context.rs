//! What every decision looks at: the inputs, and how an answer of AWS is turned into a value or a problem.
use crate::selection::Selection;
use pinpoint_streams_model::{
    AccountRegion, AccountRole, Address, AppArn, AppId, AppKey, Desired, DesiredApp, DesiredEventStream,
    DesiredRole, FailureKind, Lineage, Live, LiveApp, LiveEventStream, LiveRole, Mode, Options, Origin, Owner,
    Planned, Problem, ProblemCode, Read, Reason, Recorded, Resource, RoleKey, Tags, Unreadable, ownership,
};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

/// The inputs of a plan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) mode: Mode,
    pub(crate) desired: &'a Desired,
    pub(crate) recorded: &'a Recorded,
    pub(crate) live: &'a Live,
    pub(crate) options: &'a Options,
    pub(crate) selection: &'a Selection,
}

impl<'a> Context<'a> {
    /// The app as the manifest wants it; nothing is wanted when all is to be destroyed.
    pub(crate) fn wanted_app(&self, key: &AppKey) -> Option<&'a DesiredApp> {
        self.desired.apps.get(key).filter(|_| self.mode == Mode::Converge)
    }

    pub(crate) fn wanted_event_stream(&self, key: &AppKey) -> Option<(&'a DesiredApp, &'a DesiredEventStream)> {
        let app = self.wanted_app(key)?;
        Some((app, app.event_stream.as_ref()?))
    }

    pub(crate) fn wanted_role(&self, key: &RoleKey) -> Option<&'a DesiredRole> {
        self.desired.roles.get(key).filter(|_| self.mode == Mode::Converge)
    }

    pub(crate) fn resource(&self, address: &Address) -> Option<&'a Resource> {
        self.recorded.resources.get(address)
    }

    pub(crate) fn lineage(&self) -> Option<&'a Lineage> {
        self.recorded.lineage.as_ref()
    }

    pub(crate) fn owner(&self, address: &Address, origin: Origin) -> Owner<Planned> {
        Owner {
            workspace: self.desired.workspace.clone(),
            lineage: self.recorded.lineage.clone(),
            address: address.clone(),
            origin,
        }
    }

    /// Why something that is not wanted goes.
    pub(crate) fn reason_to_go(&self) -> Reason {
        match self.mode {
            // An undo is a restore that deletes what a run created.
            Mode::Destroy | Mode::Restore => Reason::DestroyAsked,
            Mode::Converge | Mode::Drift | Mode::Sweep => Reason::RemovedFromManifest,
        }
    }

    pub(crate) fn role(&self, address: &Address, role: &AccountRole) -> Result<Option<&'a LiveRole>, Problem> {
        let AccountRole { account, name } = role;
        let read = self.live.roles.get(role);
        Ok(answer(address, format_args!("role {name} of account {account}"), read)?.map(Arc::as_ref))
    }

    pub(crate) fn apps(
        &self,
        address: &Address,
        place: &AccountRegion,
    ) -> Result<Option<&'a BTreeMap<AppId, LiveApp>>, Problem> {
        answer(address, format_args!("the apps of {place}"), self.live.apps.get(place))
            .map_err(|problem| at(problem, place))
    }

    pub(crate) fn app(&self, address: &Address, app: &AppArn) -> Result<Option<&'a LiveApp>, Problem> {
        Ok(self.apps(address, &app.place())?.and_then(|apps| apps.get(&app.id)))
    }

    /// An app's tags, from the listing or asked for by themselves.
    pub(crate) fn tags_of(
        &self,
        address: &Address,
        place: &AccountRegion,
        live: &LiveApp,
    ) -> Result<Tags, Problem> {
        match &live.tags {
            Some(tags) => Ok(tags.clone()),
            None => {
                let app = AppArn::of(&place.account, &place.region, &live.id);
                let read = self.live.app_tags.get(&app);
                let tags = answer(address, format_args!("the tags of app {} in {place}", live.id), read)?;
                Ok(tags.cloned().unwrap_or_default())
            }
        }
    }

    /// An app's event stream as it is. With `--event-streams-gone` for the region, the
    /// answers of a service that has ended count as absence; no other failure does.
    pub(crate) fn event_stream(
        &self,
        address: &Address,
        app: &AppArn,
    ) -> Result<Option<&'a LiveEventStream>, Problem> {
        let (read, place) = (self.live.event_streams.get(app), app.place());
        if let Some(Read::Unreadable(unreadable)) = read
            && unreadable.kind == FailureKind::ServiceEnded
            && self.options.event_streams_gone.contains(&place)
        {
            return Ok(None);
        }
        answer(address, format_args!("the event stream of app {} in {place}", app.id), read)
            .map_err(|problem| at(problem, &place))
    }
}

/// The problem with the place put into its advice, so that it can be copied.
fn at(problem: Problem, place: &AccountRegion) -> Problem {
    let hint = problem.hint.map(|hint| hint.replace("ACCOUNT/REGION", &place.to_string()));
    Problem { hint, ..problem }
}

fn answer<'a, T>(
    address: &Address,
    what: impl Display,
    read: Option<&'a Read<T>>,
) -> Result<Option<&'a T>, Problem> {
    match read {
        Some(Read::Present(value)) => Ok(Some(value)),
        Some(Read::Absent) => Ok(None),
        Some(Read::Unreadable(unreadable)) => Err(unreadable_problem(Some(address), what, unreadable)),
        None => {
            let hint = "plan again; if it happens again, please report it";
            Err(Problem::new(ProblemCode::Unreadable, format!("{what} was not read"), hint).at(address))
        }
    }
}

pub(crate) fn unreadable_problem(
    address: Option<&Address>,
    what: impl Display,
    unreadable: &Unreadable,
) -> Problem {
    let hint = match unreadable.kind {
        FailureKind::Denied => {
            format!(
                "allow {} for these credentials (`pinpoint-streams permissions --for audit` prints the policy for reading), \
                 or leave the address out with --exclude",
                unreadable.operation
            )
        }
        FailureKind::Credentials => "refresh the credentials, then plan again".to_owned(),
        FailureKind::Throttled => {
            "AWS refused this call for ten minutes: plan again once nothing else uses up the limits of the account"
                .to_owned()
        }
        FailureKind::ServiceEnded => {
            "Amazon Pinpoint's support ended on 30 October 2026, and this answer looks like it. To delete \
             what is left, `--event-streams-gone ACCOUNT/REGION` asserts that no event stream runs \
             there; new events can go through End User Messaging event destinations (SMS and voice) or be \
             written to Kinesis directly"
                .to_owned()
        }
        _ => "plan again; to continue without it, leave the address out with --exclude".to_owned(),
    };
    let message = format!("cannot read {what}: {unreadable}");
    Problem { code: ProblemCode::Unreadable, address: address.cloned(), message, hint: Some(hint) }
}

/// Whether a run of this very state made the role for this address, whatever became of its record: workspace, lineage
/// and address are those of its tags. That lets it be recorded and brought up to date, never deleted.
pub(crate) fn is_made_here(context: &Context<'_>, address: &Address, tags: &Tags) -> bool {
    ownership::read(tags).is_some_and(|owner| {
        owner.origin == Origin::Created
            && owner.workspace.as_deref() == Some(context.desired.workspace.as_str())
            && owner.lineage.is_some()
            && owner.lineage.as_deref() == context.lineage().map(|lineage| lineage.as_str())
            && owner.address.as_deref() == Some(&address.to_string())
    })
}

/// What to do about something of this workspace under a lineage that is not that of the state.
pub(crate) fn lost_lineage(context: &Context<'_>, lineage: &str, what: &str) -> String {
    match context.lineage() {
        None => format!(
            "if the state file was lost, `pinpoint-streams state recover` rebuilds it with lineage {lineage}; if it is \
             elsewhere, move it back beside the manifest"
        ),
        Some(_) => format!(
            "another checkout of this workspace manages it: plan there; if its state is lost, `pinpoint-streams \
             state recover` rebuilds it where there is none yet, or remove the pinpoint-streams tags from the {what}"
        ),
    }
}
