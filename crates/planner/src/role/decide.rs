//! The presence table for roles, and the steps of each row.
use super::adopt::claim;
use super::compare::{RoleDifferences, compare, foreign_policies};
use super::delete::{Deletion, delete_steps};
use super::staging::{Change as PolicyChange, Late};
use super::wanted::WantedRole;
use crate::app::{Apps, protect, settle_change};
use crate::context::Context;
use crate::differences::{Differences, Field, known};
use crate::draft::{Draft, Handle};
use crate::moves::{Prelude, change, forget};
use crate::usage::Usage;
use pinpoint_streams_model::address::{Address, Kind};
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::desired::DesiredRole;
use pinpoint_streams_model::ids::RoleKey;
use pinpoint_streams_model::live::LiveRole;
use pinpoint_streams_model::op::{
    CreateRole, DeletePermissionsBoundary, MoveRecord, Op, PutPermissionsBoundary, PutRolePolicy, TagRole,
    UntagRole, UpdateRole, WriteRecord,
};
use pinpoint_streams_model::ownership::{Origin, PREFIX};
use pinpoint_streams_model::plan::{Action, Change, Reason};
use pinpoint_streams_model::policy::Text;
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use pinpoint_streams_model::recorded::{Object, Resource, RoleRecord};
use std::collections::{BTreeMap, BTreeSet};

/// The ARN that each desired role has or gets.
pub(crate) type RoleArns = BTreeMap<RoleKey, RoleArn>;

/// What other decisions need to know of the roles, and what is left to do.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    /// The steps after which event streams can use each role.
    pub(crate) ready: BTreeMap<RoleKey, Vec<Handle>>,
    /// What is taken off roles after the event streams have moved.
    pub(crate) late: Vec<Late>,
    /// Roles that go after the event streams have moved, and what else they wait for.
    pub(crate) to_delete: Vec<(Address, LiveRole, Vec<Handle>)>,
}

/// The ARN of each desired role: a moved one keeps the key that it was named under.
pub(crate) fn arns(context: &Context<'_>, draft: &mut Draft) -> RoleArns {
    let mut arns = RoleArns::new();
    for (key, desired) in &context.desired.roles {
        let address = Address::Role(key.clone());
        let named_under = context.resource(&address).and_then(|resource| resource.named_under.parse().ok());
        match desired.arn_under(named_under.as_ref().unwrap_or(key)) {
            Ok(arn) => {
                arns.insert(key.clone(), arn);
            }
            Err(error) => draft.problem(Problem {
                code: ProblemCode::Immutable,
                address: Some(address),
                message: error.to_string(),
                hint: Some("shorten the name in the manifest".to_owned()),
            }),
        }
    }
    arns
}

/// Decides on every role, and adds the steps that event streams wait for.
pub(crate) fn decide(
    context: &Context<'_>,
    prelude: &Prelude,
    draft: &mut Draft,
    apps: &Apps,
    arns: &RoleArns,
    usage: &Usage,
    still_named: &[(Address, RoleArn)],
) -> Roles {
    let mut roles = Roles::default();
    for (key, arn) in arns {
        let address = Address::Role(key.clone());
        let Some(desired) = context.wanted_role(key) else { continue };
        if !context.selection.covers(&address) {
            continue;
        }
        let role = Role { context, apps, usage, key, address, desired, arn };
        if let Err(problems) = role.decide(prelude, draft, &mut roles) {
            draft.problems.extend(problems);
        }
    }
    for (address, resource) in &context.recorded.resources {
        let Object::Role(record) = &resource.object else { continue };
        let wanted = matches!(address, Address::Role(key) if context.wanted_role(key).is_some());
        if wanted || !context.selection.covers(address) {
            continue;
        }
        let unwanted = Unwanted { context, usage, address, resource, record, still_named };
        if let Err(problems) = unwanted.decide(draft, &mut roles) {
            draft.problems.extend(problems);
        }
    }
    roles
}

struct Role<'a> {
    context: &'a Context<'a>,
    apps: &'a Apps,
    usage: &'a Usage,
    key: &'a RoleKey,
    address: Address,
    desired: &'a DesiredRole,
    arn: &'a RoleArn,
}

