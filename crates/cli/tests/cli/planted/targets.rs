//! The files that the program reads, the commands that read them, and which plants each must refuse.
use super::account::Reach;
use super::signing::{Digest, Text};
use super::template::{JOURNAL, STATE, Template, WORLD, archived_file, run_log_of};
use super::ways::{Instead, Way};
use crate::support::Workspace;

pub(super) struct Target {
    pub(super) kind: &'static str,
    /// Of what kind the files of others are that are put in its place.
    pub(super) same: &'static str,
    place: Place,
    pub(super) text: Text,
    pub(super) digest: Digest,
    reading: Reading,
    /// Texts that are a valid file of this kind, or one that says nothing.
    harmless: &'static [&'static str],
    /// Each is run in a folder of its own, in which the file is planted.
    pub(super) jobs: &'static [Job],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    At(&'static str),
    RunLog,
    Archive,
}

/// How the program reads a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// It is named by a person, and may be a link.
    Given,
    /// It is our own: links are refused.
    Own,
    /// It is our own, and what it says is believed: so are files that others can write.
    Trusted,
    /// A report of others is not spoilt by it.
    AmongOthers,
}

/// Commands that are run one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) lines: &'static [&'static str],
    pub(super) reach: Reach,
}

const fn job(lines: &'static [&'static str], reach: Reach) -> Job {
    Job { lines, reach }
}

const PLAN: Job = job(&["plan", "plan --format json"], Reach::Nothing);
const APPLY: Job = job(&["apply --auto-approve"], Reach::Own);
const DESTROY: Job = job(&["destroy --auto-approve"], Reach::Own);
const SWEEP: Job = job(&["sweep --out fresh.plan", "carry out fresh.plan"], Reach::Obsolete);
const REAP: Job = job(&["sweep --reap --after 0d --out fresh.plan", "carry out fresh.plan"], Reach::Quarantined);
const RESTORE: Job = job(&["restore {archive} --auto-approve"], Reach::Deleted);
const RESTORE_ALL: Job = job(&["restore .pinpoint-streams/sandbox/archive"], Reach::Nothing);
const APPLY_SAVED: Job = job(&["show apply.plan", "apply apply.plan --auto-approve"], Reach::Own);
const SWEEP_SAVED: Job = job(&["show sweep.plan", "carry out sweep.plan"], Reach::Obsolete);
const REAP_SAVED: Job = job(&["show reap.plan", "carry out reap.plan"], Reach::Quarantined);
const RESTORE_SAVED: Job = job(&["show restore.plan", "apply restore.plan --auto-approve"], Reach::Deleted);
const APPLY_PLAN: Job = job(&["apply apply.plan --auto-approve"], Reach::Own);
const REAP_PLAN: Job = job(&["carry out reap.plan"], Reach::Quarantined);
const SHOW: Job = job(&["show", "state list", "state list --format json"], Reach::Nothing);
const MOVE: Job = job(&["state mv role.shop role.other", "state rm role.blog"], Reach::Nothing);
const RECOVER: Job = job(&["state recover"], Reach::Nothing);
const REPORT: Job = job(&["report", "report --format html"], Reach::Nothing);
const VALIDATE: Job = job(&["validate"], Reach::Nothing);
const SHOW_ACCOUNT: Job = job(&["sandbox show", "discover"], Reach::Nothing);

