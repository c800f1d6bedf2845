//! Builds what a manifest asks for without a manifest: the same defaults, the same names.
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::{KmsKeyArn, PolicyArn, RoleArn, StreamArn, StreamService};
use pinpoint_streams_model::desired::{
    AppIdentity, Desired, DesiredApp, DesiredEventStream, DesiredRole, KeyedPart, KeyedText, Moved, RoleRef,
    Safety, TrustScope,
};
use pinpoint_streams_model::ids::{AccountAlias, AccountId, AppId, AppKey, PolicyName, RoleKey, Workspace};
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::region::Region;
use pinpoint_streams_model::role_kind::{RoleKind, StreamTarget};
use pinpoint_streams_model::sorted_set::SortedSet;
use std::collections::{BTreeMap, BTreeSet};

/// The account of [`desired`]'s apps, unless they say otherwise.
pub const ACCOUNT: &str = "123456789012";
/// The region of [`desired`]'s apps, unless they say otherwise.
pub const REGION: &str = "us-east-1";
pub const WORKSPACE: &str = "growth";

/// The id that an app has under this key if it is given none: the key's letters and digits, filled up with zeros.
pub fn app_id(key: &str) -> AppId {
    let letters: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    crate::parsed(&format!("{letters:0<32}"))
}

/// What a manifest asks for that declares no apps yet, in [`WORKSPACE`] and with [`ACCOUNT`] as `default`. Every
/// text is checked as it is given: what the types do not allow is a panic.
///
/// ```
/// use pinpoint_streams_testkit::desired;
///
/// let desired = desired()
///     .app("shop", |app| app.kinesis("clicks"))
///     .app("blog", |app| app.created("Blog").region("eu-west-1").firehose("lake"))
///     .build();
/// assert_eq!(desired.roles.len(), 2);
/// ```
pub fn desired() -> DesiredBuilder {
    DesiredBuilder {
        workspace: crate::parsed(WORKSPACE),
        accounts: BTreeMap::from([(crate::parsed("default"), crate::parsed(ACCOUNT))]),
        apps: BTreeMap::new(),
        shared: BTreeMap::new(),
        moved: Vec::new(),
        forget: BTreeSet::new(),
        safety: Safety::default(),
    }
}

#[derive(Debug, Clone)]
pub struct DesiredBuilder {
    workspace: Workspace,
    accounts: BTreeMap<AccountAlias, AccountId>,
    apps: BTreeMap<AppKey, AppBuilder>,
    shared: BTreeMap<RoleKey, RoleBuilder>,
    moved: Vec<Moved>,
    forget: BTreeSet<Address>,
    safety: Safety,
}

#[derive(Debug, Clone)]
pub struct AppBuilder {
    account: AccountAlias,
    region: Region,
    identity: Identity,
    stream: Option<Stream>,
    role: Role,
    tags: Tags,
    protect: bool,
    adopt: bool,
}

#[derive(Debug, Clone)]
enum Identity {
    Existing(AppId),
    Created(String),
}

/// Where events go; a bare name is in the app's account and region.
#[derive(Debug, Clone)]
enum Stream {
    Named(StreamService, String, Option<String>),
    Target(StreamTarget),
}

#[derive(Debug, Clone)]
enum Role {
    Own(RoleBuilder),
    Shared(RoleKey),
    Elsewhere(RoleArn),
}

#[derive(Debug, Clone)]
pub struct RoleBuilder {
    name: KeyedText,
    path: String,
    policy_name: PolicyName,
    description: Option<String>,
    max_session_duration: u32,
    permissions_boundary: Option<PolicyArn>,
    tags: Tags,
    trust: TrustScope,
}

