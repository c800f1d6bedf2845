//! Instance profiles: creating them, adding and removing roles.
use super::{Call, constraints, paging, roles};
use crate::query::{Outcome, QueryError};
use crate::world::iam::{InstanceProfile, Role};
use crate::xml::Xml;

impl Call<'_> {
    pub(super) fn create_instance_profile(&mut self) -> Outcome {
        let name = constraints::profile_name(&self.form)?.to_owned();
        let path = constraints::path(&self.form, "Path")?.to_owned();
        let profiles = &self.world.account(self.account).profiles;
        if profiles.contains_key(&name.to_ascii_lowercase()) {
            let exists = format!("Instance Profile {name} already exists.");
            return Err(QueryError::exists(exists));
        }
        let profile = InstanceProfile {
            arn: self.arn("instance-profile", &path, &name),
            id: self.world.ids.iam("AIPA"),
            name,
            path,
            created: self.world.now(),
            role: None,
        };
        let xml = Xml::of("InstanceProfile", |xml| write(xml, &profile, None));
        self.world.put_profile(self.account, profile);
        Ok(Some(xml))
    }

    pub(super) fn add_role_to_instance_profile(&mut self) -> Outcome {
        let role = self.role_to_change()?;
        let mut profile = self.profile()?;
        if profile.role.is_some() {
            return Err(QueryError::quota("InstanceSessionsPerInstanceProfile", 1));
        }
        profile.role = Some(role.name);
        self.world.put_profile(self.account, profile);
        Ok(None)
    }

    pub(super) fn remove_role_from_instance_profile(&mut self) -> Outcome {
        let role = self.role()?;
        let mut profile = self.profile()?;
        let held = profile.role.take();
        if !held.is_some_and(|held| held.eq_ignore_ascii_case(&role.name)) {
            return Err(QueryError::no_such_role(&role.name));
        }
        self.world.put_profile(self.account, profile);
        Ok(None)
    }

    pub(super) fn list_instance_profiles_for_role(&mut self) -> Outcome {
        let role = self.role()?;
        let account = self.world.account(self.account);
        let profiles = account.profiles_of(&role.name);
        let page = paging::page(&self.form, profiles.map(|profile| (profile.name.to_ascii_lowercase(), profile)))?;
        let mut xml = Xml::default();
        xml.list("InstanceProfiles", &page.items, |xml, profile| {
            write(xml, profile, Some(&role));
        });
        page.footer(&mut xml);
        Ok(Some(xml))
    }

    fn profile(&mut self) -> Result<InstanceProfile, QueryError> {
        let name = constraints::profile_name(&self.form)?;
        let profiles = &self.world.account(self.account).profiles;
        let profile = profiles.get(&name.to_ascii_lowercase()).cloned();
        profile.ok_or_else(|| QueryError::no_such(format!("Instance Profile {name} cannot be found.")))
    }
}

pub(super) fn write(xml: &mut Xml, profile: &InstanceProfile, role: Option<&Role>) {
    xml.text("Path", &profile.path);
    xml.text("InstanceProfileName", &profile.name);
    xml.text("InstanceProfileId", &profile.id);
    xml.text("Arn", &profile.arn);
    xml.time("CreateDate", profile.created);
    xml.list("Roles", role, roles::identity);
}
