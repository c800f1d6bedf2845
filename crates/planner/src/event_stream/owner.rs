//! Whose an event stream is. It has no tags of its own: those of its role and of its app tell.
use crate::context::Context;
use pinpoint_streams_model::ownership::{self, Ownership};
use pinpoint_streams_model::{
    Address, AppArn, Lineage, LiveEventStream, LiveRole, Origin, Problem, ProblemCode, RoleArn, RoleRef,
};

/// A live event stream, and the address that it has or is to get.
pub(crate) struct Found<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) address: &'a Address,
    pub(crate) app: &'a AppArn,
    pub(crate) live: &'a LiveEventStream,
}

impl<'a> Found<'a> {
    /// The role that it names, if that was read.
    fn role(&self) -> Option<&'a LiveRole> {
        let arn = self.live.role_arn.parse::<RoleArn>().ok()?;
        self.context.live.roles.get(&arn.in_account())?.present().filter(|role| role.arn == arn)
    }

    /// Whether it names a role that this workspace created: as the role's tags say, or the record of one without any.
    pub(crate) fn names_our_role(&self) -> bool {
        if let Some(owner) = self.role().and_then(|role| ownership::read(&role.tags)) {
            return owner.origin == Origin::Created && self.is_this_workspace(&owner);
        }
        let Ok(arn) = self.live.role_arn.parse::<RoleArn>() else { return false };
        let recorded = self.context.recorded.resources.role(&arn);
        recorded.is_some_and(|(_, resource)| resource.origin == Origin::Created)
    }

    fn is_this_workspace(&self, owner: &Ownership) -> bool {
        let lineage = self.context.lineage().map(Lineage::as_str);
        owner.workspace.as_deref() == Some(self.context.desired.workspace.as_str())
            && lineage.is_some()
            && owner.lineage.as_deref() == lineage
    }

    /// Whether the tags are not this workspace's, or are those of another lineage of it. Without a state of one's own, a
    /// lineage of this workspace is a state that was lost.
    fn is_not_this(&self, owner: &Ownership) -> bool {
        owner.workspace.as_deref() != Some(self.context.desired.workspace.as_str())
            || self.context.lineage().is_some_and(|own| owner.lineage.as_deref() != Some(own.as_str()))
    }

    /// Whether the tags name another workspace or lineage; tags of which one was taken off name none.
    fn is_another(&self, owner: &Ownership) -> bool {
        owner.workspace.is_some() && owner.lineage.is_some() && self.is_not_this(owner)
    }

    fn owner_of_role(&self) -> Option<Ownership> {
        ownership::read(&self.role()?.tags)
    }

    fn owner_of_app(&self) -> Result<Option<Ownership>, Problem> {
        let Some(found) = self.context.app(self.address, self.app)? else { return Ok(None) };
        Ok(ownership::read(&self.context.tags_of(self.address, &self.app.place(), found)?))
    }

    /// Refuses to adopt it if its role or its app is another's. A role that the manifest itself names as managed elsewhere
    /// may be.
    pub(crate) fn refuse_adoption(&self) -> Result<(), Problem> {
        if self.names_our_role() {
            return Ok(());
        }
        let Some(owner) = self.owned_by(self.owner_of_app()?, Self::is_not_this) else { return Ok(()) };
        let message = format!("the app's event stream is in use: {owner}");
        let address = self.address;
        let hint =
            format!("release it there first ([[forget]] keeps it running), or leave {address} out with --exclude");
        Err(Problem::new(ProblemCode::OwnedByAnother, message, hint).at(address))
    }

    /// Refuses to delete it, although it is recorded, if its role or its app is another's: a record alone can be of
    /// anything. On an app of this workspace the role may be any.
    pub(crate) fn refuse_delete(&self) -> Result<(), Problem> {
        if self.names_our_role() {
            return Ok(());
        }
        let of_app = self.owner_of_app()?;
        if of_app.as_ref().is_some_and(|owner| self.is_this_workspace(owner)) {
            return Ok(());
        }
        let Some(owner) = self.owned_by(of_app, Self::is_another) else { return Ok(()) };
        let message = format!("the state records this event stream, but {owner}");
        let address = self.address;
        let hint = format!(
            "`pinpoint-streams state rm {address}` removes it from the state and leaves it running; if it is to go, \
             delete it where it is managed"
        );
        Err(Problem::new(ProblemCode::OwnedByAnother, message, hint).at(address))
    }

    /// Whose its role or its app is, in words, if that is an owner of the kind.
    fn owned_by(&self, of_app: Option<Ownership>, kind: fn(&Self, &Ownership) -> bool) -> Option<String> {
        let of_role = self.owner_of_role().filter(|_| !self.role_is_declared_elsewhere());
        let of_role = of_role.map(|owner| (format!("role {}", self.live.role_arn), owner));
        let of_app = of_app.map(|owner| (format!("app {}", self.app.id), owner));
        let (what, owner) = of_role.into_iter().chain(of_app).find(|(_, owner)| kind(self, owner))?;
        let or_unknown = |name: Option<String>| name.unwrap_or_else(|| "unknown".to_owned());
        let (workspace, lineage) = (or_unknown(owner.workspace), or_unknown(owner.lineage));
        Some(format!("{what} belongs to workspace {workspace}, lineage {lineage}"))
    }

    fn role_is_declared_elsewhere(&self) -> bool {
        let Ok(named) = self.live.role_arn.parse::<RoleArn>() else { return false };
        let mut streams = self.context.desired.apps.values().filter_map(|app| app.event_stream.as_ref());
        streams.any(|stream| matches!(&stream.role, RoleRef::Elsewhere(arn) if *arn == named))
    }
}
