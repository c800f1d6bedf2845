//! IAM's writes, as strict as IAM.
use super::account::{Account, Accounts, Grants, Moment, Role};
use super::iam_rules as rules;
use super::refusal::Refusal;
use pinpoint_streams_model::arn::{PolicyArn, RoleArn};
use pinpoint_streams_model::ids::PolicyName;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::op::{CreateRole, Output, Resolved, RoleOp, with_ownership};
use pinpoint_streams_model::policy::Document;

type Answer = Result<Output, Refusal>;

impl Accounts {
    pub(crate) fn write_role(&mut self, op: &RoleOp<Resolved>, now: Moment) -> Answer {
        match op {
            RoleOp::Create(create) => return self.create_role(create, now),
            RoleOp::UpdateTrustPolicy { role, trust_policy } => {
                self.role_to_change(role)?;
                rules::trust_policy(self, self.known(&role.account)?, trust_policy)?;
                self.role_to_change(role)?.change(now, |grants| grants.trust = trust_policy.to_json());
            }
            RoleOp::PutPolicy { role, policy_name, document } => {
                self.put_role_policy(role, policy_name, document, now)?;
            }
            RoleOp::DeletePolicy { role, policy_name } => {
                let role = self.role_to_change(role)?;
                if !role.grants.inline.contains_key(policy_name) {
                    let message = format!("The role policy with name {policy_name} cannot be found.");
                    return Err(Refusal::not_found(message));
                }
                role.change(now, |grants| drop(grants.inline.remove(policy_name)));
            }
            RoleOp::Update { role, description, max_session_duration } => {
                rules::description_and_session(description, *max_session_duration)?;
                let role = self.role_to_change(role)?;
                role.description.clone_from(description);
                role.max_session_duration = *max_session_duration;
            }
            RoleOp::PutBoundary { role, permissions_boundary } => {
                self.managed_policy_exists(permissions_boundary)?;
                let boundary = Some(permissions_boundary.clone());
                self.role_to_change(role)?.change(now, |grants| grants.boundary = boundary);
            }
            RoleOp::DeleteBoundary { role } => {
                self.role_to_change(role)?.change(now, |grants| grants.boundary = None);
            }
            RoleOp::Tag { role, tags, owner } => {
                let role = self.role_to_change(role)?;
                let mut all = role.tags.clone();
                all.extend(with_ownership(tags, owner.as_ref()));
                rules::tags(&all)?;
                role.tags = all;
            }
            RoleOp::Untag { role, tag_keys } => {
                self.role_to_change(role)?.tags.retain(|key, _| !tag_keys.contains(key));
            }
            RoleOp::AttachPolicy { role, policy } => self.attach_role_policy(role, policy, now)?,
            RoleOp::DetachPolicy { role, policy } => {
                let role = self.role_to_change(role)?;
                if !role.grants.attached.contains(policy) {
                    return Err(Refusal::not_found(format!("Policy {policy} was not found.")));
                }
                role.change(now, |grants| _ = grants.attached.remove(policy));
            }
            RoleOp::AddToProfile { role, instance_profile } => {
                self.add_role_to_instance_profile(role, instance_profile)?;
            }
            RoleOp::RemoveFromProfile { role, instance_profile } => {
                let held = self.known_mut(&role.account)?.profiles.get_mut(instance_profile);
                let held = held.filter(|held| held.as_ref() == Some(&role.name)).ok_or_else(|| {
                    let message = format!("Role {} is not in instance profile {instance_profile}", role.name);
                    Refusal::not_found(message)
                })?;
                *held = None;
            }
            RoleOp::Delete { role, role_id: _ } => self.delete_role(role)?,
        }
        Ok(Output::Done)
    }

    fn create_role(&mut self, op: &CreateRole<Resolved>, now: Moment) -> Answer {
        let CreateRole { arn, trust_policy, description, max_session_duration, permissions_boundary, .. } = op;
        let tags = op.all_tags();
        let account = self.known(&arn.account)?;
        if account.roles.contains_key(&arn.name) {
            let message = format!("Role with name {} already exists.", arn.name);
            return Err(Refusal::new(FailureKind::AlreadyExists, message));
        }
        if account.partition != arn.partition {
            let message = format!("account {} is in partition {}", arn.account, account.partition);
            return Err(Refusal::invalid(message));
        }
        if account.roles.len() >= account.limits.roles {
            let message = format!("Cannot exceed quota for RolesPerAccount: {}", account.limits.roles);
            return Err(Refusal::limit_exceeded(message));
        }
        rules::trust_policy(self, account, trust_policy)?;
        rules::description_and_session(description, *max_session_duration)?;
        rules::tags(&tags)?;
        permissions_boundary.as_ref().map_or(Ok(()), |policy| self.managed_policy_exists(policy))?;

        let grants =
            Grants { trust: trust_policy.to_json(), boundary: permissions_boundary.clone(), ..Grants::default() };
        let id = self.new_role_id();
        let mut role = Role::new(arn.clone(), id.clone(), grants, now);
        role.description.clone_from(description);
        role.max_session_duration = *max_session_duration;
        role.tags = tags;
        self.known_mut(&arn.account)?.roles.insert(arn.name.clone(), role);
        Ok(Output::Role(id))
    }

