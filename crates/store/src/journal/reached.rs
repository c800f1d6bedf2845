//! How far a run came, by its log: whether it carried out its plan, and which roles it had begun to delete.
use super::{EndResult, RunLog, Write};
use pinpoint_streams_model::arn::{PolicyArn, RoleArn};
use pinpoint_streams_model::ids::{PolicyName, RoleId};
use pinpoint_streams_model::op::{Op, RoleOp};
use std::collections::BTreeSet;

impl Write<'_> {
    /// Whether AWS carried it out, as far as the log tells.
    fn is_done(&self) -> bool {
        matches!(self.end.map(|end| &end.result), Some(EndResult::Output(_)))
    }

    /// Whether AWS certainly did not carry it out.
    fn is_refused(&self) -> bool {
        matches!(self.end.map(|end| &end.result), Some(EndResult::Error(failed)) if !failed.in_doubt)
    }
}

/// Something that is removed from a role before the role is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Attachment<'a> {
    Inline(&'a PolicyName),
    Managed(&'a PolicyArn),
    Profile(&'a str),
}

impl RunLog {
    /// Whether every step of the plan was carried out; `None` if the log does not hold the plan.
    pub fn is_complete(&self) -> Option<bool> {
        let plan = &self.header.about.as_ref()?.plan;
        // What a failed step restores is logged under its number too.
        let done = self.writes().filter(Write::is_done).map(|write| (write.begin.step, write.begin.op.name()));
        let done: BTreeSet<_> = done.collect();
        Some(plan.steps.iter().all(|step| done.contains(&(step.id, step.op.name()))))
    }

    /// The roles that the run was to delete and whose deletion began: something may have been removed from them that was
    /// not restored. A later archive of such a role lacks it.
    pub fn begun_deletes(&self) -> BTreeSet<RoleId> {
        let mut removed: BTreeSet<(&RoleArn, Attachment<'_>)> = BTreeSet::new();
        for write in self.writes() {
            let Op::Role(op) = &*write.begin.op else { continue };
            let (what, is_removed) = match op {
                RoleOp::DeletePolicy { policy_name, .. } => (Attachment::Inline(policy_name), true),
                RoleOp::DetachPolicy { policy, .. } => (Attachment::Managed(policy), true),
                RoleOp::RemoveFromProfile { instance_profile, .. } => {
                    (Attachment::Profile(instance_profile), true)
                }
                RoleOp::PutPolicy { policy_name, .. } => (Attachment::Inline(policy_name), false),
                RoleOp::AttachPolicy { policy, .. } => (Attachment::Managed(policy), false),
                RoleOp::AddToProfile { instance_profile, .. } => (Attachment::Profile(instance_profile), false),
                _ => continue,
            };
            if is_removed && !write.is_refused() {
                removed.insert((op.role(), what));
            } else if !is_removed && write.is_done() {
                removed.remove(&(op.role(), what));
            }
        }
        let roles: BTreeSet<&RoleArn> = removed.into_iter().map(|(role, _)| role).collect();
        let steps = self.header.about.iter().flat_map(|about| &about.plan.steps);
        let deletes = steps.filter_map(|step| match &step.op {
            Op::Role(RoleOp::Delete { role, role_id }) if roles.contains(role) => Some(role_id.clone()),
            _ => None,
        });
        deletes.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{About, FORMAT, Header, Link, Record};
    use super::*;
    use pinpoint_streams_model::digest;
    use pinpoint_streams_model::ids::Serial;
    use pinpoint_streams_model::plan::{Basis, FORMAT_VERSION, Mode, Options, Plan, Summary};
    use serde_json::{Value, json};
    use std::collections::BTreeMap;
    use std::path::PathBuf;
    use std::sync::Arc;

    /// The step, the operation and what came of it; nothing if that was not recorded.
    type LoggedWrite<'a> = (u32, &'a Value, Option<Value>);

    const TIME: &str = "2026-11-23T09:00:00Z";

    /// The operations that delete a role: on its policy, on itself; and the one that restores the policy.
    fn deletion() -> [Value; 3] {
        let role = "arn:aws:iam::123456789012:role/shop";
        let document = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "kinesis:PutRecords", "Resource": "*"}]});
        [
            json!({"delete_role_policy": {"role": role, "policy_name": "P"}}),
            json!({"delete_role": {"role": role, "role_id": "AROAQ7SSZBKHRKPWRZUN6"}}),
            json!({"put_role_policy": {"role": role, "policy_name": "P", "document": document}}),
        ]
    }

    /// The log of a run that was to delete a role.
    fn deleting(writes: &[LoggedWrite<'_>]) -> RunLog {
        let [policy, role, _] = deletion();
        let steps = json!([
            {"id": 1, "address": "role.shop", "after": [], "op": policy},
            {"id": 2, "address": "role.shop", "after": [1], "op": role},
        ]);
        let plan = Plan {
            format_version: FORMAT_VERSION,
            tool_version: "0.1.0".to_owned(),
            workspace: "growth".parse().unwrap(),
            mode: Mode::Converge,
            plan_digest: digest::of_bytes(b""),
            options: Options::default(),
            basis: Basis {
                manifest_digest: digest::of_bytes(b""),
                lineage: None,
                serial: Serial(1),
                accounts: BTreeMap::new(),
            },
            changes: Vec::new(),
            steps: serde_json::from_value(steps).unwrap(),
            summary: Summary::default(),
            warnings: Vec::new(),
            access: None,
        };
        let about = About {
            began_at: TIME.parse().unwrap(),
            approved_by: None,
            findings: Vec::new(),
            reading: None,
            plan: Arc::new(plan),
        };
        let header = Header {
            format: FORMAT,
            lineage: "3f2a".parse().unwrap(),
            serial: Serial(1),
            run: "r1".parse().unwrap(),
            about: Some(Box::new(about)),
        };
        let mut records: Vec<Record> = Vec::new();
        for (step, op, end) in writes {
            let begin = records.len() + 1;
            let line =
                json!({"begin": {"seq": begin, "step": step, "address": "role.shop", "op": op, "time": TIME}});
            records.push(serde_json::from_value(line).unwrap());
            if let Some(end) = end {
                let mut line = json!({"end": {"seq": begin + 1, "begin": begin, "time": TIME}});
                let end = end.as_object().unwrap().clone();
                line["end"].as_object_mut().unwrap().extend(end);
                records.push(serde_json::from_value(line).unwrap());
            }
        }
        RunLog { path: PathBuf::new(), header, records, link: Link::first(b"") }
    }

    #[test]
    fn a_deletion_has_begun_where_something_may_have_been_removed_and_was_not_restored() {
        let [policy, role, back] = &deletion();
        let done = || Some(json!({"output": "done"}));
        let failed = |in_doubt: bool| {
            Some(json!({"error": {"code": "AccessDenied", "message": "no", "in_doubt": in_doubt}}))
        };
        let cut_short = [(1, policy, done())];
        let unknown = [(1, policy, None)];
        let in_doubt = [(1, policy, failed(true))];
        let refused = [(1, policy, failed(false))];
        let restored = [(1, policy, done()), (2, role, failed(false)), (2, back, done())];
        let whole = [(1, policy, done()), (2, role, done())];
        let cases: [(&[LoggedWrite<'_>], bool, bool); 6] = [
            (&cut_short, true, false),
            (&unknown, true, false),
            (&in_doubt, true, false),
            (&refused, false, false),
            (&restored, false, false),
            (&whole, true, true),
        ];
        for (writes, is_begun, is_complete) in cases {
            let log = deleting(writes);
            assert_eq!(!log.begun_deletes().is_empty(), is_begun, "{writes:?}");
            assert_eq!(log.is_complete(), Some(is_complete), "{writes:?}");
        }
    }
}
