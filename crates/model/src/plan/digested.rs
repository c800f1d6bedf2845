//! The digest of a plan since format 2: that of its compact JSON without `plan_digest`, the fields of every object in
//! alphabetical order. A plan may be longer than fits in memory twice, so one element of a list after the other.
use super::{Access, Basis, Change, Mode, Options, Plan, Step, Summary, Warning};
use crate::digest::{self, Digest};
use crate::ids::Workspace;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};

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
    steps: SortedEach<'a, Step>,
    summary: Sorted<'a, Summary>,
    tool_version: &'a str,
    warnings: SortedEach<'a, Warning>,
    workspace: &'a Workspace,
}

pub(super) fn digest(plan: &Plan) -> Digest {
    let Plan { format_version, tool_version, workspace, mode, plan_digest: _, options, basis, .. } = plan;
    let Plan { changes, steps, summary, warnings, access, .. } = plan;
    digest::of(&Digested {
        access: access.as_ref().map(Sorted),
        basis: Sorted(basis),
        changes: SortedEach(changes),
        format_version: *format_version,
        mode: *mode,
        options: Sorted(options),
        steps: SortedEach(steps),
        summary: Sorted(summary),
        tool_version,
        warnings: SortedEach(warnings),
        workspace,
    })
}

/// With the fields of every object in alphabetical order.
struct Sorted<'a, T>(&'a T);

impl<T: Serialize> Serialize for Sorted<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The objects of a `Value` are ordered.
        serde_json::to_value(self.0).map_err(S::Error::custom)?.serialize(serializer)
    }
}

struct SortedEach<'a, T>(&'a [T]);

impl<T: Serialize> Serialize for SortedEach<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Sorted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn it_is_the_digest_of_the_whole_plan_with_sorted_fields() {
        let file = include_str!("../../../../tests/formats/plan/v2.json");
        let plan: Plan = serde_json::from_str(file).unwrap();
        for plan in [Plan { access: Some(Access::default()), ..plan.clone() }, plan] {
            let mut whole: Value = serde_json::to_value(&plan).unwrap();
            whole.as_object_mut().unwrap().remove("plan_digest").unwrap();
            assert_eq!(super::digest(&plan), digest::of(&whole));
        }
    }
}
