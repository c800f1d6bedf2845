//! IAM's policy simulator: what a role may do with a resource.
use crate::classify::{ApiOperation, CloudError, Service, classify, misread, missing, unless_absent};
use crate::pages::{self, Page, marker};
use aws_sdk_iam::Client;
use aws_sdk_iam::operation::simulate_principal_policy::SimulatePrincipalPolicyOutput;
use aws_sdk_iam::types::{EvaluationResult, PolicyEvaluationDecisionType};
use pinpoint_streams_model::live::simulation::{SimulatedAccess, SimulatedDecision, SimulatedEffect, Simulation};
use std::collections::BTreeMap;

pub(crate) const SIMULATE: ApiOperation = ApiOperation::new(Service::Iam, "SimulatePrincipalPolicy");

/// None if the role does not exist.
pub(crate) async fn simulation(iam: &Client, asked: &SimulatedAccess) -> Result<Option<Simulation>, CloudError> {
    let Some(first) = unless_absent(page(iam, asked, None).await)? else { return Ok(None) };
    let mut results = first.evaluation_results.unwrap_or_default();
    let token = marker(SIMULATE, first.is_truncated, first.marker)?;
    if token.is_some() {
        let token = &token;
        let rest = pages::all(SIMULATE, |next| async move {
            let answer = page(iam, asked, next.or_else(|| token.clone())).await?;
            let next = marker(SIMULATE, answer.is_truncated, answer.marker)?;
            Ok(Page { items: answer.evaluation_results.unwrap_or_default(), next })
        });
        results.extend(rest.await?);
    }
    let mut decisions = BTreeMap::new();
    for result in &results {
        let action = asked.actions.iter().find(|action| action.eq_ignore_ascii_case(&result.eval_action_name));
        let action = action.ok_or_else(|| {
            misread(SIMULATE, format!("it is about {}, which was not asked for", result.eval_action_name))
        })?;
        if let Some(other) = result.eval_resource_name().filter(|resource| *resource != asked.resource) {
            return Err(misread(SIMULATE, format!("it is about {other}, not {}", asked.resource)));
        }
        decisions.insert(action.clone(), decision(result)?);
    }
    match asked.actions.iter().find(|action| !decisions.contains_key(*action)) {
        None => Ok(Some(Simulation(decisions))),
        Some(_) => Err(missing(SIMULATE, "EvaluationResults")),
    }
}

async fn page(
    iam: &Client,
    asked: &SimulatedAccess,
    marker: Option<String>,
) -> Result<SimulatePrincipalPolicyOutput, CloudError> {
    let SimulatedAccess { role, actions, resource } = asked;
    let request = iam.simulate_principal_policy().policy_source_arn(role.to_string());
    let request = request.set_action_names(Some(actions.iter().cloned().collect())).resource_arns(resource);
    request.set_marker(marker).send().await.map_err(|error| classify(SIMULATE, error))
}

fn decision(result: &EvaluationResult) -> Result<SimulatedDecision, CloudError> {
    let effect = match &result.eval_decision {
        PolicyEvaluationDecisionType::Allowed => SimulatedEffect::Allowed,
        PolicyEvaluationDecisionType::ImplicitDeny => SimulatedEffect::ImplicitlyDenied,
        PolicyEvaluationDecisionType::ExplicitDeny => SimulatedEffect::ExplicitlyDenied,
        other => return Err(misread(SIMULATE, format!("the decision {} is not known", other.as_str()))),
    };
    let boundary = result.permissions_boundary_decision_detail.as_ref();
    let organization = result.organizations_decision_detail.as_ref();
    Ok(SimulatedDecision {
        effect,
        is_outside_boundary: boundary.is_some_and(|detail| !detail.allowed_by_permissions_boundary),
        is_denied_by_organization: organization.is_some_and(|detail| !detail.allowed_by_organizations),
        missing_context: result.missing_context_values.iter().flatten().cloned().collect(),
    })
}
