//! One planted file and one job: what must hold after each of its commands.
use super::account::{Named, wrongs};
use super::targets::{Job, TARGETS, Target};
use super::template::{JOURNAL, RUNS, STATE, Template, WORLD, archive_of, carry_out, contents, moved};
use super::ways::{self, Instead, Way};
use crate::support::{Run, Workspace, through};
use pinpoint_streams_sandbox::Contents;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// In seconds. A command takes one or two, on a machine that does other things too.
const LONGEST: &str = "30";

pub(super) struct Case {
    pub(super) target: &'static Target,
    pub(super) way: Way,
    pub(super) job: Job,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Case { target, way, job } = self;
        write!(f, "{}: ", target.kind)?;
        match way {
            Way::Text(name, _) => write!(f, "{name}")?,
            Way::Edited { place, edit, is_signed } => {
                write!(f, "{edit:?} {place}{}", if *is_signed { ", signed" } else { "" })?;
            }
            way => write!(f, "{way:?}")?,
        }
        write!(f, ", then {}", job.lines.join(", "))
    }
}

/// Every way to plant each file, with the jobs that read it. After an edit of one member it is one of them, and another
/// after the next edit.
pub(super) fn all(template: &Template) -> Vec<Case> {
    let mut cases = Vec::new();
    for target in &TARGETS {
        for way in ways::of(target, template) {
            let most = if let Way::Edited { .. } = way { 1 } else { target.jobs.len() };
            let first = format!("{way:?}").bytes().map(usize::from).sum::<usize>() % target.jobs.len();
            let jobs = target.jobs.iter().cycle().skip(first).take(most);
            cases.extend(jobs.map(|job| Case { target, way: way.clone(), job: *job }));
        }
    }
    cases
}

/// What a folder has at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    File(Vec<u8>, u32),
    Link(PathBuf),
    Folder,
    Other,
}

type Files = BTreeMap<String, Found>;

/// Everything but the embedded account and locks.
fn files(folder: &Workspace) -> Files {
    let mut found = Files::new();
    collect(&folder.path(""), &folder.path(""), &mut found);
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        if name == ".pinpoint-streams/sandbox/aws" || name.ends_with(".lock") {
            continue;
        }
        let metadata = fs::symlink_metadata(&path).unwrap();
        let what = if metadata.is_dir() {
            collect(root, &path, found);
            Found::Folder
        } else if metadata.is_file() {
            Found::File(fs::read(&path).unwrap(), metadata.permissions().mode())
        } else if metadata.is_symlink() {
            Found::Link(fs::read_link(&path).unwrap())
        } else {
            Found::Other
        };
        found.insert(name, what);
    }
}

fn world(folder: &Workspace) -> Option<Vec<u8>> {
    let path = folder.path(WORLD);
    fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_file).and_then(|_| fs::read(path).ok())
}

struct Moment {
    files: Files,
    account: Option<Contents>,
    world: Option<Vec<u8>>,
}

impl Moment {
    fn of(folder: &Workspace) -> Moment {
        Moment { files: files(folder), account: contents(folder), world: world(folder) }
    }
}

/// What is wrong afterwards; `None` if this way changes nothing of this file.
pub(super) fn tried(case: &Case, template: &Template) -> Option<Vec<String>> {
    let folder = case.target.folder(template).copy();
    moved(template, &folder);
    if !ways::plant(&case.way, case.target, template, &folder) {
        return None;
    }
    let is_world =
        case.target.kind == "world" && !matches!(case.way, Way::NotAFile(what) if what != Instead::Nothing);
    if is_declaration(case.target) || is_world {
        // Whatever is declared to exist is in the embedded account before any command.
        run(&folder, "sandbox seed");
    }
    let mut wrongs = Vec::new();
    for line in case.job.lines {
        let before = Moment::of(&folder);
        let line = match line.strip_prefix("carry out ") {
            Some(plan) => carry_out(&folder, plan),
            None => line.replace("{archive}", &archive_of(&template.folder)),
        };
        let run = run(&folder, &line);
        let after = Moment::of(&folder);
        let must_refuse = case.target.refuses(&case.way, &case.job) && !is_only_shown(case, &line);
        let found = judged(case, template, must_refuse, &run, (&before, &after));
        wrongs.extend(found.into_iter().map(|wrong| format!("{wrong}\n{}", shortened(&run))));
    }
    Some(wrongs)
}

