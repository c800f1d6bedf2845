//! The folder in which files are planted: a workspace with something to apply, to sweep, to reap and to restore, in an
//! account that it shares with others.
use super::members::Foreign;
use crate::support::Workspace;
use crate::sweep::apply;
use pinpoint_streams_sandbox::{Contents, Sandbox, Settings};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const OWN: &str = ".pinpoint-streams/sandbox";
pub(super) const STATE: &str = ".pinpoint-streams/sandbox/pinpoint-streams.state.json";
pub(super) const JOURNAL: &str = ".pinpoint-streams/sandbox/pinpoint-streams.state.json.journal";
pub(super) const RUNS: &str = ".pinpoint-streams/sandbox/runs";
pub(super) const WORLD: &str = ".pinpoint-streams/sandbox/aws/world.jsonl";
pub(super) const ACCOUNT: &str = "123456789012";
const LEFTOVERS: &str = include_str!("../../../../../examples/leftovers.json");

const GROWTH: &str = r#"version = 1
workspace = "growth"
include = ["apps/*.toml"]

[defaults]
account = "main"
region = "us-east-1"

[accounts.main]
id = "123456789012"

[streams.clickstream]
kinesis = "clickstream"

"#;
const SHOP_AND_BLOG: &str = r#"[apps.shop]
id = "810c7aab86d42fb2b56c8c966example"
stream = "clickstream"

[apps.blog]
name = "Blog"
stream = "clickstream"
tags = { site = "blog" }
"#;
/// Deleted by the edit of the manifest that is not applied yet, which also creates another.
const OLD: &str = "[apps.old]\nid = \"0ld00000000000000000000000000000\"\nstream = \"clickstream\"\n";
const NEW: &str = "[apps.new]\nname = \"New\"\nstream = \"clickstream\"\n";
/// Another workspace, in the same account and in another one.
const ADS: &str = r#"version = 1
workspace = "ads"

[defaults]
account = "main"
region = "us-east-1"

[accounts.main]
id = "123456789012"

[accounts.far]
id = "210987654321"

[streams.clickstream]
kinesis = "clickstream"

[apps.ads]
name = "Ads"
stream = "clickstream"

[apps.far]
name = "Far"
account = "far"
stream = "clickstream"
"#;

pub(super) struct Template {
    pub(super) folder: Workspace,
    /// The same after an apply that was killed before it wrote its state.
    pub(super) cut: Workspace,
    /// Files of another workspace and of another lineage of this one, by what they are.
    pub(super) others: Vec<(&'static str, &'static str, Vec<u8>)>,
    pub(super) owners: Owners,
    /// What stands for a thing of ours where an attacker names a foreign one.
    pub(super) foreign: Foreign,
}

/// Whose the things of the account are, by ARN of a role and id of an app.
pub(super) struct Owners {
    pub(super) roles: BTreeSet<String>,
    pub(super) apps: BTreeSet<String>,
    pub(super) event_streams: BTreeSet<String>,
    /// Roles that a sweep may quarantine; one of them is there only in an account as it was earlier.
    pub(super) obsolete: BTreeSet<String>,
    /// Roles that a reap may delete.
    pub(super) quarantined: BTreeSet<String>,
}

