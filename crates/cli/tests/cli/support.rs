//! A folder with a manifest in which commands are run, and what a run left behind.
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

/// An app that exists, and one that is made.
pub(crate) const SHOP_AND_BLOG: &str = r#"version = 1
workspace = "growth"

[defaults]
account = "main"
region = "us-east-1"

[accounts.main]
id = "123456789012"
profile = "of no meaning in the sandbox"

[streams.clickstream]
kinesis = "clickstream"

[apps.shop]
id = "810c7aab86d42fb2b56c8c966example"
stream = "clickstream"

[apps.blog]
name = "Blog"
stream = "clickstream"
tags = { site = "blog" }
"#;

/// The state of that workspace in the sandbox.
pub(crate) const STATE: &str = ".pinpoint-streams/sandbox/pinpoint-streams.state.json";

/// A folder with a manifest.
pub(crate) struct Workspace {
    folder: TempDir,
}

/// One run of the program.
pub(crate) struct Run {
    line: String,
    /// How it ended.
    pub(crate) code: i32,
    /// What it wrote as results.
    pub(crate) stdout: String,
    /// What it wrote beside them.
    pub(crate) stderr: String,
}

impl Workspace {
    /// With this manifest.
    pub(crate) fn new(manifest: &str) -> Workspace {
        let workspace = Workspace::empty();
        workspace.write("pinpoint-streams.toml", manifest);
        workspace
    }

    /// With [`SHOP_AND_BLOG`], applied. That takes half a second, because the new roles must propagate: it is done once.
    pub(crate) fn applied() -> Workspace {
        static APPLIED: OnceLock<BTreeMap<PathBuf, Vec<u8>>> = OnceLock::new();
        let applied = APPLIED.get_or_init(|| {
            let workspace = Workspace::new(SHOP_AND_BLOG);
            workspace.run("apply --auto-approve -q").code(0);
            let relative = |path: &Path| path.strip_prefix(workspace.folder.path()).unwrap().to_owned();
            let mut files = BTreeMap::new();
            collect(workspace.folder.path(), &mut files);
            files.into_iter().map(|(path, content)| (relative(&path), content)).collect()
        });
        let workspace = Workspace::empty();
        for (path, content) in applied {
            let path = workspace.folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        workspace
    }

    /// Without one.
    pub(crate) fn empty() -> Workspace {
        Workspace { folder: tempfile::tempdir().unwrap() }
    }

    /// A folder with the same in it.
    pub(crate) fn copy(&self) -> Workspace {
        let copy = Workspace::empty();
        copy_into(self.folder.path(), copy.folder.path());
        copy
    }

    /// Where it is.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// Writes a file, and the folders it is in.
    pub(crate) fn write(&self, relative: &str, text: &str) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Reads a file.
    pub(crate) fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative)).unwrap()
    }

    /// What a file of gzip members expands to.
    pub(crate) fn gunzipped(&self, relative: &str) -> String {
        let mut text = String::new();
        flate2::read::MultiGzDecoder::new(fs::File::open(self.path(relative)).unwrap())
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    /// Changes a file; what is to be replaced must be there.
    pub(crate) fn edit(&self, relative: &str, from: &str, to: &str) {
        let text = self.read(relative);
        assert!(text.contains(from), "{from} is not in {relative}");
        self.write(relative, &text.replace(from, to));
    }

    /// The program with these arguments, in this folder, and nothing of the tester's surroundings.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pinpoint-streams"));
        command.args(line.split_whitespace()).current_dir(self.folder.path());
        command.env_clear().env("HOME", self.folder.path()).env("USER", "ana");
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs it against whatever account the surroundings lead to.
    pub(crate) fn run_for_real(&self, line: &str, variables: &[(&str, &str)]) -> Run {
        let output = self.command(line).envs(variables.iter().copied()).output().unwrap();
        self.ran(line, output)
    }

    /// Runs it against the embedded account.
    pub(crate) fn run(&self, line: &str) -> Run {
        let line = format!("--sandbox {line}");
        let output = self.command(&line).output().unwrap();
        self.ran(&line, output)
    }

    /// What a finished process left.
    pub(crate) fn ran(&self, line: &str, output: Output) -> Run {
        let here = self.folder.path().canonicalize().unwrap();
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            redacted(&text.replace(&*here.to_string_lossy(), "[folder]"))
        };
        Run {
            line: line.to_owned(),
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// All files with their contents, but for the embedded account and the lock.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.folder.path(), &mut files);
        files.retain(|path, _| {
            let is_of_the_account = path.components().any(|part| part.as_os_str() == "aws");
            !is_of_the_account && path.extension().is_none_or(|extension| extension != "lock")
        });
        files
    }
}

/// The same command by way of another program, which is told to start it.
pub(crate) fn through(program: &str, args: &[&str], command: &Command, workspace: &Workspace) -> Command {
    let set = command.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    let mut wrapped = Command::new(program);
    wrapped.args(args).arg(command.get_program()).args(command.get_args()).current_dir(workspace.path(""));
    wrapped.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).envs(set);
    wrapped.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    wrapped
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
}

fn copy_into(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy_into(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

impl Run {
    /// The run, if it ended with this code.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Run {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// Whether stderr has this text, wherever its lines are folded.
    pub(crate) fn says(&self, text: &str) -> bool {
        words(&self.stderr).contains(&words(text))
    }

    /// The same of the results.
    pub(crate) fn shows(&self, text: &str) -> bool {
        words(&self.stdout).contains(&words(text))
    }

    /// The last line of the results.
    pub(crate) fn last_line(&self) -> &str {
        self.stdout.lines().last().unwrap_or_default()
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Run { line, code, stdout, stderr } = self;
        writeln!(f, "$ pinpoint-streams {line}\n{stdout}--- stderr\n{stderr}--- exit {code}")
    }
}

/// The text on one line.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text with names in place of what differs from run to run: digests, ids and times.
fn redacted(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(after) = after_uuid(rest) {
            result.push_str("[uuid]");
            rest = after;
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len()).max(first.len_utf8());
        let (word, after) = rest.split_at(end);
        // The beginning of the id of an app that is made is as random as the whole.
        let is_beginning =
            after.starts_with('…') && word.len() >= 4 && word.bytes().all(|b| b.is_ascii_hexdigit());
        result.push_str(if is_beginning { "[id]" } else { name_for(word).unwrap_or(word) });
        rest = after;
    }
    result
}

/// What follows the UUID that the text begins with, if it begins with one.
fn after_uuid(text: &str) -> Option<&str> {
    let (uuid, after) = text.split_at_checked(36)?;
    let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
    let is_hex = uuid.bytes().all(|b| b == b'-' || b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    (is_hex && lengths == [8, 4, 4, 4, 12]).then_some(after)
}

fn name_for(word: &str) -> Option<&'static str> {
    let is_hex = word.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let has_letter = word.bytes().any(|b| b.is_ascii_alphabetic());
    match word.len() {
        64 if is_hex => Some("[digest]"),
        32 if is_hex => Some("[id]"),
        12 if is_hex && has_letter => Some("[run]"),
        21 if word.starts_with("AROA") => Some("[role id]"),
        _ => None,
    }
}
