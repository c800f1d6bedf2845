//! Random accounts, on which the property of a sweep is tried. They are read by the questions of a sweep, as `ask`
//! does; how reads fail is `sweep_failures`.
use crate::sweep_account::asked;
use crate::sweep_failures::Failure;
use crate::sweep_sources::{Recorder, recorders};
use pinpoint_streams_model::arn::{AppArn, PolicyArn, RoleArn};
use pinpoint_streams_model::fact::EvidenceSource;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, AccountRole, AppId, Workspace};
use pinpoint_streams_model::live::question::RegionalRole;
use pinpoint_streams_model::live::{LastUsed, Live, LiveApp, LiveEventStream, LiveRole};
use pinpoint_streams_model::ownership::{Tags, WORKSPACE};
use pinpoint_streams_model::policy::{Decision, Document};
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_model::region::Region;
use pinpoint_streams_model::role_kind::RoleKind;
use pinpoint_streams_model::sweep::{
    Findings, QUARANTINE_POLICY, QUARANTINED_AT, QUARANTINED_BY, QUARANTINED_ID, SweepOptions,
};
use pinpoint_streams_planner::{Bundle, Capture, Inquiry, Sweep};
use pinpoint_streams_testkit::parsed;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const ACCOUNTS: [&str; 2] = ["123456789012", "210987654321"];
const REGIONS: [&str; 4] = ["us-east-1", "eu-west-1", "ap-south-1", "ca-central-1"];
/// Where the stacks of roles lie: a stack's region need not be one with Pinpoint, nor the app's.
const STACK_REGIONS: [&str; 5] = ["us-east-1", "eu-west-1", "eu-north-1", "us-west-1", "af-south-1"];
pub(crate) const POLICIES: [(&str, &str); 3] =
    [("streams", "kinesis:*"), ("buckets", "s3:GetObject"), ("logs", "logs:CreateLogStream")];

/// Accounts with all that a sweep of them may meet, and what the sweep is asked.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) roles: BTreeMap<AccountRole, LiveRole>,
    pub(crate) apps: BTreeMap<AccountRegion, BTreeMap<AppId, LiveApp>>,
    pub(crate) event_streams: BTreeMap<AppArn, LiveEventStream>,
    pub(crate) stacks: BTreeMap<RegionalRole, String>,
    pub(crate) recorders: BTreeMap<AccountRegion, Recorder>,
    accounts: BTreeMap<AccountAlias, AccountId>,
    options: SweepOptions,
}

/// What decides on one role: its account, whom it trusts and where, what it may do, its use, and its marks.
type RoleSeed = (usize, usize, usize, usize, usize, usize, usize);

pub(crate) fn worlds() -> impl Strategy<Value = World> {
    // Most of it in one region, so that roles and apps meet.
    let place = || prop_oneof![3 => Just(0usize), 1 => 1..4usize];
    let role = (0..5usize, 0..10usize, place(), 0..3usize, 0..8usize, 0..5usize, 0..20usize);
    let apps = vec((0..6usize, place(), 0..3usize, 0..10usize), 0..10);
    let asked = (0..16usize, any::<bool>(), any::<u16>(), 0..4usize);
    let recorded = (any::<u64>(), subsequence(EvidenceSource::ALL.to_vec(), 0..=4));
    (vec(role, 1..7), apps, asked, recorded).prop_map(|(roles, apps, asked, (seed, sources))| {
        let mut world = World::of(&roles, &apps, asked);
        let places = (0..2).flat_map(|a| (0..4).map(move |r| AccountRegion::of(&account(a), &region(r))));
        world.recorders = recorders(places, seed);
        world.options.sources = sources.into_iter().collect();
        world
    })
}

pub(crate) fn account(index: usize) -> AccountId {
    parsed(ACCOUNTS[index % 2])
}

pub(crate) fn region(index: usize) -> Region {
    parsed(REGIONS[index % 4])
}

fn app(account: &AccountId, region: &Region, index: usize) -> AppArn {
    AppArn { region: region.clone(), account: account.clone(), id: parsed(&format!("app{index}")) }
}

fn managed(index: usize) -> PolicyArn {
    parsed(&format!("arn:aws:iam::aws:policy/{}", POLICIES[index % 3].0))
}

pub(crate) fn allow(action: &str) -> Document {
    let one = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
    serde_json::from_value(json!({"Version": "2012-10-17", "Statement": one})).unwrap()
}

