//! What a manifest declares, in the order in which it can be created, with names for other languages.
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::desired::{AppIdentity, Desired, DesiredRole, RoleRef, TrustScope};
use pinpoint_streams_model::ids::{AccountId, AppId, AppKey, RoleKey};
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::region::Region;
use pinpoint_streams_model::role_kind::StreamTarget;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug)]
pub(super) struct Declared<'a> {
    pub(super) workspace: &'a str,
    pub(super) accounts: Vec<DeclaredAccount<'a>>,
}

#[derive(Debug)]
pub(super) struct DeclaredAccount<'a> {
    pub(super) alias: &'a str,
    pub(super) id: &'a AccountId,
    pub(super) new_apps: Vec<NewApp<'a>>,
    pub(super) roles: Vec<DeclaredRole<'a>>,
    pub(super) event_streams: Vec<DeclaredEventStream<'a>>,
}

/// An app that the manifest owns.
#[derive(Debug)]
pub(super) struct NewApp<'a> {
    pub(super) key: &'a AppKey,
    /// An identifier, unique among apps, as all labels here.
    pub(super) label: String,
    pub(super) region: &'a Region,
    pub(super) name: &'a str,
    pub(super) tags: &'a Tags,
    pub(super) protect: bool,
}

#[derive(Debug)]
pub(super) struct DeclaredRole<'a> {
    pub(super) key: &'a RoleKey,
    pub(super) label: String,
    pub(super) arn: RoleArn,
    pub(super) desired: &'a DesiredRole,
    /// A condition value that depends on a new app is `\u{e000}LABEL\u{e000}`, which stands for the ARN of the app.
    pub(super) trust_policy: Document,
    pub(super) permissions: Document,
}

#[derive(Debug)]
pub(super) struct DeclaredEventStream<'a> {
    pub(super) key: &'a AppKey,
    pub(super) label: String,
    pub(super) region: &'a Region,
    pub(super) app: AppRef<'a>,
    pub(super) target: &'a StreamTarget,
    pub(super) role: StreamRole,
    pub(super) protect: bool,
}

/// An app by its ID, or the label of a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AppRef<'a> {
    Known(&'a AppId),
    New(String),
}

/// The role of an event stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StreamRole {
    Declared { label: String, arn: RoleArn },
    Elsewhere(RoleArn),
}

/// Marks what stands for the ARN of a new app. No ARN has such a character.
const MARK: char = '\u{e000}';

/// A text and the new apps in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Text(&'t str),
    /// The ARN of the app with this label.
    AppArn(&'t str),
}

/// The pieces of a text with marks. Empty texts are left out.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    text.split(MARK).enumerate().filter(|(_, part)| !part.is_empty()).map(|(at, part)| match at % 2 {
        0 => Piece::Text(part),
        _ => Piece::AppArn(part),
    })
}

impl<'a> Declared<'a> {
    pub(super) fn of(desired: &'a Desired) -> Declared<'a> {
        let apps = labels(desired.apps.keys().map(AppKey::as_str));
        let roles = labels(desired.roles.keys().map(RoleKey::as_str));
        let accounts = desired.accounts.iter().map(|(alias, id)| {
            let in_account = DeclaredAccount::of(desired, id, &apps, &roles);
            DeclaredAccount { alias: alias.as_str(), ..in_account }
        });
        let is_used = |account: &DeclaredAccount<'_>| {
            !(account.new_apps.is_empty() && account.roles.is_empty() && account.event_streams.is_empty())
        };
        Declared { workspace: desired.workspace.as_str(), accounts: accounts.filter(is_used).collect() }
    }

    /// The new app with this label.
    pub(super) fn new_app(&self, label: &str) -> Option<(&DeclaredAccount<'a>, &NewApp<'a>)> {
        let apps = self.accounts.iter().flat_map(|account| account.new_apps.iter().map(move |app| (account, app)));
        apps.into_iter().find(|(_, app)| app.label == label)
    }
}

