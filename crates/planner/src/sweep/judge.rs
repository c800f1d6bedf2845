//! The verdict on a role, and what it rests on. What is known at little cost comes first; a role comes to
//! be called obsolete only after everything else was asked and answered.
use super::candidate::{Candidate, Permissions, other_principals};
use super::marks::{self, QuarantineState};
use super::owner::{self, Stack, Tool};
use super::readings::Readings;
use super::{api_fact, local_fact, other_users, proof, read_failed, sources};
use crate::usage::PossibleApps;
use pinpoint_streams_model::recorded::Quarantined;
use pinpoint_streams_model::role_kind::BeyondApps;
use pinpoint_streams_model::{
    AppArn, Evidence, Fact, Finding, LastUsed, LiveRole, Purpose, Read, StreamService, Subject, Verdict,
};
use std::ops::ControlFlow::{self, Break, Continue};

pub(super) fn judge(readings: &Readings<'_>, candidate: &Candidate<'_>) -> Finding {
    let mut undecided = match before_stacks(readings, candidate) {
        Break(finding) => return *finding,
        Continue(undecided) => undecided,
    };
    match owner::stack(readings, candidate.arn) {
        Stack::Holds(evidence) => *undecided.decided(Verdict::ManagedElsewhere, *evidence),
        Stack::Unknown(gaps) => *undecided.unknown(gaps),
        Stack::None(evidence) => {
            undecided.finding.evidence.extend(evidence);
            let is_quarantined = candidate.marks.is_some_and(|marks| marks.is_quarantined());
            let verdict = if is_quarantined { Verdict::Quarantined } else { Verdict::Obsolete };
            Finding { verdict, ..undecided.finding }
        }
    }
}

/// Whether only a CloudFormation stack may still speak for the role.
pub(super) fn needs_stacks(readings: &Readings<'_>, candidate: &Candidate<'_>) -> bool {
    before_stacks(readings, candidate).is_continue()
}

/// Whether something that the optional sources may know would change the verdict.
pub(super) fn is_open(readings: &Readings<'_>, candidate: &Candidate<'_>) -> bool {
    match before_stacks(readings, candidate) {
        Continue(_) => true,
        Break(finding) => finding.verdict == Verdict::Unknown,
    }
}

/// A finding that is not decided yet.
struct Undecided {
    finding: Finding,
}

/// Ends the judging. Boxed, because every step on the way may return it.
type Decided = Box<Finding>;

impl Undecided {
    fn of(candidate: &Candidate<'_>) -> Undecided {
        let live = candidate.role;
        let listed = candidate.listed.and_then(|listed| listed.created);
        Undecided {
            finding: Finding {
                role: candidate.arn.clone(),
                role_id: candidate.id.clone(),
                verdict: Verdict::Unknown,
                purpose: Purpose::Unclear,
                created: live.and_then(|live| live.created).or(listed),
                last_used: live.map_or(LastUsed::NotRead, |live| live.last_used.clone()),
                evidence: Vec::new(),
                held_by: Vec::new(),
                advice: None,
            },
        }
    }

    fn add_evidence(&mut self, evidence: Evidence) {
        self.finding.evidence.push(evidence);
    }

    fn decided(mut self, verdict: Verdict, evidence: Evidence) -> Decided {
        self.finding.evidence.insert(0, evidence);
        Box::new(Finding { verdict, ..self.finding })
    }

    fn unknown(mut self, gaps: Vec<Evidence>) -> Decided {
        self.finding.evidence.retain(|known| !gaps.contains(known));
        self.finding.evidence.splice(0..0, gaps);
        Box::new(Finding { verdict: Verdict::Unknown, ..self.finding })
    }
}

