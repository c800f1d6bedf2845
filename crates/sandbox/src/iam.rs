//! A small IAM: the Query protocol in, XML out, with AWS's validation, paging, quotas and errors.
mod account;
mod constraints;
mod documents;
mod last_accessed;
mod paging;
mod policies;
mod profiles;
mod role_policies;
mod roles;
mod tags;

use crate::query::{self, Form, Outcome, QueryError};
use crate::wire::{Reply, Request};
use crate::world::World;
use crate::world::iam::Role;

/// Source: the published service model, botocore 1.44.5 `data/iam/2010-05-08/service-2.json`.
const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

struct Call<'a> {
    world: &'a mut World,
    account: &'a str,
    form: Form,
}

pub(crate) fn answer(world: &mut World, request: &Request, request_id: &str) -> Reply {
    let call = Call { world, account: &request.account, form: Form::parse(&request.body) };
    query::respond(request, NAMESPACE, request_id, call.answer(&request.operation.name))
}

impl Call<'_> {
    fn answer(mut self, operation: &str) -> Outcome {
        match operation {
            "CreateRole" => self.create_role(),
            "GetRole" => self.get_role(),
            "ListRoles" => self.list_roles(),
            "UpdateRole" => self.update_role(),
            "UpdateRoleDescription" => self.update_role_description(),
            "UpdateAssumeRolePolicy" => self.update_assume_role_policy(),
            "DeleteRole" => self.delete_role(),
            "PutRolePolicy" => self.put_role_policy(),
            "GetRolePolicy" => self.get_role_policy(),
            "ListRolePolicies" => self.list_role_policies(),
            "DeleteRolePolicy" => self.delete_role_policy(),
            "AttachRolePolicy" => self.attach_role_policy(),
            "DetachRolePolicy" => self.detach_role_policy(),
            "ListAttachedRolePolicies" => self.list_attached_role_policies(),
            "PutRolePermissionsBoundary" => self.put_role_permissions_boundary(),
            "DeleteRolePermissionsBoundary" => self.delete_role_permissions_boundary(),
            "TagRole" => self.tag_role(),
            "UntagRole" => self.untag_role(),
            "ListRoleTags" => self.list_role_tags(),
            "GetAccountAuthorizationDetails" => self.get_account_authorization_details(),
            "GetAccountSummary" => self.get_account_summary(),
            "GenerateServiceLastAccessedDetails" => self.generate_service_last_accessed_details(),
            "GetServiceLastAccessedDetails" => self.get_service_last_accessed_details(),
            "CreateInstanceProfile" => self.create_instance_profile(),
            "AddRoleToInstanceProfile" => self.add_role_to_instance_profile(),
            "RemoveRoleFromInstanceProfile" => self.remove_role_from_instance_profile(),
            "ListInstanceProfilesForRole" => self.list_instance_profiles_for_role(),
            "CreatePolicy" => self.create_policy(),
            "GetPolicy" => self.get_policy(),
            "GetPolicyVersion" => self.get_policy_version(),
            "SimulatePrincipalPolicy" => self.simulate_principal_policy(),
            other => Err(QueryError::invalid_action(other, "2010-05-08")),
        }
    }

    fn role(&self) -> Result<Role, QueryError> {
        let name = constraints::role_name(&self.form)?;
        let account = self.world.known_account(self.account);
        let role = account.and_then(|account| account.role(name));
        role.cloned().ok_or_else(|| QueryError::no_such_role(name))
    }

    /// As [`Call::role`], for a change: service-linked roles are refused.
    fn role_to_change(&self) -> Result<Role, QueryError> {
        let role = self.role()?;
        if role.path.starts_with("/aws-service-role/") {
            return Err(QueryError::unmodifiable(&role.name));
        }
        Ok(role)
    }

    /// Stores a role whose trust or permissions have changed. The change reaches other services after
    /// [`crate::Settings::propagation`].
    fn put_changed(&mut self, mut role: Role) {
        role.changed = self.world.now();
        self.world.put_role(self.account, role);
    }

    /// An ARN of IAM in the caller's account: `resource` is `role`, `policy` or `instance-profile`.
    fn arn(&mut self, resource: &str, path: &str, name: &str) -> String {
        let partition = &self.world.account(self.account).partition;
        format!("arn:{partition}:iam::{}:{resource}{path}{name}", self.account)
    }
}
