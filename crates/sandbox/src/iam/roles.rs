//! Roles: create, read, list, update, delete; permissions boundaries.
use super::{Call, constraints, documents, paging, tags};
use crate::query::{Outcome, QueryError};
use crate::world::iam::Role;
use crate::xml::Xml;
use std::collections::{BTreeMap, BTreeSet};

/// Seconds.
const DEFAULT_MAX_SESSION: u32 = 3600;

impl Call<'_> {
    pub(super) fn create_role(&mut self) -> Outcome {
        let name = constraints::role_name(&self.form)?.to_owned();
        let path = constraints::path(&self.form, "Path")?.to_owned();
        let trust = constraints::document(&self.form, "AssumeRolePolicyDocument")?.to_owned();
        let description = constraints::description(&self.form)?.map(str::to_owned);
        let max_session = constraints::max_session(&self.form)?.unwrap_or(DEFAULT_MAX_SESSION);
        let mut tags = BTreeMap::new();
        tags::add(&mut tags, &self.form.pairs("Tags"))?;
        let boundary = match self.form.get("PermissionsBoundary") {
            Some(_) => Some(self.boundary()?),
            None => None,
        };
        self.check_trust(&trust)?;
        let roles = &self.world.account(self.account).roles;
        if let Some(role) = roles.get(&name.to_ascii_lowercase()) {
            let exists = format!("Role with name {} already exists.", role.name);
            return Err(QueryError::exists(exists));
        }
        let quota = self.world.settings.quotas.roles;
        if self.world.account(self.account).roles.len() >= quota {
            return Err(QueryError::quota("RolesPerAccount", quota));
        }
        let now = self.world.now();
        let role = Role {
            arn: self.arn("role", &path, &name),
            id: self.world.ids.iam("AROA"),
            name,
            path,
            created: now,
            trust,
            description,
            max_session,
            boundary,
            tags,
            inline: BTreeMap::new(),
            attached: BTreeSet::new(),
            last_used: None,
            template: None,
            stack: None,
            changed: now,
        };
        let xml = Xml::of("Role", |xml| whole(xml, &role));
        self.world.put_role(self.account, role);
        Ok(Some(xml))
    }

    pub(super) fn get_role(&mut self) -> Outcome {
        let role = self.role()?;
        let xml = Xml::of("Role", |xml| whole(xml, &role));
        Ok(Some(xml))
    }

    pub(super) fn list_roles(&mut self) -> Outcome {
        let prefix = constraints::path_prefix(&self.form)?;
        let roles = self.world.account(self.account).roles.iter();
        let below = roles.filter(|(_, role)| role.path.starts_with(prefix));
        let page = paging::page(&self.form, below)?;
        let mut xml = Xml::default();
        // Source: IAM API reference: ListRoles returns no Tags, RoleLastUsed or PermissionsBoundary.
        xml.list("Roles", &page.items, |xml, role| {
            identity(xml, role);
            details(xml, role);
        });
        page.footer(&mut xml);
        Ok(Some(xml))
    }

    pub(super) fn update_role(&mut self) -> Outcome {
        let mut role = self.role_to_change()?;
        if self.form.get("Description").is_some() {
            role.description = constraints::description(&self.form)?.map(str::to_owned);
        }
        if let Some(seconds) = constraints::max_session(&self.form)? {
            role.max_session = seconds;
        }
        self.world.put_role(self.account, role);
        Ok(Some(Xml::default()))
    }

    pub(super) fn update_role_description(&mut self) -> Outcome {
        let mut role = self.role_to_change()?;
        self.form.required("Description")?;
        role.description = constraints::description(&self.form)?.map(str::to_owned);
        let xml = Xml::of("Role", |xml| whole(xml, &role));
        self.world.put_role(self.account, role);
        Ok(Some(xml))
    }

    pub(super) fn update_assume_role_policy(&mut self) -> Outcome {
        let mut role = self.role_to_change()?;
        let trust = constraints::document(&self.form, "PolicyDocument")?.to_owned();
        self.check_trust(&trust)?;
        role.trust = trust;
        self.put_changed(role);
        Ok(None)
    }

    pub(super) fn delete_role(&mut self) -> Outcome {
        let role = self.role_to_change()?;
        let account = self.world.account(self.account);
        if account.profiles_of(&role.name).next().is_some() {
            return Err(QueryError::conflict(
                "Cannot delete entity, must remove roles from instance profile first.",
            ));
        }
        if !role.attached.is_empty() {
            return Err(QueryError::conflict("Cannot delete entity, must detach all policies first."));
        }
        if !role.inline.is_empty() {
            return Err(QueryError::conflict("Cannot delete entity, must delete policies first."));
        }
        self.world.remove_role(self.account, &role.name);
        Ok(None)
    }

    pub(super) fn put_role_permissions_boundary(&mut self) -> Outcome {
        let mut role = self.role_to_change()?;
        role.boundary = Some(self.boundary()?);
        self.put_changed(role);
        Ok(None)
    }

    pub(super) fn delete_role_permissions_boundary(&mut self) -> Outcome {
        let mut role = self.role_to_change()?;
        if role.boundary.take().is_none() {
            return Err(QueryError::no_such(format!("Role {} does not have a permissions boundary.", role.name)));
        }
        self.put_changed(role);
        Ok(None)
    }

    /// The permissions boundary of the request, which must exist.
    fn boundary(&self) -> Result<String, QueryError> {
        let arn = constraints::arn(&self.form, "PermissionsBoundary")?;
        if self.world.managed_document(self.account, arn).is_none() {
            return Err(QueryError::no_such(format!("Scope ARN: {arn} does not exist or is not attachable.")));
        }
        Ok(arn.to_owned())
    }

    fn check_trust(&self, trust: &str) -> Result<(), QueryError> {
        documents::check_trust(self.world, self.account, trust)?;
        let quota = self.world.settings.quotas.trust_policy_size;
        if documents::size(trust) > quota {
            return Err(QueryError::quota("ACLSizePerRole", quota));
        }
        Ok(())
    }
}

