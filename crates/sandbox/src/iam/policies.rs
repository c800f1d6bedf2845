//! Managed policies: CreatePolicy and reads. Every policy has one version.
use super::{Call, constraints, documents};
use crate::query::{Outcome, QueryError};
use crate::world::iam::ManagedPolicy;
use crate::xml::Xml;

/// Characters of a managed policy, not counting white space. Source: IAM user guide, quotas.
pub(super) const MAX_SIZE: usize = 6144;
const VERSION: &str = "v1";

impl Call<'_> {
    pub(super) fn create_policy(&mut self) -> Outcome {
        let name = constraints::policy_name(&self.form)?.to_owned();
        let path = constraints::path(&self.form, "Path")?.to_owned();
        let document = constraints::document(&self.form, "PolicyDocument")?.to_owned();
        let description = constraints::description(&self.form)?.map(str::to_owned);
        documents::check_permissions(&document)?;
        if documents::size(&document) > MAX_SIZE {
            return Err(QueryError::quota("PolicySize", MAX_SIZE));
        }
        let policies = &self.world.account(self.account).policies;
        let is_duplicate = |policy: &ManagedPolicy| policy.name.eq_ignore_ascii_case(&name);
        if policies.values().any(is_duplicate) {
            return Err(QueryError::exists(format!(
                "A policy called {name} already exists. Duplicate names are not allowed."
            )));
        }
        let policy = ManagedPolicy {
            arn: self.arn("policy", &path, &name),
            id: self.world.ids.iam("ANPA"),
            name,
            path,
            created: self.world.now(),
            description,
            document,
        };
        let xml = Xml::of("Policy", |xml| summary(xml, &policy, 0));
        self.world.put_policy(self.account, policy);
        Ok(Some(xml))
    }

    pub(super) fn get_policy(&mut self) -> Outcome {
        let arn = constraints::arn(&self.form, "PolicyArn")?.to_owned();
        let mut xml = Xml::default();
        let account = self.world.account(self.account);
        if let Some(policy) = account.policies.get(&arn) {
            let attached = account.roles.values();
            let attached = attached.filter(|role| role.attached.contains(&arn)).count();
            xml.element("Policy", |xml| summary(xml, policy, attached));
            return Ok(Some(xml));
        }
        if self.world.managed_document(self.account, &arn).is_none() {
            return Err(no_such(&arn));
        }
        xml.element("Policy", |xml| {
            xml.text("PolicyName", arn.rsplit('/').next().unwrap_or_default());
            xml.text("Arn", &arn);
            xml.text("Path", "/");
            xml.text("DefaultVersionId", VERSION);
            xml.text("IsAttachable", "true");
        });
        Ok(Some(xml))
    }

    pub(super) fn get_policy_version(&mut self) -> Outcome {
        let arn = constraints::arn(&self.form, "PolicyArn")?;
        let version = self.form.required("VersionId")?;
        let document = self.world.managed_document(self.account, arn);
        let document = document.ok_or_else(|| no_such(arn))?;
        if version != VERSION {
            return Err(QueryError::no_such(format!(
                "Policy {arn} version {version} does not exist or is not attachable."
            )));
        }
        let mut xml = Xml::default();
        xml.element("PolicyVersion", |xml| {
            xml.text("Document", &documents::encoded(document));
            xml.text("VersionId", VERSION);
            xml.text("IsDefaultVersion", "true");
        });
        Ok(Some(xml))
    }
}

fn summary(xml: &mut Xml, policy: &ManagedPolicy, attached: usize) {
    xml.text("PolicyName", &policy.name);
    xml.text("PolicyId", &policy.id);
    xml.text("Arn", &policy.arn);
    xml.text("Path", &policy.path);
    xml.text("DefaultVersionId", VERSION);
    xml.text("AttachmentCount", &attached.to_string());
    xml.text("IsAttachable", "true");
    xml.optional("Description", policy.description.as_deref());
    xml.time("CreateDate", policy.created);
    xml.time("UpdateDate", policy.created);
}

/// A policy in GetAccountAuthorizationDetails.
pub(super) fn detail(xml: &mut Xml, policy: &ManagedPolicy, attached: usize) {
    summary(xml, policy, attached);
    xml.list("PolicyVersionList", [policy], |xml, policy| {
        xml.text("Document", &documents::encoded(&policy.document));
        xml.text("VersionId", VERSION);
        xml.text("IsDefaultVersion", "true");
        xml.time("CreateDate", policy.created);
    });
}

fn no_such(arn: &str) -> QueryError {
    QueryError::no_such(format!("Policy {arn} was not found."))
}
