//! Never once is a role called obsolete that the full, true read calls otherwise, or that something uses or manages.
use crate::sweep_failures::failures;
use crate::sweep_world::worlds;
use pinpoint_streams_model::{Findings, Verdict};
use pinpoint_streams_testkit::nightly;
use proptest::collection::vec;
use proptest::prelude::proptest;
use proptest::test_runner::{Config, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeMap;

const READS: usize = 3;

#[test]
fn never_once_is_a_role_called_obsolete_that_the_full_read_calls_otherwise() {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..nightly::cases(400, 50_000) });
    let tally = RefCell::new(BTreeMap::<&str, usize>::new());
    let count = |what, by| *tally.borrow_mut().entry(what).or_default() += by;
    let tried = runner.run(&(worlds(), vec(failures(), READS), failures()), |(world, reads, while_captured)| {
        let truth = world.findings(&[]);
        for finding in &truth.roles {
            count(finding.verdict.as_str(), 1);
            let is_obsolete = finding.verdict == Verdict::Obsolete;
            proptest::prop_assert!(!is_obsolete || !world.is_used_or_managed(&finding.role), "{finding:#?}");
        }
        // Bundles of true answers, and of answers of which some failed; alone, and with calls of which some fail.
        let bundles = [world.captured(&[]), world.captured(&while_captured)];
        let alone = bundles.iter().map(|bundle| world.findings_with(vec![bundle.clone()], None));
        let alone: Vec<Findings> = alone.collect();
        for finding in &alone[0].roles {
            let true_one = truth.roles.iter().find(|one| one.role == finding.role);
            proptest::prop_assert_eq!(true_one.map(|one| one.verdict), Some(finding.verdict), "{:#?}", finding);
        }
        let with_calls = reads.iter().flat_map(|failures| {
            let combined = bundles.iter().map(|bundle| world.findings_with(vec![bundle.clone()], Some(failures)));
            combined.chain([world.findings(failures)]).collect::<Vec<_>>()
        });
        for found in alone.into_iter().chain(with_calls) {
            count("reads with failures", 1);
            count("still obsolete in them", found.count(Verdict::Obsolete));
            count("unknown in them", found.count(Verdict::Unknown));
            for finding in found.roles.iter().filter(|finding| finding.verdict == Verdict::Obsolete) {
                proptest::prop_assert!(!world.is_used_or_managed(&finding.role), "{finding:#?}");
                let true_one = truth.roles.iter().find(|one| one.role == finding.role);
                let verdict = true_one.map(|one| one.verdict);
                proptest::prop_assert_eq!(
                    verdict,
                    Some(Verdict::Obsolete),
                    "{:#?}\nbut in truth {:#?}",
                    finding,
                    true_one
                );
            }
        }
        Ok(())
    });
    tried.unwrap_or_else(|failure| panic!("{failure}"));
    let tally = tally.into_inner();
    for (what, number) in &tally {
        println!("{number:>6} {what}");
    }
    for verdict in Verdict::ALL {
        assert!(
            tally.get(verdict.as_str()).is_some_and(|number| *number > 5 || verdict == Verdict::Tripped),
            "hardly any role is {}",
            verdict.as_str()
        );
    }
    assert!(tally["still obsolete in them"] > 300, "the failures leave too little to go wrong");
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..nightly::cases(100, 10_000) })]

    #[test]
    fn in_whatever_order_answers_come_the_same_is_asked_and_concluded(world in worlds(), failures in failures()) {
        world.demand_same_in_any_order(&[]);
        world.demand_same_in_any_order(&failures);
    }
}