    fn put_role_policy(
        &mut self,
        role: &RoleArn,
        policy_name: &PolicyName,
        document: &Document,
        now: Moment,
    ) -> Result<(), Refusal> {
        rules::permissions_policy(document)?;
        let most = self.known(&role.account)?.limits.inline_policies_size;
        let role = self.role_to_change(role)?;
        let others = role.grants.inline.iter().filter(|(name, _)| *name != policy_name);
        let size = document.size() + others.map(|(_, text)| rules::size(text)).sum::<usize>();
        if size > most {
            let name = &role.arn.name;
            let message = format!("Maximum policy size of {most} bytes exceeded for role {name}");
            return Err(Refusal::limit_exceeded(message));
        }
        role.change(now, |grants| drop(grants.inline.insert(policy_name.clone(), document.to_json())));
        Ok(())
    }

    fn attach_role_policy(&mut self, role: &RoleArn, policy: &PolicyArn, now: Moment) -> Result<(), Refusal> {
        self.role_to_change(role)?;
        if self.managed_policy_exists(policy).is_err() {
            let message = format!("Policy {policy} does not exist or is not attachable.");
            return Err(Refusal::not_found(message));
        }
        let role = self.role_to_change(role)?;
        if !role.grants.attached.contains(policy) && role.grants.attached.len() >= rules::ATTACHED_POLICIES {
            let message = format!("Cannot exceed quota for PoliciesPerRole: {}", rules::ATTACHED_POLICIES);
            return Err(Refusal::limit_exceeded(message));
        }
        role.change(now, |grants| _ = grants.attached.insert(policy.clone()));
        Ok(())
    }

    /// A profile holds one role at most, and adding the one that it holds is refused too.
    fn add_role_to_instance_profile(&mut self, role: &RoleArn, instance_profile: &str) -> Result<(), Refusal> {
        self.role_to_change(role)?;
        let profiles = &mut self.known_mut(&role.account)?.profiles;
        let Some(held) = profiles.get_mut(instance_profile) else {
            return Err(Refusal::not_found(format!("Instance Profile {instance_profile} cannot be found.")));
        };
        if held.is_some() {
            let message = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1".to_owned();
            return Err(Refusal::limit_exceeded(message));
        }
        *held = Some(role.name.clone());
        Ok(())
    }

    /// Deletes the role of this name, whatever its id: IAM knows no more than the name.
    fn delete_role(&mut self, arn: &RoleArn) -> Result<(), Refusal> {
        let account: &Account = self.known(&arn.account)?;
        let role = account.roles.get(&arn.name).ok_or_else(|| Refusal::no_role(&arn.name))?;
        let hangs = if account.profiles.values().flatten().any(|held| *held == arn.name) {
            Some("must remove roles from instance profile first")
        } else if !role.grants.attached.is_empty() {
            Some("must detach all policies first")
        } else if !role.grants.inline.is_empty() {
            Some("must delete policies first")
        } else {
            None
        };
        if let Some(first) = hangs {
            let message = format!("Cannot delete entity, {first}.");
            return Err(Refusal::new(FailureKind::DeleteConflict, message));
        }
        self.role_to_change(arn)?;
        self.known_mut(&arn.account)?.roles.remove(&arn.name);
        Ok(())
    }

    /// The role of this name. Service-linked roles are changed by their services alone.
    fn role_to_change(&mut self, arn: &RoleArn) -> Result<&mut Role, Refusal> {
        let account = self.known_mut(&arn.account)?;
        let role = account.roles.get_mut(&arn.name).ok_or_else(|| Refusal::no_role(&arn.name))?;
        if role.arn.path.as_str().starts_with("/aws-service-role/") {
            let message = format!("Cannot perform the operation on the protected role '{}'", arn.name);
            let code = Some("UnmodifiableEntity".to_owned());
            return Err(Refusal { kind: FailureKind::Invalid, code, message });
        }
        Ok(role)
    }

    /// AWS's own policies are taken to be there.
    fn managed_policy_exists(&self, policy: &PolicyArn) -> Result<(), Refusal> {
        if self.policies.contains_key(policy) || rules::is_aws_managed(policy) {
            return Ok(());
        }
        let message = format!("Scope ARN: {policy} does not exist or is not attachable.");
        Err(Refusal::not_found(message))
    }
}
