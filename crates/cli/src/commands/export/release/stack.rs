//! What of a CloudFormation stack is to be retained: roles for Pinpoint, what may hold their policies, and event streams.
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::ids::{AccountId, AccountRole, RoleName};
use pinpoint_streams_model::live::residue::RegionalName;
use pinpoint_streams_model::live::stack::{StackResource, StackResources};
use pinpoint_streams_model::live::{Live, Question, Read};
use pinpoint_streams_model::region::{AccountRegion, Region};
use pinpoint_streams_model::role_kind::RoleKind;
use pinpoint_streams_planner::Inquiry;
use serde::Serialize;
use std::collections::BTreeSet;

const ROLE: &str = "AWS::IAM::Role";
const EVENT_STREAM: &str = "AWS::Pinpoint::EventStream";
/// Resources that may manage a policy of a role; their template says of which.
const POLICIES: [&str; 2] = ["AWS::IAM::Policy", "AWS::IAM::RolePolicy"];

/// Looks for a stack of this name in each account and region.
#[derive(Debug)]
pub(super) struct FindStack {
    pub(super) name: String,
    pub(super) accounts: BTreeSet<AccountId>,
    pub(super) regions: BTreeSet<Region>,
    pub(super) declared: BTreeSet<RoleArn>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct FoundStacks {
    pub(super) stacks: Vec<FoundStack>,
    /// What could not be read: a place or a role, with the reason.
    pub(super) unread: Vec<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct FoundStack {
    pub(super) place: AccountRegion,
    pub(super) retain: Vec<Retained>,
    /// Policies that belong to retained roles if their template says so.
    pub(super) policies: Vec<Retained>,
    /// The number of resources that stay with the stack.
    pub(super) others: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Retained {
    pub(super) logical_id: String,
    pub(super) resource_type: String,
    pub(super) physical_id: String,
}

impl FindStack {
    fn places(&self) -> impl Iterator<Item = RegionalName> {
        self.accounts.iter().flat_map(|account| {
            let of_region =
                |region| RegionalName { place: AccountRegion::of(account, region), name: self.name.clone() };
            self.regions.iter().map(of_region)
        })
    }

    /// The role that a resource of a stack is. Its physical ID is its name.
    fn role(place: &AccountRegion, resource: &StackResource) -> Option<AccountRole> {
        let name: RoleName = resource.physical_id.parse().ok()?;
        (resource.resource_type == ROLE).then(|| AccountRole::of(&place.account, &name))
    }
}

impl Inquiry for FindStack {
    type Output = FoundStacks;

    fn questions(&self, live: &Live) -> BTreeSet<Question> {
        let mut questions = BTreeSet::new();
        for asked in self.places() {
            if let Some(Read::Present(StackResources(resources))) = live.stack_resources.get(&asked) {
                let roles = resources.values().filter_map(|resource| FindStack::role(&asked.place, resource));
                questions.extend(roles.map(|role| Question::role(&role.account, &role.name)));
            }
            questions.insert(Question::StackResources(asked));
        }
        questions
    }

    fn conclude(&self, live: &Live) -> FoundStacks {
        let mut found = FoundStacks { stacks: Vec::new(), unread: Vec::new() };
        for asked in self.places() {
            match live.stack_resources.get(&asked) {
                Some(Read::Present(StackResources(resources))) => {
                    let mut stack =
                        FoundStack { place: asked.place.clone(), retain: vec![], policies: vec![], others: 0 };
                    for (logical_id, resource) in resources {
                        let StackResource { resource_type, physical_id } = resource;
                        let (logical_id, resource_type) = (logical_id.clone(), resource_type.clone());
                        let retained = Retained { logical_id, resource_type, physical_id: physical_id.clone() };
                        if resource.resource_type == EVENT_STREAM {
                            stack.retain.push(retained);
                        } else if POLICIES.contains(&resource.resource_type.as_str()) {
                            stack.policies.push(retained);
                        } else if let Some(role) = FindStack::role(&asked.place, resource) {
                            match self.is_for_pinpoint(&role, live) {
                                Ok(true) => stack.retain.push(retained),
                                Ok(false) => stack.others += 1,
                                Err(why) => found.unread.push(why),
                            }
                        } else {
                            stack.others += 1;
                        }
                    }
                    found.stacks.push(stack);
                }
                Some(Read::Unreadable(why)) => found.unread.push(format!("the stacks of {}: {why}", asked.place)),
                Some(Read::Absent) | None => {}
            }
        }
        found
    }
}

impl FindStack {
    fn is_for_pinpoint(&self, role: &AccountRole, live: &Live) -> Result<bool, String> {
        match live.roles.get(role) {
            Some(Read::Present(live)) => {
                let is_named = RoleKind::all().any(|kind| kind.is_named(&live.trust_policy));
                Ok(is_named || self.declared.contains(&live.arn))
            }
            Some(Read::Unreadable(why)) => Err(format!("role {}: {why}", role.name)),
            // It was deleted outside the stack.
            Some(Read::Absent) | None => Ok(false),
        }
    }
}
