//! Of a role whose delete was interrupted, the archive that has all of it.
use super::*;
use pinpoint_streams_planner::{BegunDeletes, whole_archives};

/// A delete that was interrupted left the role without its policy, and the next runs archived what was left.
#[tokio::test(start_paused = true)]
async fn a_role_is_restored_from_the_archive_of_the_first_run_that_began_to_delete_it() {
    let workspace = Workspace::applied(shop());
    let of = |day: usize, is_whole: bool| {
        let mut role = workspace.cloud.snapshot().role(SHOP).clone();
        if !is_whole {
            role.inline_policies = Default::default();
        }
        let mut archived = archived("role.shop", Object::Role(Arc::new(role)));
        archived.entry.run = parsed(&format!("r{day}"));
        archived.entry.time = format!("2026-11-0{day}T12:00:00Z").parse().unwrap();
        archived.digest = digest::of(&archived.entry);
        archived
    };
    let (all, id) = ([of(3, false), of(1, true), of(2, false)], workspace.cloud.snapshot().role(SHOP).id.clone());
    let begun = |runs: &[&str]| -> BegunDeletes { runs.iter().map(|run| (parsed(run), id.clone())).collect() };
    let left = |all: &[Archived], runs: &[&str]| -> Vec<String> {
        let whole = whole_archives(all.to_vec(), &begun(runs));
        whole.into_iter().map(|archived| archived.entry.run.to_string()).collect()
    };
    assert_eq!(left(&all, &["r1", "r2"]), ["r1"]);
    assert_eq!(left(&all, &["r1"]), ["r3", "r1", "r2"], "the second run removed nothing");
    assert_eq!(left(&all, &[]), ["r3", "r1", "r2"]);
    let forged = [all[0].clone(), unknown(all[1].clone()), all[2].clone()];
    assert_eq!(left(&forged, &["r1", "r2"]), ["r2"]);
    workspace.cloud.outside().delete_role(&shop_role());
    let whole = whole_archives(all.to_vec(), &begun(&["r1", "r2"]));
    let plan = Workspace::demand(workspace.try_restore(&whole, false).await);
    assert_eq!(operations(&plan), ["create_role role.shop", "put_role_policy role.shop"]);
    // Where the whole one is gone, the plan says what is missing.
    let plan = Workspace::demand(workspace.try_restore(&all[..1], false).await);
    let says = |fact: &Fact| matches!(fact, Fact::Problem { message, .. } if message.contains("no policies"));
    assert!(plan.warnings.iter().any(|warning| says(&warning.fact)), "{:#?}", plan.warnings);
}
