//! The verdict on a role, and what it rests on. What is known at little cost comes first; a role comes to
//! be called obsolete only after everything else was asked and answered.
use super::facts::{Candidate, Facts};
use super::marks::Marks;
use super::owner::{self, Owner};
use super::proof::{self, Gap, failed};
use super::purpose::Permissions;
use super::trust::{self, Reach};
use super::{said, told};
use pinpoint_streams_model::arn::{AppArn, StreamService};
use pinpoint_streams_model::live::{LastUsed, LiveRole, Read};
use pinpoint_streams_model::role_kind::Purpose;
use pinpoint_streams_model::sweep::{Evidence, Finding, Verdict};
use std::collections::BTreeSet;

/// The verdict on a role.
pub(super) fn judge(facts: &Facts<'_>, candidate: &Candidate<'_>) -> Finding {
    match before_stacks(facts, candidate) {
        Err(finding) => *finding,
        Ok(mut open) => {
            let verdict = match owner::stack(facts, candidate.arn) {
                Ok(Ok(owner)) => return open.owned(Verdict::ManagedElsewhere, owner),
                Ok(Err(none)) => {
                    open.finding.evidence.push(none);
                    if open.is_quarantined { Verdict::Quarantined } else { Verdict::Obsolete }
                }
                Err(gaps) => return open.unknown(gaps),
            };
            let advice = match verdict {
                Verdict::Quarantined => "`sweep --reap` deletes it in time; `sweep --release` gives it back",
                _ => "`sweep` quarantines it, which `sweep --release` undoes",
            };
            open.verdict(verdict, Some(advice.to_owned()))
        }
    }
}

/// Whether only a CloudFormation stack may still speak for the role.
pub(super) fn hangs_on_stacks(facts: &Facts<'_>, candidate: &Candidate<'_>) -> bool {
    before_stacks(facts, candidate).is_ok()
}

/// A finding that is not decided yet.
struct Open {
    finding: Finding,
    is_quarantined: bool,
}

type Decided = Box<Finding>;

impl Open {
    fn of(candidate: &Candidate<'_>) -> Open {
        let live = candidate.live();
        let listed = candidate.listed.and_then(|listed| listed.created);
        let finding = Finding {
            role: candidate.arn.clone(),
            role_id: candidate.id.clone(),
            verdict: Verdict::Unknown,
            purpose: Purpose::Unclear,
            created: live.and_then(|live| live.created).or(listed),
            last_used: live.map_or(LastUsed::NotRead, |live| live.last_used.clone()),
            evidence: Vec::new(),
            held_by: Vec::new(),
            advice: None,
        };
        Open { finding, is_quarantined: false }
    }

    fn know(&mut self, evidence: Evidence) {
        self.finding.evidence.push(evidence);
    }

    fn verdict(self, verdict: Verdict, advice: Option<String>) -> Finding {
        Finding { verdict, advice, ..self.finding }
    }

    fn decided(mut self, verdict: Verdict, evidence: Evidence, advice: impl Into<String>) -> Decided {
        self.finding.evidence.insert(0, evidence);
        Box::new(self.verdict(verdict, Some(advice.into())))
    }

    fn owned(self, verdict: Verdict, owner: Owner) -> Finding {
        *self.decided(verdict, owner.evidence, owner.advice)
    }

    fn unknown(mut self, gaps: Vec<Gap>) -> Finding {
        let ways_out: BTreeSet<String> = gaps.iter().map(|gap| gap.way_out.clone()).collect();
        let ways_out: Vec<String> = ways_out.into_iter().collect();
        self.finding.evidence.splice(0..0, gaps.into_iter().map(|gap| gap.evidence));
        self.verdict(Verdict::Unknown, Some(ways_out.join("; ")))
    }
}

