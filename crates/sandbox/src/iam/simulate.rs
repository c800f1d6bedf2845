//! SimulatePrincipalPolicy for roles: each action on each resource, by the role's own policies and its boundary.

use super::error::IamError;
use super::xml::Xml;
use super::{Call, Outcome, constraints, paging};
use crate::authority::{self, Verdict};

impl Call<'_> {
    pub(super) fn simulate_principal_policy(&mut self) -> Outcome {
        let arn = constraints::arn(&self.form, "PolicySourceArn")?;
        let mut roles = self.world.account(self.account).roles.values();
        let role = roles.find(|role| role.arn == arn).cloned();
        let role = role.ok_or_else(|| IamError::no_such(format!("Entity {arn} cannot be found.")))?;
        let actions = self.form.texts("ActionNames");
        if actions.is_empty() {
            return Err(IamError::missing("actionNames"));
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

/// Source: PolicyEvaluationDecisionType of the service model.
fn decision(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "allowed",
        Verdict::ImplicitlyDenied => "implicitDeny",
        Verdict::ExplicitlyDenied => "explicitDeny",
    }
}
