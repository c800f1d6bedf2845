//! Random accounts, on which the property of a sweep is tried. They are read by the questions of a sweep, as `ask`
//! does; how reads fail is `sweep_failures`.
use crate::sweep_account::asked;
use crate::sweep_failures::Failure;
use crate::sweep_sources::{Recorder, recorders};
use jiff::Timestamp;
use pinpoint_streams_model::live::question::RegionalRole;
use pinpoint_streams_model::live::residue::{EmailChannel, ExportJobs, ImportJobs, Recommenders};
use pinpoint_streams_model::ownership::WORKSPACE;
use pinpoint_streams_model::sweep::{QUARANTINE_POLICY, QUARANTINED_AT, QUARANTINED_BY, QUARANTINED_ID};
use pinpoint_streams_model::{
    AccountAlias, AccountId, AccountRegion, AccountRole, Answer, AppArn, AppId, Document, EvidenceSource,
    Findings, InlinePolicies, LastUsed, Live, LiveApp, LiveEventStream, LiveRole, PolicyArn, Question, Read,
    Recorded, Region, RoleArn, SweepOptions, Tags, Workspace,
};
use pinpoint_streams_planner::{Bundle, Capture, Inquiry, Sweep};
use pinpoint_streams_testkit::{demand_same_in_any_order, parsed};
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
    /// Whom the roles admit, in the order of their names.
    admitted: BTreeMap<AccountRole, Admitted>,
    /// The roles that an event stream names, in whatever spelling.
    used: BTreeSet<AccountRole>,
    pub(crate) apps: BTreeMap<AccountRegion, BTreeMap<AppId, LiveApp>>,
    pub(crate) event_streams: BTreeMap<AppArn, LiveEventStream>,
    /// The roles that an email channel, a job or a recommender configuration names.
    other_users: BTreeMap<Question, RoleArn>,
    pub(crate) stacks: BTreeMap<RegionalRole, String>,
    pub(crate) recorders: BTreeMap<AccountRegion, Recorder>,
    accounts: BTreeMap<AccountAlias, AccountId>,
    options: SweepOptions,
}

/// What was answered, and when.
type Answers = BTreeMap<Question, (Read<Answer>, Timestamp)>;

/// What decides on one role: its account, whom it trusts and where, what it may do, its use, and its marks.
type RoleSeed = (usize, usize, usize, usize, usize, usize, usize);

