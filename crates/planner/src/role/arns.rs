//! The ARN that each desired role has or gets.
use crate::context::Context;
use crate::draft::Draft;
use crate::selection::is_named;
use pinpoint_streams_model::{Address, DesiredRole, Problem, ProblemCode, Read, Resource, RoleArn, RoleKey};
use std::collections::BTreeMap;

/// The ARN that each desired role has or gets.
pub(crate) type RoleArns = BTreeMap<RoleKey, RoleArn>;

/// The ARN of each desired role: a moved one keeps the key that it was named under, as long as it is not
/// made anew.
pub(crate) fn arns(context: &Context<'_>, draft: &mut Draft) -> RoleArns {
    let mut arns = RoleArns::new();
    for (key, desired) in &context.desired.roles {
        let address = Address::Role(key.clone());
        let resource = context.resource(&address);
        let old_key = resource.and_then(|resource| kept_name(context, &address, desired, resource));
        match desired.arn_under(old_key.as_ref().unwrap_or(key)) {
            Ok(arn) => drop(arns.insert(key.clone(), arn)),
            Err(error) => {
                let hint = "shorten the name in the manifest";
                draft.problem(Problem::new(ProblemCode::Immutable, error.to_string(), hint).at(&address));
            }
        }
    }
    arns
}

/// The key that a role was named under, where that is how it stays.
fn kept_name(
    context: &Context<'_>,
    address: &Address,
    desired: &DesiredRole,
    resource: &Resource,
) -> Option<RoleKey> {
    let record = resource.object.as_role()?;
    let named_under: RoleKey = resource.named_under.parse().ok()?;
    let is_gone = matches!(context.live.roles.get(&record.arn.in_account()), Some(Read::Absent));
    let is_made_anew = is_gone || context.options.replace.contains(address);
    (!is_made_anew && is_named(record, desired, &named_under)).then_some(named_under)
}