impl Role<'_> {
    fn problem(&self, code: ProblemCode, message: String, hint: &str) -> Problem {
        Problem { code, address: Some(self.address.clone()), message, hint: Some(hint.to_owned()) }
    }

    fn live(&self, arn: &RoleArn) -> Result<Option<&LiveRole>, Problem> {
        self.context.role(&self.address, &arn.account, &arn.name)
    }

    fn decide(&self, prelude: &Prelude, draft: &mut Draft, roles: &mut Roles) -> Result<(), Vec<Problem>> {
        let mut after: Vec<Handle> = prelude.after.get(&self.address).copied().into_iter().collect();
        let resource = self.context.resource(&self.address);
        let recorded = resource.and_then(|resource| match &resource.object {
            Object::Role(record) => Some((resource, record)),
            Object::App(_) | Object::EventStream(_) => None,
        });
        let live = self.live(self.arn).map_err(one)?;
        let Some((resource, record)) = recorded else {
            match live {
                None => self.create(draft, roles, &after, Reason::New, Action::Create, Vec::new()),
                Some(live) => self.adopt(draft, roles, live, &mut after)?,
            }
            return Ok(());
        };
        let same_account = record.arn.account == self.arn.account;
        if same_account && record.arn.name == self.arn.name {
            self.refuse_renaming_in_place(record).map_err(one)?;
            match live {
                None => self.create(draft, roles, &after, Reason::Vanished, Action::Create, Vec::new()),
                Some(live) if live.id != record.id => {
                    return Err(one(identity_changed(&self.address, record, live)));
                }
                Some(live) if self.context.options.replace.contains(&self.address) => {
                    self.replace_in_place(draft, roles, resource, record, live, &after)?;
                }
                Some(live) => self.update(draft, roles, resource, record, live, &after).map_err(one)?,
            }
            return Ok(());
        }
        if live.is_some() {
            let message = format!("it is to be renamed to {}, and a role of that name exists", self.arn.name);
            return Err(one(self.problem(ProblemCode::NotOurs, message, "choose a name that is free")));
        }
        self.replace_under_new_name(draft, roles, resource, record, &after)
    }

    /// A role's name and path are for life.
    fn refuse_renaming_in_place(&self, record: &RoleRecord) -> Result<(), Problem> {
        let what = if record.arn.path != self.arn.path {
            format!("its path is {} and cannot become {}", record.arn.path, self.arn.path)
        } else if !record.arn.name.is_written_like(&self.arn.name) {
            format!("its name is {} and cannot become {}: IAM ignores letter case", record.arn.name, self.arn.name)
        } else {
            return Ok(());
        };
        Err(self.problem(ProblemCode::Immutable, what, "give it a new name too, and it is replaced"))
    }

    fn wanted(&self, live: Option<&LiveRole>) -> WantedRole<'_> {
        WantedRole::new(self.context, self.apps, self.key, self.desired, self.arn, live)
    }

    /// The steps that know the ids in the trust policy.
    fn app_steps(&self) -> impl Iterator<Item = Handle> {
        self.desired.apps.iter().filter_map(|app| self.apps.created_by(app))
    }

    fn change(&self, action: Action, reason: Reason, differences: Differences) -> Change {
        Change {
            address: self.address.clone(),
            kind: Kind::Role,
            account: self.arn.account.clone(),
            region: None,
            action,
            reason,
            fields: differences.fields,
            notes: Vec::new(),
        }
    }

    /// CreateRole, then our inline policy.
    fn create(
        &self,
        draft: &mut Draft,
        roles: &mut Roles,
        after: &[Handle],
        reason: Reason,
        action: Action,
        notes: Vec<String>,
    ) {
        let wanted = self.wanted(None);
        let mut change = self.change(action, reason, self.made(&wanted));
        change.notes = notes;
        draft.change(change);
        let create = CreateRole {
            arn: self.arn.clone(),
            trust_policy: wanted.trust_policy.clone(),
            description: self.desired.description.clone(),
            max_session_duration: self.desired.max_session_duration,
            permissions_boundary: self.desired.permissions_boundary.clone(),
            tags: self.desired.tags.clone(),
            owner: self.context.owner(&self.address, Origin::Created),
            protect: self.desired.protect,
        };
        let waits: Vec<Handle> = after.iter().copied().chain(self.app_steps()).collect();
        let created = draft.step(&self.address, waits, Op::CreateRole(create));
        let put = PutRolePolicy {
            role: self.arn.clone(),
            policy_name: wanted.policy_name.clone(),
            document: wanted.permissions.clone(),
        };
        let policy = draft.step(&self.address, [created], Op::PutRolePolicy(put));
        roles.ready.insert(self.key.clone(), vec![created, policy]);
    }

    /// The fields of a role that is made.
    fn made(&self, wanted: &WantedRole<'_>) -> Differences {
        let mut differences = Differences::default();
        let name = Field { path: "name", live: None, wanted: Some(self.arn.name.as_str()), recorded: None };
        differences.compare(name);
        differences.compare_policies(Field {
            path: "trust_policy",
            live: None,
            wanted: Some(wanted.trust_policy.clone()),
            recorded: None,
        });
        differences.compare_policies(Field {
            path: &format!("inline_policies.{}", wanted.policy_name),
            live: None,
            wanted: Some(known(&wanted.permissions)),
            recorded: None,
        });
        // A new role widens nothing that is there.
        differences.fields.iter_mut().for_each(|field| field.effect = None);
        differences
    }

    fn adopt(
        &self,
        draft: &mut Draft,
        roles: &mut Roles,
        live: &LiveRole,
        after: &mut Vec<Handle>,
    ) -> Result<(), Vec<Problem>> {
        if live.arn != *self.arn || !live.name().is_written_like(&self.arn.name) {
            let message = format!("a role of this name exists elsewhere: {}", live.arn);
            return Err(one(self.problem(ProblemCode::NotOurs, message, "give this role another name")));
        }
        let wanted = self.wanted(Some(live));
        let owner = self.context.owner(&self.address, Origin::Adopted);
        let differences = compare(&wanted, live, None, &owner);
        let asked = self.desired.adopt || self.context.options.adopt;
        let claim = claim(self.context, &self.address, live, &differences, asked).map_err(one)?;
        let ours = live.inline_policies.get_key_value(wanted.policy_name);
        let resource = Resource {
            account: self.arn.account.clone(),
            origin: claim.origin,
            protect: self.desired.protect,
            named_under: self.key.to_string(),
            changed_at: jiff::Timestamp::UNIX_EPOCH,
            object: Object::Role(RoleRecord {
                arn: self.arn.clone(),
                id: live.id.clone(),
                trust_policy: live.trust_policy.clone(),
                inline_policies: ours
                    .map(|(name, document)| (name.clone(), document.clone()))
                    .into_iter()
                    .collect(),
                description: live.description.clone(),
                max_session_duration: live.max_session_duration,
                permissions_boundary: live.permissions_boundary.clone(),
                tags: live
                    .tags
                    .iter()
                    .filter(|(key, _)| self.desired.tags.contains_key(*key))
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect(),
            }),
        };
        let write = WriteRecord { resource: Box::new(resource) };
        after.push(draft.step(&self.address, after.clone(), Op::WriteRecord(write)));
        let mut tag_changes = differences.tags.set.clone();
        tag_changes.retain(|key, _| !key.starts_with(PREFIX));
        let tag = TagRole {
            role: self.arn.clone(),
            tags: tag_changes,
            owner: Some(self.context.owner(&self.address, claim.origin)),
        };
        draft.step(&self.address, after.clone(), Op::TagRole(tag));
        self.mend(draft, roles, &wanted, live, &differences, after).map_err(one)?;
        self.warn_of_foreign(draft, live, None);
        draft.change(self.change(Action::Adopt, claim.reason, differences.fields));
        Ok(())
    }

    fn update(
        &self,
        draft: &mut Draft,
        roles: &mut Roles,
        resource: &Resource,
        record: &RoleRecord,
        live: &LiveRole,
        after: &[Handle],
    ) -> Result<(), Problem> {
        let wanted = self.wanted(Some(live));
        let owner = self.context.owner(&self.address, resource.origin);
        let mut differences = compare(&wanted, live, Some(record), &owner);
        if !differences.tags.set.is_empty() || differences.tags.ownership {
            let owner = differences.tags.ownership.then_some(owner);
            let tag = TagRole { role: self.arn.clone(), tags: differences.tags.set.clone(), owner };
            draft.step(&self.address, after.iter().copied(), Op::TagRole(tag));
        }
        if !differences.tags.unset.is_empty() {
            let untag = UntagRole { role: self.arn.clone(), tag_keys: differences.tags.unset.clone() };
            draft.step(&self.address, after.iter().copied(), Op::UntagRole(untag));
        }
        self.mend(draft, roles, &wanted, live, &differences, after)?;
        self.warn_of_foreign(draft, live, Some(record));
        let fields = &mut differences.fields;
        protect(draft, &self.address, resource, self.desired.protect, after.to_vec(), fields);
        settle_change(draft, &self.address, resource, differences.fields);
        Ok(())
    }

    /// The steps that mend everything but tags.
    fn mend(
        &self,
        draft: &mut Draft,
        roles: &mut Roles,
        wanted: &WantedRole<'_>,
        live: &LiveRole,
        differences: &RoleDifferences,
        after: &[Handle],
    ) -> Result<(), Problem> {
        let names_new_apps = wanted.trust_policy.statements.iter().flat_map(|statement| &statement.condition);
        let waits_for: BTreeSet<_> = names_new_apps
            .flat_map(|clause| &clause.values)
            .filter_map(|value| match value {
                Text::After { after_step, .. } => Some(*after_step),
                Text::Known(_) => None,
            })
            .collect();
        let app_steps = self.app_steps().filter(|step| waits_for.contains(&step.id()));
        let with_apps: Vec<Handle> = after.iter().copied().chain(app_steps).collect();
        let mut ready = Vec::new();
        let role = || self.arn.clone();
        let staged = |after| PolicyChange {
            context: self.context,
            address: &self.address,
            wanted,
            usage: self.usage,
            after,
        };
        if differences.trust_policy {
            staged(&with_apps).trust(draft, &live.trust_policy, &mut ready, &mut roles.late)?;
        }
        if differences.permissions {
            let old = live.inline_policies.get(wanted.policy_name);
            staged(after).permissions(draft, old, &mut ready, &mut roles.late)?;
        }
        for name in &differences.old_policies {
            staged(after).remove_policy(name, &ready, &mut roles.late);
        }
        if differences.description_or_session {
            let update = UpdateRole {
                role: role(),
                description: self.desired.description.clone(),
                max_session_duration: self.desired.max_session_duration,
            };
            draft.step(&self.address, after.iter().copied(), Op::UpdateRole(update));
        }
        if differences.boundary {
            let op = match wanted.boundary() {
                Some(boundary) => Op::PutPermissionsBoundary(PutPermissionsBoundary {
                    role: role(),
                    permissions_boundary: boundary.clone(),
                }),
                None => Op::DeletePermissionsBoundary(DeletePermissionsBoundary { role: role() }),
            };
            ready.push(draft.step(&self.address, after.iter().copied(), op));
        }
        ready.extend(after);
        roles.ready.insert(self.key.clone(), ready);
        Ok(())
    }

    fn warn_of_foreign(&self, draft: &mut Draft, live: &LiveRole, record: Option<&RoleRecord>) {
        let inline = foreign_policies(live, record, Some(&self.desired.policy_name));
        let names: Vec<String> = inline
            .iter()
            .map(ToString::to_string)
            .chain(live.attached_policies.iter().map(ToString::to_string))
            .collect();
        if !names.is_empty() {
            let message =
                format!("policies that are not ours stay on it, and hold back its deletion: {}", names.join(", "));
            draft.warn(&self.address, message);
        }
    }

    fn refuse_protected(&self, resource: &Resource) -> Result<(), Vec<Problem>> {
        if !resource.protect {
            return Ok(());
        }
        let hint = "set `protect = false` on its app and apply that first";
        Err(one(self.problem(ProblemCode::Protected, "it is protected and would be replaced".to_owned(), hint)))
    }

    /// A new name: make the new role, point the event streams to it, delete the old one. Until then the
    /// old one is recorded under its own address, so that a crash loses neither.
    fn replace_under_new_name(
        &self,
        draft: &mut Draft,
        roles: &mut Roles,
        resource: &Resource,
        record: &RoleRecord,
        after: &[Handle],
    ) -> Result<(), Vec<Problem>> {
        self.refuse_protected(resource)?;
        let old_address = Address::Undeclared(record.arn.account.clone(), record.arn.name.clone());
        let old = self.live(&record.arn).map_err(one)?.filter(|live| live.id == record.id);
        let mut waits = after.to_vec();
        if let Some(old) = old {
            let deletion =
                Deletion { context: self.context, address: &self.address, record, live: old, comes_back: false };
            deletion.refuse_foreign()?;
            deletion.refuse_unless_free(self.usage)?;
            let aside = MoveRecord { from: self.address.clone() };
            waits.push(draft.step(&old_address, after.iter().copied(), Op::MoveRecord(aside)));
            roles.to_delete.push((old_address, old.clone(), waits.clone()));
        }
        let notes = vec![format!("role {} is deleted once nothing uses it", record.arn.name)];
        self.create(draft, roles, &waits, Reason::ManifestChanged, Action::Replace, notes);
        Ok(())
    }

    /// `--replace`: the same name, so the old role must go before the new one comes.
    fn replace_in_place(
        &self,
        draft: &mut Draft,
        roles: &mut Roles,
        resource: &Resource,
        record: &RoleRecord,
        live: &LiveRole,
        after: &[Handle],
    ) -> Result<(), Vec<Problem>> {
        self.refuse_protected(resource)?;
        let deletion = Deletion { context: self.context, address: &self.address, record, live, comes_back: true };
        deletion.refuse_foreign()?;
        deletion.refuse_unless_free(self.usage)?;
        let deleted = delete_steps(draft, &self.address, live, after);
        let notes = vec!["stops streaming until the role is ready".to_owned()];
        self.create(draft, roles, &[deleted], Reason::ReplaceAsked, Action::Replace, notes);
        Ok(())
    }
}

