//! The managed policies attached to a role.

use super::error::IamError;
use super::xml::Xml;
use super::{Call, Outcome, constraints, documents, paging};

impl Call<'_> {
    pub(super) fn attach_role_policy(&mut self) -> Outcome {
        let mut role = self.role_to_change()?;
        let arn = constraints::arn(&self.form, "PolicyArn")?;
        if documents::managed_document(self.world, self.account, arn).is_none() {
            let missing = format!("Policy {arn} does not exist or is not attachable.");
            return Err(IamError::no_such(missing));
        }
        role.attached.insert(arn.to_owned());
        let quota = self.world.settings.quotas.attached_policies;
        if role.attached.len() > quota {
            let over = format!("Cannot exceed quota for PoliciesPerRole: {quota}");
            return Err(IamError::limit(over));
        }
        self.put_changed(role);
        Ok(None)
    }

    pub(super) fn detach_role_policy(&mut self) -> Outcome {
        let mut role = self.role_to_change()?;
        let arn = constraints::arn(&self.form, "PolicyArn")?;
        if !role.attached.remove(arn) {
            return Err(IamError::no_such(format!("Policy {arn} was not found.")));
        }
        self.put_changed(role);
        Ok(None)
    }

    pub(super) fn list_attached_role_policies(&mut self) -> Outcome {
        let prefix = constraints::path_prefix(&self.form)?;
        let role = self.role()?;
        let below = role.attached.iter().filter(|arn| path_of(arn).starts_with(prefix));
        let page = paging::page(&self.form, below.map(|arn| (arn, arn.as_str())))?;
        let mut xml = Xml::default();
        write(&mut xml, "AttachedPolicies", page.items.iter().copied());
        page.footer(&mut xml);
        Ok(Some(xml))
    }
}

/// A list of attached policies by ARN.
pub(super) fn write<'a>(xml: &mut Xml, tag: &str, arns: impl IntoIterator<Item = &'a str>) {
    xml.list(tag, arns, |xml, arn| {
        xml.text("PolicyName", name_of(arn));
        xml.text("PolicyArn", arn);
    });
}

fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// `/division/` of `arn:…:policy/division/name`.
fn path_of(arn: &str) -> &str {
    let start = arn.find('/').unwrap_or_default();
    let end = arn.rfind('/').map_or(arn.len(), |at| at + 1);
    &arn[start..end]
}