/// All that is asked before CloudFormation, which is asked about few roles: it answers slowly.
fn before_stacks(facts: &Facts<'_>, candidate: &Candidate<'_>) -> Result<Open, Decided> {
    let mut open = Open::of(candidate);
    let path = candidate.arn.path.as_str();
    if path.starts_with("/aws-service-role/") || path.starts_with("/aws-reserved/") {
        let evidence = said("ListRoles", format!("its path is {path}, which is AWS's own"));
        return Err(open.decided(Verdict::NotOurs, evidence, "AWS looks after it"));
    }
    if let Some(owner) = owner::recorded(facts, candidate) {
        return Err(Box::new(open.owned(Verdict::Managed, owner)));
    }
    let role = match role(candidate) {
        Ok(role) => role,
        Err(gap) => return Err(Box::new(in_use(facts, candidate, open)?.unknown(vec![gap]))),
    };
    let permissions = Permissions::of(facts, role);
    open.finding.purpose = if permissions.unread.is_empty() { permissions.purpose() } else { Purpose::Unclear };
    open.finding.evidence = about(facts, role, &permissions);
    if let Some(owner) = owner::tagged(facts, role) {
        return Err(Box::new(open.owned(Verdict::Managed, owner)));
    }
    if let Some(owner) = owner::tool(facts, role) {
        return Err(Box::new(open.owned(Verdict::ManagedElsewhere, owner)));
    }
    let mut open = in_use(facts, candidate, open)?;
    let marks = Marks::of(role);
    open.is_quarantined = marks.is_quarantined();
    if marks.are_any() && !open.is_quarantined {
        let evidence = said("GetRole", "another hand took its quarantine off: someone needs it");
        let advice = "`sweep --release` takes the tags off too; from then on it is judged anew";
        return Err(open.decided(Verdict::Alive, evidence, advice));
    }
    open = if open.is_quarantined { quarantined(&marks, open)? } else { alive(facts, role, open)? };
    let (mut open, reach) = trusting(facts, candidate, open)?;
    let is_judged_anyway = facts.sweep.options.all_purposes || open.is_quarantined;
    let mut gaps = if is_judged_anyway { Vec::new() } else { unread_policies(&permissions) };
    if gaps.is_empty() && !is_judged_anyway && open.finding.purpose != candidate.kind.purpose() {
        let fact = format!("its permissions are not those of an event stream: {}", open.finding.purpose.words());
        let call = said("GetRole", fact);
        return Err(open.decided(
            Verdict::NotOurs,
            call,
            "`--purpose all` judges every role that trusts Pinpoint",
        ));
    }
    if role.last_used == LastUsed::NotRead {
        let evidence = said("GetRole", "when it was last used was not answered");
        gaps.push(Gap { evidence, way_out: "sweep again".to_owned() });
    }
    gaps.extend(unsettled(facts, candidate));
    match proof::absence(facts, &reach) {
        Ok(evidence) => open.finding.evidence.splice(0..0, evidence).for_each(drop),
        Err(more) => gaps.extend(more),
    }
    if gaps.is_empty() {
        open.finding.evidence.extend(gone(facts, &reach));
        return Ok(open);
    }
    Err(Box::new(open.unknown(gaps)))
}

/// The role itself, read, and still the one that was listed.
fn role<'a>(candidate: &Candidate<'a>) -> Result<&'a LiveRole, Gap> {
    let gap = |evidence| Gap { evidence, way_out: "sweep again".to_owned() };
    match candidate.details {
        None => Err(gap(told("the role itself was not read"))),
        Some(Read::Unreadable(why)) => Err(failed("the role itself", why)),
        Some(Read::Absent) => Err(gap(said("GetRole", "it was listed, and is not found by its name"))),
        Some(Read::Present(_)) => candidate
            .live()
            .ok_or_else(|| gap(said("GetRole", "another role has taken its name since it was listed"))),
    }
}

/// What is to be told of a role in any case.
fn about(facts: &Facts<'_>, role: &LiveRole, permissions: &Permissions<'_>) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    evidence.push(said(
        "GetRole",
        match &role.last_used {
            LastUsed::NotRead => "last used: not read".to_owned(),
            LastUsed::Never { within_days } => format!("never used in the last {within_days} days"),
            LastUsed::At(time, Some(region)) => format!("last used on {time} in {region}"),
            LastUsed::At(time, None) => format!("last used on {time}"),
        },
    ));
    if let Some(created) = role.created {
        evidence.push(said("GetRole", format!("made on {created}")));
    }
    for stream in permissions.streams() {
        let what = match facts.live.streams.get(&stream) {
            Some(Read::Present(_)) => "is there",
            Some(Read::Absent) => "is gone",
            Some(Read::Unreadable(_)) | None => continue,
        };
        let call = match stream.service() {
            StreamService::Kinesis => "DescribeStreamSummary",
            StreamService::Firehose => "DescribeDeliveryStream",
        };
        evidence.push(said(call, format!("the stream that it may write to {what}: {stream}")));
    }
    let mut hang = |noun: &str, names: Vec<String>| {
        if !names.is_empty() {
            evidence.push(said("GetRole", format!("{noun}: {}", names.join(", "))));
        }
    };
    hang("managed policies", role.attached_policies.iter().map(ToString::to_string).collect());
    hang("instance profiles", role.instance_profiles.iter().cloned().collect());
    evidence
}