/// A recorded role that nothing wants any more.
struct Unwanted<'a> {
    context: &'a Context<'a>,
    usage: &'a Usage,
    address: &'a Address,
    resource: &'a Resource,
    record: &'a RoleRecord,
    still_named: &'a [(Address, RoleArn)],
}

impl Unwanted<'_> {
    fn decide(&self, draft: &mut Draft, roles: &mut Roles) -> Result<(), Vec<Problem>> {
        let Unwanted { context, usage, address, resource, record, still_named } = self;
        let reason = context.reason_to_go();
        let live = context.role(address, &record.arn.account, &record.arn.name).map_err(one)?;
        let Some(live) = live else {
            forget(context, draft, address, resource, Reason::Vanished, Vec::new());
            return Ok(());
        };
        if live.id != record.id {
            return Err(one(identity_changed(address, record, live)));
        }
        if let Some((stream, _)) = still_named.iter().find(|(_, role)| *role == record.arn) {
            let message = format!("still used by {stream}; --include-adopted deletes both");
            draft.warn(address, message);
            forget(context, draft, address, resource, reason, Vec::new());
            return Ok(());
        }
        if resource.origin == Origin::Adopted && !context.options.include_adopted {
            forget(context, draft, address, resource, reason, Vec::new());
            return Ok(());
        }
        if resource.protect {
            return Err(one(Problem {
                code: ProblemCode::Protected,
                address: Some((*address).clone()),
                message: "it is protected and would be deleted".to_owned(),
                hint: Some("set `protect = false` on its app and apply that first".to_owned()),
            }));
        }
        let deletion = Deletion { context, address, record, live, comes_back: false };
        let mut problems = deletion.refuse_foreign().err().unwrap_or_default();
        problems.extend(deletion.refuse_unless_free(usage).err().unwrap_or_default());
        if !problems.is_empty() {
            return Err(problems);
        }
        draft.change(change(address, resource, Action::Delete, reason, lost(live).fields));
        roles.to_delete.push(((*address).clone(), live.clone(), Vec::new()));
        Ok(())
    }
}