pub(super) static TARGETS: [Target; 18] = [
    Target {
        kind: "manifest",
        same: "manifest",
        place: Place::At("pinpoint-streams.toml"),
        text: Text::Toml,
        digest: Digest::None,
        reading: Reading::Given,
        harmless: &[],
        jobs: &[PLAN, APPLY, DESTROY, SWEEP, VALIDATE],
    },
    Target {
        kind: "included file",
        same: "manifest",
        place: Place::At("apps/more.toml"),
        text: Text::Toml,
        digest: Digest::None,
        reading: Reading::Given,
        harmless: &["empty"],
        jobs: &[PLAN, APPLY, DESTROY, SWEEP],
    },
    Target {
        kind: "state",
        same: "state",
        place: Place::At(STATE),
        text: Text::Json,
        digest: Digest::None,
        reading: Reading::Trusted,
        harmless: &[],
        jobs: &[PLAN, APPLY, DESTROY, REAP, SWEEP, RESTORE, APPLY_PLAN, REAP_PLAN, SHOW, MOVE],
    },
    Target {
        kind: "journal",
        same: "log",
        place: Place::At(JOURNAL),
        text: Text::Lines,
        digest: Digest::None,
        reading: Reading::Trusted,
        harmless: &["empty", "zeros"],
        jobs: &[PLAN, APPLY, DESTROY, REAP, SHOW, MOVE],
    },
    Target {
        kind: "lock",
        same: "lock",
        place: Place::At(".pinpoint-streams/sandbox/pinpoint-streams.state.json.lock"),
        text: Text::Toml,
        digest: Digest::None,
        reading: Reading::Trusted,
        harmless: &["*"],
        jobs: &[APPLY, DESTROY, MOVE],
    },
    Target {
        kind: "log",
        same: "log",
        place: Place::RunLog,
        text: Text::Lines,
        digest: Digest::None,
        reading: Reading::AmongOthers,
        harmless: &["*"],
        jobs: &[REPORT, APPLY],
    },
    Target {
        kind: "archive",
        same: "archive",
        place: Place::Archive,
        text: Text::Json,
        digest: Digest::OfArchive,
        reading: Reading::Own,
        harmless: &[],
        jobs: &[RESTORE, RESTORE_ALL],
    },
    Target {
        kind: "plan",
        same: "plan",
        place: Place::At("apply.plan"),
        text: Text::Json,
        digest: Digest::InPlan,
        reading: Reading::Given,
        harmless: &[],
        jobs: &[APPLY_SAVED],
    },
    Target {
        kind: "sweep plan",
        same: "plan",
        place: Place::At("sweep.plan"),
        text: Text::Json,
        digest: Digest::InPlan,
        reading: Reading::Given,
        harmless: &[],
        jobs: &[SWEEP_SAVED],
    },
    Target {
        kind: "reap plan",
        same: "plan",
        place: Place::At("reap.plan"),
        text: Text::Json,
        digest: Digest::InPlan,
        reading: Reading::Given,
        harmless: &[],
        jobs: &[REAP_SAVED],
    },
    Target {
        kind: "restore plan",
        same: "plan",
        place: Place::At("restore.plan"),
        text: Text::Json,
        digest: Digest::InPlan,
        reading: Reading::Given,
        harmless: &[],
        jobs: &[RESTORE_SAVED],
    },
    Target {
        kind: "evidence",
        same: "evidence",
        place: Place::At("e.evidence"),
        text: Text::Gzip,
        digest: Digest::AtTheEnd,
        reading: Reading::Own,
        harmless: &[],
        jobs: &[
            job(&["evidence show e.evidence"], Reach::Nothing),
            job(&["sweep --evidence e.evidence --out fresh.plan", "carry out fresh.plan"], Reach::Obsolete),
        ],
    },
    Target {
        kind: "Terraform state",
        same: "Terraform state",
        place: Place::At("tf.json"),
        text: Text::Json,
        digest: Digest::None,
        reading: Reading::Given,
        harmless: &[],
        jobs: &[job(
            &["sweep --terraform-state tf.json --out fresh.plan", "carry out fresh.plan"],
            Reach::Obsolete,
        )],
    },
    Target {
        kind: "policy",
        same: "policy",
        place: Place::At("policy.json"),
        text: Text::Json,
        digest: Digest::None,
        reading: Reading::Given,
        harmless: &["an object", "a format of tomorrow"],
        jobs: &[job(
            &[
                "policy diff policy.json other-policy.json",
                "policy diff other-policy.json policy.json --format json",
            ],
            Reach::Nothing,
        )],
    },
    Target {
        kind: "carried state",
        same: "state",
        place: Place::At("carried.json"),
        text: Text::Json,
        digest: Digest::None,
        reading: Reading::Given,
        harmless: &[],
        jobs: &[job(&["state push carried.json"], Reach::Nothing)],
    },
    Target {
        kind: "seed",
        same: "seed",
        place: Place::At("seed.json"),
        text: Text::Json,
        digest: Digest::None,
        reading: Reading::Given,
        harmless: &["an object", "a format of tomorrow"],
        jobs: &[job(&["sandbox seed seed.json"], Reach::Seeded)],
    },
    Target {
        kind: "world",
        same: "world",
        place: Place::At(WORLD),
        text: Text::Lines,
        digest: Digest::None,
        reading: Reading::Own,
        harmless: &[],
        jobs: &[APPLY, DESTROY, SWEEP, REAP, RESTORE, SHOW_ACCOUNT, RECOVER, APPLY_PLAN, REAP_PLAN],
    },
    Target {
        kind: "ended",
        same: "ended",
        place: Place::At(".pinpoint-streams/sandbox/ended.json"),
        text: Text::Json,
        digest: Digest::None,
        reading: Reading::Own,
        harmless: &[],
        jobs: &[APPLY, DESTROY, SWEEP, REAP, SHOW_ACCOUNT],
    },
];

