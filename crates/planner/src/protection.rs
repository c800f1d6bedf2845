//! `protect`: kept in the record, so that it outlives the block that asked for it.
use crate::differences::{Differences, Field};
use crate::draft::{Draft, Handle};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::op::RecordOp;
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use pinpoint_streams_model::recorded::Resource;

/// Notes whether a resource's protection changes, and records it.
pub(crate) fn protect(
    draft: &mut Draft,
    address: &Address,
    resource: &Resource,
    wanted: bool,
    after: Vec<Handle>,
    differences: &mut Differences,
) {
    let field = Field {
        path: "protect",
        live: Some(resource.protect),
        wanted: Some(wanted),
        recorded: Some(Some(resource.protect)),
    };
    if differences.compare(field) {
        draft.step(address, after, RecordOp::SetProtect { protect: wanted });
    }
}

/// What is protected is never deleted or replaced.
pub(crate) fn refuse_protected(address: &Address, resource: &Resource, what: &str) -> Result<(), Problem> {
    if !resource.protect {
        return Ok(());
    }
    Err(Problem {
        code: ProblemCode::Protected,
        address: Some(address.clone()),
        message: format!("it is protected and would be {what}"),
        hint: Some("set `protect = false` on its app and apply that first".to_owned()),
    })
}
