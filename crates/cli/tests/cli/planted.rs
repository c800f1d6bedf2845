//! Files that someone has planted or edited. Whatever the program then does, each is refused or harmless. Refused: an
//! error, a non-zero exit, nothing changed. Harmless: no panic; nothing foreign, and nothing in use, is deleted,
//! quarantined, taken over or changed; nothing is made twice; no file is lost; it ends within seconds.
mod account;
mod case;
mod members;
mod signing;
mod targets;
mod template;
mod ways;

use case::Case;
use pinpoint_streams_model::digest;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use targets::TARGETS;
use template::Template;

/// So many cases of each file are tried with every change.
const USUAL: usize = 2;

/// Each is refused by one check alone.
const TELLING: [&str; 5] = [
    "state: Mode(438), then apply --auto-approve",
    "state: NotAFile(LinkToItself), then apply --auto-approve",
    "state: Forged { foreign: 3, is_signed: false }, then apply --auto-approve",
    "archive: OtherWord 0:/object/role/max_session_duration, then restore",
    "plan: Removed 0:/changes/2/fields/1/before/Statement/0, then show",
];

#[test]
fn a_file_that_was_planted_or_edited_is_refused_or_harmless() {
    let template = Template::get();
    let mut cases = case::all(template);
    cases.sort_by_cached_key(|case| digest::of_bytes(case.to_string().as_bytes()));
    let sample = TARGETS.iter().flat_map(|target| {
        let of_target = cases.iter().filter(move |case| case.target.kind == target.kind);
        of_target.take(USUAL)
    });
    tried(&sample.collect::<Vec<_>>(), template);
}

#[test]
fn what_one_check_alone_refuses_is_refused() {
    let template = Template::get();
    let cases = case::all(template);
    let telling = TELLING.iter().map(|name| {
        let case = cases.iter().find(|case| case.to_string().starts_with(name));
        case.unwrap_or_else(|| {
            let alike = name.split('/').next().unwrap();
            let alike: Vec<String> =
                cases.iter().map(ToString::to_string).filter(|one| one.starts_with(alike)).collect();
            panic!("no case is called {name}, but {alike:#?}")
        })
    });
    tried(&telling.collect::<Vec<_>>(), template);
}

#[test]
#[ignore = "takes many minutes"]
fn every_file_that_was_planted_or_edited_in_any_way_is_refused_or_harmless() {
    let template = Template::get();
    let cases = case::all(template);
    tried(&cases.iter().filter(|case| is_chosen(case)).collect::<Vec<_>>(), template);
}

/// Whether the name of the case contains the text in `PINPOINT_STREAMS_PLANTED`, if there is one.
#[expect(clippy::disallowed_methods, reason = "the environment selects cases, to see one again")]
fn is_chosen(case: &Case) -> bool {
    std::env::var("PINPOINT_STREAMS_PLANTED").map_or(true, |part| case.to_string().contains(&part))
}

#[expect(clippy::print_stdout, reason = "how many cases were tried, and which failed, is what it is run for")]
fn tried(cases: &[&Case], template: &Template) {
    println!("{} cases", cases.len());
    let (next, tried, failed) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Some(wrongs) = case::tried(case, template) else { continue };
            if tried.fetch_add(1, Ordering::Relaxed) % 500 == 499 {
                println!("{} of {}", tried.load(Ordering::Relaxed), cases.len());
            }
            if !wrongs.is_empty() {
                let failure = format!("{case}\n{}", wrongs.join("\n"));
                println!("{failure}\n");
                failed.lock().unwrap().push(failure);
            }
        }
    };
    let workers = 2 * std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));
    let (tried, mut failed) = (tried.into_inner(), failed.into_inner().unwrap());
    println!("{tried} planted files and jobs of {} that can be, {} failed", cases.len(), failed.len());
    for target in &TARGETS {
        let of_target = cases.iter().filter(|case| case.target.kind == target.kind).count();
        println!("{of_target:6} {}", target.kind);
    }
    failed.sort();
    assert!(failed.is_empty() && tried > 0, "{} cases failed:\n\n{}", failed.len(), failed.join("\n\n"));
}