fn is_declaration(target: &Target) -> bool {
    matches!(target.kind, "manifest" | "included file")
}

fn run(folder: &Workspace, line: &str) -> Run {
    let command = folder.command(&format!("--sandbox {line}"));
    let mut command = through("timeout", &["-k", "1", LONGEST], &command, folder);
    let output = command.output().unwrap();
    let is_text =
        String::from_utf8(output.stdout.clone()).is_ok() && String::from_utf8(output.stderr.clone()).is_ok();
    assert!(is_text, "{line}: {output:?}");
    folder.ran(line, output)
}

fn shortened(run: &Run) -> String {
    let text = run.to_string();
    let end = text.char_indices().nth(1500).map_or(text.len(), |(at, _)| at);
    text[..end].to_owned()
}

/// Whether the file is a valid plan, if not one for this, and nothing more is done with it.
fn is_only_shown(case: &Case, line: &str) -> bool {
    let is_plan = matches!(case.way, Way::SameKind(_) | Way::OtherKind("apply.plan"));
    case.target.same == "plan" && is_plan && line.starts_with("show ")
}

fn judged(
    case: &Case,
    template: &Template,
    must_refuse: bool,
    run: &Run,
    (before, after): (&Moment, &Moment),
) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            wrong.push(what.to_owned());
        }
    };
    must((0..=6).contains(&run.code), "it ended with no exit code of its own");
    must(!run.stderr.contains("panicked at"), "it panicked");
    let is_plain = |text: &str| !text.contains(['\u{1b}', '\u{7}', '\0']);
    must(is_plain(&run.stdout) && is_plain(&run.stderr), "the output has control characters");
    let is_refused = [1, 3, 4].contains(&run.code);
    if is_refused {
        let has_reason = run.stderr.contains("error") || run.stdout.contains("\"message\"");
        must(has_reason, "it was refused without a reason");
        // What an earlier run did is in the state, even if this run fails.
        let is_settled = |name: &str| {
            let is_kept = name.starts_with(RUNS) && !before.files.contains_key(name);
            case.target.kind == "journal" && (is_kept || name == STATE || name == JOURNAL)
        };
        let lost: Vec<_> =
            changed(before, after).into_iter().filter(|name| must_refuse || !is_settled(name)).collect();
        must(lost.is_empty(), &format!("it was refused, and files have changed: {lost:?}"));
        must(before.account == after.account, "it was refused, and the account has changed");
    }
    if must_refuse {
        must(is_refused, "it was not refused");
        must(!case.target.is_written() || before.world == after.world, "the account was written");
    }
    for name in changed(before, after) {
        let is_own = name == STATE || name.starts_with(&format!("{STATE}.journal"));
        let is_new = !before.files.contains_key(&name);
        // An embedded account is written in place, under all of its names.
        let is_world = case.target.kind == "world" && name == "aside";
        must(
            is_new || is_world || name == "fresh.plan" || is_own && !must_refuse,
            &format!("{name} was changed or deleted"),
        );
    }
    let text = match before.files.get(&case.target.path(template)) {
        Some(Found::File(text, _)) => String::from_utf8_lossy(text),
        _ => "".into(),
    };
    let named = match case.target.kind {
        "manifest" | "included file" => Named::Declared(&text),
        "state" | "journal" => Named::Recorded(&text),
        _ => Named::Nothing,
    };
    match (&before.account, &after.account) {
        (Some(before), Some(after)) => {
            wrong.extend(wrongs(before, after, case.job.reach, &template.owners, named))
        }
        (None, _) => must(before.world == after.world, "an account that cannot be read was written"),
        (Some(_), None) => must(false, "the account cannot be read any more"),
    }
    wrong
}

/// The names of the files that are not as they were.
fn changed(before: &Moment, after: &Moment) -> Vec<String> {
    let names = before.files.keys().chain(after.files.keys().filter(|name| !before.files.contains_key(*name)));
    names.filter(|name| before.files.get(*name) != after.files.get(*name)).cloned().collect()
}
