//! What AWS would refuse, or accept and then lose events over: found before the first write.
pub(crate) mod quotas;

use crate::app::Apps;
use crate::context::{Context, unreadable_problem};
use crate::draft::Draft;
use crate::role::RoleArns;
use pinpoint_streams_model::fact::Refusal;
use pinpoint_streams_model::role_kind::Weakness;
use pinpoint_streams_model::{
    Action, Address, AppArn, AppIdentity, AppKey, Decision, DesiredApp, DesiredEventStream, Document, Fact,
    FailureKind, LiveStream, Mode, Problem, ProblemCode, Read, RoleArn, RoleKind, RoleRef, Step, Subject, Tags,
};

use std::collections::BTreeSet;

/// Checks everything that can be known before the first write.
pub(crate) fn check(context: &Context<'_>, draft: &mut Draft, apps: &Apps, arns: &RoleArns, steps: &[Step]) {
    if context.mode != Mode::Converge {
        return;
    }
    for (key, app) in &context.desired.apps {
        existing_app(context, draft, key, app);
        if let Some(stream) = &app.event_stream {
            event_stream(context, draft, apps, key, app, stream);
        }
    }
    quotas::check(context, draft, steps);
    required_tags(context, draft, arns);
}

fn problem(draft: &mut Draft, code: ProblemCode, address: &Address, message: String, hint: &str) {
    draft.problem(Problem::new(code, message, hint).at(address));
}

/// An app given by `id` must be there, whatever was recorded.
fn existing_app(context: &Context<'_>, draft: &mut Draft, key: &AppKey, app: &DesiredApp) {
    let AppIdentity::Existing(id) = &app.identity else { return };
    let address = Address::EventStream(key.clone());
    if context.selection.is_partial() && !context.selection.covers(&address) {
        return;
    }
    match context.live.apps.get(&app.place()) {
        Some(Read::Present(apps)) if !apps.contains_key(id) => {
            let message = format!("there is no app {id} in {}/{}", app.account, app.region);
            problem(draft, ProblemCode::AppNotFound, &address, message, "check the id and the region of the app");
        }
        Some(Read::Unreadable(why)) => {
            let what = format!("the apps of {}/{}", app.account, app.region);
            draft.problem(unreadable_problem(Some(&address), &what, why));
        }
        Some(Read::Present(_) | Read::Absent) | None => {}
    }
}

fn event_stream(
    context: &Context<'_>,
    draft: &mut Draft,
    apps: &Apps,
    key: &AppKey,
    app: &DesiredApp,
    stream: &DesiredEventStream,
) {
    let address = Address::EventStream(key.clone());
    if !context.selection.covers(&address) {
        return;
    }
    let found = stream_findings(context.live.streams.get(&stream.target.arn), stream);
    // What is only kept goes on as it is, so there it is worth a word and no more.
    let changes = changes(draft, &address, "");
    let takes_the_key = matches!(&stream.role, RoleRef::Managed(role)
        if self::changes(draft, &Address::Role(role.clone()), "inline_policies."));
    for StreamFinding { code, message, hint, may_be_fine } in found {
        if may_be_fine {
            draft.warn(&address, Fact::Problem { code, message, hint: Some(hint.to_owned()) });
        } else if changes || (takes_the_key && code == ProblemCode::StreamKeyMissing) {
            problem(draft, code, &address, message, hint);
        } else {
            draft.warn(&address, Fact::Problem { code, message, hint: None });
        }
    }
    if let RoleRef::Elsewhere(role) = &stream.role {
        role_elsewhere(context, draft, apps, &address, key, app, stream, role);
    }
}

/// Whether something is created or changed, in a field whose path begins like this.
fn changes(draft: &Draft, address: &Address, path: &str) -> bool {
    draft.changes.get(address).is_some_and(|change| {
        matches!(change.action, Action::Create | Action::Update | Action::Replace | Action::Adopt)
            && (path.is_empty() || change.fields.iter().any(|field| field.path.starts_with(path)))
    })
}

