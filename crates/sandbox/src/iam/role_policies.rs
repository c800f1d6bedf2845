//! A role's inline and attached policies, and SimulatePrincipalPolicy.
use super::{Call, constraints, documents, paging};
use crate::authority::{self, Verdict};
use crate::query::{Outcome, QueryError};
use crate::xml::Xml;

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
            return Err(QueryError::limit(format!(
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
        let document = role.inline.get(name).ok_or_else(|| no_such_inline(name))?;
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
        role.inline.remove(name).ok_or_else(|| no_such_inline(name))?;
        self.put_changed(role);
        Ok(None)
    }

    pub(super) fn attach_role_policy(&mut self) -> Outcome {
        let mut role = self.role_to_change()?;
        let arn = constraints::arn(&self.form, "PolicyArn")?;
        if self.world.managed_document(self.account, arn).is_none() {
            let missing = format!("Policy {arn} does not exist or is not attachable.");
            return Err(QueryError::no_such(missing));
        }
        role.attached.insert(arn.to_owned());
        let quota = self.world.settings.quotas.attached_policies;
        if role.attached.len() > quota {
            return Err(QueryError::quota("PoliciesPerRole", quota));
        }
        self.put_changed(role);
        Ok(None)
    }

    pub(super) fn detach_role_policy(&mut self) -> Outcome {
        let mut role = self.role_to_change()?;
        let arn = constraints::arn(&self.form, "PolicyArn")?;
        if !role.attached.remove(arn) {
            return Err(QueryError::no_such(format!("Policy {arn} was not found.")));
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
        write_attached(&mut xml, "AttachedPolicies", page.items.iter().copied());
        page.footer(&mut xml);
        Ok(Some(xml))
    }

    pub(super) fn simulate_principal_policy(&mut self) -> Outcome {
        let arn = constraints::arn(&self.form, "PolicySourceArn")?;
        let mut roles = self.world.account(self.account).roles.values();
        let role = roles.find(|role| role.arn == arn).cloned();
        let role = role.ok_or_else(|| QueryError::no_such(format!("Entity {arn} cannot be found.")))?;
        let actions = self.form.texts("ActionNames");
        if actions.is_empty() {
            return Err(QueryError::missing("actionNames"));
        }
        let mut resources = self.form.texts("ResourceArns");
        if resources.is_empty() {
            resources.push("*");
        }
        let pairs = actions.iter().flat_map(|action| resources.iter().map(move |resource| (*action, *resource)));
        let numbered = pairs.enumerate().map(|(n, pair)| (format!("{n:08}"), pair));
        let page = paging::page(&self.form, numbered)?;
        let mut xml = Xml::default();
        xml.list("EvaluationResults", &page.items, |xml, (action, resource)| {
            let verdict = authority::permits(self.world, self.account, &role, action, resource);
            xml.text("EvalActionName", action);
            xml.text("EvalResourceName", resource);
            xml.text("EvalDecision", decision(verdict));
        });
        page.footer(&mut xml);
        Ok(Some(xml))
    }
}

fn no_such_inline(name: &str) -> QueryError {
    QueryError::no_such(format!("The role policy with name {name} cannot be found."))
}

pub(super) fn write_attached<'a>(xml: &mut Xml, tag: &str, arns: impl IntoIterator<Item = &'a str>) {
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

/// Source: PolicyEvaluationDecisionType of the service model.
fn decision(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "allowed",
        Verdict::ImplicitlyDenied => "implicitDeny",
        Verdict::ExplicitlyDenied => "explicitDeny",
    }
}