impl Target {
    /// The folder in which it is planted.
    pub(super) fn folder<'a>(&self, template: &'a Template) -> &'a Workspace {
        if self.kind == "journal" { &template.cut } else { &template.folder }
    }

    pub(super) fn path(&self, template: &Template) -> String {
        match self.place {
            Place::At(path) => path.to_owned(),
            Place::RunLog => run_log_of(&template.folder),
            Place::Archive => archived_file(&template.folder),
        }
    }

    /// Whether the program may write the file itself, when it can use it.
    pub(super) fn is_written(&self) -> bool {
        matches!(self.kind, "state" | "journal" | "lock" | "world")
    }

    /// Whether this job must refuse it. What need not be refused must be harmless.
    pub(super) fn refuses(&self, way: &Way, job: &Job) -> bool {
        let is_any = self.harmless == ["*"];
        match way {
            Way::Text(name, _) => !is_any && !self.harmless.contains(name),
            Way::Brackets => !is_any,
            // The state itself can be carried to itself.
            Way::OtherKind(kind) => !(is_any || self.kind == "carried state" && *kind == STATE),
            Way::Cut(_) => self.text == Text::Json,
            // A state of another lineage is that of this workspace all the same.
            Way::SameKind(of) => match self.kind {
                "state" => *of == "another workspace",
                _ => self.digest == Digest::InPlan || matches!(self.kind, "journal" | "carried state"),
            },
            Way::NotAFile(instead) => self.refuses_instead(*instead, job),
            Way::Mode(_) | Way::OtherUser => self.reading == Reading::Trusted,
            Way::FolderMode | Way::Line { .. } => false,
            Way::Edited { is_signed, .. } | Way::Forged { is_signed, .. } => {
                self.digest != Digest::None && !is_signed
            }
        }
    }

    fn refuses_instead(&self, instead: Instead, job: &Job) -> bool {
        match (self.reading, instead) {
            (Reading::AmongOthers, _) => false,
            (Reading::Given, Instead::Nothing) => self.kind != "included file" && *job != SWEEP,
            (_, Instead::Nothing) => false,
            (Reading::Given, Instead::LinkToItself | Instead::SecondName) => false,
            // It leads to another policy.
            (Reading::Given, Instead::LinkToAnother) => self.kind != "policy",
            // A folder is never a file to include.
            (Reading::Given, Instead::Folder) => self.kind != "included file",
            (_, Instead::SecondName) => self.kind == "lock",
            _ => true,
        }
    }
}