impl Template {
    pub(super) fn get() -> &'static Template {
        static TEMPLATE: OnceLock<Template> = OnceLock::new();
        TEMPLATE.get_or_init(Template::new)
    }

    fn new() -> Template {
        let folder = Workspace::new(&format!("{GROWTH}{OLD}"));
        folder.write("apps/more.toml", SHOP_AND_BLOG);
        folder.write("ads.toml", ADS);
        folder.write("seed.json", &seed());
        folder.run("sandbox seed seed.json").code(0);
        let twin = Workspace::new(&format!("{GROWTH}{NEW}"));
        twin.write("apps/more.toml", SHOP_AND_BLOG);
        twin.write("seed.json", &seed());
        std::thread::scope(|scope| {
            scope.spawn(|| folder.run("--config ads.toml apply --auto-approve -q").code(0));
            scope.spawn(|| twin.run("apply --auto-approve -q").code(0));
            folder.run("apply --auto-approve -q").code(0);
        });
        let mut others = foreign_files(&folder, &twin);
        let kept = "--exclude pinpoint-search-p* --exclude pinpoint-search-s*";
        sweep(&folder, &format!("{kept} --exclude pinpoint-search-l* --exclude pinpoint-search-de*"));
        sweep(&folder, "--reap --after 0d");
        sweep(&folder, kept);
        fs::remove_file(folder.path("sweep.plan")).unwrap();
        prepare(&folder);
        let twin = read(&twin.path(WORLD));
        others.push(("world", "another lineage", twin));
        others.push(("ended", "another workspace", br#"{"format":1,"ended":[{"how":"all-gone"}]}"#.to_vec()));
        let cut = cut(&folder);
        let (owners, foreign) = (owners(&folder, &cut), substitutes(&folder));
        Template { folder, cut, others, owners, foreign }
    }
}

/// The account of the example with six leftovers, and apps whose names are not ours.
fn seed() -> String {
    let mut seed: Value = serde_json::from_str(&LEFTOVERS.replace("PinpointEventStream-", "Theirs-")).unwrap();
    let account = &mut seed["accounts"][0];
    let is_kept = |role: &Value| {
        let name = role["arn"].as_str().unwrap().rsplit('/').next().unwrap();
        name.starts_with("Theirs-") || name.starts_with("pinpoint-search-")
    };
    account["roles"].as_array_mut().unwrap().retain(is_kept);
    for app in account["apps"].as_array_mut().unwrap() {
        app["name"] = format!("Their {}", app["name"].as_str().unwrap()).into();
    }
    seed.to_string()
}

fn sweep(folder: &Workspace, flags: &str) {
    folder.run(&format!("sweep {flags} --out sweep.plan -q")).code(2);
    apply(folder, "sweep.plan").code(0);
}

/// Everything that can be applied is saved, and every other file that a command takes.
fn prepare(folder: &Workspace) {
    folder.write("pinpoint-streams.toml", &format!("{GROWTH}{NEW}"));
    let archive = archive_of(folder);
    folder.run("plan --out apply.plan -q").code(0);
    folder.run("sweep --out sweep.plan -q").code(2);
    folder.run("sweep --reap --after 0d --out reap.plan -q").code(2);
    folder.run(&format!("restore {archive} --out restore.plan -q")).code(0);
    folder.run("evidence capture --out e.evidence -q").code(0);
    let role = "arn:aws:iam::123456789012:role/pinpoint-search-prod";
    let role = serde_json::json!({"mode": "managed", "type": "aws_iam_role",
        "instances": [{"attributes": {"arn": role, "name": "pinpoint-search-prod"}}]});
    let terraform = serde_json::json!({"version": 4, "terraform_version": "1.9.0", "resources": [role]});
    folder.write("tf.json", &format!("{terraform}\n"));
    let statement = serde_json::json!({"Sid": "One", "Effect": "Allow", "Principal": {"Service": "pinpoint.amazonaws.com"},
        "Action": ["sts:AssumeRole"], "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}});
    let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [statement]});
    let policy = format!("{policy}\n");
    folder.write("policy.json", &policy);
    folder.write("other-policy.json", &policy.replace(ACCOUNT, "210987654321"));
    fs::copy(folder.path(STATE), folder.path("carried.json")).unwrap();
    let mut carried: Value = serde_json::from_str(&folder.read("carried.json")).unwrap();
    carried["serial"] = 40.into();
    folder.write("carried.json", &format!("{carried:#}\n"));
    folder.run("sandbox end not").code(0);
}

/// The archives of a run: of one that quarantined or deleted the role that is gone since, if there is one. Two runs in one
/// second sort by chance.
pub(super) fn archive_of(folder: &Workspace) -> String {
    let runs = fs::read_dir(folder.path(OWN).join("archive")).unwrap().map(|entry| entry.unwrap().path());
    let runs: BTreeSet<PathBuf> = runs.collect();
    let is_of_gone = |run: &Path| {
        let mut files = fs::read_dir(run).unwrap().map(|file| file.unwrap().file_name());
        files.any(|file| file.to_string_lossy().contains("pinpoint-search-test"))
    };
    let found = runs.iter().find(|run| is_of_gone(run)).or(runs.first());
    relative(folder, found.unwrap())
}

pub(super) fn archived_file(folder: &Workspace) -> String {
    let archive = archive_of(folder);
    let files = fs::read_dir(folder.path(&archive)).unwrap().map(|entry| entry.unwrap().path());
    let json = files.filter(|path| path.extension() == Some("json".as_ref())).min();
    relative(folder, &json.unwrap())
}

/// The log of the newest run.
pub(super) fn run_log_of(folder: &Workspace) -> String {
    let runs = fs::read_dir(folder.path(OWN).join("runs")).unwrap().map(|entry| entry.unwrap().path());
    relative(folder, &runs.max_by_key(|path| fs::metadata(path).unwrap().modified().unwrap()).unwrap())
}

fn relative(folder: &Workspace, path: &Path) -> String {
    path.strip_prefix(folder.path("")).unwrap().to_str().unwrap().to_owned()
}

/// Applies, and puts back the state of before with the journal beside it.
fn cut(folder: &Workspace) -> Workspace {
    let cut = folder.copy();
    let state = cut.read(STATE);
    cut.run("apply --auto-approve -q").code(0);
    cut.write(STATE, &state);
    fs::rename(cut.path(&run_log_of(&cut)), cut.path(JOURNAL)).unwrap();
    cut
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

fn foreign_files(folder: &Workspace, twin: &Workspace) -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let (ads, lineage) = ("another workspace", "another lineage");
    let mut files = vec![
        ("state", ads, read(&folder.path(OWN).join("ads.state.json"))),
        ("state", lineage, read(&twin.path(STATE))),
        ("log", lineage, read(&twin.path(&run_log_of(twin)))),
        ("manifest", ads, ADS.into()),
    ];
    let of_ads = fs::read_dir(folder.path(OWN).join("runs")).unwrap().map(|entry| read(&entry.unwrap().path()));
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains("role.ads");
    files.extend(of_ads.filter(text).map(|log| ("log", ads, log)));
    folder.run("--config ads.toml plan --destroy --delete-apps --out ads.plan -q").code(0);
    twin.run("plan --destroy --delete-apps --out twin.plan -q").code(0);
    files.push(("plan", ads, read(&folder.path("ads.plan"))));
    files.push(("plan", lineage, read(&twin.path("twin.plan"))));
    fs::remove_file(folder.path("ads.plan")).unwrap();
    let gone = twin.copy();
    gone.run("destroy --auto-approve -q").code(0);
    files.push(("archive", lineage, read(&gone.path(&archived_file(&gone)))));
    files
}

/// Everything in the embedded account of a folder, if its file can be read.
pub(super) fn contents(folder: &Workspace) -> Option<Contents> {
    let settings = Settings::new(|| jiff::Timestamp::UNIX_EPOCH);
    Sandbox::open(&folder.path(OWN).join("aws"), settings).and_then(|sandbox| sandbox.contents()).ok()
}

/// The recorded resources by address.
fn recorded(folder: &Workspace) -> BTreeMap<String, Value> {
    let state: Value = serde_json::from_str(&folder.read(STATE)).unwrap();
    state["resources"].as_object().unwrap().clone().into_iter().collect()
}

fn owners(folder: &Workspace, cut: &Workspace) -> Owners {
    let resources = recorded(folder);
    let of = |kind: &str, key: &str| -> BTreeSet<String> {
        let ours = resources.iter().filter(|(address, _)| address.split('.').next() == Some(kind));
        ours.map(|(_, resource)| resource[key].as_str().unwrap().to_owned()).collect()
    };
    let leftover = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/pinpoint-search-{name}");
    let mut owners = Owners {
        roles: of("role", "arn"),
        apps: of("app", "id"),
        event_streams: of("event_stream", "app_id"),
        obsolete: ["prod", "stage", "test"].map(leftover).into(),
        quarantined: ["demo", "dev", "load"].map(leftover).into(),
    };
    assert_eq!((owners.roles.len(), owners.apps.len(), owners.event_streams.len()), (3, 1, 3));
    // What the apply that was killed has created.
    let is_ours =
        |tags: &BTreeMap<String, String>| tags.get("pinpoint-streams:workspace") == Some(&"growth".into());
    for account in contents(cut).unwrap().accounts.values() {
        let roles = account.roles.iter().filter(|role| is_ours(&role.tags));
        owners.roles.extend(roles.map(|role| role.arn.clone()));
        let apps = account.regions.values().flat_map(|region| &region.apps);
        for app in apps.filter(|app| is_ours(&app.tags)) {
            owners.apps.insert(app.id.clone());
            owners.event_streams.insert(app.id.clone());
        }
    }
    assert_eq!((owners.roles.len(), owners.apps.len(), owners.event_streams.len()), (4, 2, 4));
    owners
}

/// Pairs of something of ours and what an attacker writes instead: of an app that nobody manages, of another workspace,
/// of another account; and for the role that the manifest no longer has, one that nothing uses and nobody manages.
fn substitutes(folder: &Workspace) -> Foreign {
    let account = contents(folder).unwrap();
    let role = |name: &str| {
        let mut roles = account.accounts.values().flat_map(|account| &account.roles);
        let role = roles.find(|role| role.name == name).unwrap();
        [role.arn.clone(), role.id.clone(), role.name.clone()]
    };
    let app = |name: &str| {
        let regions = account.accounts.values().flat_map(|account| account.regions.values());
        let app = regions.flat_map(|region| &region.apps).find(|app| app.name == name).unwrap();
        app.id.clone()
    };
    let ours = ["shop", "blog", "old"].map(|key| role(&format!("PinpointEventStream-{key}")));
    let leftovers = ["prod", "stage", "demo", "dev", "load"].map(|key| role(&format!("pinpoint-search-{key}")));
    let state = |file: &str| -> Value { serde_json::from_str(&folder.read(&format!("{OWN}/{file}"))).unwrap() };
    let lineage = |file: &str| state(file)["lineage"].as_str().unwrap().to_owned();
    let apps: Vec<String> = ["shop", "Blog", "old"].iter().map(|name| app(name)).collect();
    let instead = |their_role: &str, their_app: &str, more: &[(&str, &str)]| {
        let theirs = role(their_role);
        let roles =
            ours.iter().chain(&leftovers).flat_map(|role| role.iter().cloned().zip(theirs.iter().cloned()));
        let apps = apps.iter().map(|id| (id.clone(), app(their_app)));
        let more = more.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned()));
        roles.chain(apps).chain(more).collect::<Vec<_>>()
    };
    let unused = role("PinpointEventStream-old").into_iter().zip(role("pinpoint-search-prod")).collect();
    let (ours, ads) = (lineage("pinpoint-streams.state.json"), lineage("ads.state.json"));
    [
        ("theirs", instead("Theirs-Shop", "Their Shop", &[])),
        ("of ads", instead("PinpointEventStream-ads", "Ads", &[("growth", "ads"), (&ours, &ads)])),
        ("far away", instead("PinpointEventStream-far", "Far", &[(ACCOUNT, "210987654321")])),
        ("unused", unused),
    ]
}