/// An event stream names it.
fn in_use(facts: &Facts<'_>, candidate: &Candidate<'_>, mut open: Open) -> Result<Open, Decided> {
    let users = facts.users(candidate.arn);
    let Some((last, rest)) = users.split_last() else { return Ok(open) };
    let fact = |AppArn { account, region, id }: &AppArn| {
        said("GetEventStream", format!("the event stream of app {id} in {account}/{region} names it"))
    };
    for place in rest.iter().rev() {
        open.finding.evidence.insert(0, fact(place));
    }
    let advice = if users.len() == 1 {
        "delete that event stream, or point it to another role, first"
    } else {
        "delete those event streams, or point them to another role, first"
    };
    Err(open.decided(Verdict::InUse, fact(last), advice))
}

/// It carries our quarantine: has anyone tried to use it since?
fn quarantined(marks: &Marks<'_>, mut open: Open) -> Result<Open, Decided> {
    if let Some(since) = marks.at {
        open.know(said("GetRole", format!("quarantined on {since}")));
    }
    for missing in marks.missing() {
        open.know(said("GetRole", format!("not as it was quarantined: {missing}")));
    }
    match marks.tripped() {
        None => Ok(open),
        Some(used) => {
            let evidence = said("GetRole", format!("it was used on {used}, after it had been quarantined"));
            let advice = "find out in CloudTrail who needs it; `sweep --release` gives it back";
            Err(open.decided(Verdict::Tripped, evidence, advice))
        }
    }
}

fn alive(facts: &Facts<'_>, role: &LiveRole, open: Open) -> Result<Open, Decided> {
    let since = facts.sweep.options.unused_since;
    match &role.last_used {
        LastUsed::At(used, _) if *used >= since => {
            let evidence = said("GetRole", format!("it was used on {used}, not before {since}"));
            Err(open.decided(Verdict::Alive, evidence, "find out in CloudTrail who uses it"))
        }
        LastUsed::At(..) | LastUsed::Never { .. } | LastUsed::NotRead => Ok(open),
    }
}

/// Pinpoint alone, for its apps: which ones.
fn trusting(facts: &Facts<'_>, candidate: &Candidate<'_>, open: Open) -> Result<(Open, Reach), Decided> {
    let others = trust::others(candidate.kind, candidate.trust);
    if !others.is_empty() {
        let others: Vec<String> = others.into_iter().collect();
        let evidence = said("ListRoles", format!("it trusts others beside Pinpoint: {}", others.join(", ")));
        let advice = "if they no longer need it, take them out of the trust policy, and sweep again";
        return Err(open.decided(Verdict::NotOurs, evidence, advice));
    }
    let Some(reach) = trust::reach(facts, candidate) else {
        let evidence = said("ListRoles", "its trust policy admits Pinpoint for other sources than apps");
        return Err(open.decided(Verdict::NotOurs, evidence, "find out what it is for"));
    };
    Ok((open, reach))
}

/// Managed policies that the role's purpose rests on.
fn unread_policies(permissions: &Permissions<'_>) -> Vec<Gap> {
    let gap = |evidence| Gap { evidence, way_out: "`--purpose all` judges without them".to_owned() };
    let gaps = permissions.unread.iter().map(|(policy, read)| match read {
        Some(Read::Unreadable(why)) => failed(&format!("what managed policy {policy} grants"), why),
        Some(Read::Present(_) | Read::Absent) => {
            gap(said("GetPolicyVersion", format!("managed policy {policy} is attached, and not found")))
        }
        None => gap(told(format!("what managed policy {policy} grants was not read"))),
    });
    gaps.collect()
}

/// What an earlier sweep began on it, and nobody knows the end of.
fn unsettled(facts: &Facts<'_>, candidate: &Candidate<'_>) -> Option<Gap> {
    let begun = facts.recorded.pending.iter().find(|one| one.op.role() == Some(candidate.arn))?;
    let fact = format!("run {} began {} on it, and nobody knows the end", begun.run, begun.op.name());
    Some(Gap { evidence: told(fact), way_out: "sweep again".to_owned() })
}

/// The apps that the trust policy names and that are gone, or have no event stream.
fn gone(facts: &Facts<'_>, reach: &Reach) -> Vec<Evidence> {
    let fact = |app: &AppArn| {
        let list = facts.live.apps.get(&app.place()).and_then(Read::present)?;
        if !list.contains_key(&app.id) {
            return Some(said("GetApps", format!("the app that it trusts is gone: {app}")));
        }
        let stream = facts.live.event_streams.get(app)?;
        Some(match stream.present() {
            None => said("GetEventStream", format!("the app that it trusts has no event stream: {app}")),
            Some(stream) => {
                let other = &stream.role_arn;
                said("GetEventStream", format!("the app that it trusts streams with another role: {app}, {other}"))
            }
        })
    };
    reach.apps.iter().filter(|app| facts.sweep.options.regions.contains(&app.region)).filter_map(fact).collect()
}