impl<'a> DeclaredAccount<'a> {
    fn of(
        desired: &'a Desired,
        id: &'a AccountId,
        app_labels: &BTreeMap<&str, String>,
        role_labels: &BTreeMap<&str, String>,
    ) -> DeclaredAccount<'a> {
        let label = |labels: &BTreeMap<&str, String>, key: &str| labels.get(key).cloned().unwrap_or_default();
        let apps = || desired.apps.iter().filter(|(_, app)| app.account == *id);
        let app_ref = |key: &AppKey, identity: &'a AppIdentity| match identity {
            AppIdentity::Existing(id) => AppRef::Known(id),
            AppIdentity::Owned { .. } => AppRef::New(label(app_labels, key.as_str())),
        };
        let new_apps = apps().filter_map(|(key, app)| match &app.identity {
            AppIdentity::Existing(_) => None,
            AppIdentity::Owned { name, tags } => Some(NewApp {
                key,
                label: label(app_labels, key.as_str()),
                region: &app.region,
                name,
                tags,
                protect: app.protect,
            }),
        });
        let source = |role: &DesiredRole, key: &AppKey| {
            let app = desired.apps.get(key)?;
            Some(match (role.trust, app_ref(key, &app.identity)) {
                (TrustScope::Region, _) => AppArn::with_id(&app.region, &app.account, "*"),
                (TrustScope::Apps, AppRef::Known(id)) => app.arn(id).to_string(),
                (TrustScope::Apps, AppRef::New(label)) => format!("{MARK}{label}{MARK}"),
            })
        };
        let roles = desired.roles.iter().filter(|(_, role)| role.account == *id).filter_map(|(key, role)| {
            let sources: BTreeSet<String> = role.apps.iter().filter_map(|app| source(role, app)).collect();
            Some(DeclaredRole {
                key,
                label: label(role_labels, key.as_str()),
                // The manifest was resolved, so the name and the path are valid.
                arn: role.arn_under(key).ok()?,
                desired: role,
                trust_policy: role.kind.trust_policy(&role.account, sources),
                permissions: role.kind.permissions(&role.targets),
            })
        });
        let roles: Vec<DeclaredRole<'a>> = roles.collect();
        let stream_role = |role: &'a RoleRef| match role {
            RoleRef::Elsewhere(arn) => Some(StreamRole::Elsewhere(arn.clone())),
            RoleRef::Managed(key) => {
                let role = roles.iter().find(|role| role.key == key)?;
                Some(StreamRole::Declared { label: role.label.clone(), arn: role.arn.clone() })
            }
        };
        let event_streams = apps().filter_map(|(key, app)| {
            let stream = app.event_stream.as_ref()?;
            Some(DeclaredEventStream {
                key,
                label: label(app_labels, key.as_str()),
                region: &app.region,
                app: app_ref(key, &app.identity),
                target: &stream.target,
                role: stream_role(&stream.role)?,
                protect: app.protect,
            })
        });
        let event_streams = event_streams.collect();
        DeclaredAccount { alias: "", id, new_apps: new_apps.collect(), roles, event_streams }
    }
}

/// An identifier for each key: letters, digits and underscores, not beginning with a digit.
fn labels<'k>(keys: impl Iterator<Item = &'k str>) -> BTreeMap<&'k str, String> {
    let mut taken = BTreeSet::new();
    let mut labels = BTreeMap::new();
    for key in keys {
        let plain = key.replace('-', "_");
        let plain = if plain.starts_with(|c: char| c.is_ascii_digit()) { format!("_{plain}") } else { plain };
        let numbered = (2..).map(|number: u32| format!("{plain}_{number}"));
        let label = std::iter::once(plain.clone()).chain(numbered).find(|label| !taken.contains(label));
        let label = label.unwrap_or(plain);
        taken.insert(label.clone());
        labels.insert(key, label);
    }
    labels
}
