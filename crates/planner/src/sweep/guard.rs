//! What a sweep would do to a role by its verdict, and what holds it back all the same: a person's wish, too
//! little age, what others attached to the role, or a quarantine that is no longer as it was left. And too much
//! at once.
use super::candidate::{Candidate, own_policies, possible_apps};
use super::proof::Stated;
use super::readings::Readings;
use super::{marks, proof};
use crate::context::Context;
use crate::role::Deletion;
use crate::selection::Selection;
use jiff::Timestamp;
use pinpoint_streams_model::{
    AccountId, Action, AdmittedApps, Desired, Fact, Finding, LiveRole, Mode, Options, Problem, ProblemCode,
    Purpose, Read, RoleRecord, Subject, SweepAction, Verdict,
};
use std::collections::BTreeMap;
use wildmatch::WildMatch;

/// Source: IAM user guide, "IAM and AWS STS quotas".
const MOST_TAGS: usize = 50;

/// What is looked at before a role is touched.
pub(super) struct Guards<'a> {
    readings: &'a Readings<'a>,
    desired: Desired,
    options: Options,
}

impl<'a> Guards<'a> {
    pub(super) fn of(readings: &'a Readings<'a>) -> Guards<'a> {
        let sweep = &readings.sweep;
        let desired = Desired::nothing(sweep.workspace.clone(), sweep.accounts.clone());
        Guards { readings, desired, options: options(readings) }
    }

    /// What keeps the sweep from doing to the role what its verdict would let it.
    pub(super) fn hold(&self, candidate: &Candidate<'_>, finding: &Finding) -> Vec<Fact> {
        // Only live answers permit a delete.
        let bundles = self.readings.sweep.bundles.iter();
        let (Some(role), Some(marks), Some(action)) =
            (candidate.role, &candidate.marks, action(self.readings, candidate, finding.verdict))
        else {
            return Vec::new();
        };
        let mut holds: Vec<Fact> = self.excluded(role).into_iter().collect();
        if action == Action::Delete {
            holds.extend(bundles.map(|bundle| Fact::RestsOnKept { bundle: bundle.name.clone() }));
        }
        holds.extend(unarchivable(candidate, action));
        match (action, self.readings.sweep.options.action) {
            (Action::Quarantine, _) => {
                holds.extend(self.young(finding.created));
                holds.extend(self.no_room(role));
                holds.extend(marks.is_changed().then_some(Fact::QuarantineChanged {}));
                holds.extend(marks.are_tags_alone().then_some(Fact::QuarantineReleased {}));
            }
            // Without its policies it would be of no use to anyone.
            (Action::Release, _) => holds.extend(self.deletion_begun(role).then_some(Fact::DeletionBegun {})),
            (Action::Delete, SweepAction::Reap { after_days }) => {
                holds.extend(marks.missing());
                let quarantined = self.readings.recorded.quarantined.get(candidate.arn);
                match quarantined.filter(|quarantined| quarantined.role_id == role.id) {
                    // Anyone may write tags.
                    None => holds.push(Fact::QuarantineNotRecorded {}),
                    Some(known) => {
                        let since = marks.at.unwrap_or(known.at).max(known.at);
                        holds.extend(self.too_soon(since, after_days));
                    }
                }
                holds.extend(self.not_free(candidate, role, finding));
            }
            (Action::Delete, _) => {
                holds.extend(self.young(finding.created));
                holds.extend(marks.are_tags_alone().then_some(Fact::QuarantineReleased {}));
                holds.extend(self.not_free(candidate, role, finding));
            }
            _ => {}
        }
        holds
    }

    fn deletion_begun(&self, role: &LiveRole) -> bool {
        let quarantined = self.readings.recorded.quarantined.get(&role.arn);
        quarantined.is_some_and(|known| known.role_id == role.id && known.is_being_deleted)
    }

    fn excluded(&self, role: &LiveRole) -> Option<Fact> {
        let name = role.name().as_str().to_lowercase();
        let mut globs = self.readings.sweep.options.exclude.iter();
        let glob = globs.find(|glob| WildMatch::new(&glob.to_lowercase()).matches(&name))?;
        Some(Fact::Excluded { pattern: glob.clone() })
    }

    fn young(&self, created: Option<Timestamp>) -> Option<Fact> {
        let options = &self.readings.sweep.options;
        let Some(created) = created else { return Some(Fact::AgeUnknown {}) };
        let (days, min_days) = (days_between(created, options.now), options.min_age_days);
        (days < i64::from(min_days)).then_some(Fact::TooYoung { days, min_days })
    }

    fn too_soon(&self, since: Timestamp, after_days: u32) -> Option<Fact> {
        let days = days_between(since, self.readings.sweep.options.now);
        (days < i64::from(after_days)).then_some(Fact::QuarantinedTooLately { days, after_days })
    }

    /// A quarantine takes room, of which IAM gives only so much.
    fn no_room(&self, role: &LiveRole) -> Option<Fact> {
        let mut tags = role.tags.clone();
        tags.extend(marks::tags(&self.readings.sweep.options, role));
        if tags.len() > MOST_TAGS {
            return Some(Fact::NoRoomForTags { tags: role.tags.len() });
        }
        let quotas = self.readings.live.quotas.get(&role.arn.account).and_then(Read::present)?;
        let others = role.inline_policies.iter().filter(|(name, _)| !marks::is_quarantine(name));
        let size = marks::denial().size() + others.map(|(_, document)| document.size()).sum::<usize>();
        (size > quotas.inline_policies_size).then_some(Fact::NoRoomForPolicy {})
    }

    /// A delete needs the proof that the verdict rests on, here for every kind of role that the trust policy admits;
    /// and nothing may be attached to the role that is not part of its purpose.
    fn not_free(&self, candidate: &Candidate<'_>, role: &LiveRole, finding: &Finding) -> Vec<Fact> {
        let context = context(self.readings, &self.desired, &self.options);
        let (address, record) = (finding.address(), as_if_ours(role, finding.purpose));
        let deletion =
            Deletion { context: &context, address: &address, record: &record, live: role, comes_back: false };
        let attached = deletion.refuse_foreign().err().unwrap_or_default().into_iter().map(Fact::from);
        let admitted = AdmittedApps::by_any_kind(candidate.trust);
        let possible = possible_apps(self.readings, candidate.kind, admitted, candidate.arn, candidate.trust);
        let gaps = possible.and_then(|possible| proof::absence(self.readings, candidate, &possible).err());
        let users = self.readings.users(&role.arn).iter();
        let users = users.map(|app| Fact::NamedByEventStream { app: (*app).clone() });
        attached.chain(gaps.into_iter().flatten().map(|gap| gap.fact)).chain(users).collect()
    }
}

