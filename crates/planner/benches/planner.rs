//! The parts without calls, for 1,200, 12,000 and 120,000 apps: ten times as many apps should take ten times as long, and
//! ten times the memory.
//! `cargo bench -p pinpoint-streams-planner`
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pinpoint_streams_model::live::Live;
use pinpoint_streams_model::policy::same_meaning;
use pinpoint_streams_model::{Mode, Options, Recorded};
use pinpoint_streams_planner::{Inputs, Inquiry, PlanResult};
use pinpoint_streams_testkit::{FakeCloud, ask, desired, reconcile};
use std::hint::black_box;
use std::time::Duration;

type Converge = Box<dyn Inquiry<Output = PlanResult> + Send + Sync>;

/// So many apps, each with its own role, after an apply: nothing is to be changed.
struct Applied {
    apps: usize,
    recorded: Recorded,
    inquiry: Converge,
    excluding: Converge,
    live: Live,
}

impl Applied {
    fn of(apps: usize) -> Applied {
        let all = (0..apps).fold(desired(), |manifest, number| {
            manifest.app(&format!("app{number}"), |app| app.kinesis("clicks"))
        });
        let desired = all.build();
        let (cloud, recorded) = FakeCloud::applied(&desired);
        let inputs = |options| Inputs { desired: desired.clone().into(), recorded: recorded.clone(), options };
        let inquiry = reconcile(Mode::Converge, inputs(Options::default()));
        let excludes = vec!["role.*".to_owned()];
        let excluding = reconcile(Mode::Converge, inputs(Options { excludes, ..Options::default() }));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let live = runtime.block_on(ask(&inquiry, &cloud)).live;
        Applied { apps, recorded, inquiry, excluding, live }
    }
}

/// The resident set of this process, in bytes; `None` where it is not known. Source: proc_pid_statm(5).
fn resident() -> Option<usize> {
    let pages: usize = std::fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

#[expect(clippy::print_stdout, reason = "what a bench finds is printed")]
fn planner(criterion: &mut Criterion) {
    let before = resident();
    let mut group = criterion.benchmark_group("apps");
    group.sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(2));
    for apps in [1_200, 12_000, 120_000] {
        let Applied { apps, recorded, inquiry, excluding, live } = &Applied::of(apps);
        let planned = inquiry.conclude(live);
        if let (Some(before), Some(with)) = (before, resident()) {
            println!("{apps} apps: {} bytes of resident memory an app", (with - before) / apps);
        }
        drop(planned);
        group.throughput(Throughput::Elements(*apps as u64));
        let mut time = |what: &str, run: &dyn Fn()| {
            group.bench_function(BenchmarkId::new(what, apps), |bencher| bencher.iter(run));
        };
        time("questions", &|| drop(black_box(inquiry.questions(live))));
        time("plan", &|| drop(black_box(inquiry.conclude(live))));
        time("plan --exclude 'role.*'", &|| drop(black_box(excluding.conclude(live))));
        time("compare policies", &|| {
            for role in recorded.resources.values().filter_map(|resource| resource.object.as_role()) {
                black_box(same_meaning(&role.trust_policy, &role.trust_policy.canonical()));
            }
        });
    }
}

criterion_group!(benches, planner);
criterion_main!(benches);