/// Methods that change one part of a builder.
macro_rules! setters {
    ($builder:ident; $($(#[$doc:meta])* $name:ident($this:ident $(, $argument:ident: $type:ty)*) $change:expr;)*) => {
        impl $builder {
            $($(#[$doc])*
            pub fn $name(mut $this $(, $argument: $type)*) -> Self {
                $change;
                $this
            })*
        }
    };
}

setters! { DesiredBuilder;
    workspace(self, workspace: &str) self.workspace = crate::parsed(workspace);
    account(self, alias: &str, id: &str) self.accounts.insert(crate::parsed(alias), crate::parsed(id));
    /// `[[moved]]`.
    moved(self, from: &str, to: &str) self.moved.push(Moved { from: crate::parsed(from), to: crate::parsed(to) });
    /// `[[forget]]`.
    forget(self, address: &str) self.forget.insert(crate::parsed(address));
    /// `[safety]`.
    safety(self, safety: Safety) self.safety = safety;
}

impl From<DesiredBuilder> for Desired {
    #[track_caller]
    fn from(builder: DesiredBuilder) -> Desired {
        builder.build()
    }
}

impl DesiredBuilder {
    /// Declares an app. Without more it exists under [`app_id`] and has no stream.
    pub fn app(mut self, key: &str, build: impl FnOnce(AppBuilder) -> AppBuilder) -> Self {
        let app = AppBuilder {
            account: crate::parsed("default"),
            region: crate::parsed(REGION),
            identity: Identity::Existing(app_id(key)),
            stream: None,
            role: Role::Own(RoleBuilder::new()),
            tags: Tags::new(),
            protect: false,
            adopt: false,
        };
        self.apps.insert(crate::parsed(key), build(app));
        self
    }

    /// Declares a role that apps can share. One that no app uses is not made.
    pub fn shared_role(mut self, key: &str, build: impl FnOnce(RoleBuilder) -> RoleBuilder) -> Self {
        self.shared.insert(crate::parsed(key), build(RoleBuilder::new()));
        self
    }

    #[track_caller]
    pub fn build(self) -> Desired {
        let DesiredBuilder { workspace, accounts, apps, shared, moved, forget, safety } = self;
        let mut desired =
            Desired { workspace, accounts, apps: BTreeMap::new(), roles: BTreeMap::new(), moved, forget, safety };
        let mut streams: BTreeMap<RoleKey, BTreeSet<String>> = BTreeMap::new();
        for (key, app) in apps {
            let AppBuilder { account, region, identity, stream, role, tags, protect, adopt } = app;
            let account = desired.accounts.get(&account).unwrap_or_else(|| panic!("no account {account}")).clone();
            let event_stream = stream.map(|stream| {
                let target = stream.target(&account, &region);
                let (role_key, builder) = match role {
                    Role::Elsewhere(arn) => return DesiredEventStream { target, role: RoleRef::Elsewhere(arn) },
                    Role::Own(mut role) => {
                        let own = std::mem::replace(&mut role.tags, tags.clone());
                        role.tags.extend(own);
                        (RoleKey::from(key.clone()), role)
                    }
                    Role::Shared(key) => {
                        let shared = shared.get(&key).unwrap_or_else(|| panic!("no shared role {key}"));
                        (key, shared.clone())
                    }
                };
                streams.entry(role_key.clone()).or_default().insert(target.arn.name().to_owned());
                let role = desired.roles.entry(role_key.clone());
                let role = role.or_insert_with(|| builder.build(&account, &region, adopt));
                assert_eq!(role.account, account, "the role {role_key} is shared over accounts");
                role.apps.insert(key.clone());
                role.targets.insert(target.clone());
                role.protect |= protect;
                role.adopt &= adopt;
                DesiredEventStream { target, role: RoleRef::Managed(role_key) }
            });
            let identity = match identity {
                Identity::Existing(id) => AppIdentity::Existing(id),
                Identity::Created(name) => AppIdentity::Owned { name, tags },
            };
            desired.apps.insert(key, DesiredApp { account, region, identity, event_stream, protect, adopt });
        }
        for (key, role) in &mut desired.roles {
            let streams: Vec<_> = streams.remove(key).unwrap_or_default().into_iter().collect();
            role.description =
                role.description.replace("{app}", key.as_str()).replace("{stream}", &streams.join(", "));
        }
        desired
    }
}

setters! { AppBuilder;
    existing(self, id: &str) self.identity = Identity::Existing(crate::parsed(id));
    created(self, name: &str) self.identity = Identity::Created(name.to_owned());
    account(self, alias: &str) self.account = crate::parsed(alias);
    region(self, region: &str) self.region = crate::parsed(region);
    kinesis(self, name: &str) self.stream = Some(Stream::Named(StreamService::Kinesis, name.to_owned(), None));
    firehose(self, name: &str) self.stream = Some(Stream::Named(StreamService::Firehose, name.to_owned(), None));
    target(self, target: StreamTarget) self.stream = Some(Stream::Target(target));
    role(self, key: &str) self.role = Role::Shared(crate::parsed(key));
    role_elsewhere(self, arn: &str) self.role = Role::Elsewhere(crate::parsed(arn));
    /// A tag of the app, if it is created here, and of its own role.
    tag(self, key: &str, value: &str) self.tags.insert(key.to_owned(), value.to_owned());
    protect(self) self.protect = true;
    /// What exists under its names is taken over.
    adopt(self) self.adopt = true;
}

impl AppBuilder {
    /// Its stream, named before this, is encrypted with the customer's key of this id, in the stream's account and
    /// region.
    #[track_caller]
    pub fn kms_key(mut self, id: &str) -> Self {
        match &mut self.stream {
            Some(Stream::Named(_, _, key)) => *key = Some(id.to_owned()),
            _ => panic!("name the stream first"),
        }
        self
    }

    /// Its own role differs from the defaults.
    pub fn own_role(mut self, build: impl FnOnce(RoleBuilder) -> RoleBuilder) -> Self {
        self.role = Role::Own(build(RoleBuilder::new()));
        self
    }
}

setters! { RoleBuilder;
    name(self, name: &str) self.name = KeyedText::literal(name);
    path(self, path: &str) self.path = path.to_owned();
    policy_name(self, name: &str) self.policy_name = crate::parsed(name);
    /// Its description, which may hold `{app}` and `{stream}`.
    description(self, description: &str) self.description = Some(description.to_owned());
    max_session_duration(self, seconds: u32) self.max_session_duration = seconds;
    permissions_boundary(self, arn: &str) self.permissions_boundary = Some(crate::parsed(arn));
    tag(self, key: &str, value: &str) self.tags.insert(key.to_owned(), value.to_owned());
    trust(self, trust: TrustScope) self.trust = trust;
}

impl RoleBuilder {
    fn new() -> RoleBuilder {
        RoleBuilder {
            name: KeyedText(vec![KeyedPart::Literal("PinpointEventStream-".to_owned()), KeyedPart::Key]),
            path: "/pinpoint-streams/".to_owned(),
            policy_name: crate::parsed("PinpointEventStreamPermissionsPolicy"),
            description: None,
            max_session_duration: 3600,
            permissions_boundary: None,
            tags: Tags::new(),
            trust: TrustScope::Apps,
        }
    }

    fn build(self, account: &AccountId, region: &Region, adopt: bool) -> DesiredRole {
        let RoleBuilder { name, path, policy_name, description, .. } = self;
        let RoleBuilder { max_session_duration, permissions_boundary, tags, trust, .. } = self;
        DesiredRole {
            kind: RoleKind::for_event_streams(),
            account: account.clone(),
            partition: region.partition(),
            path: KeyedText::literal(path),
            name,
            policy_name,
            description: description.unwrap_or_else(|| "Lets Amazon Pinpoint stream {app} to {stream}".to_owned()),
            max_session_duration,
            permissions_boundary,
            tags,
            trust,
            apps: SortedSet::default(),
            targets: SortedSet::default(),
            protect: false,
            adopt,
        }
    }
}

impl Stream {
    #[track_caller]
    fn target(self, account: &AccountId, region: &Region) -> StreamTarget {
        match self {
            Stream::Target(target) => target,
            Stream::Named(service, name, key) => StreamTarget {
                arn: StreamArn::new(service, region.clone(), account.clone(), &name)
                    .unwrap_or_else(|error| panic!("the test is wrong: {error}")),
                kms_key: key.map(|id| KmsKeyArn { region: region.clone(), account: account.clone(), id }),
            },
        }
    }
}
