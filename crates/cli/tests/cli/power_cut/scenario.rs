//! What is cut off: a folder to begin with, and what a person types, the first time and every time again.
use crate::support::Workspace;
use crate::sweep::{digest, few};

/// One piece of work.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scenario {
    /// What it is called.
    pub(super) name: &'static str,
    /// The folder before it.
    pub(super) start: fn() -> Workspace,
    /// Prepares what is typed, and says what that is.
    pub(super) work: fn(&Workspace) -> String,
    /// Fails unless nothing is left to do.
    pub(super) rest: fn(&Workspace),
}

/// Two apps that share a role, one with a role of its own; one of them is made.
const SITES: &str = r#"version = 1
workspace = "sites"

[defaults]
account = "main"
region = "us-east-1"

[accounts.main]
id = "123456789012"

[streams.clicks]
kinesis = "clicks"

[streams.lake]
firehose = "lake"

[roles.analytics]
description = "Lets Amazon Pinpoint stream the sites"

[apps.shop]
id = "810c7aab86d42fb2b56c8c966example"
stream = "clicks"
role = "analytics"

[apps.blog]
name = "Blog"
stream = "clicks"
role = "analytics"
tags = { site = "blog" }

[apps.wiki]
id = "910c7aab86d42fb2b56c8c966example"
stream = "lake"
"#;

const APPLY: &str = "apply --auto-approve -q";
const DESTROY: &str = "destroy --delete-apps --allow-mass-delete --auto-approve -q";

/// All that are tried.
pub(super) const FIRST_APPLY: Scenario =
    Scenario { name: "the first apply", start: declared, work: |_| APPLY.to_owned(), rest: converged };
pub(super) const EDIT: Scenario = Scenario {
    name: "an edit that updates, replaces and deletes",
    start: edited,
    work: |_| APPLY.to_owned(),
    rest: converged,
};
pub(super) const DESTRUCTION: Scenario = Scenario {
    name: "destroy, with the apps",
    start: applied,
    work: |_| DESTROY.to_owned(),
    rest: |workspace| {
        let left = workspace.run("plan --destroy --delete-apps").code(0);
        assert_eq!(left.last_line(), "No changes.", "{left}");
    },
};
pub(super) const QUARANTINE: Scenario =
    Scenario { name: "quarantine", start: few, work: |workspace| swept(workspace, "sweep"), rest: swept_clean };
pub(super) const REAP: Scenario = Scenario {
    name: "reap",
    start: quarantined,
    work: |workspace| swept(workspace, "sweep --reap --after 0d"),
    rest: swept_clean,
};

pub(super) const RESTORE: Scenario = Scenario {
    name: "restore",
    start: reaped,
    work: |workspace| {
        workspace.run("restore kept --out back.plan -q").code(0);
        "apply back.plan --auto-approve -q".to_owned()
    },
    rest: |workspace| {
        let left = workspace.run("restore kept").code(0);
        assert_eq!(left.last_line(), "No changes.", "{left}");
    },
};

fn declared() -> Workspace {
    let workspace = Workspace::new(SITES);
    workspace.run("plan").code(0);
    workspace
}

fn applied() -> Workspace {
    let workspace = Workspace::new(SITES);
    workspace.run(APPLY).code(0);
    workspace
}

fn edited() -> Workspace {
    let workspace = applied();
    workspace.edit("pinpoint-streams.toml", "site = \"blog\"", "site = \"journal\"");
    workspace.edit("pinpoint-streams.toml", "[roles.analytics]", "[roles.analytics]\nname = \"Sites\"");
    let kept = workspace.read("pinpoint-streams.toml").split("[apps.wiki]").next().unwrap().to_owned();
    workspace.write(
        "pinpoint-streams.toml",
        &format!("{kept}[apps.forum]\nname = \"Forum\"\nstream = \"lake\"\ntags = {{ site = \"forum\" }}\n"),
    );
    workspace
}

fn quarantined() -> Workspace {
    let workspace = few();
    let line = swept(&workspace, "sweep");
    workspace.run(&line).code(0);
    workspace
}

/// The archives of what the quarantine came over, which is as it was before all, stand in `kept`.
fn reaped() -> Workspace {
    let workspace = quarantined();
    let archives = workspace.path(".pinpoint-streams/sandbox/archive");
    let first = std::fs::read_dir(archives).unwrap().next().unwrap().unwrap();
    for file in std::fs::read_dir(first.path()).unwrap() {
        let file = file.unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        workspace.write(&format!("kept/{}", file.file_name().to_str().unwrap()), &text);
    }
    workspace.run(&swept(&workspace, "sweep --reap --after 0d")).code(0);
    workspace
}

fn converged(workspace: &Workspace) {
    let plan = workspace.run("plan").code(0);
    assert_eq!(plan.last_line(), "No changes.", "{plan}");
}

/// A sweep that is saved, and how it is approved.
fn swept(workspace: &Workspace, sweep: &str) -> String {
    workspace.run(&format!("{sweep} --out sweep.plan -q"));
    let digest = digest(workspace, "sweep.plan");
    format!("apply sweep.plan -q --expect-digest {digest} --approve-accounts 123456789012")
}

fn swept_clean(workspace: &Workspace) {
    let sweep = workspace.run("sweep");
    assert!(sweep.last_line().starts_with("No changes"), "{sweep}");
}
