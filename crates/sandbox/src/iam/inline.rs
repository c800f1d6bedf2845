//! A role's inline policies.

use super::error::IamError;
use super::xml::Xml;
use super::{Call, Outcome, constraints, documents, paging};

impl Call<'_> {
    pub(super) fn put_role_policy(&mut self) -> Outcome {
        let mut role = self.role_to_change()?;
        let name = constraints::policy_name(&self.form)?;
        let document = constraints::document(&self.form, "PolicyDocument")?;
        documents::check_permissions(document)?;
        role.inline.insert(name.to_owned(), document.to_owned());
        let quota = self.world.settings.quotas.role_policy_size;
        let total: usize = role.inline.values().map(|text| documents::size(text)).sum();
        if total > quota {
            return Err(IamError::limit(format!(
                "Maximum policy size of {quota} bytes exceeded for role {}",
                role.name
            )));
        }
        self.put_changed(role);
        Ok(None)
    }

    pub(super) fn get_role_policy(&mut self) -> Outcome {
        let role = self.role()?;
        let name = constraints::policy_name(&self.form)?;
        let document = role.inline.get(name).ok_or_else(|| no_such(name))?;
        let mut xml = Xml::default();
        xml.text("RoleName", &role.name);
        xml.text("PolicyName", name);
        xml.text("PolicyDocument", &documents::encoded(document));
        Ok(Some(xml))
    }

    pub(super) fn list_role_policies(&mut self) -> Outcome {
        let role = self.role()?;
        let names = role.inline.keys().map(|name| (name, name.as_str()));
        let page = paging::page(&self.form, names)?;
        let mut xml = Xml::default();
        xml.texts("PolicyNames", page.items.iter().copied());
        page.footer(&mut xml);
        Ok(Some(xml))
    }

    pub(super) fn delete_role_policy(&mut self) -> Outcome {
        let mut role = self.role_to_change()?;
        let name = constraints::policy_name(&self.form)?;
        role.inline.remove(name).ok_or_else(|| no_such(name))?;
        self.put_changed(role);
        Ok(None)
    }
}

fn no_such(name: &str) -> IamError {
    IamError::no_such(format!("The role policy with name {name} cannot be found."))
}
