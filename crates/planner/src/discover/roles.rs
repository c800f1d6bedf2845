//! Whether a manifest can say a role as it is, to the last statement; and if not, why it stays managed
//! elsewhere. What is declared is declared exactly: a plan on it would write nothing but our tags.
use super::apps::FoundApp;
use super::{NoteKind, Remark};
use pinpoint_streams_model::manifest::draft::{BUILT_IN, MOST_TAGS, can_declare, can_describe};
use pinpoint_streams_model::policy::{Resources, same_meaning};
use pinpoint_streams_model::sweep::{QUARANTINE_POLICY, QUARANTINED_AT};
use pinpoint_streams_model::{
    AppArn, Document, KmsKeyArn, Live, LiveRole, PolicyName, Read, RoleArn, RoleKind, StreamArn, Tags, TrustScope,
    Workspace, ownership,
};
use std::collections::{BTreeMap, BTreeSet};

const KIND: RoleKind = RoleKind::for_event_streams();
/// What CloudFormation puts on what it makes.
/// Source: CloudFormation user guide, "Resource tag" (`aws:cloudformation:stack-name`).
const STACK_TAG: &str = "aws:cloudformation:stack-name";

/// What becomes of one role in the manifest.
#[derive(Debug)]
pub(super) struct Judged {
    /// By place in the list of found apps.
    pub(super) users: Vec<usize>,
    /// As the manifest is to say it; none where it stays managed elsewhere.
    pub(super) declared: Option<DeclaredRole>,
    pub(super) remarks: Vec<Remark>,
}

/// A role that a manifest can say.
#[derive(Debug)]
pub(super) struct DeclaredRole {
    pub(super) live: LiveRole,
    pub(super) trust: TrustScope,
    pub(super) policy_name: PolicyName,
    /// Those of its tags that a manifest can declare.
    pub(super) tags: Tags,
}

/// Every role that the found apps name. Gives streams the key that all roles on them were granted, where
/// the stream itself does not tell.
pub(super) fn judge_all(live: &Live, apps: &mut [FoundApp], workspace: &Workspace) -> BTreeMap<RoleArn, Judged> {
    let mut users: BTreeMap<RoleArn, Vec<usize>> = BTreeMap::new();
    for (at, app) in apps.iter().enumerate() {
        users.entry(app.role.clone()).or_default().push(at);
    }
    grant_keys(live, apps);
    let judge = |(arn, users): (RoleArn, Vec<usize>)| {
        let by: Vec<&FoundApp> = users.iter().filter_map(|at| apps.get(*at)).collect();
        let (declared, remarks) = match live.roles.get(&arn.in_account()) {
            Some(Read::Present(role)) => judge(role, &by, workspace),
            Some(Read::Absent) => (None, elsewhere("it does not exist, so no event arrives")),
            Some(Read::Unreadable(why)) => (None, elsewhere(format!("it could not be read: {why}"))),
            None => (None, elsewhere("it was not read")),
        };
        (arn, Judged { users, declared, remarks })
    };
    users.into_iter().map(judge).collect()
}

fn elsewhere(why: impl Into<String>) -> Vec<Remark> {
    vec![Remark::new(NoteKind::ManagedElsewhere, why)]
}

/// A stream without a known key, on which every role may use one and the same key that none of its other
/// streams explains, is taken to have that key.
fn grant_keys(live: &Live, apps: &mut [FoundApp]) {
    let mut explained: BTreeMap<RoleArn, BTreeSet<KmsKeyArn>> = BTreeMap::new();
    for app in apps.iter() {
        explained.entry(app.role.clone()).or_default().extend(app.target.kms_key.clone());
    }
    let unexplained = |app: &FoundApp| -> BTreeSet<KmsKeyArn> {
        let role = live.roles.get(&app.role.in_account()).and_then(Read::present);
        let keys = role.into_iter().flat_map(|role| role.inline_policies.values()).flat_map(keys_in);
        let is_known = |key: &KmsKeyArn| explained.get(&app.role).is_some_and(|known| known.contains(key));
        keys.filter(|key| key.region == *app.target.arn.region() && !is_known(key)).collect()
    };
    let mut granted: BTreeMap<StreamArn, Option<KmsKeyArn>> = BTreeMap::new();
    for app in apps.iter().filter(|app| app.target.kms_key.is_none()) {
        let keys = unexplained(app);
        let key = keys.first().filter(|_| keys.len() == 1).cloned();
        let known = granted.entry(app.target.arn.clone()).or_insert_with(|| key.clone());
        if *known != key {
            *known = None;
        }
    }
    for app in apps.iter_mut().filter(|app| app.target.kms_key.is_none()) {
        app.target.kms_key = granted.get(&app.target.arn).cloned().flatten();
    }
}

fn keys_in(document: &Document) -> impl Iterator<Item = KmsKeyArn> {
    let resources = document.statements.iter().filter_map(|statement| match &statement.resource {
        Some(Resources::Resource(arns)) => Some(arns),
        Some(Resources::NotResource(_)) | None => None,
    });
    resources.flatten().filter_map(|arn| arn.parse().ok())
}