/// What is written with the path of its folder is written for this one.
pub(super) fn moved(template: &Template, copy: &Workspace) {
    let path = |workspace: &Workspace| workspace.path("").canonicalize().unwrap().to_str().unwrap().to_owned();
    for file in [STATE, "carried.json", "restore.plan"] {
        let text = copy.read(file).replace(&path(&template.folder), &path(copy));
        copy.write(file, &text);
    }
    let plan: Value = serde_json::from_str(&copy.read("restore.plan")).unwrap();
    copy.write("restore.plan", &crate::saved_plans::signed(plan));
}

/// The command that carries out a saved plan, as a person who was shown this file would type it.
pub(super) fn carry_out(workspace: &Workspace, file: &str) -> String {
    let text = fs::metadata(workspace.path(file)).ok().filter(fs::Metadata::is_file);
    let text = text.and_then(|_| fs::read(workspace.path(file)).ok()).unwrap_or_default();
    let plan: Value = serde_json::from_slice(&text).unwrap_or_default();
    let digest = plan["plan_digest"].as_str().filter(|digest| !digest.contains(char::is_whitespace));
    let digest = digest.filter(|digest| !digest.is_empty()).unwrap_or("sha256:0");
    format!("apply {file} -q --expect-digest {digest} --approve-accounts {ACCOUNT}")
}
