//! The scenes of the matrix: several apps with roles of their own and shared ones, in two accounts and regions, apps
//! that exist and apps that are made, and things of others beside them.
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::plan::Options;
use pinpoint_streams_model::role_kind::RoleKind;
use pinpoint_streams_model::sweep::{SweepAction, SweepOptions};
use pinpoint_streams_testkit::desired::{DesiredBuilder, REGION};
use pinpoint_streams_testkit::leftovers::{Leftovers, asked, two_hundred_roles};
use pinpoint_streams_testkit::{Command, FakeCloud, World, desired, parsed};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A world, and what is typed in it.
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) command: Command,
    /// The manifest and what is typed after the cut, where it is not the same.
    pub(super) next: Option<(Desired, Command)>,
}

impl Scene {
    fn new(world: World, command: Command) -> Scene {
        Scene { world, command, next: None }
    }

    /// The same once this was carried out; then what is typed next.
    async fn then(mut self, next: Command) -> Scene {
        self.world.finish(&self.command).await;
        Scene { command: next, ..self }
    }

    /// The same once this was carried out; then this manifest.
    async fn then_apply(self, desired: Desired) -> Scene {
        let mut scene = self.then(Command::apply()).await;
        scene.world.edit(desired);
        scene
    }
}

const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

fn two_accounts() -> DesiredBuilder {
    desired().account("other", "210987654321")
}

fn several_apps() -> DesiredBuilder {
    two_accounts()
        .shared_role("shared", |role| role.tag("team", "growth"))
        .app("shop", |app| app.kinesis("clicks").tag("team", "shop"))
        .app("red", |app| app.kinesis("clicks").role("shared"))
        .app("blue", |app| app.region("eu-west-1").kinesis("clicks").role("shared"))
        .app("lake", |app| app.account("other").region("eu-west-1").firehose("events").kms_key(KEY))
        .app("blog", |app| app.created("Blog").kinesis("clicks").tag("team", "blog"))
        .app("news", |app| app.created("News").firehose("lake").role("shared"))
}

/// The same with an app and a role more, one less, one role under another name, one stream that goes elsewhere, one
/// app on another role, and another description.
fn edited() -> DesiredBuilder {
    two_accounts()
        .shared_role("shared", |role| role.name("Renamed").tag("team", "growth"))
        .app("red", |app| app.kinesis("clicks").role("shared"))
        .app("blue", |app| app.region("eu-west-1").kinesis("clicks").role("shared"))
        .app("lake", |app| {
            app.account("other").region("eu-west-1").kinesis("events").own_role(|role| role.description("Changed"))
        })
        .app("blog", |app| app.created("Blog").kinesis("clicks").role("shared").tag("team", "press"))
        .app("news", |app| app.created("News").firehose("lake").role("shared"))
        .app("shed", |app| app.account("other").created("Shed").kinesis("clicks"))
}

/// A cloud with all that the manifest presumes, and an app with an event stream and a role of others beside.
fn with_others(desired: Desired) -> World {
    let cloud = FakeCloud::presumed_by(&desired);
    for account in desired.accounts.values() {
        let theirs: RoleArn = parsed(&format!("arn:aws:iam::{account}:role/pinpoint-streams/theirs"));
        let app = cloud.add_app(account, &parsed(REGION), "Theirs");
        let kind = RoleKind::for_event_streams();
        cloud.add_role(&theirs, &kind.trust_policy(account, [app.to_string()]));
        let stream = format!("arn:aws:kinesis:{REGION}:{account}:stream/theirs");
        cloud.add_stream(&parsed(&stream));
        cloud.outside().put_event_stream(&app, stream, theirs);
    }
    World::over(cloud, desired)
}

pub(super) async fn first_apply() -> Scene {
    Scene::new(with_others(several_apps().build()), Command::apply())
}

/// What is done to a role takes a while to be seen.
pub(super) async fn slow_first_apply() -> Scene {
    let scene = first_apply().await;
    scene.world.cloud.set_propagation(Duration::from_secs(30));
    scene
}

/// After the cut the manifest asks for less: what was made already goes again.
pub(super) async fn first_apply_and_second_thoughts() -> Scene {
    let fewer = two_accounts()
        .shared_role("shared", |role| role.tag("team", "growth"))
        .app("red", |app| app.kinesis("clicks").role("shared"))
        .build();
    let options = Options { delete_apps: true, allow_mass_delete: true, ..Options::default() };
    Scene { next: Some((fewer, Command::apply_with(options))), ..first_apply().await }
}

pub(super) async fn edit() -> Scene {
    first_apply().await.then_apply(edited().build()).await
}

