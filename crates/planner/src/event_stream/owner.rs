//! Who owns an event stream. It has no tags, so those of its role and of its app decide.
use crate::context::{Context, lost_lineage, unreadable_problem};
use pinpoint_streams_model::ownership::{self, Ownership};
use pinpoint_streams_model::{
    Address, AppArn, Lineage, LiveEventStream, LiveRole, Origin, Problem, ProblemCode, Read, RoleArn, RoleRef,
};
use std::sync::Arc;

/// A live event stream, and the address that it has or is to get.
pub(crate) struct EventStreamOwnership<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) address: &'a Address,
    pub(crate) app: &'a AppArn,
    pub(crate) live: &'a LiveEventStream,
}

impl<'a> EventStreamOwnership<'a> {
    /// The role that it names, as far as it was asked about.
    fn role(&self) -> Option<&'a Read<Arc<LiveRole>>> {
        let arn = self.live.role_arn.parse::<RoleArn>().ok()?;
        self.context.live.roles.get(&arn.in_account())
    }

    /// The tags of that role. A role that cannot be read may be anyone's.
    fn owner_of_role(&self) -> Result<Option<Ownership>, Problem> {
        match self.role() {
            Some(Read::Present(role)) if role.arn.to_string() == self.live.role_arn => {
                Ok(ownership::read(&role.tags))
            }
            Some(Read::Unreadable(why)) => {
                Err(unreadable_problem(Some(self.address), format_args!("role {}", self.live.role_arn), why))
            }
            Some(Read::Present(_) | Read::Absent) | None => Ok(None),
        }
    }

    fn owner_of_app(&self) -> Result<Option<Ownership>, Problem> {
        let Some(found) = self.context.app(self.address, self.app)? else { return Ok(None) };
        Ok(ownership::read(&self.context.tags_of(self.address, &self.app.place(), found)?))
    }

    /// Whether the tags of its role say that this workspace created it.
    pub(crate) fn has_role_tagged_as_ours(&self) -> bool {
        let owner = self.owner_of_role().ok().flatten();
        owner.is_some_and(|owner| owner.origin == Origin::Created && self.is_this_workspace(&owner))
    }

    /// The same; or the role has no tags, or is gone, and the record is of that very role.
    pub(crate) fn names_our_role(&self) -> bool {
        if self.has_role_tagged_as_ours() {
            return true;
        }
        let Ok(arn) = self.live.role_arn.parse::<RoleArn>() else { return false };
        let Some((_, resource)) = self.context.recorded.resources.role(&arn) else { return false };
        let is_recorded = match self.role() {
            Some(Read::Present(role)) => {
                let id = resource.object.as_role().map(|record| &record.id);
                id == Some(&role.id) && ownership::read(&role.tags).is_none()
            }
            Some(Read::Absent) => true,
            Some(Read::Unreadable(_)) | None => false,
        };
        is_recorded && resource.origin == Origin::Created
    }

    /// Whether the tags of its role say enough: they are ours, and the state does not record the app, whose tags would
    /// otherwise count too.
    pub(crate) fn is_settled_by_role(&self) -> bool {
        let Address::EventStream(key) = self.address else { return false };
        self.has_role_tagged_as_ours() && self.context.resource(&Address::App(key.clone())).is_none()
    }

    fn is_this_workspace(&self, owner: &Ownership) -> bool {
        let lineage = self.context.lineage().map(Lineage::as_str);
        owner.workspace.as_deref() == Some(self.context.desired.workspace.as_str())
            && lineage.is_some()
            && owner.lineage.as_deref() == lineage
    }

    fn is_not_this_workspace(&self, owner: &Ownership) -> bool {
        !self.is_this_workspace(owner)
    }

    /// Whether the tags are not this workspace's, or are those of another lineage of it. Without a state of one's own, a
    /// lineage of this workspace is a state that was lost.
    fn belongs_elsewhere(&self, owner: &Ownership) -> bool {
        owner.workspace.as_deref() != Some(self.context.desired.workspace.as_str())
            || self.context.lineage().is_some_and(|own| owner.lineage.as_deref() != Some(own.as_str()))
    }

    /// Whether the tags name another workspace and lineage; tags of which one was taken off name none.
    fn names_another_workspace(&self, owner: &Ownership) -> bool {
        owner.workspace.is_some() && owner.lineage.is_some() && self.belongs_elsewhere(owner)
    }

    /// Refuses to adopt it if its role or its app bears the tags of another workspace or lineage. An event stream on a
    /// role that the manifest itself names as managed elsewhere may be adopted as it is.
    pub(crate) fn refuse_adoption(&self, is_changed: bool) -> Result<(), Problem> {
        if self.has_role_tagged_as_ours() {
            return Ok(());
        }
        let of_app = self.owner_of_app()?;
        let skips_role = !is_changed && self.role_is_declared_elsewhere();
        let Some((what, owner)) = self.owner(of_app, skips_role, Self::is_not_this_workspace)? else {
            return Ok(());
        };
        let message = format!("the app's event stream is in use: {}", in_words(&what, &owner));
        let address = self.address;
        if !self.belongs_elsewhere(&owner) {
            let lineage = owner.lineage.as_deref().unwrap_or("unknown");
            let hint = lost_lineage(self.context, lineage, "role");
            return Err(Problem::new(ProblemCode::StateLost, message, hint).at(address));
        }
        let hint =
            format!("release it there first ([[forget]] keeps it running), or leave {address} out with --exclude");
        Err(Problem::new(ProblemCode::OwnedByAnother, message, hint).at(address))
    }

    /// Refuses to change or delete it, although it is recorded, if its role or its app belongs to another workspace: a
    /// record alone can name anything. On an app of this workspace the role may be any; with a role of this workspace,
    /// the app may be any that it did not create or adopt.
    pub(crate) fn refuse_change(&self) -> Result<(), Problem> {
        if self.is_settled_by_role() {
            return Ok(());
        }
        let of_app = match self.has_role_tagged_as_ours() {
            // That the app cannot be read is a problem of the app.
            true => self.owner_of_app().unwrap_or_default(),
            false => self.owner_of_app()?,
        };
        if of_app.as_ref().is_some_and(|owner| self.is_this_workspace(owner)) {
            return Ok(());
        }
        let skips_role = self.role_is_declared_elsewhere();
        let Some((what, owner)) = self.owner(of_app, skips_role, Self::names_another_workspace)? else {
            return Ok(());
        };
        let message = format!("the state records this event stream, but {}", in_words(&what, &owner));
        let address = self.address;
        let hint = format!(
            "`pinpoint-streams state rm {address}` removes it from the state and leaves it running; change or delete it \
             where it is managed"
        );
        Err(Problem::new(ProblemCode::OwnedByAnother, message, hint).at(address))
    }

    /// Its role or its app with their owner, if that is an owner of the kind.
    fn owner(
        &self,
        of_app: Option<Ownership>,
        skips_role: bool,
        is_of_the_kind: fn(&Self, &Ownership) -> bool,
    ) -> Result<Option<(String, Ownership)>, Problem> {
        let of_role = if skips_role { None } else { self.owner_of_role()? };
        let of_role = of_role.map(|owner| (format!("role {}", self.live.role_arn), owner));
        let of_app = of_app.map(|owner| (format!("app {}", self.app.id), owner));
        Ok(of_role.into_iter().chain(of_app).find(|(_, owner)| is_of_the_kind(self, owner)))
    }

    fn role_is_declared_elsewhere(&self) -> bool {
        let Ok(named) = self.live.role_arn.parse::<RoleArn>() else { return false };
        let mut streams = self.context.desired.apps.values().filter_map(|app| app.event_stream.as_ref());
        streams.any(|stream| matches!(&stream.role, RoleRef::Elsewhere(arn) if *arn == named))
    }
}

fn in_words(what: &str, owner: &Ownership) -> String {
    let (workspace, lineage) = (owner.workspace.as_deref(), owner.lineage.as_deref());
    let or_unknown = |name: Option<&str>| name.unwrap_or("unknown").to_owned();
    format!("{what} belongs to workspace {}, lineage {}", or_unknown(workspace), or_unknown(lineage))
}