fn judge(role: &LiveRole, users: &[&FoundApp], workspace: &Workspace) -> (Option<DeclaredRole>, Vec<Remark>) {
    let mut remarks: Vec<Remark> = Vec::new();
    let mut why = |message: String| remarks.push(Remark::new(NoteKind::ManagedElsewhere, message));
    let (tags, _): (Tags, Tags) = role.tags.clone().into_iter().partition(|(key, value)| can_declare(key, value));
    not_ours(role, workspace).into_iter().for_each(&mut why);
    not_declarable(role, &tags).into_iter().for_each(&mut why);
    let trust = trust(role, users);
    if trust.is_none() {
        why(match stale_apps(role, users) {
            Some(apps) => format!("its trust policy admits what does not use it: {apps}"),
            None => "its trust policy is not the one for the apps that use it".to_owned(),
        });
    }
    let policy_name = policy_name(role, users);
    if policy_name.is_none() {
        why(wrong_permissions(role));
    }
    let weak = KIND.weak_trust(&role.trust_policy);
    remarks.extend(weak.into_iter().map(|weak| Remark::new(NoteKind::WeakTrust, weak)));
    let broad = KIND.broad_permissions(role.inline_policies.values());
    remarks.extend(broad.into_iter().map(|broad| Remark::new(NoteKind::BroadPermissions, broad)));
    let can_be_declared = !remarks.iter().any(|remark| remark.kind == NoteKind::ManagedElsewhere);
    let declared = match (trust, policy_name) {
        (Some(trust), Some(policy_name)) if can_be_declared => {
            let others = role.inline_policies.keys().filter(|name| **name != policy_name).map(ToString::to_string);
            let others: Vec<String> =
                others.chain(role.attached_policies.iter().map(ToString::to_string)).collect();
            if !others.is_empty() {
                remarks.push(Remark::new(NoteKind::ForeignPolicies, others.join(", ")));
            }
            Some(DeclaredRole { live: role.clone(), trust, policy_name, tags })
        }
        _ => None,
    };
    (declared, remarks)
}

/// The other owner of the role, if it has one.
fn not_ours(role: &LiveRole, workspace: &Workspace) -> Option<String> {
    if role.inline_policies.keys().any(|name| name.as_str() == QUARANTINE_POLICY) {
        return Some("it is quarantined; `pinpoint-streams sweep --release` removes the quarantine".to_owned());
    }
    if role.tags.contains_key(QUARANTINED_AT) {
        let why = "tags of a quarantine are left on it; `pinpoint-streams sweep --release` removes them";
        return Some(why.to_owned());
    }
    if let Some(owner) = ownership::read(&role.tags) {
        return Some(match owner.workspace {
            Some(named) if named == workspace.as_str() => {
                format!(
                    "this workspace, `{named}`, manages it; if its state is lost, rebuild it with `pinpoint-streams \
                     state recover`"
                )
            }
            Some(named) => format!("it belongs to workspace `{named}`"),
            None => "it has pinpoint-streams tags without a workspace".to_owned(),
        });
    }
    if let Some(stack) = role.tags.get(STACK_TAG) {
        return Some(format!("CloudFormation stack {stack} made it"));
    }
    role.template.as_ref().map(|template| format!("it was made from role template {template}"))
}

/// What of a role goes beyond the form of a manifest.
fn not_declarable(role: &LiveRole, tags: &Tags) -> Vec<String> {
    let mut why = Vec::new();
    if role.path().as_str().contains(['*', '?']) {
        why.push("its path holds a wildcard".to_owned());
    }
    if !can_describe(&role.description) {
        why.push("its description is one that IAM does not take".to_owned());
    }
    if !(3600..=43200).contains(&role.max_session_duration) {
        why.push(format!("its sessions last {} seconds", role.max_session_duration));
    }
    let folded: BTreeSet<String> = tags.keys().map(|key| key.to_lowercase()).collect();
    if folded.len() < tags.len() {
        why.push("two of its tags differ only in letter case".to_owned());
    }
    if role.tags.len() > MOST_TAGS {
        why.push(format!("it has {} tags, which leaves no room for the ownership tags", role.tags.len()));
    }
    why
}

/// How a manifest says the trust policy.
fn trust(role: &LiveRole, users: &[&FoundApp]) -> Option<TrustScope> {
    let is = |id: fn(&FoundApp) -> &str| {
        let sources = users.iter().map(|app| AppArn::with_id(&app.place.1, &app.account, id(app)));
        same_meaning(&role.trust_policy, &KIND.trust_policy(&role.arn.account, sources))
    };
    if is(|app| app.id.as_str()) {
        Some(TrustScope::Apps)
    } else if is(|_| "*") {
        Some(TrustScope::Region)
    } else {
        None
    }
}

/// The apps that the trust policy names and that do not use the role.
fn stale_apps(role: &LiveRole, users: &[&FoundApp]) -> Option<String> {
    let used: BTreeSet<AppArn> = users.iter().map(|app| AppArn::of(&app.account, &app.place.1, &app.id)).collect();
    let admitted = KIND.admitted_apps(&role.trust_policy);
    let stale: Vec<String> =
        admitted.exact_apps().filter(|app| !used.contains(app)).map(ToString::to_string).collect();
    (!stale.is_empty()).then(|| stale.join(", "))
}

/// The inline policy that grants just what the manifest would.
fn policy_name(role: &LiveRole, users: &[&FoundApp]) -> Option<PolicyName> {
    let wanted = KIND.permissions(&users.iter().map(|app| app.target.clone()).collect());
    let mut fitting = role.inline_policies.iter().filter(|(_, document)| same_meaning(document, &wanted));
    let usual = fitting.clone().find(|(name, _)| name.as_str() == BUILT_IN.policy_name);
    usual.or_else(|| fitting.next()).map(|(name, _)| name.clone())
}

fn wrong_permissions(role: &LiveRole) -> String {
    let list = |names: Vec<String>| names.join(", ");
    let attached = list(role.attached_policies.iter().map(ToString::to_string).collect());
    match (role.inline_policies.len(), attached.as_str()) {
        (0, "") => "it has no policy, so that it may not write to any stream".to_owned(),
        (0, attached) => format!("its permissions come from managed policies: {attached}"),
        (1, _) => "its inline policy says other than to write to the streams of its apps".to_owned(),
        (_, _) => "none of its inline policies says just to write to the streams of its apps".to_owned(),
    }
}
