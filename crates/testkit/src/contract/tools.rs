//! What the behaviours are made of.
use crate::reads::Reads;
use pinpoint_streams_executor::cloud::Cloud;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::{AppArn, PolicyArn, RoleArn, StreamArn};
use pinpoint_streams_model::ids::{AccountId, AppId, PolicyName, RoleId};
use pinpoint_streams_model::live::{FailureKind, LiveRole, Read};
use pinpoint_streams_model::op::{
    AppOp, CreateApp, CreateRole, EventStreamOp, Op, Owner, PutEventStream, Resolved, RoleOp,
};
use pinpoint_streams_model::ownership::{Origin, Tags};
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::recorded::Output;
use pinpoint_streams_model::region::{AccountRegion, Region};
use pinpoint_streams_model::role_kind::{RoleKind, StreamTarget};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// What must be there before a behaviour is shown. Behaviours take the streams, the app and the policy as they are
/// and leave them so, but for the app's event stream.
#[derive(Debug, Clone)]
pub struct World {
    pub account: AccountId,
    pub region: Region,
    pub kinesis: StreamArn,
    pub firehose: StreamArn,
    pub app: AppId,
    pub boundary: PolicyArn,
    pub patience: Duration,
}

impl World {
    pub(super) fn app_arn(&self) -> AppArn {
        self.arn_of(&self.app)
    }

    pub(super) fn arn_of(&self, app: &AppId) -> AppArn {
        AppArn::of(&self.account, &self.region, app)
    }

    pub(super) fn place(&self) -> AccountRegion {
        AccountRegion::of(&self.account, &self.region)
    }

    pub(super) fn new_role_arn(&self) -> RoleArn {
        RoleArn {
            partition: self.region.partition(),
            account: self.account.clone(),
            path: crate::parsed("/pinpoint-streams/contract/"),
            name: crate::parsed(&unique("Contract")),
        }
    }

    pub(super) fn trust(&self, apps: &[&AppArn]) -> Document {
        RoleKind::for_event_streams().trust_policy(&self.account, apps.iter().map(ToString::to_string))
    }

    pub(super) fn new_role(&self) -> CreateRole<Resolved> {
        let address: Address = crate::parsed("role.contract");
        CreateRole {
            arn: self.new_role_arn(),
            trust_policy: self.trust(&[&self.app_arn()]),
            description: String::new(),
            max_session_duration: 3600,
            permissions_boundary: None,
            tags: Tags::new(),
            owner: Some(owner(address)),
            protect: false,
        }
    }

    pub(super) fn new_app(&self, name: &str) -> CreateApp<Resolved> {
        CreateApp {
            account: self.account.clone(),
            region: self.region.clone(),
            name: name.to_owned(),
            tags: Tags::new(),
            owner: owner(crate::parsed("app.contract")),
            protect: false,
        }
    }

    pub(super) fn put(&self, app: &AppId, destination: &StreamArn, role: &RoleArn) -> Op<Resolved> {
        Op::EventStream(EventStreamOp::Put(PutEventStream {
            account: self.account.clone(),
            region: self.region.clone(),
            app_id: app.clone(),
            destination: destination.clone(),
            role_arn: role.clone(),
            protect: false,
            record: true,
        }))
    }
}

fn owner(address: Address) -> Owner<Resolved> {
    Owner {
        workspace: crate::parsed("contract"),
        lineage: crate::applied::lineage(),
        address,
        origin: Origin::Created,
    }
}

pub(super) fn unique(name: &str) -> String {
    static USED: AtomicUsize = AtomicUsize::new(0);
    format!("{name}{}", USED.fetch_add(1, Ordering::Relaxed))
}

pub(super) fn tags<const N: usize>(pairs: [(&str, &str); N]) -> Tags {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

pub(super) fn inline_name() -> PolicyName {
    crate::parsed("Permissions")
}

pub(super) fn permissions(streams: &[&StreamArn]) -> Document {
    let targets = streams.iter().map(|arn| StreamTarget { arn: (*arn).clone(), kms_key: None }).collect();
    RoleKind::for_event_streams().permissions(&targets)
}

pub(super) fn document(json: &str) -> Document {
    Document::from_json(json).unwrap_or_else(|error| panic!("the test is wrong: {error}"))
}

#[track_caller]
pub(super) fn done<C: Cloud>(cloud: &C, op: impl Into<Op<Resolved>>) -> impl Future<Output = Output> {
    let (caller, op) = (std::panic::Location::caller(), op.into());
    async move {
        let written = cloud.write(&op).await;
        written.unwrap_or_else(|error| panic!("{caller}: {} must succeed: {error}", op.name())).output
    }
}

#[track_caller]
pub(super) fn refused<C: Cloud>(
    cloud: &C,
    op: impl Into<Op<Resolved>>,
    kind: FailureKind,
) -> impl Future<Output = ()> {
    let (caller, op) = (std::panic::Location::caller(), op.into());
    async move {
        match cloud.write(&op).await {
            Ok(_) => panic!("{caller}: {} must be refused", op.name()),
            Err(error) => {
                assert_eq!(error.kind, kind, "{caller}: {error}");
                assert!(error.definitely_refused, "{caller}: {error}");
            }
        }
    }
}

pub(super) async fn create<C: Cloud>(cloud: &C, role: &CreateRole<Resolved>) -> RoleId {
    match done(cloud, RoleOp::Create(role.clone())).await {
        Output::Role(id) => id,
        other => panic!("CreateRole must give a role's id, not {other:?}"),
    }
}

pub(super) async fn create_app<C: Cloud>(cloud: &C, app: &CreateApp<Resolved>) -> AppId {
    match done(cloud, AppOp::Create(app.clone())).await {
        Output::App(id) => id,
        other => panic!("CreateApp must give an app's id, not {other:?}"),
    }
}

pub(super) async fn writer<C: Cloud>(cloud: &C, role: &CreateRole<Resolved>, streams: &[&StreamArn]) -> RoleArn {
    create(cloud, role).await;
    put_inline(cloud, &role.arn, permissions(streams)).await;
    role.arn.clone()
}

pub(super) async fn put_inline<C: Cloud>(cloud: &C, role: &RoleArn, document: Document) {
    let put = RoleOp::PutPolicy { role: role.clone(), policy_name: inline_name(), document };
    done(cloud, put).await;
}

pub(super) fn delete_inline(role: &RoleArn) -> Op<Resolved> {
    Op::Role(RoleOp::DeletePolicy { role: role.clone(), policy_name: inline_name() })
}

pub(super) async fn put_when_ready<C: Cloud>(cloud: &C, world: &World, op: Op<Resolved>) {
    let begun = Instant::now();
    loop {
        match cloud.write(&op).await {
            Ok(_) => return,
            Err(error) if error.kind == FailureKind::RoleNotReady && begun.elapsed() < world.patience => {
                sleep(Duration::from_millis(20)).await;
            }
            Err(error) => panic!("the event stream must be put within {:?}: {error}", world.patience),
        }
    }
}

pub(super) async fn read<C: Cloud>(cloud: &C, arn: &RoleArn) -> LiveRole {
    let alone = match cloud.role(&arn.in_account()).await {
        Ok(Some(role)) => role,
        other => panic!("{arn} must be there: {other:?}"),
    };
    let bulk = cloud.all_roles(&arn.account).await.unwrap_or_else(|error| panic!("{error}"));
    match bulk.get(&arn.name) {
        Some(Read::Present(role)) => assert_eq!(*role, alone, "in bulk it must read as it does alone"),
        other => panic!("{arn} must be there in bulk: {other:?}"),
    }
    Arc::unwrap_or_clone(alone)
}
