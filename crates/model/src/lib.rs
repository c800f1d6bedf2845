//! The data types of pinpoint-streams, and pure functions on them: no clock, environment, files or network.
//! The words that every crate speaks are at its root.
pub mod address;
pub mod archive;
pub mod arn;
pub mod desired;
pub mod digest;
pub mod error;
pub mod error_code;
pub mod event;
pub mod fact;
pub mod ids;
pub mod invisible_chars;
pub mod live;
pub mod manifest;
pub mod op;
pub mod ownership;
pub mod plan;
pub mod policy;
pub mod problem;
pub mod recorded;
pub mod region;
pub mod residue;
pub mod resource;
pub mod role_kind;
pub mod sorted_map;
pub mod sorted_set;
pub mod sweep;
pub mod unique_names;

pub use address::{Address, Kind};
pub use arn::{AppArn, KmsKeyArn, PolicyArn, RoleArn, StreamArn, StreamService};
pub use desired::{AppIdentity, Desired, DesiredApp, DesiredEventStream, DesiredRole, RoleRef, TrustScope};
pub use event::{Ending, Event, EventKind, StepFailure};
pub use fact::{Evidence, EvidenceSource, Fact, Subject};
pub use ids::{
    AccountAlias, AccountId, AccountRole, AppId, AppKey, Lineage, PolicyName, RoleId, RoleKey, RoleName, RunId,
    Serial, StepId, StreamKey, Workspace,
};
pub use live::{
    Answer, FailureKind, InlinePolicies, LastUsed, ListedRole, Live, LiveApp, LiveEventStream, LiveRole,
    LiveStream, PartialRole, Question, Quotas, Read, Unreadable,
};
pub use op::{
    AppOp, CreateApp, CreateRole, DeleteApp, DeleteEventStream, EventStreamOp, Op, Outputs, Owner, Planned,
    PutEventStream, RecordOp, Resolved, RoleOp, Slot,
};
pub use ownership::{Origin, Tags};
pub use plan::{Action, Change, Mode, Options, Plan, Reason, Step, Warning};
pub use policy::{Decision, Direction, Document, Text};
pub use problem::{Problem, ProblemCode, Problems};
pub use recorded::{AppRecord, EventStreamRecord, Object, Output, Pending, Recorded, Resource, RoleRecord};
pub use region::{AccountRegion, Partition, Region};
pub use role_kind::{AdmittedApps, Purpose, RoleKind, StreamTarget};
pub use sweep::{BundleFile, Detach, Finding, Findings, SweepAction, SweepOptions, SweptAccount, Unread, Verdict};