struct StreamFinding {
    code: ProblemCode,
    message: String,
    hint: &'static str,
    /// Not known to be wrong: never more than a warning.
    may_be_fine: bool,
}

impl StreamFinding {
    fn new(code: ProblemCode, message: String, hint: &'static str) -> StreamFinding {
        StreamFinding { code, message, hint, may_be_fine: false }
    }
}

fn stream_findings(read: Option<&Read<LiveStream>>, stream: &DesiredEventStream) -> Vec<StreamFinding> {
    let arn = &stream.target.arn;
    let live = match read {
        Some(Read::Present(live)) => live,
        Some(Read::Absent) => {
            let hint = "create the stream first, or correct its name";
            let message = format!("there is no stream {arn}");
            return vec![StreamFinding::new(ProblemCode::StreamNotFound, message, hint)];
        }
        // It answered, and Pinpoint checks the stream itself in PutEventStream.
        Some(Read::Unreadable(why)) if why.kind == FailureKind::Unintelligible => {
            let hint = "check that the stream is ACTIVE, and that kms_key is its customer key if it has one";
            let message = format!("the description of stream {arn} cannot be parsed: {why}");
            let finding = StreamFinding::new(ProblemCode::Unreadable, message, hint);
            return vec![StreamFinding { may_be_fine: true, ..finding }];
        }
        Some(Read::Unreadable(why)) => {
            let hint = "allow the read for these credentials (`pinpoint-streams permissions --for audit` prints the policy for \
                        reading), or leave the address out with --exclude";
            let message = format!("cannot read stream {arn}: {why}");
            return vec![StreamFinding::new(ProblemCode::Unreadable, message, hint)];
        }
        None => return Vec::new(),
    };
    let mut found = Vec::new();
    if !live.active {
        let message = format!("stream {arn} is {}, not ACTIVE", live.status);
        let hint = match live.status.as_str() {
            "DELETING" => "the stream is being deleted: use another, or create it again once it is gone",
            "SUSPENDED" => "find out why the stream is suspended, resume it, then plan again",
            _ => "wait until the stream is ACTIVE, then plan again",
        };
        found.push(StreamFinding::new(ProblemCode::StreamNotActive, message, hint));
    }
    if !live.direct_put {
        let message = format!("Firehose stream {arn} has a source of its own, so Pinpoint cannot write to it");
        let hint = "use a Firehose stream whose source is Direct PUT";
        found.push(StreamFinding::new(ProblemCode::StreamNotDirectPut, message, hint));
    }
    if let Some(key) = &live.customer_key {
        let declared = stream.target.kms_key.as_ref().map(ToString::to_string);
        let is_alias = key.starts_with("alias/") || key.contains(":alias/");
        if let (true, Some(declared)) = (is_alias, &declared) {
            let message = format!(
                "stream {arn} is encrypted with the key of {key}, which cannot be compared with kms_key {declared}"
            );
            let hint = "compare them: `aws kms describe-key --key-id ALIAS` shows the key's ARN";
            let finding = StreamFinding::new(ProblemCode::StreamKeyMissing, message, hint);
            found.push(StreamFinding { may_be_fine: true, ..finding });
        } else if declared.as_deref() != Some(key) {
            let message = format!("stream {arn} is encrypted with customer key {key}, which the role may not use");
            let hint = match is_alias {
                true => "set kms_key of that stream in the manifest to the key of the alias, by its ARN",
                false => "set kms_key of that stream in the manifest to this key",
            };
            found.push(StreamFinding::new(ProblemCode::StreamKeyMissing, message, hint));
        }
    }
    found
}

