//! How long one conclusion takes with `--exclude 'role.*'`, from a hundred apps to sixteen hundred. Twice as many apps
//! should take twice as long. `cargo bench -p pinpoint-streams-planner`
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
use pinpoint_streams_model::{Mode, Options};
use pinpoint_streams_planner::{Inputs, Inquiry};
use pinpoint_streams_testkit::{FakeCloud, ask, desired, reconcile};
use std::time::Instant;

fn main() {
    let options = Options { excludes: vec!["role.*".to_owned()], ..Options::default() };
    println!("apps    all selected    --exclude 'role.*'");
    for apps in [100, 200, 400, 800, 1600] {
        println!("{apps:>4}    {:>9} ms    {:>15} ms", millis(apps, &Options::default()), millis(apps, &options));
    }
}

/// Milliseconds that one conclusion takes.
fn millis(apps: usize, options: &Options) -> u128 {
    let all = (0..apps)
        .fold(desired(), |manifest, number| manifest.app(&format!("app{number}"), |app| app.kinesis("clicks")));
    let desired = all.build();
    let (cloud, recorded) = FakeCloud::applied(&desired);
    let inquiry = reconcile(Mode::Converge, Inputs { desired, recorded, options: options.clone() });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let live = runtime.block_on(ask(&inquiry, &cloud)).live;
    let began = Instant::now();
    let _ = inquiry.conclude(&live);
    began.elapsed().as_millis()
}
