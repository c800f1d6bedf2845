//! The real adapter and the SDK beneath it in bad weather: the server refuses 30 % of the calls, two thirds of them for
//! their rate, and loses the answers to 5 % after the work was done. A hundred apps are made, each exactly once.
use crate::account::{connect, presumed_by, sandbox};
use pinpoint_streams_aws::{Aws, SharedHttpClient};
use pinpoint_streams_executor::clock::SystemClock;
use pinpoint_streams_executor::execute::{Outcome, RunContext, StepResult, execute};
use pinpoint_streams_executor::pace::Paced;
use pinpoint_streams_executor::{RunEvents, Stop};
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::ids::{AccountId, AppId};
use pinpoint_streams_model::plan::{Mode, Options, Plan};
use pinpoint_streams_model::region::{AccountRegion, Region};
use pinpoint_streams_planner::{Inputs, Planned};
use pinpoint_streams_sandbox::decorators::{Answer, Faults, When};
use pinpoint_streams_store::session;
use pinpoint_streams_testkit::clock::START;
use pinpoint_streams_testkit::desired::{ACCOUNT, REGION};
use pinpoint_streams_testkit::{Memory, Reads, ask, desired, parsed, reconcile};
use std::collections::BTreeSet;
use std::sync::Arc;

const APPS: usize = 100;

/// What is kept from run to run.
struct Workspace {
    desired: Desired,
    memory: Memory,
    runs: u32,
}

impl Workspace {
    fn new(desired: Desired) -> Workspace {
        Workspace { desired, memory: Memory::new(), runs: 0 }
    }

    /// One run over a client, as the program makes it.
    async fn run(&mut self, mode: Mode, client: SharedHttpClient) -> (Plan, Outcome) {
        self.runs += 1;
        let cloud = Paced::new(connect(client).await);
        let Memory { state, journal, .. } = &self.memory;
        let destroys = mode == Mode::Destroy;
        let options = Options { delete_apps: destroys, allow_mass_delete: destroys, ..Options::default() };
        let mut loaded = session::open(state, journal, START).await.unwrap();
        let inputs = Inputs { desired: self.desired.clone().into(), recorded: loaded.recorded, options };
        let planned = ask(&reconcile(mode, inputs), &cloud).await.output;
        let Planned { plan, recorded, last_look: _ } =
            planned.unwrap_or_else(|problems| panic!("problems: {problems:#?}"));
        loaded.recorded = recorded;
        let run = RunContext::new(parsed(&format!("run-{}", self.runs)), 10, &SystemClock, 7);
        let mut events = RunEvents::begin(&SystemClock, "0.0.0", |_| {});
        let stores = self.memory.stores();
        let outcome = execute(plan.clone().into(), &cloud, stores, loaded, run, Stop::never(), &mut events).await;
        (plan, outcome)
    }
}

/// What is there, by another connection in clear weather: the apps' ids and names, the roles, the event streams.
async fn there(aws: &Aws) -> (Vec<(AppId, String)>, usize, usize) {
    let (account, region): (AccountId, Region) = (parsed(ACCOUNT), parsed(REGION));
    let apps = aws.apps(&AccountRegion::of(&account, &region)).await.unwrap();
    let mut streams = 0;
    for id in apps.keys() {
        streams += usize::from(aws.event_stream(&AppArn::of(&account, &region, id)).await.unwrap().is_some());
    }
    let roles = aws.role_list(&account).await.unwrap().len();
    (apps.into_iter().map(|(id, app)| (id, app.name)).collect(), roles, streams)
}

#[tokio::test(start_paused = true)]
async fn a_hundred_apps_are_created_exactly_once_though_calls_are_refused_and_answers_lost() {
    let desired = (0..APPS).fold(desired(), |manifest, index| {
        let name = format!("App {index:03}");
        manifest.app(&format!("app{index:03}"), |app| app.created(&name).kinesis("clicks"))
    });
    let desired = desired.build();
    let sandbox = sandbox(&presumed_by(&desired));
    let faults = Faults::seeded(4)
        .share(0.2, Answer::Throttled)
        .share(0.05, Answer::status(500))
        .share(0.05, Answer::status(503))
        .share(0.05, Answer::Lost);
    let faults = Arc::new(faults);
    let bad = || faults.around(sandbox.http_client());
    let clear = connect(sandbox.http_client()).await;
    let mut workspace = Workspace::new(desired);

    let (_, outcome) = workspace.run(Mode::Converge, bad()).await;
    let failed = outcome.steps.values().find(|step| matches!(step.result, StepResult::Failed(_)));
    assert_eq!(outcome.ending, Ending::Done, "{failed:#?}");
    let (apps, roles, streams) = there(&clear).await;
    let names: BTreeSet<&String> = apps.iter().map(|(_, name)| name).collect();
    assert_eq!((apps.len(), names.len(), roles, streams), (APPS, APPS, APPS, APPS));

    let (second, _) = workspace.run(Mode::Converge, bad()).await;
    assert!(second.is_empty(), "{:#?}", second.changes);

    let (_, outcome) = workspace.run(Mode::Destroy, bad()).await;
    assert_eq!(outcome.ending, Ending::Done, "{:?}", outcome.tally());
    assert_eq!(there(&clear).await, (Vec::new(), 0, 0));
    assert!(outcome.recorded.resources.is_empty());

    let struck = faults.struck();
    println!("{struck:?}");
    assert!(struck["Throttled"] > 200 && struck["Respond"] > 100 && struck["Lost"] > 50, "{struck:?}");
}

/// How the end of a service may look to a write, and a denial that is not the end.
fn ends() -> [Answer; 6] {
    let json = |status, code: &str| Answer::Respond {
        status,
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("x-amzn-errortype".to_owned(), code.to_owned()),
        ],
        body: r#"{"message":"This service is no longer available"}"#.to_owned(),
    };
    let page = |status| Answer::Respond {
        status,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: "<!DOCTYPE html><html><body>Goodbye</body></html>".to_owned(),
    };
    [
        json(400, "AccessDeniedException"),
        json(403, "AccessDeniedException"),
        json(400, "ForbiddenException"),
        json(400, "ValidationException"),
        page(404),
        page(200),
    ]
}

#[tokio::test(start_paused = true)]
async fn event_streams_that_end_while_a_run_is_under_way_leave_a_true_record_and_the_next_run_goes_on() {
    for end in ends() {
        let desired = desired().app("blog", |app| app.created("Blog").kinesis("clicks")).build();
        let sandbox = sandbox(&presumed_by(&desired));
        let faults = Arc::new(Faults::seeded(0).rule("PutEventStream", When::Always, end.clone()));
        let mut workspace = Workspace::new(desired);
        let (_, outcome) = workspace.run(Mode::Converge, faults.around(sandbox.http_client())).await;
        assert_eq!(outcome.ending, Ending::Failed, "{end:?}");
        let tally = outcome.tally();
        assert_eq!((tally.failed, tally.skipped, tally.not_started), (1, 0, 0), "{end:?}");
        let kinds: Vec<String> = outcome.recorded.resources.keys().map(ToString::to_string).collect();
        assert_eq!(kinds, ["app.blog", "role.blog"], "{end:?}");
        let (plan, outcome) = workspace.run(Mode::Converge, sandbox.http_client()).await;
        assert_eq!((plan.steps.len(), outcome.ending), (1, Ending::Done), "{end:?}: {:#?}", plan.changes);
        assert!(workspace.run(Mode::Converge, sandbox.http_client()).await.0.is_empty(), "{end:?}");
    }
}