/// A role managed elsewhere is read, never written; where it does not fit, that is a warning.
#[expect(
    clippy::too_many_arguments,
    reason = "one event stream with its app, its role and where they are looked up"
)]
fn role_elsewhere(
    context: &Context<'_>,
    draft: &mut Draft,
    apps: &Apps,
    address: &Address,
    key: &AppKey,
    app: &DesiredApp,
    stream: &DesiredEventStream,
    role: &RoleArn,
) {
    let live = match context.live.roles.get(&role.in_account()) {
        Some(Read::Present(live)) if live.arn == *role => live,
        Some(Read::Present(_) | Read::Absent) => {
            return draft.warn(address, Fact::RoleMissing { role: role.clone() });
        }
        Some(Read::Unreadable(why)) => {
            let what = Subject::OtherRole(role.clone());
            return draft.warn(address, Fact::ReadFailed { what, why: why.clone() });
        }
        None => return,
    };
    let kind = RoleKind::for_event_streams();
    if let Some(id) = apps.known_id(key) {
        let arn = AppArn::with_id(&app.region, &app.account, id.as_str());
        if let Some(why) = refusal(kind.admits(&live.trust_policy, &arn, app.account.as_str())) {
            draft.warn(address, Fact::DoesNotAdmit { role: role.clone(), app: id.clone(), why });
        }
    }
    if live.attached_policies.is_empty()
        && let Some(why) = refusal(kind.may_write(live.inline_policies.values(), &stream.target.arn))
    {
        let (role, stream) = (role.clone(), stream.target.arn.clone());
        draft.warn(address, Fact::MayNotWrite { role, stream, why });
    }
    let documents: Vec<&Document> = live.inline_policies.values().collect();
    let of_permissions = kind.lint_permissions(&documents, std::slice::from_ref(&stream.target));
    let is_weak = |weakness: &Weakness| match weakness {
        // Said above, with the reason.
        Weakness::NotTrusted { .. } | Weakness::SourceAdmitsNothing { .. } | Weakness::NoLongerSent { .. } => {
            false
        }
        Weakness::MissingAction { .. } => false,
        // Attached policies are not read, and may allow it.
        Weakness::MissingKeyAction { .. } => live.attached_policies.is_empty(),
        _ => true,
    };
    let weaknesses = kind.lint_trust(&live.trust_policy).into_iter().chain(of_permissions);
    let findings: BTreeSet<String> = weaknesses.filter(is_weak).map(|weakness| weakness.to_string()).collect();
    if !findings.is_empty() {
        draft.warn(address, Fact::WeakPolicies { role: role.clone(), findings });
    }
}

/// Why not; none if it is allowed.
fn refusal(decision: Decision) -> Option<Refusal> {
    match decision {
        Decision::Allowed => None,
        Decision::ExplicitlyDenied => Some(Refusal::Denied),
        Decision::NotAllowed => Some(Refusal::NotAllowed),
        Decision::Undecidable(why) => Some(Refusal::Undecidable(why)),
    }
}

fn required_tags(context: &Context<'_>, draft: &mut Draft, arns: &RoleArns) {
    let required = &context.desired.safety.required_tags;
    let check = |draft: &mut Draft, address: Address, tags: &Tags| {
        let missing: Vec<&str> =
            required.iter().filter(|key| !tags.contains_key(*key)).map(String::as_str).collect();
        if !missing.is_empty() && context.selection.covers(&address) {
            let message =
                format!("it lacks the tags that [safety] required_tags asks for: {}", missing.join(", "));
            let hint = "set them in tags of its app, or in [role_defaults] tags";
            problem(draft, ProblemCode::RequiredTagMissing, &address, message, hint);
        }
    };
    for (key, app) in &context.desired.apps {
        if let AppIdentity::Owned { tags, .. } = &app.identity {
            check(draft, Address::App(key.clone()), tags);
        }
    }
    for key in arns.keys() {
        if let Some(role) = context.desired.roles.get(key) {
            check(draft, Address::Role(key.clone()), &role.tags);
        }
    }
}
