//! Generated manifests.
use crate::desired::{AppBuilder, DesiredBuilder, RoleBuilder, desired};
use pinpoint_streams_model::desired::{Desired, TrustScope};
use proptest::bool::weighted;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

/// The second account of generated manifests, besides [`crate::desired::ACCOUNT`].
pub const OTHER_ACCOUNT: &str = "210987654321";
const OTHER_REGION: &str = "eu-west-1";
const BOUNDARIES: [&str; 2] =
    ["arn:aws:iam::123456789012:policy/boundary", "arn:aws:iam::210987654321:policy/boundary"];

const APPS: usize = 8;
/// How many of them the manifests of a life know.
const APPS_OF_A_LIFE: usize = 5;

/// What may differ in an app from one version of a manifest to the next.
#[derive(Debug, Clone)]
struct App {
    stream: Option<Stream>,
    role: Role,
    site: Option<u8>,
    protect: bool,
    adopt: bool,
}

#[derive(Debug, Clone, Copy)]
enum Stream {
    Kinesis(u8),
    Firehose(u8),
    FirehoseWithKey(u8),
}

#[derive(Debug, Clone)]
enum Role {
    Own { name: Option<u8>, texts: Texts },
    Shared,
}

/// What may differ in a role.
#[derive(Debug, Clone)]
struct Texts {
    description: Option<u8>,
    max_session_duration: u32,
    boundary: bool,
    trust: TrustScope,
    team: Option<u8>,
}

/// Any manifest of one workspace: up to eight apps over two accounts and two regions, given by id or created, with
/// roles of their own or one shared in each account. A key always stands for the same app in the same place, so any
/// two of these manifests are versions of one.
pub fn manifests() -> impl Strategy<Value = Desired> {
    let apps = proptest::collection::vec(option::weighted(0.6, apps()), APPS);
    (apps, texts(), texts()).prop_map(|(apps, one, other)| build(apps, [one, other]))
}

/// Versions of one manifest that a workspace goes through in its life: fewer apps, of which some are protected and
/// some take over what is there.
pub fn manifests_of_a_life() -> impl Strategy<Value = Desired> {
    let app =
        (apps(), weighted(0.1), weighted(0.2)).prop_map(|(app, protect, adopt)| App { protect, adopt, ..app });
    let apps = proptest::collection::vec(option::weighted(0.6, app), APPS_OF_A_LIFE);
    (apps, texts(), texts()).prop_map(|(apps, one, other)| build(apps, [one, other]))
}

fn apps() -> impl Strategy<Value = App> {
    let stream = prop_oneof![
        (0..3u8).prop_map(Stream::Kinesis),
        (0..2u8).prop_map(Stream::Firehose),
        (0..2u8).prop_map(Stream::FirehoseWithKey),
    ];
    let own = (option::weighted(0.2, 0..2u8), texts()).prop_map(|(name, texts)| Role::Own { name, texts });
    let role = prop_oneof![3 => own, 2 => Just(Role::Shared)];
    (option::weighted(0.9, stream), role, option::of(0..2u8)).prop_map(|(stream, role, site)| App {
        stream,
        role,
        site,
        protect: false,
        adopt: false,
    })
}

fn texts() -> impl Strategy<Value = Texts> {
    let durations = prop_oneof![4 => Just(3600), 1 => Just(7200)];
    let trust = prop_oneof![4 => Just(TrustScope::Apps), 1 => Just(TrustScope::Region)];
    let description = option::weighted(0.3, 0..2u8);
    (description, durations, any::<bool>(), trust, option::of(0..2u8)).prop_map(
        |(description, max_session_duration, boundary, trust, team)| Texts {
            description,
            max_session_duration,
            boundary,
            trust,
            team,
        },
    )
}

fn is_created(at: usize) -> bool {
    at & 1 == 1
}

fn build(apps: Vec<Option<App>>, [one, other]: [Texts; 2]) -> Desired {
    let shared = |texts: Texts, account| move |role| with_texts(role, &texts, account);
    let builder = desired()
        .account("other", OTHER_ACCOUNT)
        .shared_role("shared-0", shared(one, 0))
        .shared_role("shared-1", shared(other, 1));
    let declared = apps.into_iter().enumerate().filter_map(|(at, app)| Some((at, app?)));
    declared.fold(builder, |builder, (at, app)| with_app(builder, at, app)).build()
}

fn with_app(builder: DesiredBuilder, at: usize, app: App) -> DesiredBuilder {
    let App { stream, role, site, protect, adopt } = app;
    let account = at >> 1 & 1;
    builder.app(&format!("app{at}"), |mut app: AppBuilder| {
        if account == 1 {
            app = app.account("other");
        }
        if at >> 2 & 1 == 1 {
            app = app.region(OTHER_REGION);
        }
        if is_created(at) {
            app = app.created(&format!("App {at}"));
        }
        if protect {
            app = app.protect();
        }
        if adopt {
            app = app.adopt();
        }
        if let Some(site) = site {
            app = app.tag("site", &site.to_string());
        }
        app = match stream {
            None => app,
            Some(Stream::Kinesis(n)) => app.kinesis(&format!("clicks{n}")),
            Some(Stream::Firehose(n)) => app.firehose(&format!("lake{n}")),
            Some(Stream::FirehoseWithKey(n)) => app.firehose(&format!("safe{n}")).kms_key("1234abcd"),
        };
        match role {
            Role::Shared => app.role(&format!("shared-{account}")),
            Role::Own { name, texts } => app.own_role(|role| {
                let role = with_texts(role, &texts, account);
                match name {
                    Some(n) => role.name(&format!("Own-{at}-{n}")),
                    None => role,
                }
            }),
        }
    })
}

fn with_texts(mut role: RoleBuilder, texts: &Texts, account: usize) -> RoleBuilder {
    let Texts { description, max_session_duration, boundary, trust, team } = texts;
    role = role.max_session_duration(*max_session_duration).trust(*trust);
    if let Some(n) = description {
        role = role.description(&format!("version {n}"));
    }
    if *boundary {
        role = role.permissions_boundary(BOUNDARIES[account]);
    }
    match team {
        Some(n) => role.tag("team", &n.to_string()),
        None => role,
    }
}