/// The members that Role and RoleDetail share.
pub(super) fn identity(xml: &mut Xml, role: &Role) {
    xml.text("Path", &role.path);
    xml.text("RoleName", &role.name);
    xml.text("RoleId", &role.id);
    xml.text("Arn", &role.arn);
    xml.time("CreateDate", role.created);
    xml.text("AssumeRolePolicyDocument", &documents::encoded(&role.trust));
}

/// Members of Role that RoleDetail lacks.
fn details(xml: &mut Xml, role: &Role) {
    xml.optional("Description", role.description.as_deref());
    xml.text("MaxSessionDuration", &role.max_session.to_string());
    if let Some(template) = &role.template {
        xml.element("SourceRoleTemplate", |xml| {
            xml.text("TemplateArn", template);
            xml.text("TemplateMinorVersion", "0");
        });
    }
}

/// Members that ListRoles omits.
pub(super) fn unlisted(xml: &mut Xml, role: &Role) {
    if let Some(boundary) = &role.boundary {
        xml.element("PermissionsBoundary", |xml| {
            xml.text("PermissionsBoundaryType", "Policy");
            xml.text("PermissionsBoundaryArn", boundary);
        });
    }
    if !role.tags.is_empty() {
        tags::write(xml, &role.tags);
    }
    // An empty element means: not used in the last 400 days.
    xml.element("RoleLastUsed", |xml| {
        if let Some(used) = &role.last_used {
            xml.time("LastUsedDate", used.at);
            xml.text("Region", &used.region);
        }
    });
}

fn whole(xml: &mut Xml, role: &Role) {
    identity(xml, role);
    details(xml, role);
    unlisted(xml, role);
}
