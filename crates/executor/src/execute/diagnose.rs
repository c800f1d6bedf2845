//! Explains why Pinpoint refused a role, which its answer does not: compares the live role with what the event stream
//! needs.
use crate::cloud::{CloudError, ReadCloud};
use pinpoint_streams_model::policy::Explanation;
use pinpoint_streams_model::{AppArn, Decision, LiveRole, PutEventStream, Question, Read, Resolved, RoleKind};
use std::sync::Arc;

/// One line for each problem, or one that says that none was found.
pub(super) async fn diagnose(cloud: &impl ReadCloud, put: &PutEventStream<Resolved>) -> Vec<String> {
    let mut findings = stream_findings(put);
    let role = &put.role_arn;
    match cloud.read_as::<Arc<LiveRole>>(&Question::role_directly(&role.account, &role.name)).await {
        Read::Unreadable(why) => findings.push(format!("the role could not be read: {}", CloudError::unread(why))),
        Read::Absent => findings.push(format!("there is no role {role}")),
        Read::Present(live) => findings.extend(role_findings(put, &live)),
    }
    if findings.is_empty() {
        findings.push(format!(
            "no problem found: {role} admits the app and may write to the stream; a service control \
             policy, a stream or key policy, or a pending IAM change may be the cause"
        ));
    }
    findings
}

fn stream_findings(put: &PutEventStream<Resolved>) -> Vec<String> {
    let (stream, mut findings) = (&put.destination, Vec::new());
    if *stream.region() != put.region {
        findings.push(format!("the stream is in region {}, the app in {}", stream.region(), put.region));
    }
    if *stream.account() != put.account {
        findings.push(format!("the stream is in account {}, the app in {}", stream.account(), put.account));
    }
    findings
}

fn role_findings(put: &PutEventStream<Resolved>, live: &LiveRole) -> Vec<String> {
    let (kind, mut findings) = (RoleKind::for_event_streams(), Vec::new());
    if live.arn != put.role_arn {
        findings.push(format!("the role of this name is {}, not {}", live.arn, put.role_arn));
    }
    let app = AppArn::of(&put.account, &put.region, &put.app_id);
    let admission = kind.explain_admission(&live.trust_policy, &app.to_string(), put.account.as_str());
    findings.extend(trust_findings(&admission));
    let (stream, inline) = (&put.destination, live.inline_policies.values());
    let actions = || kind.actions_on(&stream.to_string()).join(" and ");
    let attached = live.attached_policies.len();
    match kind.may_write(inline, stream) {
        Decision::Allowed => {}
        Decision::NotAllowed if attached > 0 => findings.push(format!(
            "permissions: no inline policy allows {} on {stream}; attached managed policies were not read",
            actions()
        )),
        Decision::NotAllowed => {
            findings.push(format!("permissions: no inline policy allows {} on {stream}", actions()));
        }
        Decision::ExplicitlyDenied => {
            findings.push(format!("permissions: an inline policy denies {} on {stream}", actions()));
        }
        Decision::Undecidable(why) => findings.push(format!("permissions: undecidable because of {why}")),
    }
    if let Some(boundary) = &live.permissions_boundary {
        findings
            .push(format!("the permissions boundary {boundary} must allow {} too; it was not read", actions()));
    }
    findings
}

fn trust_findings(admission: &Explanation) -> Vec<String> {
    match &admission.decision {
        Decision::Allowed => Vec::new(),
        Decision::ExplicitlyDenied => vec!["trust policy: a Deny refuses the service".to_owned()],
        Decision::Undecidable(why) => vec![format!("trust policy: undecidable because of {why}")],
        Decision::NotAllowed if admission.mismatches().is_empty() => {
            vec!["trust policy: no statement allows anything".to_owned()]
        }
        Decision::NotAllowed => admission.mismatches().iter().map(|one| format!("trust policy: {one}")).collect(),
    }
}
