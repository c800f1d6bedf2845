//! Recorded: what the state says this workspace owns, and how each operation changes that.
use crate::address::{Address, Kind};
use crate::arn::{PolicyArn, RoleArn, StreamArn};
use crate::ids::{AccountAlias, AccountId, AppId, Lineage, PolicyName, RoleId, RunId, Serial, StepId};
use crate::op::{Op, Resolved};
use crate::ownership::{Origin, Tags};
use crate::policy::Document;
use crate::region::Region;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What this workspace owns, and what it began and does not know the end of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// None before the first apply.
    pub lineage: Option<Lineage>,
    /// 0 before the first apply.
    pub serial: Serial,
    /// The accounts that were used, pinned at the first apply.
    pub accounts: BTreeMap<AccountAlias, AccountId>,
    /// What is owned.
    pub resources: BTreeMap<Address, Resource>,
    /// What was begun without a known end, oldest first.
    pub pending: Vec<Pending>,
}

/// One thing owned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Whose account it is in.
    pub account: AccountId,
    /// Created here, or taken over.
    pub origin: Origin,
    /// Never deleted or replaced, until an apply with `protect = false`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
    /// The key that it was named after, which a move does not change.
    pub named_under: String,
    /// When we last changed it.
    pub changed_at: Timestamp,
    /// What it is, with the attributes last written.
    #[serde(flatten)]
    pub object: Object,
}

/// What is owned, with the attributes last written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Object {
    /// A Pinpoint app.
    App(AppRecord),
    /// An IAM role.
    Role(RoleRecord),
    /// An app's event stream.
    EventStream(EventStreamRecord),
}

impl Object {
    /// What kind of resource it is.
    pub fn kind(&self) -> Kind {
        match self {
            Object::App(_) => Kind::App,
            Object::Role(_) => Kind::Role,
            Object::EventStream(_) => Kind::EventStream,
        }
    }

    /// The region that it is in; none for roles, which are global.
    pub fn region(&self) -> Option<&Region> {
        match self {
            Object::App(app) => Some(&app.region),
            Object::EventStream(stream) => Some(&stream.region),
            Object::Role(_) => None,
        }
    }
}

/// An app that this workspace created or adopted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppRecord {
    /// Where it is.
    pub region: Region,
    /// Its identity.
    pub id: AppId,
    /// Its name.
    pub name: String,
    /// The tags last written, ownership among them.
    pub tags: Tags,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRecord {
    /// Its ARN.
    pub arn: RoleArn,
    /// Its identity.
    pub id: RoleId,
    /// The trust policy last written.
    pub trust_policy: Document,
    /// The inline policies that are ours, as last written.
    pub inline_policies: BTreeMap<PolicyName, Document>,
    /// Empty is none.
    pub description: String,
    /// In seconds.
    pub max_session_duration: u32,
    /// Its permissions boundary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions_boundary: Option<PolicyArn>,
    /// The tags last written, ownership among them.
    pub tags: Tags,
}

/// An event stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventStreamRecord {
    /// Where its app is.
    pub region: Region,
    /// Its app.
    pub app_id: AppId,
    /// Where events go.
    pub destination: StreamArn,
    /// As whom.
    pub role_arn: RoleArn,
}

/// An operation that was begun, and whose end nobody saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The run that began it.
    pub run: RunId,
    /// Its step in that run's plan.
    pub step: StepId,
    /// What it was about.
    pub address: Address,
    /// The operation.
    pub op: Op<Resolved>,
    /// When it was begun.
    pub began_at: Timestamp,
}

/// What a call gave that was not known before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// Nothing new.
    Done,
    /// The app that was created.
    App(AppId),
    /// The role that was created.
    Role(RoleId),
}