/// All that is asked before CloudFormation, which is asked about few roles: it answers slowly.
fn before_stacks(readings: &Readings<'_>, candidate: &Candidate<'_>) -> ControlFlow<Decided, Undecided> {
    let mut undecided = Undecided::of(candidate);
    let path = candidate.arn.path.as_str();
    if path.starts_with("/aws-service-role/") || path.starts_with("/aws-reserved/") {
        let evidence = api_fact("ListRoles", Fact::AwsOwned { path: path.to_owned() });
        return Break(undecided.decided(Verdict::NotOurs, evidence));
    }
    if let Some(owner) = owner::recorded(readings, candidate) {
        return Break(undecided.decided(Verdict::Managed, owner));
    }
    let (role, permissions, marks) = match (role(candidate), &candidate.permissions, &candidate.marks) {
        (Ok(role), Some(permissions), Some(marks)) => (role, permissions, marks),
        (Ok(_), ..) => return Break(undecided.unknown(vec![local_fact(Fact::NotRead { what: Subject::Role })])),
        (Err(gap), ..) => return Break(in_use(readings, candidate, undecided)?.unknown(vec![*gap])),
    };
    undecided.finding.purpose = permissions.purpose();
    undecided.finding.evidence = about(readings, role, permissions);
    // Whatever the verdict: who uses or manages a role that is denied everything must know.
    undecided.finding.evidence.extend(quarantine(readings, marks, role));
    if let Some(owner) = owner::tagged(readings, role) {
        return Break(undecided.decided(Verdict::Managed, owner));
    }
    match owner::tool(readings, role) {
        Some(Tool::Manages(owner)) => return Break(undecided.decided(Verdict::ManagedElsewhere, owner)),
        Some(Tool::Conflict(gap)) => return Break(in_use(readings, candidate, undecided)?.unknown(vec![gap])),
        None => {}
    }
    let mut undecided = in_use(readings, candidate, undecided)?;
    if permissions.unread_inline.iter().any(|(name, _)| marks::is_quarantine(name)) {
        return Break(undecided.unknown(unread_inline(permissions).collect()));
    }
    let is_quarantined = marks.is_quarantined();
    if marks.are_tags_alone() {
        if recorded_quarantine(readings, role).is_some() {
            return Break(undecided.decided(Verdict::Alive, api_fact("GetRole", Fact::QuarantineRemoved {})));
        }
        // A release took the policy off, and the state forgot the quarantine with it. Tags alone change no verdict.
        undecided.add_evidence(api_fact("GetRole", Fact::QuarantineReleased {}));
    }
    let known = recorded_quarantine(readings, role);
    if is_quarantined {
        undecided = quarantined(readings, marks, known, role, undecided)?;
    }
    // Anyone may write the marks of a quarantine: only those in the state say that its use was looked at.
    if known.is_none() {
        undecided = alive(readings, role, undecided)?;
    }
    let (mut undecided, possible) = trusting(candidate, undecided)?;
    let is_judged_anyway = readings.sweep.options.all_purposes || is_quarantined;
    let mut gaps = if is_judged_anyway { Vec::new() } else { unread_policies(permissions) };
    if gaps.is_empty() && !is_judged_anyway && undecided.finding.purpose != candidate.kind.purpose() {
        let evidence = api_fact("GetRole", Fact::OtherPurpose { purpose: undecided.finding.purpose });
        return Break(undecided.decided(Verdict::NotOurs, evidence));
    }
    if role.last_used == LastUsed::NotRead {
        gaps.push(api_fact("GetRole", Fact::LastUseNotRead {}));
    }
    gaps.extend(unsettled(readings, candidate));
    gaps.extend(readings.named.unclear(candidate.arn, possible));
    gaps.extend(candidate.kind.admits_beyond_apps(candidate.trust).into_iter().map(beyond_apps));
    if other_users::are_needed(readings, candidate, readings.sweep.options.all_purposes) {
        match other_users::absence(readings, candidate, possible) {
            Ok(evidence) => undecided.add_evidence(evidence),
            Err(more) => gaps.extend(more),
        }
    }
    match proof::absence(readings, candidate, possible) {
        Ok(evidence) => undecided.finding.evidence.splice(0..0, evidence).for_each(drop),
        Err(more) => gaps.extend(more),
    }
    if gaps.is_empty() {
        undecided.finding.evidence.extend(gone(readings, possible));
        return Continue(undecided);
    }
    Break(undecided.unknown(gaps))
}

/// The role itself, read, and still the one that was listed.
fn role<'a>(candidate: &Candidate<'a>) -> Result<&'a LiveRole, Box<Evidence>> {
    let gap = match candidate.details {
        None => local_fact(Fact::NotRead { what: Subject::Role }),
        Some(Read::Unreadable(why)) => read_failed(Subject::Role, why),
        Some(Read::Absent) => api_fact("GetRole", Fact::ListedNotFound {}),
        Some(Read::Present(_)) => api_fact("GetRole", Fact::NameTaken {}),
    };
    candidate.role.ok_or_else(|| Box::new(gap))
}

