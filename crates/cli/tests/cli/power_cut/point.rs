//! A point in a run: one of its calls that change files below its folder, and what befalls the process there.
//! `interpose.rs` carries it out; this builds that once and says to a command what is wanted.
use crate::support::Workspace;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;

/// Which call of a process, counted from 1: of all those that change files below the workspace's folder, or only
/// of some.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    nth: usize,
    call: Option<&'static str>,
    path: Option<&'static str>,
}

impl Point {
    /// The n-th call.
    pub(crate) fn nth(nth: usize) -> Point {
        Point { nth, call: None, path: None }
    }

    /// The n-th call that leaves another content: all but those that only wait for the disk.
    pub(crate) fn change(nth: usize) -> Point {
        Point { nth, call: Some("change"), path: None }
    }

    /// The n-th `create`, `write`, `sync`, `truncate`, `rename`, `remove` or `folder` (one made) of a path that
    /// holds this text.
    pub(crate) fn of(nth: usize, call: &'static str, path: &'static str) -> Point {
        Point { nth, call: Some(call), path: Some(path) }
    }
}

/// What befalls the process at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Fate {
    /// SIGKILL, and the call is not made.
    KilledBefore,
    /// SIGKILL after half of the bytes of a write; of any other call, after it.
    KilledHalfway,
    /// SIGKILL once the call was made.
    KilledAfter,
    /// Half of the bytes of this write still fit; from then on writes, new files and folders end with ENOSPC.
    DiskFull,
    /// This one call fails with this error number.
    Refused(i32),
}

impl Fate {
    fn spelt(self) -> String {
        match self {
            Fate::KilledBefore => "kill-before".to_owned(),
            Fate::KilledHalfway => "kill-half".to_owned(),
            Fate::KilledAfter => "kill-after".to_owned(),
            Fate::DiskFull => "full".to_owned(),
            Fate::Refused(errno) => format!("refuse:{errno}"),
        }
    }
}

/// Lets this befall the command when it is run.
pub(crate) fn befall(command: &mut Command, workspace: &Workspace, point: Point, fate: Fate) {
    at(command, workspace, point).env("POWER_CUT_FATE", fate.spelt());
}

/// Has the command write down each of its calls in this file, which must not be below the workspace's folder.
pub(crate) fn watch(command: &mut Command, workspace: &Workspace, log: &Path) {
    interposed(command, workspace).env("POWER_CUT_LOG", log);
}

/// The calls that were written down: what was done, and to which path.
pub(crate) fn watched(log: &Path) -> Vec<(String, PathBuf)> {
    let text = fs::read_to_string(log).unwrap_or_default();
    let calls = text.lines().map(|line| line.split_once('\t').unwrap());
    calls.map(|(call, path)| (call.to_owned(), PathBuf::from(path))).collect()
}

fn at<'a>(command: &'a mut Command, workspace: &Workspace, point: Point) -> &'a mut Command {
    let Point { nth, call, path } = point;
    let command = interposed(command, workspace).env("POWER_CUT_NTH", nth.to_string());
    command.envs(call.map(|call| ("POWER_CUT_CALL", call))).envs(path.map(|path| ("POWER_CUT_PATH", path)))
}

fn interposed<'a>(command: &'a mut Command, workspace: &Workspace) -> &'a mut Command {
    let folder = workspace.path("").canonicalize().unwrap();
    command.env("LD_PRELOAD", library()).env("POWER_CUT_FOLDER", folder)
}

/// A process that stands still at a point: the call there has begun and does not return until it is let go.
pub(crate) struct Held {
    process: Option<Child>,
    gate: PathBuf,
    _folder: TempDir,
}

impl Held {
    /// Starts the command and returns once it stands at the point.
    pub(crate) fn at(point: Point, workspace: &Workspace, command: Command) -> Held {
        Held::if_reached(point, workspace, command).unwrap_or_else(|output| {
            panic!("it ended before {point:?}: {}", String::from_utf8_lossy(&output.stderr))
        })
    }

    /// The same, or the output if it ended before: how writes are joined depends on their timing.
    pub(crate) fn if_reached(point: Point, workspace: &Workspace, mut command: Command) -> Result<Held, Output> {
        let folder = tempfile::tempdir().unwrap();
        let gate = folder.path().join("gate");
        at(&mut command, workspace, point).env("POWER_CUT_FATE", "hold").env("POWER_CUT_GATE", &gate);
        let mut process = command.spawn().unwrap();
        while !gate.exists() {
            if process.try_wait().unwrap().is_some() {
                return Err(process.wait_with_output().unwrap());
            }
            moment();
        }
        Ok(Held { process: Some(process), gate, _folder: folder })
    }

    /// The process's number.
    pub(crate) fn id(&self) -> u32 {
        self.process.as_ref().unwrap().id()
    }

    /// Lets the call return, and waits until the process has ended.
    pub(crate) fn goes_on(mut self) -> Output {
        fs::remove_file(&self.gate).unwrap();
        self.process.take().unwrap().wait_with_output().unwrap()
    }

    /// Waits until the process has ended though the call does not return.
    pub(crate) fn ends_all_the_same(mut self) -> Output {
        self.process.take().unwrap().wait_with_output().unwrap()
    }

    /// SIGKILL, where it stands.
    pub(crate) fn killed(mut self) {
        self.kill();
    }

    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.kill();
    }
}

#[expect(clippy::disallowed_methods, reason = "another process is waited for, whose clock cannot be paused")]
pub(crate) fn moment() {
    std::thread::sleep(Duration::from_millis(2));
}

/// The interposer, built when it is first asked for and kept in the target folder.
fn library() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/power_cut/interpose.rs");
        let mut hasher = DefaultHasher::new();
        fs::read(&source).unwrap().hash(&mut hasher);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let library = folder.join(format!("interpose-{:016x}.so", hasher.finish()));
        if !library.exists() {
            let draft = folder.join(format!("interpose-{}.so", std::process::id()));
            build(&source, &draft);
            fs::rename(draft, &library).unwrap();
        }
        library
    })
}

fn build(source: &Path, library: &Path) {
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition", "2024", "--crate-type", "cdylib", "--crate-name", "interpose", "-D", "warnings"]);
    rustc.args(["-C", "opt-level=1", "-C", "panic=abort", "-C", "strip=symbols", "-o"]).arg(library).arg(source);
    let output = rustc.output().expect("rustc is needed to build what interrupts a process, and was not found");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