/// The fields of a role that goes.
fn lost(live: &LiveRole) -> Differences {
    let mut differences = Differences::default();
    let name = Field { path: "name", live: Some(live.name().as_str()), wanted: None, recorded: None };
    differences.compare(name);
    let policies =
        live.inline_policies.iter().map(|(name, document)| (format!("inline_policies.{name}"), document));
    for (path, document) in std::iter::once(("trust_policy".to_owned(), &live.trust_policy)).chain(policies) {
        differences.compare_policies(Field {
            path: &path,
            live: Some(known(document)),
            wanted: None,
            recorded: None,
        });
    }
    differences.fields.iter_mut().for_each(|field| field.effect = None);
    differences
}

/// A role of the recorded name that is not the one we knew.
fn identity_changed(address: &Address, record: &RoleRecord, live: &LiveRole) -> Problem {
    Problem {
        code: ProblemCode::IdentityChanged,
        address: Some(address.clone()),
        message: format!(
            "role {} is not the one that this workspace knew: its id is {}, not {}",
            record.arn.name, live.id, record.id
        ),
        hint: Some(format!(
            "[[forget]] address = \"{address}\" lets go of the old one; the new one is left alone"
        )),
    }
}

fn one(problem: Problem) -> Vec<Problem> {
    vec![problem]
}