/// Roles and event streams of others, and an app by its name, are adopted and brought up to date.
pub(super) async fn adoption() -> Scene {
    let before = desired()
        .shared_role("shared", |role| role)
        .app("shop", |app| app.kinesis("old"))
        .app("red", |app| app.kinesis("old").role("shared"))
        .app("blog", |app| app.kinesis("old").role_elsewhere("arn:aws:iam::123456789012:role/legacy"))
        .build();
    let mut world = with_others(before);
    world.finish(&Command::apply()).await;
    for (arn, role) in world.cloud.snapshot().roles {
        role.tags.keys().for_each(|key| world.cloud.outside().untag_role(&arn, key));
    }
    world.cloud.add_app(&parsed("123456789012"), &parsed(REGION), "News");
    world.memory.state.replace(None);
    let desired = desired()
        .shared_role("shared", |role| role.tag("team", "growth"))
        .app("shop", |app| app.kinesis("clicks").adopt().tag("team", "shop"))
        .app("red", |app| app.kinesis("clicks").role("shared").adopt())
        .app("blog", |app| app.kinesis("clicks").adopt())
        .app("news", |app| app.created("News").kinesis("clicks").role("shared").adopt())
        .build();
    world.edit(desired);
    Scene::new(world, Command::apply())
}

/// Keys are renamed, and some apps are let go.
pub(super) async fn moves() -> Scene {
    let desired = two_accounts()
        .shared_role("shared", |role| role.tag("team", "growth"))
        .app("store", |app| app.existing("shop0000000000000000000000000000").kinesis("clicks").tag("team", "shop"))
        .app("red", |app| app.kinesis("clicks").role("shared"))
        .app("blue", |app| app.region("eu-west-1").kinesis("clicks").role("shared"))
        .app("press", |app| app.created("Blog").kinesis("clicks").tag("team", "blog"))
        .app("news", |app| app.created("News").firehose("lake").role("shared"))
        .moved("shop", "store")
        .moved("blog", "press")
        .forget("event_stream.lake")
        .forget("role.lake")
        .build();
    first_apply().await.then_apply(desired).await
}

/// Roles and event streams were deleted outside of the program: they are made anew.
pub(super) async fn vanished() -> Scene {
    let scene = first_apply().await.then(Command::apply()).await;
    let (outside, snapshot) = (scene.world.cloud.outside(), scene.world.cloud.snapshot());
    let shop: AppArn =
        parsed("arn:aws:mobiletargeting:us-east-1:123456789012:apps/shop0000000000000000000000000000");
    outside.delete_event_stream(&shop);
    outside.delete_role(&snapshot.role("PinpointEventStream-shop").arn);
    outside.delete_role(&snapshot.role("PinpointEventStream-shared").arn);
    scene
}

pub(super) async fn destruction() -> Scene {
    first_apply().await.then(Command::destroy()).await
}

/// What was destroyed comes back, but for the apps that were made.
pub(super) async fn restoration() -> Scene {
    let desired = two_accounts()
        .shared_role("shared", |role| role.tag("team", "growth"))
        .app("shop", |app| app.kinesis("clicks").tag("team", "shop"))
        .app("red", |app| app.kinesis("clicks").role("shared"))
        .app("lake", |app| app.account("other").region("eu-west-1").firehose("events").kms_key(KEY))
        .build();
    let scene = Scene::new(with_others(desired), Command::apply());
    scene.then(Command::destroy_with(Options::default())).await.then(Command::restore("run-2")).await
}

/// An account of leftovers: one of each kind that a sweep does something to, and some that it leaves alone.
fn leftovers() -> Leftovers {
    const KINDS: [&str; 7] =
        ["in use", "obsolete", "obsolete firehose", "obsolete app idle", "with a boundary", "tripped", "alive"];
    let mut left = two_hundred_roles();
    let mut seen = BTreeSet::new();
    left.roles.retain(|role| KINDS.contains(&role.kind) && seen.insert(role.kind));
    left
}

fn sweep(action: SweepAction) -> Command {
    // What a deletion leaves of a role may have no purpose any more.
    let all_purposes = action == SweepAction::Delete;
    Command::Sweep(Box::new(SweepOptions { action, max_delete: 1000, all_purposes, ..asked() }))
}

pub(super) async fn quarantine() -> Scene {
    let left = leftovers();
    let desired = Desired::nothing(parsed("growth"), BTreeMap::from([(parsed("main"), left.account.clone())]));
    Scene::new(World::over(left.cloud(), desired), sweep(SweepAction::Quarantine))
}

pub(super) async fn release() -> Scene {
    quarantine().await.then(sweep(SweepAction::Release)).await
}

pub(super) async fn reap() -> Scene {
    let scene = quarantine().await.then(sweep(SweepAction::Reap { after_days: 30 })).await;
    scene.world.cloud.clock().advance(Duration::from_secs(31 * 24 * 60 * 60));
    scene
}

pub(super) async fn sweeping_deletion() -> Scene {
    Scene { command: sweep(SweepAction::Delete), ..quarantine().await }
}

/// What a sweep reaped comes back and belongs to no workspace.
pub(super) async fn restoration_of_reaped() -> Scene {
    reap().await.then(Command::restore("run-2")).await
}
