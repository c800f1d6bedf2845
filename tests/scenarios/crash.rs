//! The program crashes between any two writes. Run again: nothing twice, nothing orphaned, the record true.
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_testkit::cloud::Cut;
use pinpoint_streams_testkit::{Command, How, RunEnd, Trial, desired};

pub(crate) fn three_apps() -> Desired {
    desired()
        .shared_role("shared", |role| role)
        .app("shop", |app| app.kinesis("clicks"))
        .app("blue", |app| app.kinesis("clicks").role("shared"))
        .app("blog", |app| app.created("Blog").firehose("lake").role("shared"))
        .build()
}

/// A first apply, and then a manifest that creates, updates, replaces and deletes.
pub(crate) async fn edited() -> Trial {
    let mut trial = applied().await;
    let edited = desired()
        .shared_role("shared", |role| role.name("Renamed"))
        .app("blue", |app| app.kinesis("clicks").role("shared"))
        .app("blog", |app| app.created("Blog").kinesis("other").own_role(|role| role));
    trial.edit(edited.build());
    trial
}

async fn applied() -> Trial {
    let mut trial = Trial::new(three_apps());
    trial.apply().await;
    trial
}

/// Crashes before and after each write, each time from the beginning, until the run survives; and runs again.
async fn every_cut(begin: impl AsyncFn() -> Trial, command: Command) {
    let mut cuts = 0;
    for write in 1.. {
        let mut survived = true;
        for cut in [Cut::before_write(write), Cut::after_write(write)] {
            let mut trial = begin().await;
            survived &= matches!(trial.run(&command, &How::with(cut)).await, RunEnd::Ran(..));
            trial.finish(&command).await;
            cuts += 1;
        }
        if survived {
            break;
        }
    }
    assert!(cuts > 15, "{cuts} cuts tried");
}

#[tokio::test(start_paused = true)]
async fn a_first_apply_that_dies_anywhere_is_finished_by_the_next() {
    every_cut(async || Trial::new(three_apps()), Command::apply()).await;
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_dies_anywhere_is_finished_by_the_next() {
    every_cut(edited, Command::apply()).await;
}

#[tokio::test(start_paused = true)]
async fn a_destroy_that_dies_anywhere_is_finished_by_the_next() {
    every_cut(applied, Command::destroy()).await;
}
