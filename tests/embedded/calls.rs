//! What a plan costs in calls: one GetEventStream an app, everything else in bulk.
use crate::account::{connect, presumed_by, sandbox};
use pinpoint_streams_executor::cloud::WriteCloud;
use pinpoint_streams_model::op::Outputs;
use pinpoint_streams_model::plan::Options;
use pinpoint_streams_model::recorded::{Output, Recorded};
use pinpoint_streams_planner::{Converge, Inputs};
use pinpoint_streams_sandbox::decorators::CallCounts;
use pinpoint_streams_testkit::applied::lineage;
use pinpoint_streams_testkit::{ask, desired, parsed};

#[tokio::test]
async fn reading_to_plan_sixty_apps_takes_one_call_an_app_and_a_few() {
    const APPS: usize = 60;
    let desired = (0..APPS)
        .fold(desired(), |manifest, index| manifest.app(&format!("app{index:03}x"), |app| app.kinesis("clicks")))
        .build();
    let sandbox = sandbox(&presumed_by(&desired));
    let counts = CallCounts::default();
    let cloud = connect(counts.around(sandbox.http_client())).await;
    let mut recorded = Recorded { lineage: Some(lineage()), ..Recorded::default() };

    let plan = async |recorded: &Recorded| {
        let (desired, options) = (desired.clone(), Options::default());
        let converge = Converge::new(Inputs { desired: desired.into(), recorded: recorded.clone(), options });
        ask(&converge, &cloud).await.output.unwrap().plan
    };
    let first = plan(&recorded).await;
    let mut outputs = Outputs::new();
    for step in &first.steps {
        let op = step.op.clone().resolve(&outputs, &lineage()).unwrap();
        let output: Output = cloud.write(&op).await.unwrap().output;
        recorded.absorb(&step.address, &op, &output, parsed("2026-11-23T00:00:00Z"));
        outputs.insert(step.id, output);
    }

    counts.reset();
    let second = plan(&recorded).await;
    assert!(second.is_empty(), "{:#?}", second.changes);
    assert_eq!(second.summary.keep, 2 * APPS);
    let limit = APPS * 105 / 100 + 40;
    assert!(
        usize::try_from(counts.total()).unwrap() <= limit,
        "{} calls, {limit} allowed: {:?}",
        counts.total(),
        counts.all()
    );
}