fn trust(kind: usize, own: &AccountId, at: &Region, index: usize) -> Document {
    let regional = format!("pinpoint.{at}.amazonaws.com");
    let named = |account: &AccountId| app(account, at, index).to_string();
    let other = account(usize::from(own.as_str() == ACCOUNTS[0]));
    let (principal, condition) = match kind {
        0..=2 => (json!("pinpoint.amazonaws.com"), json!({"ArnLike": {"aws:SourceArn": named(own)}})),
        3 => {
            (json!("pinpoint.amazonaws.com"), json!({"ArnLike": {"aws:SourceArn": AppArn::with_id(at, own, "*")}}))
        }
        4 => (json!(regional), json!({"StringEquals": {"aws:SourceArn": named(own)}})),
        5 => (json!("pinpoint.amazonaws.com"), json!({"StringEquals": {"aws:SourceAccount": own}})),
        6 => (json!("pinpoint.amazonaws.com"), json!({"ArnLike": {"aws:SourceArn": named(&other)}})),
        7 => (json!("pinpoint.amazonaws.com"), json!({"StringEquals": {"aws:SourceAccount": other}})),
        8 => (
            json!(["pinpoint.amazonaws.com", "lambda.amazonaws.com"]),
            json!({"ArnLike": {"aws:SourceArn": named(own)}}),
        ),
        _ => (json!("lambda.amazonaws.com"), json!({"StringEquals": {"aws:SourceAccount": own}})),
    };
    let one = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": principal}, "Condition": condition});
    serde_json::from_value(json!({"Version": "2012-10-17", "Statement": one})).unwrap()
}

impl World {
    fn of(
        roles: &[RoleSeed],
        apps: &[(usize, usize, usize, usize)],
        asked_for: (usize, bool, u16, usize),
    ) -> World {
        let mut options = asked();
        let (unread, all_purposes, words, never_used) = asked_for;
        options.all_purposes = all_purposes;
        options.regions = (0..4).filter(|index| unread != *index).map(region).collect();
        let mut world = World {
            roles: BTreeMap::new(),
            apps: BTreeMap::new(),
            event_streams: BTreeMap::new(),
            stacks: BTreeMap::new(),
            recorders: BTreeMap::new(),
            accounts: ACCOUNTS.iter().enumerate().map(|(n, id)| (parsed(&format!("a{n}")), parsed(id))).collect(),
            options,
        };
        roles.iter().enumerate().for_each(|(number, seed)| world.add_role(number, *seed));
        apps.iter().for_each(|seed| world.add_app(*seed));
        // What a person says is true.
        let rest = Region::with_pinpoint(pinpoint_streams_model::region::Partition::Aws);
        let idle = |region: &Region| !world.apps.keys().any(|at| at.region == *region);
        world.options.no_pinpoint_in = rest
            .filter(|region| never_used > 0 && idle(region))
            .filter(|region| !REGIONS.contains(&region.as_str()) || never_used == 1)
            .map(|region| region.to_string())
            .collect();
        for (bit, (account, region)) in
            (0..2).flat_map(|a| (0..4).map(move |r| (account(a), region(r)))).enumerate()
        {
            let streams =
                world.event_streams.keys().any(|app| app.place() == AccountRegion::of(&account, &region));
            if words >> bit & 3 == 3 && !streams {
                world.options.event_streams_gone.insert(AccountRegion { account, region });
            }
        }
        world
    }

