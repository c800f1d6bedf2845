//! Restores the contents of archives: roles with their name, ARN and all attachments, then the event streams that
//! used them. Apps cannot be restored. Nothing that exists is overwritten. An archive that neither state nor journal
//! knows is restored only with `--unverified`, and the plan shows what it grants as widening.
pub(crate) mod event_stream;
pub(crate) mod role;
mod whole;

pub use whole::{BegunDeletes, whole_archives};

use crate::context::Context;
use crate::draft::{Draft, Handle, finish, sorted};
use crate::selection::Selection;
use crate::settle::{self, settle};
use crate::{Inquiry, LastLook, PlanResult, Planned, guard, preflight};
use pinpoint_streams_model::archive::{App, Archived, EventStream, Object};
use pinpoint_streams_model::live::question::AccountPolicy;
use pinpoint_streams_model::plan::{FieldChange, RestoreOptions};
use pinpoint_streams_model::{
    AccountId, AccountRegion, Address, AppArn, AppId, Desired, Direction, Fact, Live, LiveRole, Mode, Options,
    Plan, PolicyArn, Problem, ProblemCode, Problems, Question, Read, Recorded, Region, RoleArn, RoleKind,
    StreamArn, Warning,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Puts back what archives hold. What the manifest declares becomes this workspace's again; all else is created and not
/// recorded.
#[derive(Debug, Clone)]
pub struct Restore {
    pub archives: Vec<Archived>,
    /// Without a manifest, [`Desired::nothing`].
    pub desired: Arc<Desired>,
    pub recorded: Recorded,
    /// Whether entries that neither state nor journal confirms are accepted.
    pub unverified: bool,
}

impl Inquiry for Restore {
    type Output = PlanResult;

    fn questions(&self, live: &Live) -> BTreeSet<Question> {
        let mut questions = settle::questions(&self.recorded, live);
        questions.extend(ask_about(&newest(&self.archives), &self.desired, live));
        questions
    }

    fn conclude(&self, live: &Live) -> PlanResult {
        let recorded = settle(&self.recorded, live);
        let plan = self.plan(&recorded, live)?;
        Ok(Planned { plan, recorded, last_look: LastLook::default() })
    }
}

impl Restore {
    fn plan(&self, recorded: &Recorded, live: &Live) -> Result<Plan, Problems> {
        let Restore { archives, desired, recorded: _, unverified } = self;
        let archives = &newest(archives);
        let digests = archives.iter().map(|archived| archived.digest.clone()).collect();
        let restore = RestoreOptions { archives: digests, unverified: *unverified };
        let options = &Options { restore: Some(restore), ..Options::default() };
        let selection = &Selection::Everything;
        let context = &Context { mode: Mode::Restore, desired, recorded, live, options, selection };
        let mut draft = Draft::default();
        draft.problems.extend(guard::accounts(context));
        draft.problems.extend(accounts(context, archives));
        draft.problems.extend(twice(archives));
        if !draft.problems.is_empty() {
            return Err(sorted(draft.problems));
        }
        draft.problems.extend(guard::pending(context));

        // Roles come first: event streams wait for the role that they name.
        let mut ready: Ready = BTreeMap::new();
        for (archived, role) in roles(archives) {
            role::restore(context, &mut draft, archived, role, &mut ready);
        }
        for (archived, stream) in event_streams(archives) {
            event_stream::restore(context, &mut draft, archived, stream, &ready);
        }
        for archived in archives {
            if let Object::App(app) = &archived.entry.object {
                draft.warn(&archived.entry.address, not_restored(lost_with(app)));
            }
        }
        let steps = draft.take_steps();
        if draft.changes.is_empty() && draft.keep == 0 && draft.problems.is_empty() {
            let lost = std::mem::take(&mut draft.warnings);
            draft.problems.extend(lost.into_iter().filter_map(nothing_to_restore));
        }
        preflight::quotas::check(context, &mut draft, &steps);
        finish(context, draft, steps)
    }
}

/// The last steps of each role that comes back, which its event streams wait for.
pub(crate) type Ready = BTreeMap<RoleArn, Vec<Handle>>;

pub(crate) fn roles(archives: &[Archived]) -> impl Iterator<Item = (&Archived, &LiveRole)> {
    archives.iter().filter_map(|archived| match &archived.entry.object {
        Object::Role(role) => Some((archived, &**role)),
        Object::EventStream(_) | Object::App(_) => None,
    })
}

pub(crate) fn event_streams(archives: &[Archived]) -> impl Iterator<Item = (&Archived, &EventStream)> {
    archives.iter().filter_map(|archived| match &archived.entry.object {
        Object::EventStream(stream) => Some((archived, stream)),
        Object::Role(_) | Object::App(_) => None,
    })
}

/// The account that an archived thing was in.
fn account_of(archived: &Archived) -> &AccountId {
    match &archived.entry.object {
        Object::Role(role) => &role.arn.account,
        Object::EventStream(stream) => &stream.account,
        Object::App(app) => &app.account,
    }
}

/// Whether we can work, and are, in the accounts of the archives.
pub(crate) fn accounts(context: &Context<'_>, archives: &[Archived]) -> Vec<Problem> {
    let used: BTreeSet<&AccountId> = archives.iter().map(account_of).collect();
    let mut problems = Vec::new();
    for account in used {
        if !context.desired.accounts.values().any(|declared| declared == account) {
            let message = format!("the archive is of account {account}, which is not among those declared");
            let hint = "declare the account, or name its profile";
            problems.push(Problem::new(ProblemCode::WrongAccount, message, hint));
            continue;
        }
        problems.extend(guard::wrong_caller(context.live, account, "check the profile or role of that account"));
    }
    problems
}

/// What an archive holds. It can be put back from one archive alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Thing<'a> {
    Role(&'a RoleArn),
    EventStream(&'a AccountId, &'a Region, &'a AppId),
    App(&'a AccountId, &'a Region, &'a AppId),
}

fn thing(archived: &Archived) -> Thing<'_> {
    match &archived.entry.object {
        Object::Role(role) => Thing::Role(&role.arn),
        Object::EventStream(EventStream { account, region, app_id, event_stream: _ }) => {
            Thing::EventStream(account, region, app_id)
        }
        Object::App(app) => Thing::App(&app.account, &app.region, &app.app_id),
    }
}

/// The newest archive of each thing: a role that was quarantined and then deleted has two. Archives of the same time that
/// differ are all kept, for [`twice`] to report.
fn newest(archives: &[Archived]) -> Vec<Archived> {
    let mut newest: BTreeMap<Thing<'_>, Vec<&Archived>> = BTreeMap::new();
    for archived in archives {
        let known = newest.entry(thing(archived)).or_default();
        match known.first().map(|one| one.entry.time) {
            Some(time) if archived.entry.time < time => {}
            Some(time) if archived.entry.time == time => {
                if known.iter().all(|one| one.digest != archived.digest) {
                    known.push(archived);
                }
            }
            Some(_) | None => *known = vec![archived],
        }
    }
    newest.into_values().flatten().cloned().collect()
}

/// Several archives of one thing, none of them the newest: which of them is meant is a person's choice.
fn twice(archives: &[Archived]) -> Vec<Problem> {
    let mut held: BTreeMap<Thing<'_>, Vec<&Archived>> = BTreeMap::new();
    for archived in archives {
        held.entry(thing(archived)).or_default().push(archived);
    }
    let several = held.into_values().filter(|archives| archives.len() > 1);
    let problem = |archives: Vec<&Archived>| {
        let paths: Vec<_> = archives.iter().map(|one| format!("{} of {}", one.path, one.entry.time)).collect();
        let message = format!("several archives hold it: {}", paths.join(", "));
        Problem::new(ProblemCode::Ambiguous, message, "restore one of them by its file")
            .at(&archives[0].entry.address)
    };
    several.map(problem).collect()
}

/// A restore that restores nothing is not what was asked for.
fn nothing_to_restore(Warning { address, fact }: Warning) -> Option<Problem> {
    match fact {
        Fact::Problem { code, message, hint } => Some(Problem { code, address, message, hint }),
        _ => None,
    }
}

fn archived(Archived { path, entry, .. }: &Archived) -> Fact {
    Fact::Archived { at: entry.time, run: entry.run.to_string(), path: path.to_string() }
}

/// A problem only where nothing else is restored.
pub(crate) fn not_restored(message: impl Into<String>) -> Fact {
    Fact::Problem { code: ProblemCode::NothingToRestore, message: message.into(), hint: None }
}

/// What no archive holds of an app.
pub(crate) fn lost_with(app: &App) -> String {
    let App { account, region, app_id, name, tags: _, channels, event_stream: _, unread } = app;
    let channels = match channels {
        Some(channels) if channels.is_empty() => "it had no channels on".to_owned(),
        Some(channels) => {
            let channels: Vec<&str> = channels.iter().map(String::as_str).collect();
            format!("the credentials of its channels ({}) with them", channels.join(", "))
        }
        None => "which channels it had is not known".to_owned(),
    };
    let unread = if unread.is_empty() { String::new() } else { format!("; not archived: {}", unread.join(", ")) };
    format!(
        "app `{name}` ({app_id} in {account}/{region}) cannot be restored: its endpoints, segments, campaigns and \
         analytics are gone, {channels}{unread}. A new app gets another id, so references to the old id \
         break"
    )
}

/// What must be asked to put these archives back, given what has been answered so far.
pub(crate) fn ask_about(archives: &[Archived], desired: &Desired, live: &Live) -> BTreeSet<Question> {
    let is_declared = |account: &AccountId| desired.accounts.values().any(|declared| declared == account);
    let mut questions = BTreeSet::new();
    let declared = archives.iter().map(account_of).filter(|one| is_declared(one));
    questions.extend(declared.flat_map(Question::of_account));
    for (_, role) in roles(archives) {
        if is_declared(&role.arn.account) {
            questions.extend(about_role(role));
        }
    }
    for (_, stream) in event_streams(archives) {
        let EventStream { account, region, app_id, event_stream } = stream;
        if !is_declared(account) {
            continue;
        }
        questions.insert(Question::Apps(AccountRegion::of(account, region)));
        questions.insert(Question::EventStream(AppArn::of(account, region, app_id)));
        if let Some(Read::Present(apps)) = live.apps.get(&AccountRegion::of(account, region))
            && !apps.contains_key(app_id)
        {
            questions.insert(Question::App(AppArn::of(account, region, app_id)));
        }
        if let Ok(destination) = event_stream.destination.parse::<StreamArn>()
            && is_declared(destination.account())
        {
            questions.insert(Question::Stream(destination));
        }
        if let Ok(RoleArn { account, name, .. }) = event_stream.role_arn.parse::<RoleArn>()
            && is_declared(&account)
        {
            questions.insert(Question::role(&account, &name));
        }
    }
    questions
}

/// Whether its name is free, whether its policies exist, and who named its old id.
fn about_role(role: &LiveRole) -> Vec<Question> {
    let account = &role.arn.account;
    let mut questions = vec![Question::role(account, &role.arn.name), Question::RoleList(account.clone())];
    let policies = role.attached_policies.iter().chain(&role.permissions_boundary);
    let own = policies.filter(|policy| !role::is_aws_managed(policy));
    let policy = |policy: &PolicyArn| AccountPolicy { account: account.clone(), arn: policy.clone() };
    questions.extend(own.map(|own| Question::PolicyDocument(policy(own))));
    questions
}

/// Why this archive needs `--unverified`; empty if it does not.
fn doubts(archived: &Archived) -> Vec<&'static str> {
    let mut doubts = Vec::new();
    if !archived.is_verified {
        doubts.push("its digest is in neither the state nor the journal");
    }
    if let Object::Role(role) = &archived.entry.object
        && !RoleKind::all().any(|kind| kind.is_the_only_trusted(&role.trust_policy))
    {
        doubts.push("its trust policy admits principals other than Pinpoint");
    }
    doubts
}

/// Refuses an archive that needs `--unverified` without it. Whether it needed it.
fn check_trust(context: &Context<'_>, address: &Address, archived: &Archived) -> Result<bool, Problem> {
    let doubts = doubts(archived);
    let is_accepted = context.options.restore.as_ref().is_some_and(|restore| restore.unverified);
    if doubts.is_empty() || is_accepted {
        return Ok(!doubts.is_empty());
    }
    let message = format!("the archive {} is not trusted: {}", archived.path, doubts.join(", and "));
    let hint = "--unverified accepts it; the plan then shows what it grants as `widens`";
    Err(Problem::new(ProblemCode::Unverified, message, hint).at(address))
}

/// What an archive in doubt grants widens what there is; what a run of ours took away only comes back.
fn mark_widening(fields: &mut [FieldChange], is_in_doubt: bool) {
    let grants = |path: &str| {
        ["inline_policies.", "attached_policies.", "instance_profiles."].iter().any(|kind| path.starts_with(kind))
            || ["trust_policy", "destination", "role_arn"].contains(&path)
    };
    for field in fields {
        field.effect = (is_in_doubt && grants(&field.path)).then_some(Direction::Widens);
    }
}