pub(crate) fn worlds() -> impl Strategy<Value = World> {
    // Most of it in one region, so that roles and apps meet.
    let place = || prop_oneof![3 => Just(0usize), 1 => 1..4usize];
    let role = (0..5usize, 0..15usize, place(), 0..3usize, 0..8usize, 0..5usize, 0..20usize);
    let apps = vec((0..6usize, place(), 0..3usize, 0..12usize), 0..10);
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

fn may_write_to_streams(role: &LiveRole) -> bool {
    let inline = role.inline_policies.values().any(|policy| policy.to_json().contains("kinesis:"));
    inline || role.attached_policies.contains(&managed(0))
}

/// Whose apps may use a role, by how its trust was written: of which account, in which region, and which app. None: any.
#[derive(Debug, Clone, Default)]
struct Admitted {
    account: Option<AccountId>,
    region: Option<Region>,
    app: Option<AppId>,
}

impl Admitted {
    fn includes(&self, app: &AppArn) -> bool {
        let Admitted { account, region, app: id } = self;
        account.as_ref().is_none_or(|account| *account == app.account)
            && region.as_ref().is_none_or(|region| *region == app.region)
            && id.as_ref().is_none_or(|id| *id == app.id)
    }
}

/// A trust policy, and whom it admits as AWS's documents say. None: not Pinpoint.
fn trust(kind: usize, own: &AccountId, at: &Region, index: usize) -> (Document, Option<Admitted>) {
    let other = &account(usize::from(own.as_str() == ACCOUNTS[0]));
    let pinpoint = || json!("pinpoint.amazonaws.com");
    let arn_like = |arn: String| json!({"ArnLike": {"aws:SourceArn": arn}});
    let of_account = |account: &AccountId| json!({"StringEquals": {"aws:SourceAccount": account}});
    let one_of = |account: &AccountId| app(account, at, index).to_string();
    let any_of = |account: &AccountId| Admitted { account: Some(account.clone()), ..Admitted::default() };
    let in_region = || Admitted { region: Some(at.clone()), ..any_of(own) };
    let one = |account: &AccountId| Admitted {
        region: Some(at.clone()),
        app: Some(app(account, at, index).id),
        ..any_of(account)
    };
    let (principal, condition, admitted) = match kind {
        0..=2 => (pinpoint(), arn_like(one_of(own)), Some(one(own))),
        3 => (pinpoint(), arn_like(AppArn::with_id(at, own, "*")), Some(in_region())),
        4 => {
            let condition = json!({"StringEquals": {"aws:SourceArn": one_of(own)}});
            (json!(format!("pinpoint.{at}.amazonaws.com")), condition, Some(one(own)))
        }
        5 => (pinpoint(), of_account(own), Some(any_of(own))),
        6 => (pinpoint(), arn_like(one_of(other)), Some(one(other))),
        7 => (pinpoint(), of_account(other), Some(any_of(other))),
        8 => (json!(["pinpoint.amazonaws.com", "lambda.amazonaws.com"]), arn_like(one_of(own)), Some(one(own))),
        9 => (json!("lambda.amazonaws.com"), of_account(own), None),
        10 => (json!("mobiletargeting.amazonaws.com"), arn_like(one_of(own)), Some(one(own))),
        11 => (json!("Pinpoint.AmazonAWS.com"), of_account(own), Some(any_of(own))),
        // A role is passed to a service of its own account alone. Source: IAM user guide, "Grant a user permissions to pass
        // a role to an AWS service".
        12 => (pinpoint(), json!({"StringEquals": {"aws:SourceAccount": []}}), Some(any_of(own))),
        13 => {
            let anywhere = format!("arn:aws:mobiletargeting:*:{own}:apps/app{index}");
            (pinpoint(), arn_like(anywhere), Some(Admitted { region: None, ..one(own) }))
        }
        _ => {
            let all = format!("arn:aws:mobiletargeting:{at}:{own}:*");
            (pinpoint(), json!({"StringLike": {"aws:SourceArn": all}}), Some(in_region()))
        }
    };
    let one = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": principal}, "Condition": condition});
    (serde_json::from_value(json!({"Version": "2012-10-17", "Statement": one})).unwrap(), admitted)
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
            admitted: BTreeMap::new(),
            used: BTreeSet::new(),
            apps: BTreeMap::new(),
            event_streams: BTreeMap::new(),
            other_users: BTreeMap::new(),
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
        let (trust_policy, admitted) = trust(kind, &own, &at, index);
        self.admitted.extend(admitted.map(|admitted| (arn.in_account(), admitted)));
        let mut role = LiveRole {
            arn: arn.clone(),
            id: parsed(&format!("AROAWORLD{number:012}")),
            trust_policy,
            inline_policies: InlinePolicies::new(),
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
        if self.event_streams.contains_key(&arn) {
            return;
        }
        let AppArn { region, account, id } = arn.clone();
        let live = LiveApp { id: id.clone(), name: id.to_string(), tags: None };
        self.apps.entry(arn.place()).or_default().insert(id.clone(), live);
        let mut admitting = self.admitted.iter().filter(|(_, admitted)| admitted.includes(&arn));
        let (nth, spelled): (usize, fn(&RoleArn) -> String) = match by {
            0 => return,
            1..=2 => {
                let user = match (by + index) % 4 {
                    0 => Question::EmailChannel(arn.clone()),
                    1 => Question::ImportJobs(arn.clone()),
                    2 => Question::ExportJobs(arn.clone()),
                    _ => Question::Recommenders(arn.place()),
                };
                // Whatever needs other permissions than those for streams: a sweep does not ask who else uses such a role.
                let roles =
                    admitting.map(|(role, _)| &self.roles[role]).filter(|role| !may_write_to_streams(role));
                let used = roles.map(|role| role.arn.clone()).nth(by - 1);
                self.other_users.extend(used.map(|role| (user, role)));
                return;
            }
            3..=6 => (usize::MAX, RoleArn::to_string),
            7..=9 => (by - 7, RoleArn::to_string),
            10 => (0, |role| format!("{role} ")),
            _ => (0, |role| role.to_string().replace(":role/", ":role/of-others/")),
        };
        let role_arn = match admitting.nth(nth) {
            Some((role, _)) => {
                self.used.insert(role.clone());
                spelled(&self.roles[role].arn)
            }
            None if by < 7 => format!("arn:aws:iam::{account}:role/of-someone"),
            None => return,
        };
        let destination = format!("arn:aws:kinesis:{region}:{account}:stream/clicks");
        self.event_streams.insert(arn, LiveEventStream { destination, role_arn });
    }

    /// What an email channel, jobs or recommender configurations answer.
    pub(crate) fn other_user(&self, question: &Question) -> Option<Answer> {
        let used = self.other_users.get(question);
        let by_id = || used.map(|role| ("one".to_owned(), role.to_string())).into_iter().collect();
        Some(match question {
            Question::EmailChannel(_) => {
                let role_arn = used.map(ToString::to_string);
                EmailChannel { role_arn, sending_role_arn: None }.into()
            }
            Question::ImportJobs(_) => ImportJobs(by_id()).into(),
            Question::ExportJobs(_) => ExportJobs(by_id()).into(),
            Question::Recommenders(_) => Recommenders(by_id()).into(),
            _ => return None,
        })
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
            || self.used.contains(&role.in_account())
            || self.other_users.values().any(|used| used == role)
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
        let (live, _) = self.asked_by(&sweep, calls.unwrap_or_default());
        sweep.conclude(&live).findings
    }

    /// A bundle that was captured while these calls failed.
    pub(crate) fn captured(&self, failures: &[Failure]) -> Bundle {
        let (_, answers) = self.asked_by(&Capture(self.sweep()), failures);
        Bundle { name: "bundle".to_owned(), answers }
    }

    /// Demands that a sweep, and a capture, ask and conclude the same in whatever order these answers come.
    pub(crate) fn demand_same_in_any_order(&self, failures: &[Failure]) {
        let (sweep, capture) = (self.sweep(), Capture(self.sweep()));
        demand_same_in_any_order(&sweep, &self.asked_by(&sweep, failures).0);
        demand_same_in_any_order(&capture, &self.asked_by(&capture, failures).0);
    }

    fn sweep(&self) -> Sweep {
        let (workspace, recorded): (Workspace, _) = (parsed("growth"), Recorded::default());
        Sweep::live(workspace, self.accounts.clone(), recorded, self.options.clone())
    }

    fn asked_by(&self, inquiry: &impl Inquiry, failures: &[Failure]) -> (Live, Answers) {
        let (mut live, mut answers) = (Live::default(), Answers::new());
        loop {
            let mut questions = inquiry.questions(&live);
            questions.retain(|question| !live.answers(question));
            if questions.is_empty() {
                return (live, answers);
            }
            for (number, question) in questions.into_iter().enumerate() {
                let failure = failures.iter().find(|failure| failure.strikes(&question, number));
                let answer = self.answer(&question, failure.map(|failure| failure.how));
                answers.insert(question.clone(), (answer.clone(), asked().now));
                live.record(question, answer);
            }
        }
    }
}
