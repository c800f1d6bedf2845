//! The scenes of the matrix: several apps with roles of their own and shared ones, in two accounts and regions, apps
//! that exist and apps that are made, and things of other hands beside them.
use super::command::{Command, Kind};
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::plan::{Mode, Options};
use pinpoint_streams_model::role_kind::RoleKind;
use pinpoint_streams_model::sweep::SweepAction;
use pinpoint_streams_testkit::desired::{DesiredBuilder, REGION};
use pinpoint_streams_testkit::leftovers::{Leftovers, two_hundred_roles};
use pinpoint_streams_testkit::{FakeCloud, World, desired, parsed};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A world, and what is typed in it.
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) command: Command,
    /// What is typed after the cut, where it is not the same.
    pub(super) next: Option<Command>,
    /// How many runs there were before.
    runs: usize,
}

impl Scene {
    fn new(world: World, command: Command) -> Scene {
        Scene { world, command, next: None, runs: 0 }
    }

    /// The same once this was carried out, and then what is typed next.
    async fn then(mut self, next: Command) -> Scene {
        self.runs += 1;
        self.command.finish(&self.world, &format!("before-{}", self.runs)).await;
        self.world.cloud.presume(&next.desired);
        Scene { command: next, ..self }
    }
}

const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

fn two_accounts() -> DesiredBuilder {
    desired().account("other", "210987654321")
}

/// What a first apply makes.
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

/// A cloud with all that the manifest presumes, and an app with an event stream and a role of another hand beside.
fn with_others(desired: &Desired) -> World {
    let cloud = FakeCloud::presumed_by(desired);
    for account in desired.accounts.values() {
        let theirs: RoleArn = parsed(&format!("arn:aws:iam::{account}:role/pinpoint-streams/theirs"));
        let app = cloud.add_app(account, &parsed(REGION), "Theirs");
        let kind = RoleKind::for_event_streams();
        cloud.add_role(&theirs, &kind.trust_policy(account, [app.to_string()]));
        let stream = format!("arn:aws:kinesis:{REGION}:{account}:stream/theirs");
        cloud.add_stream(&parsed(&stream));
        cloud.another_hand().put_event_stream(&app, stream, theirs);
    }
    World::new(cloud)
}

pub(super) async fn first_apply() -> Scene {
    let desired = several_apps().build();
    Scene::new(with_others(&desired), Command::apply(desired))
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
    let next = Command { desired: fewer, kind: Kind::Manifest(Mode::Converge, Box::new(options)) };
    Scene { next: Some(next), ..first_apply().await }
}

pub(super) async fn edit() -> Scene {
    first_apply().await.then(Command::apply(edited().build())).await
}

/// Roles and event streams of other hands, and an app by its name, are taken over and brought up to date.
pub(super) async fn adoption() -> Scene {
    let before = desired()
        .shared_role("shared", |role| role)
        .app("shop", |app| app.kinesis("old"))
        .app("red", |app| app.kinesis("old").role("shared"))
        .app("blog", |app| app.kinesis("old").role_elsewhere("arn:aws:iam::123456789012:role/legacy"))
        .build();
    let world = with_others(&before);
    let others = Command::apply(before);
    others.finish(&world, "others").await;
    let hand = world.cloud.another_hand();
    for (arn, role) in world.cloud.snapshot().roles {
        role.tags.keys().for_each(|key| hand.untag_role(&arn, key));
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
    world.cloud.presume(&desired);
    Scene::new(world, Command::apply(desired))
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
    first_apply().await.then(Command::apply(desired)).await
}

/// Another hand deleted roles and event streams: they are made anew.
pub(super) async fn vanished() -> Scene {
    let scene = first_apply().await.then(Command::apply(several_apps().build())).await;
    let (hand, snapshot) = (scene.world.cloud.another_hand(), scene.world.cloud.snapshot());
    let shop: AppArn =
        parsed("arn:aws:mobiletargeting:us-east-1:123456789012:apps/shop0000000000000000000000000000");
    hand.delete_event_stream(&shop);
    hand.delete_role(&snapshot.role("PinpointEventStream-shop").arn);
    hand.delete_role(&snapshot.role("PinpointEventStream-shared").arn);
    scene
}

pub(super) async fn destruction() -> Scene {
    first_apply().await.then(Command::destroy(several_apps().build())).await
}

/// What was destroyed comes back, but for the apps that were made.
pub(super) async fn restoration() -> Scene {
    let desired = two_accounts()
        .shared_role("shared", |role| role.tag("team", "growth"))
        .app("shop", |app| app.kinesis("clicks").tag("team", "shop"))
        .app("red", |app| app.kinesis("clicks").role("shared"))
        .app("lake", |app| app.account("other").region("eu-west-1").firehose("events").kms_key(KEY))
        .build();
    let scene = Scene::new(with_others(&desired), Command::apply(desired.clone()));
    let destroy = Command { desired: desired.clone(), kind: Kind::Manifest(Mode::Destroy, Box::default()) };
    scene.then(destroy).await.then(Command::restore(desired, "before-2")).await
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

pub(super) async fn quarantine() -> Scene {
    let left = leftovers();
    let desired = Desired::nothing(parsed("growth"), BTreeMap::from([(parsed("main"), left.account.clone())]));
    Scene::new(World::new(left.cloud()), Command::sweep(desired, SweepAction::Quarantine))
}

pub(super) async fn release() -> Scene {
    let scene = quarantine().await;
    let command = Command::sweep(scene.command.desired.clone(), SweepAction::Release);
    scene.then(command).await
}

pub(super) async fn reap() -> Scene {
    let scene = quarantine().await;
    let command = Command::sweep(scene.command.desired.clone(), SweepAction::Reap { after_days: 30 });
    let scene = scene.then(command).await;
    scene.world.cloud.clock().advance(Duration::from_secs(31 * 24 * 60 * 60));
    scene
}

/// Straight to deletion.
pub(super) async fn sweeping_deletion() -> Scene {
    let Scene { world, command, .. } = quarantine().await;
    Scene::new(world, Command::sweep(command.desired, SweepAction::Delete))
}

/// What a sweep reaped comes back and stays nobody's.
pub(super) async fn restoration_of_reaped() -> Scene {
    let scene = reap().await;
    let command = Command::restore(scene.command.desired.clone(), "before-2");
    scene.then(command).await
}