/// What is known of a role whatever its verdict.
fn about(readings: &Readings<'_>, role: &LiveRole, permissions: &Permissions<'_>) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    evidence.push(api_fact(
        "GetRole",
        match &role.last_used {
            LastUsed::NotRead => Fact::LastUseNotRead {},
            LastUsed::Never { within_days } => Fact::NeverUsed { within_days: *within_days },
            LastUsed::At(at, region) => Fact::LastUsed { at: *at, region: region.clone() },
        },
    ));
    evidence.extend(role.created.map(|at| api_fact("GetRole", Fact::Created { at })));
    evidence.extend(unread_inline(permissions));
    for stream in permissions.streams() {
        let call = match stream.service() {
            StreamService::Kinesis => "DescribeStreamSummary",
            StreamService::Firehose => "DescribeDeliveryStream",
        };
        match readings.live.streams.get(&stream) {
            Some(Read::Present(_)) => evidence.push(api_fact(call, Fact::StreamExists { stream })),
            Some(Read::Absent) => evidence.push(api_fact(call, Fact::StreamGone { stream })),
            Some(Read::Unreadable(_)) | None => {}
        }
    }
    if !role.attached_policies.is_empty() {
        let policies = role.attached_policies.clone();
        evidence.push(api_fact("GetRole", Fact::ManagedPolicies { policies }));
    }
    if !role.instance_profiles.is_empty() {
        let names = role.instance_profiles.clone();
        evidence.push(api_fact("GetRole", Fact::InstanceProfiles { names }));
    }
    evidence.extend(sources::reported_unused(readings, &role.arn));
    evidence
}

fn in_use(
    readings: &Readings<'_>,
    candidate: &Candidate<'_>,
    mut undecided: Undecided,
) -> ControlFlow<Decided, Undecided> {
    let named = |app: &&AppArn| api_fact("GetEventStream", Fact::NamedByEventStream { app: (*app).clone() });
    let users = readings.users(candidate.arn).iter().map(named);
    let users: Vec<Evidence> = users.chain(readings.recorded_users.of_role(candidate.arn).cloned()).collect();
    if users.is_empty() {
        return Continue(undecided);
    }
    undecided.finding.evidence.splice(0..0, users);
    Break(Box::new(Finding { verdict: Verdict::InUse, ..undecided.finding }))
}

/// The quarantine of this very role in the state.
fn recorded_quarantine<'a>(readings: &'a Readings<'_>, role: &LiveRole) -> Option<&'a Quarantined> {
    readings.recorded.quarantined.get(&role.arn).filter(|known| known.role_id == role.id)
}

/// Since when it is quarantined, what of that is not as a quarantine leaves it, and whether it is in the state.
fn quarantine(readings: &Readings<'_>, marks: &QuarantineState<'_>, role: &LiveRole) -> Vec<Evidence> {
    if !marks.is_quarantined() {
        return Vec::new();
    }
    let at = marks.at.map(|at| Fact::QuarantinedAt { at });
    let mut evidence: Vec<Evidence> =
        at.into_iter().chain(marks.missing()).map(|fact| api_fact("GetRole", fact)).collect();
    if recorded_quarantine(readings, role).is_none() {
        evidence.push(local_fact(Fact::QuarantineNotRecorded {}));
    }
    evidence
}

/// It carries our quarantine: has anyone tried to use it since?
fn quarantined(
    readings: &Readings<'_>,
    marks: &QuarantineState<'_>,
    known: Option<&Quarantined>,
    role: &LiveRole,
    undecided: Undecided,
) -> ControlFlow<Decided, Undecided> {
    let since = marks.at.into_iter().chain(known.map(|known| known.at)).min();
    let attempt = since.and_then(|since| sources::latest_use(readings, &role.arn, since));
    match marks.tripped(since) {
        None => match attempt {
            None => Continue(undecided),
            Some(evidence) => Break(undecided.decided(Verdict::Tripped, evidence)),
        },
        Some(at) => {
            Break(undecided.decided(Verdict::Tripped, api_fact("GetRole", Fact::UsedSinceQuarantine { at })))
        }
    }
}

