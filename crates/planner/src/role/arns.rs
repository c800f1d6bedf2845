//! The ARN that each desired role has or gets.
use crate::context::Context;
use crate::draft::Draft;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::ids::RoleKey;
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use std::collections::BTreeMap;

/// The ARN that each desired role has or gets.
pub(crate) type RoleArns = BTreeMap<RoleKey, RoleArn>;

/// The ARN of each desired role: a moved one keeps the key that it was named under.
pub(crate) fn arns(context: &Context<'_>, draft: &mut Draft) -> RoleArns {
    let mut arns = RoleArns::new();
    for (key, desired) in &context.desired.roles {
        let address = Address::Role(key.clone());
        let named_under = context.resource(&address).and_then(|resource| resource.named_under.parse().ok());
        match desired.arn_under(named_under.as_ref().unwrap_or(key)) {
            Ok(arn) => {
                arns.insert(key.clone(), arn);
            }
            Err(error) => draft.problem(Problem {
                code: ProblemCode::Immutable,
                address: Some(address),
                message: error.to_string(),
                hint: Some("shorten the name in the manifest".to_owned()),
            }),
        }
    }
    arns
}
