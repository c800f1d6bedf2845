//! The digest of a plan since format 2: that of its compact JSON without `plan_digest`, the fields of every object in
//! alphabetical order. A plan may be longer than fits in memory twice, so one element of a list after the other.
//!
//! Since format 3 it is the same for the same plan: of the time of a sweep only the date counts (UTC), and neither its run
//! nor the request IDs of failed reads count. A saved plan has another digest over all of its content.
use super::{Access, Basis, Change, FieldValue, Mode, Options, Plan, Step, Summary, Warning};
use crate::digest::{self, Digest};
use crate::ids::Workspace;
use crate::op::{Op, RoleOp};
use crate::sweep::{QUARANTINED_AT, QUARANTINED_BY, SweepOptions};
use jiff::tz::TimeZone;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// In alphabetical order.
#[derive(Serialize)]
struct Digested<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<Sorted<'a, Access>>,
    basis: Sorted<'a, Basis>,
    changes: SortedEach<'a, Change>,
    format_version: u32,
    mode: Mode,
    options: Sorted<'a, Options>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan_digest: Option<&'a Digest>,
    steps: SortedEach<'a, Step>,
    summary: Sorted<'a, Summary>,
    tool_version: &'a str,
    warnings: SortedEach<'a, Warning>,
    workspace: &'a Workspace,
}

pub(super) fn digest(plan: &Plan) -> Digest {
    match &plan.options.sweep {
        Some(sweep) if plan.format_version >= 3 => of_content(&undated(plan, sweep), false, None),
        _ => of_content(plan, plan.format_version < 3, None),
    }
}

/// The digest of all fields.
pub(super) fn whole(plan: &Plan) -> Digest {
    of_content(plan, true, Some(&plan.plan_digest))
}

fn of_content(plan: &Plan, with_request_ids: bool, plan_digest: Option<&Digest>) -> Digest {
    let Plan { format_version, tool_version, workspace, mode, plan_digest: _, options, basis, .. } = plan;
    let Plan { changes, steps, summary, warnings, access, .. } = plan;
    digest::of(&Digested {
        access: access.as_ref().map(Sorted),
        basis: Sorted(basis),
        changes: SortedEach { elements: changes, with_request_ids },
        format_version: *format_version,
        mode: *mode,
        options: Sorted(options),
        plan_digest,
        steps: SortedEach { elements: steps, with_request_ids: true },
        summary: Sorted(summary),
        tool_version,
        warnings: SortedEach { elements: warnings, with_request_ids },
        workspace,
    })
}

/// The plan as any other sweep of that day would have it that found the same.
fn undated(plan: &Plan, SweepOptions { now, run, .. }: &SweepOptions) -> Plan {
    let day = now.to_zoned(TimeZone::UTC).start_of_day().map_or(*now, |day| day.timestamp());
    let mut plan = plan.clone();
    if let Some(sweep) = &mut plan.options.sweep {
        sweep.now = day;
        sweep.run.clear();
    }
    // The tags of this sweep, and not those of an earlier quarantine.
    let own = [(QUARANTINED_AT, now.to_string(), day.to_string()), (QUARANTINED_BY, run.clone(), String::new())];
    for (key, this, any) in own {
        for step in &mut plan.steps {
            if let Op::Role(RoleOp::Tag { tags, .. }) = &mut step.op
                && let Some(value) = tags.get_mut(key).filter(|value| **value == this)
            {
                value.clone_from(&any);
            }
        }
        let (path, this) = (format!("tags.{key}"), FieldValue::of(&this));
        let fields = plan.changes.iter_mut().flat_map(|change| &mut change.fields);
        for field in fields.filter(|field| field.path == path && field.after.as_ref() == Some(&this)) {
            field.after = Some(FieldValue::of(&any));
        }
    }
    plan
}

/// With the fields of every object in alphabetical order.
struct Sorted<'a, T>(&'a T);

impl<T: Serialize> Serialize for Sorted<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The objects of a `Value` are ordered.
        serde_json::to_value(self.0).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// A list of elements, of whose failed reads the request IDs may be left out.
struct SortedEach<'a, T> {
    elements: &'a [T],
    with_request_ids: bool,
}

impl<T: Serialize> Serialize for SortedEach<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.with_request_ids {
            return serializer.collect_seq(self.elements.iter().map(Sorted));
        }
        serializer.collect_seq(self.elements.iter().map(WithoutRequestIds))
    }
}

struct WithoutRequestIds<'a, T>(&'a T);

impl<T: Serialize> Serialize for WithoutRequestIds<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value = serde_json::to_value(self.0).map_err(S::Error::custom)?;
        remove_request_ids(&mut value);
        value.serialize(serializer)
    }
}

fn remove_request_ids(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("request_id");
            fields.values_mut().for_each(remove_request_ids);
        }
        Value::Array(elements) => elements.iter_mut().for_each(remove_request_ids),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_digest_of_the_whole_plan_with_sorted_fields() {
        let file = include_str!("../../../../tests/formats/plan/v2.json");
        let plan: Plan = serde_json::from_str(file).unwrap();
        for plan in [Plan { access: Some(Access::default()), ..plan.clone() }, plan] {
            let mut whole: Value = serde_json::to_value(&plan).unwrap();
            whole.as_object_mut().unwrap().remove("plan_digest").unwrap();
            assert_eq!(super::digest(&plan), digest::of(&whole));
            assert_eq!(super::whole(&plan), digest::of(&serde_json::to_value(&plan).unwrap()));
        }
    }
}