fn alive(readings: &Readings<'_>, role: &LiveRole, undecided: Undecided) -> ControlFlow<Decided, Undecided> {
    let since = readings.sweep.options.unused_since;
    match &role.last_used {
        LastUsed::At(at, _) if *at >= since => {
            Break(undecided.decided(Verdict::Alive, api_fact("GetRole", Fact::UsedLately { at: *at, since })))
        }
        LastUsed::At(..) | LastUsed::Never { .. } | LastUsed::NotRead => {
            match sources::latest_use(readings, &role.arn, since) {
                Some(evidence) => Break(undecided.decided(Verdict::Alive, evidence)),
                None => Continue(undecided),
            }
        }
    }
}

/// Pinpoint alone, for its apps: which ones.
fn trusting<'c>(
    candidate: &'c Candidate<'_>,
    undecided: Undecided,
) -> ControlFlow<Decided, (Undecided, &'c PossibleApps)> {
    let principals = other_principals(candidate.kind, candidate.trust);
    if !principals.is_empty() {
        return Break(
            undecided.decided(Verdict::NotOurs, api_fact("ListRoles", Fact::TrustsOthers { principals })),
        );
    }
    match &candidate.possible_apps {
        Some(possible) => Continue((undecided, possible)),
        None => Break(undecided.decided(Verdict::NotOurs, api_fact("ListRoles", Fact::AdmitsNoApp {}))),
    }
}

/// Inline policies of which nothing is known.
fn unread_inline<'p>(permissions: &'p Permissions<'_>) -> impl Iterator<Item = Evidence> + 'p {
    let unread = permissions.unread_inline.iter();
    unread.map(|(name, why)| read_failed(Subject::InlinePolicy((*name).clone()), why))
}

/// Policies that the role's purpose rests on.
fn unread_policies(permissions: &Permissions<'_>) -> Vec<Evidence> {
    let managed = permissions.unread.iter().map(|(policy, read)| {
        let policy = (*policy).clone();
        match read {
            Some(Read::Unreadable(why)) => read_failed(Subject::ManagedPolicy(policy), why),
            Some(Read::Present(_) | Read::Absent) => api_fact("GetPolicyVersion", Fact::PolicyNotFound { policy }),
            None => local_fact(Fact::NotRead { what: Subject::ManagedPolicy(policy) }),
        }
    });
    managed.chain(unread_inline(permissions)).collect()
}

fn beyond_apps(admitted: BeyondApps) -> Evidence {
    let fact = match admitted {
        BeyondApps::Accounts { condition } => Fact::AdmitsAccounts { condition },
        BeyondApps::Source { arn } => Fact::AdmitsSource { arn },
    };
    api_fact("GetRole", fact)
}

/// What an earlier sweep began on it, with an unknown outcome.
fn unsettled(readings: &Readings<'_>, candidate: &Candidate<'_>) -> Option<Evidence> {
    let begun = readings.recorded.pending.iter().find(|one| one.op.role() == Some(candidate.arn))?;
    let (run, operation) = (begun.run.to_string(), begun.op.name().to_owned());
    Some(local_fact(Fact::OutcomeUnknown { run, operation }))
}

/// The apps that the trust policy names and that are gone, or have no event stream.
fn gone(readings: &Readings<'_>, possible: &PossibleApps) -> Vec<Evidence> {
    let fact = |app: &AppArn| {
        let list = readings.live.apps.get(&app.place()).and_then(Read::present)?;
        if !list.contains_key(&app.id) {
            return Some(api_fact("GetApps", Fact::AppGone { app: app.clone() }));
        }
        let fact = match readings.live.event_streams.get(app)? {
            Read::Unreadable(_) => return None,
            Read::Absent => Fact::AppWithoutEventStream { app: app.clone() },
            Read::Present(stream) => Fact::AppUsesOtherRole { app: app.clone(), role: stream.role_arn.clone() },
        };
        Some(api_fact("GetEventStream", fact))
    };
    possible
        .apps
        .iter()
        .filter(|app| readings.sweep.options.regions.contains(&app.region))
        .filter_map(fact)
        .collect()
}
