//! GetAccountSummary: what the account has, and its live quotas.

use super::xml::Xml;
use super::{Call, Outcome};
use crate::settings::Quotas;

impl Call<'_> {
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
            ("PolicySizeQuota", 6144),
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
