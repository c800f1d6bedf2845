//! The account as a whole: GetAccountAuthorizationDetails and GetAccountSummary.
use super::{Call, documents, paging, policies, profiles, role_policies, roles};
use crate::query::{Outcome, QueryError};
use crate::settings::Quotas;
use crate::world::Account;
use crate::world::iam::{ManagedPolicy, Role};
use crate::xml::Xml;

enum Item<'a> {
    Role(&'a Role),
    Policy(&'a ManagedPolicy),
}

const FILTERS: [&str; 5] = ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"];

impl Call<'_> {
    pub(super) fn get_account_authorization_details(&mut self) -> Outcome {
        let filter = self.form.texts("Filter");
        if let Some(wrong) = filter.iter().find(|kind| !FILTERS.contains(kind)) {
            let rule =
                "Member must satisfy enum value set: [User, Role, Group, LocalManagedPolicy, AWSManagedPolicy]";
            return Err(QueryError::constraint(wrong, "filter", rule));
        }
        let wanted = |kind: &str| filter.is_empty() || filter.contains(&kind);
        let account = self.world.account(self.account);
        let policies = account.policies.iter().filter(|_| wanted("LocalManagedPolicy"));
        let roles = account.roles.iter().filter(|_| wanted("Role"));
        // One list ordered by key: policies before roles.
        let items = policies
            .map(|(arn, policy)| (format!("policy/{arn}"), Item::Policy(policy)))
            .chain(roles.map(|(name, role)| (format!("role/{name}"), Item::Role(role))));
        let page = paging::page(&self.form, items)?;
        let mut xml = Xml::default();
        xml.list("UserDetailList", None::<()>, |_, ()| {});
        xml.list("GroupDetailList", None::<()>, |_, ()| {});
        let roles = page.items.iter().filter_map(|item| match item {
            Item::Role(role) => Some(*role),
            Item::Policy(_) => None,
        });
        xml.list("RoleDetailList", roles, |xml, role| detail(xml, account, role));
        let policies = page.items.iter().filter_map(|item| match item {
            Item::Policy(policy) => Some(*policy),
            Item::Role(_) => None,
        });
        xml.list("Policies", policies, |xml, policy| {
            let roles = account.roles.values();
            let attached = roles.filter(|role| role.attached.contains(&policy.arn)).count();
            policies::detail(xml, policy, attached);
        });
        page.footer(&mut xml);
        Ok(Some(xml))
    }

    pub(super) fn get_account_summary(&mut self) -> Outcome {
        let Quotas { roles, trust_policy_size, role_policy_size, attached_policies, apps: _ } =
            self.world.settings.quotas;
        let account = self.world.account(self.account);
        let entries = [
            ("AssumeRolePolicySizeQuota", trust_policy_size),
            ("AttachedPoliciesPerRoleQuota", attached_policies),
            ("InstanceProfiles", account.profiles.len()),
            ("InstanceProfilesQuota", 1000),
            ("Policies", account.policies.len()),
            ("PoliciesQuota", 1500),
            ("PolicySizeQuota", policies::MAX_SIZE),
            ("RolePolicySizeQuota", role_policy_size),
            ("Roles", account.roles.len()),
            ("RolesQuota", roles),
        ];
        let mut xml = Xml::default();
        xml.element("SummaryMap", |xml| {
            for (key, value) in entries {
                xml.element("entry", |xml| {
                    xml.text("key", key);
                    xml.text("value", &value.to_string());
                });
            }
        });
        Ok(Some(xml))
    }
}

/// RoleDetail has neither Description nor MaxSessionDuration. Source: the service model's shape.
fn detail(xml: &mut Xml, account: &Account, role: &Role) {
    roles::identity(xml, role);
    let profiles = account.profiles_of(&role.name);
    xml.list("InstanceProfileList", profiles, |xml, profile| {
        profiles::write(xml, profile, Some(role));
    });
    xml.list("RolePolicyList", &role.inline, |xml, (name, document)| {
        xml.text("PolicyName", name);
        xml.text("PolicyDocument", &documents::encoded(document));
    });
    let attached = role.attached.iter().map(String::as_str);
    role_policies::write_attached(xml, "AttachedManagedPolicies", attached);
    roles::unlisted(xml, role);
}