/// The inline policies that could not be read: an archive without them would not be the role. A release needs no
/// archive, only the policy that it removes.
fn unarchivable<'c>(candidate: &'c Candidate<'_>, action: Action) -> impl Iterator<Item = Fact> + 'c {
    let unread = candidate.in_part.into_iter().flat_map(|read| &read.unread_policies);
    let unread = unread.filter(move |(name, _)| action != Action::Release || marks::is_quarantine(name));
    unread.map(|(name, why)| Fact::ReadFailed { what: Subject::InlinePolicy(name.clone()), why: why.clone() })
}

/// What a check of a deletion reads.
pub(super) fn context<'c>(readings: &'c Readings<'_>, desired: &'c Desired, options: &'c Options) -> Context<'c> {
    let (recorded, live) = (&readings.recorded, readings.live);
    Context { mode: Mode::Sweep, desired, recorded, live, options, selection: &Selection::Everything }
}

pub(super) fn options(readings: &Readings<'_>) -> Options {
    let sweep = &readings.sweep.options;
    Options {
        allow_detach: sweep.allow_detach.clone(),
        event_streams_gone: sweep.event_streams_gone.clone(),
        sweep: Some(sweep.clone()),
        ..Options::default()
    }
}

/// What the sweep does to a role of this verdict, if nothing holds it back.
pub(super) fn action(readings: &Readings<'_>, candidate: &Candidate<'_>, verdict: Verdict) -> Option<Action> {
    let marks = candidate.marks?;
    match (readings.sweep.options.action, verdict) {
        (SweepAction::Quarantine, Verdict::Obsolete) => Some(Action::Quarantine),
        // One whose quarantine was broken off half-way, or changed since.
        (SweepAction::Quarantine, Verdict::Quarantined) if !marks.missing().is_empty() => Some(Action::Quarantine),
        // What a person asked for a person may undo, whatever else is known.
        (SweepAction::Release, _) if marks.are_any() => Some(Action::Release),
        (SweepAction::Reap { .. }, Verdict::Quarantined) => Some(Action::Delete),
        (SweepAction::Delete, Verdict::Obsolete) => Some(Action::Delete),
        _ => None,
    }
}

fn days_between(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_hours() / 24
}

/// The role as a record would have it, with the policies that belong to what it is for.
fn as_if_ours(role: &LiveRole, purpose: Purpose) -> RoleRecord {
    RoleRecord::of(role, |name| own_policies(role, purpose).any(|(own, _)| own == name), role.tags.clone())
}

/// Patterns of `--exclude` that cannot match any role name, which are mistakes.
pub(super) fn invalid_excludes<'f>(readings: &'f Readings<'_>) -> impl Iterator<Item = Problem> + 'f {
    // Source: IAM API reference, CreateRole, RoleName; and the wildcards.
    let is_valid = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-*?".contains(c);
    let invalid = readings.sweep.options.exclude.iter().filter(move |glob| !glob.chars().all(is_valid));
    invalid.map(|glob| {
        let message = format!("--exclude `{glob}` cannot match a role name");
        let hint = "role names consist of letters, digits and _+=,.@-; the wildcards are * and ?";
        Problem::new(ProblemCode::Selector, message, hint)
    })
}

/// Regions in which `no_pinpoint_in` says that Pinpoint was never used, and apps were found.
pub(super) fn contradicted_assertions<'f>(readings: &'f Readings<'_>) -> impl Iterator<Item = Problem> + 'f {
    readings.live.apps.iter().filter_map(|(place, apps)| {
        let apps = apps.present().filter(|_| Stated::of(readings, place).is_never_used())?;
        let app = apps.keys().next()?;
        let message = format!("app {app} is in {place}, where `no_pinpoint_in` says that Pinpoint was never used");
        let hint = format!("take {} out of [sweep] no_pinpoint_in in the manifest", place.region);
        Some(Problem::new(ProblemCode::AssertionContradicted, message, hint))
    })
}

/// Accounts in which more would be deleted than is allowed at once.
pub(super) fn mass_deletes(readings: &Readings<'_>, deletes: &BTreeMap<AccountId, usize>) -> Vec<Problem> {
    let most = readings.sweep.options.max_delete;
    let over = deletes.iter().filter(|(_, count)| **count > most).map(|(account, count)| {
        let roles = if *count == 1 { "role" } else { "roles" };
        let message = format!("{count} {roles} of account {account} would be deleted, over the limit of {most}");
        let hint = "review them; --max-delete N allows more, --exclude NAME skips some";
        Problem::new(ProblemCode::MassDelete, message, hint)
    });
    over.collect()
}