    fn add_role(&mut self, number: usize, (home, kind, place, index, grants, used, mark): RoleSeed) {
        let (own, at) = (account(usize::from(home == 4)), region(place));
        let arn: RoleArn = parsed(&format!("arn:aws:iam::{own}:role/role-{number}"));
        let mut role = LiveRole {
            arn: arn.clone(),
            id: parsed(&format!("AROAWORLD{number:012}")),
            trust_policy: trust(kind, &own, &at, index),
            inline_policies: BTreeMap::new(),
            attached_policies: Default::default(),
            instance_profiles: Default::default(),
            permissions_boundary: None,
            description: String::new(),
            max_session_duration: 3600,
            tags: Tags::new(),
            created: Some(parsed("2025-01-01T00:00:00Z")),
            last_used: match used {
                0 => LastUsed::At(parsed("2026-11-12T00:00:00Z"), None),
                1 => LastUsed::At(parsed("2026-03-01T00:00:00Z"), None),
                _ => LastUsed::Never { within_days: 400 },
            },
            template: (mark == 1).then(|| "template".to_owned()),
        };
        match grants {
            0..=3 => drop(role.inline_policies.insert(parsed("permissions"), allow("kinesis:PutRecords"))),
            4 => drop(role.inline_policies.insert(parsed("permissions"), allow("s3:PutObject"))),
            other => role.attached_policies.extend([managed(other)]),
        }
        if grants == 3 {
            role.attached_policies.extend([managed(index)]);
        }
        match mark {
            2 => drop(role.tags.insert(WORKSPACE.to_owned(), "retail".to_owned())),
            3 => {
                let stack_region = parsed(STACK_REGIONS[(number + index + used) % 5]);
                self.stacks.insert(RegionalRole::of(&own, &stack_region, &arn.name), "stack".to_owned());
            }
            4 => drop(self.options.terraform.insert(arn.to_string(), "infra.tfstate".to_owned())),
            5 => {
                let deny = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}});
                role.inline_policies.insert(parsed(QUARANTINE_POLICY), serde_json::from_value(deny).unwrap());
                role.tags.insert(QUARANTINED_AT.to_owned(), "2026-11-10T00:00:00Z".to_owned());
                role.tags.insert(QUARANTINED_BY.to_owned(), "run-1".to_owned());
                role.tags.insert(QUARANTINED_ID.to_owned(), role.id.to_string());
            }
            _ => {}
        }
        self.roles.insert(arn.in_account(), role);
    }

    /// An app, and its event stream if it has one: with a role that admits it, as Pinpoint demands, or with another.
    fn add_app(&mut self, (home, place, index, by): (usize, usize, usize, usize)) {
        let arn = app(&account(usize::from(home == 5)), &region(place), index);
        let AppArn { region, account, id } = arn.clone();
        let live = LiveApp { id: id.clone(), name: id.to_string(), tags: None };
        self.apps.entry(arn.place()).or_default().insert(id.clone(), live);
        let admits = |role: &&LiveRole| {
            let decision =
                RoleKind::for_event_streams().admits(&role.trust_policy, &arn.to_string(), account.as_str());
            matches!(decision, Decision::Allowed | Decision::Undecidable(_))
        };
        let role_arn = match by {
            0..=2 => return,
            3..=6 => format!("arn:aws:iam::{account}:role/of-someone"),
            other => match self.roles.values().filter(admits).nth(other - 7) {
                Some(role) => role.arn.to_string(),
                None => return,
            },
        };
        let destination = format!("arn:aws:kinesis:{region}:{account}:stream/clicks");
        self.event_streams.insert(arn, LiveEventStream { destination, role_arn });
    }

    /// The regions that are enabled for both accounts.
    pub(crate) fn enabled_regions(&self) -> BTreeSet<Region> {
        REGIONS.iter().chain(&STACK_REGIONS).map(|region| parsed(region)).collect()
    }

    /// Whether something uses or manages the role, by how the accounts were made and not by what a sweep concludes.
    pub(crate) fn is_used_or_managed(&self, role: &RoleArn) -> bool {
        let text = role.to_string();
        let is_in_a_stack =
            self.stacks.keys().any(|stack| stack.place.account == role.account && stack.name == role.name);
        let tags = self.roles.get(&role.in_account()).map(|role| &role.tags);
        is_in_a_stack
            || self.event_streams.values().any(|stream| stream.role_arn == text)
            || self.options.terraform.contains_key(&text)
            || tags.is_some_and(|tags| tags.contains_key(WORKSPACE))
    }

    /// What a sweep finds if these calls fail.
    pub(crate) fn findings(&self, failures: &[Failure]) -> Findings {
        self.findings_with(Vec::new(), Some(failures))
    }

    /// The same, completed by bundles; or by bundles alone, without calls.
    pub(crate) fn findings_with(&self, bundles: Vec<Bundle>, calls: Option<&[Failure]>) -> Findings {
        let sweep = Sweep { bundles, is_live: calls.is_some(), ..self.sweep() };
        let live = self.asked_by(&sweep, calls.unwrap_or_default());
        sweep.conclude(&live).findings
    }

    /// A bundle that was captured while these calls failed.
    pub(crate) fn captured(&self, failures: &[Failure]) -> Bundle {
        let capture = Capture(self.sweep());
        let mut answers = BTreeMap::new();
        let mut live = Live::default();
        loop {
            let mut questions = capture.questions(&live);
            questions.retain(|question| !live.answers(question));
            if questions.is_empty() {
                return Bundle { name: "bundle".to_owned(), answers };
            }
            for (number, question) in questions.into_iter().enumerate() {
                let failure = failures.iter().find(|failure| failure.strikes(&question, number));
                let answer = self.answer(&question, failure.map(|failure| failure.how));
                answers.insert(question.clone(), (answer.clone(), asked().now));
                live.record(question, answer);
            }
        }
    }

    fn sweep(&self) -> Sweep {
        let (workspace, recorded): (Workspace, _) = (parsed("growth"), Recorded::default());
        Sweep::live(workspace, self.accounts.clone(), recorded, self.options.clone())
    }

    fn asked_by(&self, inquiry: &impl Inquiry, failures: &[Failure]) -> Live {
        let mut live = Live::default();
        loop {
            let mut questions = inquiry.questions(&live);
            questions.retain(|question| !live.answers(question));
            if questions.is_empty() {
                return live;
            }
            for (number, question) in questions.into_iter().enumerate() {
                let failure = failures.iter().find(|failure| failure.strikes(&question, number));
                let answer = self.answer(&question, failure.map(|failure| failure.how));
                live.record(question, answer);
            }
        }
    }
}