impl Recorded {
    /// Takes in that this operation was carried out. The same operation taken in twice changes nothing more.
    pub fn absorb(&mut self, address: &Address, op: &Op<Resolved>, output: &Output, at: Timestamp) {
        match op {
            Op::CreateApp(create) => {
                let Output::App(id) = output else { return };
                let object = Object::App(AppRecord {
                    region: create.region.clone(),
                    id: id.clone(),
                    name: create.name.clone(),
                    tags: create.all_tags(),
                });
                self.insert(address, create.account.clone(), create.protect, at, object);
            }
            Op::CreateRole(create) => {
                let (Output::Role(id), Some(_)) = (output, &create.owner) else { return };
                let object = Object::Role(RoleRecord {
                    arn: create.arn.clone(),
                    id: id.clone(),
                    trust_policy: create.trust_policy.clone(),
                    inline_policies: BTreeMap::new(),
                    description: create.description.clone(),
                    max_session_duration: create.max_session_duration,
                    permissions_boundary: create.permissions_boundary.clone(),
                    tags: create.all_tags(),
                });
                self.insert(address, create.arn.account.clone(), create.protect, at, object);
            }
            Op::PutEventStream(put) => {
                let object = Object::EventStream(EventStreamRecord {
                    region: put.region.clone(),
                    app_id: put.app_id.clone(),
                    destination: put.destination.clone(),
                    role_arn: put.role_arn.clone(),
                });
                match self.resources.get_mut(address).filter(|_| put.record) {
                    Some(known) => {
                        known.account = put.account.clone();
                        known.changed_at = at;
                        known.object = object;
                    }
                    None if put.record => self.insert(address, put.account.clone(), put.protect, at, object),
                    None => {}
                }
            }
            Op::UpdateTrustPolicy(update) => self.role(address, &update.role, at, |role| {
                role.trust_policy = update.trust_policy.clone();
            }),
            Op::PutRolePolicy(put) => self.role(address, &put.role, at, |role| {
                role.inline_policies.insert(put.policy_name.clone(), put.document.clone());
            }),
            Op::DeleteRolePolicy(delete) => self.role(address, &delete.role, at, |role| {
                role.inline_policies.remove(&delete.policy_name);
            }),
            Op::UpdateRole(update) => self.role(address, &update.role, at, |role| {
                role.description = update.description.clone();
                role.max_session_duration = update.max_session_duration;
            }),
            Op::PutPermissionsBoundary(put) => self.role(address, &put.role, at, |role| {
                role.permissions_boundary = Some(put.permissions_boundary.clone());
            }),
            Op::DeletePermissionsBoundary(delete) => self.role(address, &delete.role, at, |role| {
                role.permissions_boundary = None;
            }),
            Op::TagRole(tag) => {
                let (tags, unchanged) = (tag.all_tags(), self.changed_at(address));
                // Tags do not touch who may assume a role, so they do not restart its propagation.
                self.role(address, &tag.role, unchanged.unwrap_or(at), |role| role.tags.extend(tags));
            }
            Op::UntagRole(untag) => {
                let unchanged = self.changed_at(address);
                self.role(address, &untag.role, unchanged.unwrap_or(at), |role| {
                    role.tags.retain(|key, _| !untag.tag_keys.contains(key));
                });
            }
            Op::TagApp(tag) => {
                let tags = tag.all_tags();
                self.app(address, &tag.app_id, at, |app| app.tags.extend(tags));
            }
            Op::UntagApp(untag) => self.app(address, &untag.app_id, at, |app| {
                app.tags.retain(|key, _| !untag.tag_keys.contains(key));
            }),
            // Not ours, so never recorded.
            Op::AttachRolePolicy(_) | Op::DetachRolePolicy(_) => {}
            Op::AddRoleToInstanceProfile(_) | Op::RemoveRoleFromInstanceProfile(_) => {}
            Op::DeleteApp(delete) => {
                self.remove_if(address, |object| matches!(object, Object::App(app) if app.id == delete.app_id));
            }
            Op::DeleteRole(delete) => {
                self.remove_if(
                    address,
                    |object| matches!(object, Object::Role(role) if role.id == delete.role_id),
                );
            }
            Op::DeleteEventStream(delete) => self.remove_if(
                address,
                |object| matches!(object, Object::EventStream(stream) if stream.app_id == delete.app_id),
            ),
            Op::ForgetRecord(_) => {
                self.resources.remove(address);
            }
            Op::WriteRecord(write) => {
                self.resources.insert(address.clone(), (*write.resource).clone());
            }
            Op::MoveRecord(moved) => {
                if let Some(resource) = self.resources.remove(&moved.from) {
                    self.resources.insert(address.clone(), resource);
                }
            }
            Op::SetProtect(set) => {
                if let Some(resource) = self.resources.get_mut(address) {
                    resource.protect = set.protect;
                }
            }
        }
    }

    fn changed_at(&self, address: &Address) -> Option<Timestamp> {
        self.resources.get(address).map(|resource| resource.changed_at)
    }

    fn remove_if(&mut self, address: &Address, is_it: impl FnOnce(&Object) -> bool) {
        if self.resources.get(address).is_some_and(|resource| is_it(&resource.object)) {
            self.resources.remove(address);
        }
    }

    fn insert(&mut self, address: &Address, account: AccountId, protect: bool, at: Timestamp, object: Object) {
        let named_under = address.key().unwrap_or_default().to_owned();
        let resource = Resource { account, origin: Origin::Created, protect, named_under, changed_at: at, object };
        self.resources.insert(address.clone(), resource);
    }

    /// Changes the record of this role, and of no other that has taken its address meanwhile.
    fn role(&mut self, address: &Address, arn: &RoleArn, at: Timestamp, change: impl FnOnce(&mut RoleRecord)) {
        if let Some(Resource { object: Object::Role(role), changed_at, .. }) = self.resources.get_mut(address)
            && role.arn == *arn
        {
            change(role);
            *changed_at = at;
        }
    }

    fn app(&mut self, address: &Address, id: &AppId, at: Timestamp, change: impl FnOnce(&mut AppRecord)) {
        if let Some(Resource { object: Object::App(app), changed_at, .. }) = self.resources.get_mut(address)
            && app.id == *id
        {
            change(app);
            *changed_at = at;
        }
    }
}
