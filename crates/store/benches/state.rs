//! A state of 1,200, 12,000 and 120,000 apps: ten times as many should take ten times as long.
//! `cargo bench -p pinpoint-streams-store`
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pinpoint_streams_store::state::State;
use pinpoint_streams_testkit::{FakeCloud, desired};
use std::hint::black_box;
use std::time::Duration;

fn state(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("state");
    group.sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(2));
    for apps in [1_200, 12_000, 120_000] {
        let all = (0..apps).fold(desired(), |manifest, number| {
            manifest.app(&format!("app{number}"), |app| app.kinesis("clicks"))
        });
        let recorded = FakeCloud::applied(&all.build()).1;
        let workspace = "growth".parse().expect("a workspace");
        let state = State::of(&workspace, &recorded, Default::default()).expect("a lineage");
        let json = state.to_json().expect("JSON");
        group.throughput(Throughput::Elements(apps));
        group.bench_function(BenchmarkId::new("write", apps), |bencher| {
            bencher.iter(|| black_box(state.to_json()));
        });
        group.bench_function(BenchmarkId::new("read", apps), |bencher| {
            bencher.iter(|| black_box(State::from_json("state", &json, &workspace)));
        });
    }
}

criterion_group!(benches, state);
criterion_main!(benches);
