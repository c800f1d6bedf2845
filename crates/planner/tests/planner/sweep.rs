//! The verdicts of a sweep, and what they rest on: the account of two hundred roles, and one kind at a time.
use crate::sweep_account::{SweptAccount, changed};
use crate::workspace::*;
use pinpoint_streams_model::live::residue::{EmailChannel, ExportJobs, ImportJobs, Recommenders};
use pinpoint_streams_model::sweep::QUARANTINE_POLICY;
use pinpoint_streams_model::{
    AccountRegion, Finding, LastUsed, Purpose, Question, Region, Subject, SweepAction, Verdict,
};
use std::collections::{BTreeMap, BTreeSet};

#[track_caller]
fn has(finding: &Finding, call: Option<&str>, is_it: impl Fn(&Fact) -> bool) {
    let found = finding.evidence.iter().any(|one| is_it(&one.fact) && one.call.as_deref() == call);
    assert!(found, "nothing of {call:?} in {:#?}", finding.evidence);
}

fn holds(places: &BTreeSet<AccountRegion>, region: &str) -> bool {
    places.contains(&parsed(&format!("123456789012/{region}")))
}

#[tokio::test(start_paused = true)]
async fn an_account_of_two_hundred_roles_gets_every_verdict_right() {
    let account = SweptAccount::of_two_hundred_roles();
    assert_eq!(account.left.roles.len(), 200);
    let found = account.findings().await;
    assert!(found.unread.is_empty());
    let by_arn: BTreeMap<_, _> = found.roles.iter().map(|finding| (&finding.role, finding)).collect();
    let mut table: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for role in &account.left.roles {
        let finding = by_arn.get(&role.arn).copied();
        assert_eq!(finding.map(|one| one.verdict), role.verdict, "{}: {finding:#?}", role.arn);
        *table.entry((finding.map_or("(not asked about)", |one| one.verdict.as_str()), role.kind)).or_default() +=
            1;
        let Some(finding) = finding else { continue };
        if finding.verdict != Verdict::Managed || !role.recorded {
            assert_eq!(finding.purpose, role.purpose, "{}: {finding:#?}", role.arn);
        }
        assert!(!finding.evidence.is_empty(), "{} has no evidence", role.arn);
    }
    assert_eq!(found.roles.len(), account.left.roles.iter().filter(|role| role.verdict.is_some()).count());
    for verdict in Verdict::ALL {
        println!("{:>4} {}", found.count(verdict), verdict.as_str());
    }
    println!("{:>4} (not asked about)", 200 - found.roles.len());
    for ((verdict, kind), count) in table {
        println!("{count:>6} {verdict:<18} {kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_roles_that_trust_pinpoint_are_read_further_and_few_stacks_are_asked_for() {
    let account = SweptAccount::of_two_hundred_roles();
    let found = account.findings().await;
    assert_eq!(account.cloud.count("ListRoles"), 1);
    assert_eq!(account.cloud.count("GetRole"), found.roles.len());
    let decided_by_stacks = found.count(Verdict::Obsolete) + found.count(Verdict::Quarantined) + 5;
    assert_eq!(account.cloud.count("ListRegions"), 1);
    // Of every region that is enabled by default.
    assert_eq!(account.cloud.count("DescribeStackResources"), 17 * decided_by_stacks);
    assert!(account.cloud.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn every_fact_of_an_obsolete_role_names_the_call_that_said_it() {
    let finding = SweptAccount::with_kinds(&["obsolete"]).finding("obsolete-2").await;
    has(
        &finding,
        Some("GetEventStream"),
        |fact| matches!(fact, Fact::PositiveControl { places } if holds(places, "us-east-1")),
    );
    has(&finding, Some("GetApps"), |fact| matches!(fact, Fact::AppGone { .. }));
    has(&finding, Some("DescribeStreamSummary"), |fact| matches!(fact, Fact::StreamExists { .. }));
    has(&finding, Some("GetRole"), |fact| *fact == Fact::NeverUsed { within_days: 400 });
    has(&finding, Some("GetRole"), |fact| *fact == Fact::Created { at: parsed("2024-03-01T12:00:00Z") });
    has(
        &finding,
        Some("DescribeStackResources"),
        |fact| matches!(fact, Fact::InNoStack { regions } if regions.len() == 17 && regions.contains(&parsed::<Region>("eu-north-1"))),
    );
    assert_eq!(finding.address().to_string(), "iam.123456789012/obsolete-2");
}

#[tokio::test(start_paused = true)]
async fn without_a_positive_control_nothing_is_obsolete_until_a_person_asserts_it() {
    let account = SweptAccount::with_kinds(&["obsolete", "everything", "no control"]);
    let finding = account.finding("no-control-1").await;
    assert_eq!(finding.verdict, Verdict::Unknown);
    let only = BTreeSet::from([parsed("123456789012/ap-south-1")]);
    has(&finding, Some("GetEventStream"), |fact| *fact == Fact::NoPositiveControl { places: only.clone() });
    let account = account.asked(|options| {
        options.event_streams_gone.insert(parsed("123456789012/ap-south-1"));
    });
    assert_eq!(account.finding("no-control-1").await.verdict, Verdict::Obsolete);
    let finding = account.finding("everything-1").await;
    assert_eq!(finding.verdict, Verdict::Unknown, "ca-central-1 was not read");
    has(&finding, None, |fact| matches!(fact, Fact::RegionsNotRead { places } if holds(places, "ca-central-1")));
    let account = account.asked(|options| options.no_pinpoint_in.extend(["ca-*".to_owned()]));
    let finding = account.finding("everything-1").await;
    assert_eq!(finding.verdict, Verdict::Obsolete);
    has(&finding, None, |fact| matches!(fact, Fact::Asserted { places } if holds(places, "ap-south-1")));
    has(&finding, None, |fact| matches!(fact, Fact::NeverUsedThere { places } if holds(places, "ap-northeast-1")));
}

#[tokio::test(start_paused = true)]
async fn only_an_assertion_stands_in_for_a_region_that_cannot_be_read_and_it_is_not_called() {
    let regions = ["us-east-1", "eu-west-1"].map(|region| parsed(&format!("123456789012/{region}")));
    for operation in ["GetEventStream", "GetApps"] {
        for kind in [
            FailureKind::ServiceEnded,
            FailureKind::Denied,
            FailureKind::Throttled,
            FailureKind::Timeout,
            FailureKind::Connection,
            FailureKind::Server,
        ] {
            let account = SweptAccount::with_kinds(&["obsolete", "obsolete region wide"]);
            account.cloud.fail(When::operation(operation), Fault::Refuse(kind));
            let name = "obsolete-region-wide-1";
            let finding = account.finding(name).await;
            assert_eq!(finding.verdict, Verdict::Unknown, "{operation} {kind:?}");
            assert!(matches!(finding.evidence[0].fact, Fact::ReadFailed { .. }), "{finding:#?}");
            let before = account.cloud.count(operation);
            let account = account.asked(|options| options.event_streams_gone.extend(regions.clone()));
            assert_eq!(account.finding(name).await.verdict, Verdict::Obsolete, "{operation} {kind:?}");
            // Only in the region that is not asserted, which has one app.
            assert_eq!(account.cloud.count(operation) - before, 1, "{operation} {kind:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_of_apps_that_lacks_one_with_an_event_stream_proves_nothing() {
    let account = SweptAccount::with_kinds(&["in use", "obsolete region wide"]);
    assert_eq!(account.finding("obsolete-region-wide-1").await.verdict, Verdict::Obsolete);
    let mut live = account.live().await;
    live.apps.values_mut().for_each(|apps| {
        *apps = pinpoint_streams_model::live::Read::Present(BTreeMap::new());
    });
    let found = pinpoint_streams_planner::Inquiry::conclude(&account.sweep(), &live).findings;
    assert_eq!(found.count(Verdict::Obsolete), 0);
}

#[tokio::test(start_paused = true)]
async fn all_purposes_are_judged_if_that_is_asked_for() {
    let kinds = ["in use", "import", "export", "recommender", "email", "administrator", "without permissions"];
    let account = SweptAccount::with_kinds(&kinds).asked(|options| options.all_purposes = true);
    let found = account.findings().await;
    assert_eq!(found.count(Verdict::Obsolete), 16);
    let purposes: BTreeSet<Purpose> = found.roles.iter().map(|finding| finding.purpose).collect();
    assert_eq!(purposes.len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_role_of_another_purpose_is_obsolete_only_where_the_users_of_that_purpose_were_read() {
    for (kind, operation) in [
        ("import", "GetImportJobs"),
        ("export", "GetExportJobs"),
        ("recommender", "GetRecommenderConfigurations"),
        ("email", "GetEmailChannel"),
        ("without permissions", "GetEmailChannel"),
    ] {
        let swept = || SweptAccount::with_kinds(&["in use", kind]).asked(|options| options.all_purposes = true);
        let account = swept();
        let role = account.left.of_kind(kind).next().unwrap().arn.clone();
        let finding = account.finding(role.name.as_str()).await;
        assert_eq!(finding.verdict, Verdict::Obsolete, "{kind}: {finding:#?}");
        let place = finding.evidence.iter().find_map(|known| match &known.fact {
            Fact::NotNamedElsewhere { places } => places.first().cloned(),
            _ => None,
        });
        let place = place.unwrap_or_else(|| panic!("{kind}: {finding:#?}"));

        let account = swept();
        account.cloud.fail(When::operation(operation), Fault::Refuse(FailureKind::Denied));
        assert_eq!(account.finding(role.name.as_str()).await.verdict, Verdict::Unknown, "{kind}");

        let account = swept();
        let apps = account.left.apps.iter().map(|app| &app.arn);
        let app = apps.clone().find(|app| app.place() == place).unwrap().clone();
        let jobs = || BTreeMap::from([("j1".to_owned(), role.to_string())]);
        let by = match kind {
            "import" => {
                account.cloud.set_residue(Question::ImportJobs(app.clone()), ImportJobs(jobs()));
                Fact::NamedByJob { app, job: "j1".to_owned() }
            }
            "export" => {
                account.cloud.set_residue(Question::ExportJobs(app.clone()), ExportJobs(jobs()));
                Fact::NamedByJob { app, job: "j1".to_owned() }
            }
            "recommender" => {
                account.cloud.set_residue(Question::Recommenders(place.clone()), Recommenders(jobs()));
                Fact::NamedByRecommender { place: place.clone(), recommender: "j1".to_owned() }
            }
            _ => {
                let channel = EmailChannel { role_arn: None, sending_role_arn: Some(role.to_string()) };
                account.cloud.set_residue(Question::EmailChannel(app.clone()), channel);
                Fact::NamedByEmailChannel { app }
            }
        };
        let finding = account.finding(role.name.as_str()).await;
        assert_eq!(finding.verdict, Verdict::Unknown, "{kind}: {finding:#?}");
        assert!(finding.evidence.iter().any(|known| known.fact == by), "{kind}: {finding:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_managed_policy_that_cannot_be_read_leaves_the_purpose_unknown() {
    let account = SweptAccount::with_kinds(&["in use", "with a foreign policy", "import"]);
    account.cloud.fail(When::operation("GetPolicyVersion"), Fault::Refuse(FailureKind::Denied));
    let finding = account.finding("with-a-foreign-policy-1").await;
    assert_eq!((finding.verdict, finding.purpose), (Verdict::Unknown, Purpose::Unclear));
    let policy = Subject::ManagedPolicy(parsed("arn:aws:iam::123456789012:policy/team-logs"));
    has(
        &finding,
        Some("GetPolicyVersion"),
        |fact| matches!(fact, Fact::ReadFailed { what, .. } if *what == policy),
    );
}

/// The roles, each with an inline policy of this name that cannot be read.
fn with_unreadable_policy(kinds: &[&str], name: &str) -> SweptAccount {
    let account = SweptAccount::with_kinds(kinds);
    for role in
        account.left.roles.iter().filter(|role| role.kind != "in use" || role.arn.name.as_str() != "in-use-1")
    {
        account.cloud.outside().put_inline_policy(&role.arn, &parsed(name), "no policy");
    }
    account
}

fn is_unread_policy(fact: &Fact, policy: &str) -> bool {
    matches!(fact, Fact::ReadFailed { what: Subject::InlinePolicy(name), why }
        if name.as_str() == policy && why.operation == "GetRolePolicy")
}

#[tokio::test(start_paused = true)]
async fn an_inline_policy_that_cannot_be_read_leaves_open_only_what_rests_on_it() {
    let table = [
        ("in use", Verdict::InUse),
        ("alive", Verdict::Alive),
        ("in terraform", Verdict::ManagedElsewhere),
        ("of another workspace", Verdict::Managed),
        ("shared", Verdict::NotOurs),
        ("tripped", Verdict::Tripped),
        ("quarantined", Verdict::Quarantined),
        ("obsolete", Verdict::Unknown),
        ("import", Verdict::Unknown),
    ];
    let kinds: Vec<&str> = table.iter().map(|(kind, _)| *kind).collect();
    let found = with_unreadable_policy(&kinds, "Odd").findings().await;
    for (kind, verdict) in table {
        let name = format!("{}-2", kind.replace(' ', "-"));
        let finding = found.roles.iter().find(|finding| finding.role.name.as_str() == name).unwrap();
        assert_eq!((finding.verdict, finding.purpose), (verdict, Purpose::Unclear), "{finding:#?}");
        let named = finding.evidence.iter().filter(|known| is_unread_policy(&known.fact, "Odd"));
        assert_eq!(named.count(), 1, "{finding:#?}");
        assert_ne!(finding.last_used, LastUsed::NotRead, "{finding:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_whose_policies_cannot_be_archived_is_neither_quarantined_nor_deleted() {
    for action in [SweepAction::Quarantine, SweepAction::Delete] {
        let mut account = with_unreadable_policy(&["in use", "obsolete firehose"], "Odd");
        account.options.all_purposes = true;
        account.options.action = action;
        let finding = account.finding("obsolete-firehose-1").await;
        assert_eq!(finding.verdict, Verdict::Obsolete, "{finding:#?}");
        assert!(finding.held_by.iter().any(|fact| is_unread_policy(fact, "Odd")), "{finding:#?}");
        assert!(account.plan().await.is_empty(), "{action:?}");
    }
    let mut account = with_unreadable_policy(&["in use", "quarantined"], "Odd");
    account.options.action = SweepAction::Reap { after_days: 1 };
    assert!(account.plan().await.is_empty());
    account.options.action = SweepAction::Release;
    assert_eq!(changed(&account.plan().await).len(), 4, "a release removes only what pinpoint-streams added");
}

#[tokio::test(start_paused = true)]
async fn a_quarantine_whose_policy_cannot_be_read_is_left_as_it_is() {
    let mut account = with_unreadable_policy(&["in use", "quarantined", "tripped"], QUARANTINE_POLICY);
    for action in [SweepAction::Quarantine, SweepAction::Reap { after_days: 1 }, SweepAction::Release] {
        account.options.action = action;
        let finding = account.finding("quarantined-1").await;
        assert_eq!(finding.verdict, Verdict::Unknown, "{finding:#?}");
        assert!(is_unread_policy(&finding.evidence[0].fact, QUARANTINE_POLICY), "{finding:#?}");
        assert!(account.plan().await.is_empty(), "{action:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_left_only_a_policy_that_cannot_be_read_has_not_ended() {
    let account = SweptAccount::with_kinds(&["in use", "quarantined"]);
    let role = account.left.of_kind("quarantined").next().unwrap().arn.clone();
    for name in ["permissions", QUARANTINE_POLICY] {
        account.cloud.outside().delete_inline_policy(&role, &parsed(name));
    }
    account.cloud.outside().put_inline_policy(&role, &parsed("Odd"), "no policy");
    assert_eq!(account.finding("quarantined-1").await.verdict, Verdict::Unknown, "it may grant something");
}

#[tokio::test(start_paused = true)]
async fn credentials_of_another_account_tell_nothing() {
    let account = SweptAccount::with_kinds(&["obsolete"]);
    account.cloud.set_caller(&account.left.account, &parsed("999999999999"));
    let found = account.findings().await;
    assert!(found.roles.is_empty());
    assert_eq!(found.unread.len(), 1);
    assert!(found.has_unknown());
}

#[tokio::test(start_paused = true)]
async fn one_wrong_account_id_is_a_gap_of_that_account_and_cancels_nothing_of_the_others() {
    let mut account = SweptAccount::with_kinds(&["in use", "obsolete"]);
    let alone = account.plan().await;
    let wrong = parsed::<pinpoint_streams_model::AccountId>("210987654321");
    account.cloud.add_account(&wrong);
    account.cloud.set_caller(&wrong, &parsed("999999999999"));
    account.accounts.insert(parsed("wrong"), wrong.clone());
    let found = account.findings().await;
    let unread: Vec<&Fact> = found.unread.iter().map(|unread| &unread.why.fact).collect();
    assert_eq!(unread, [&Fact::WrongCaller { caller: parsed("999999999999") }]);
    let plan = account.plan().await;
    assert_eq!(plan.summary, alone.summary);
    assert!(
        plan.warnings
            .iter()
            .any(|warning| matches!(&warning.fact, Fact::RolesUnknown { account, .. } if *account == wrong))
    );
    // What those credentials read says nothing of the apps of that account.
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"Service":"pinpoint.amazonaws.com"},
        "Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:mobiletargeting:us-east-1:210987654321:apps/*"}}}]}"#;
    let role = account.left.of_kind("obsolete").next().unwrap().arn.clone();
    account.cloud.outside().put_trust_policy(&role, trust);
    let finding = account.finding(role.name.as_str()).await;
    assert_eq!(finding.verdict, Verdict::Unknown, "{finding:#?}");
    has(&finding, None, |known| *known == Fact::AccountNotRead { account: wrong.clone() });
}

#[tokio::test(start_paused = true)]
async fn a_role_whose_trust_cannot_be_made_out_is_named_and_never_dropped() {
    let account = SweptAccount::with_kinds(&["obsolete"]);
    let odd = account.left.roles[0].arn.clone();
    account.cloud.outside().put_trust_policy(&odd, "no policy");
    let found = account.findings().await;
    assert_eq!(found.unread[0].role.as_ref(), Some(&odd.name));
    assert_eq!(found.count(Verdict::Obsolete), account.left.roles.len() - 1);
}

#[tokio::test(start_paused = true)]
async fn a_trust_that_names_another_account_is_judged_only_where_that_account_is_read() {
    let mut account = SweptAccount::with_kinds(&["obsolete"]);
    let (role, other) = (account.left.roles[0].arn.clone(), "999999999999");
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole",
            "Principal":{{"Service":"pinpoint.amazonaws.com"}},
            "Condition":{{"StringEquals":{{"aws:SourceAccount":"{other}"}},
                "ArnLike":{{"aws:SourceArn":"arn:aws:mobiletargeting:us-east-1:*:apps/*"}}}}}}]}}"#
    );
    account.cloud.outside().put_trust_policy(&role, &trust);
    let finding = account.finding(role.name.as_str()).await;
    assert_eq!(finding.verdict, Verdict::Unknown);
    let fact = Fact::AccountNotRead { account: parsed(other) };
    has(&finding, None, |known| *known == fact);
    let app = AppArn { region: parsed("us-east-1"), account: parsed(other), id: app_id("theirs") };
    account.cloud.add_app_as(&app, "theirs");
    account.cloud.outside().put_event_stream(&app, "arn:aws:kinesis:us-east-1:999999999999:stream/a", &role);
    account.accounts.insert(parsed("other"), parsed(other));
    assert_eq!(account.finding(role.name.as_str()).await.verdict, Verdict::InUse);
}

#[tokio::test(start_paused = true)]
async fn what_proves_a_role_obsolete_over_several_accounts_allows_its_deletion() {
    let mut account = SweptAccount::with_kinds(&["obsolete", "in use"]);
    let (role, other) = (account.left.of_kind("obsolete").next().unwrap().arn.clone(), "999999999999");
    let user = format!("arn:aws:iam::{other}:role/theirs");
    let app = AppArn { region: parsed("us-east-1"), account: parsed(other), id: app_id("theirs") };
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole",
            "Principal":{{"Service":"pinpoint.amazonaws.com"}},
            "Condition":{{"ArnLike":{{"aws:SourceArn":"{app}"}}}}}}]}}"#
    );
    account.cloud.outside().put_trust_policy(&role, &trust);
    account.cloud.add_app_as(&app, "theirs");
    account.cloud.outside().put_event_stream(&app, "arn:aws:kinesis:us-east-1:999999999999:stream/a", &user);
    account.accounts.insert(parsed("other"), parsed(other));
    account.options.action = SweepAction::Delete;
    account.options.max_delete = 100;
    let finding = account.finding(role.name.as_str()).await;
    assert_eq!((finding.verdict, &finding.held_by[..]), (Verdict::Obsolete, &[][..]), "{finding:#?}");
    assert!(changed(&account.plan().await).contains(&role.name.to_string()));
}

/// A trust policy of Pinpoint with these conditions, whose app is gone.
fn trust(principal: &str, conditions: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole",
            "Principal":{{"Service":"{principal}"}},"Condition":{{{conditions}}}}}]}}"#
    )
}

#[tokio::test(start_paused = true)]
async fn a_trust_that_reaches_beyond_the_apps_that_can_be_read_leaves_the_role_unknown() {
    const GONE: &str = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/00000000000000000000000000000bad";
    let outside = |place: &str| Fact::RegionsNotRead { places: [parsed::<AccountRegion>(place)].into() };
    let accounts = |condition: &str| Fact::AdmitsAccounts { condition: condition.to_owned() };
    let source = |arn: &str| Fact::AdmitsSource { arn: arn.to_owned() };
    let (ses, sms) = (
        "arn:aws:ses:us-east-1:123456789012:identity/example.com",
        "arn:aws:sms-voice:us-east-1:123456789012:phone-number/p-1",
    );
    let pinpoint = "pinpoint.amazonaws.com";
    let table = [
        (
            pinpoint,
            r#""ArnLike":{"aws:SourceArn":"arn:aws:mobiletargeting:eu-south-2:123456789012:apps/*"}"#.to_owned(),
            outside("123456789012/eu-south-2"),
        ),
        (
            pinpoint,
            format!(r#""ArnLike":{{"aws:SourceArn":"{}"}}"#, GONE.replace("us-east-1", "eu-south-2")),
            outside("123456789012/eu-south-2"),
        ),
        (
            "pinpoint.eu-south-2.amazonaws.com",
            r#""StringEquals":{"aws:SourceAccount":"123456789012"}"#.to_owned(),
            outside("123456789012/eu-south-2"),
        ),
        (
            pinpoint,
            r#""StringEquals":{"aws:SourceOrgID":"o-a1b2c3d4e5"}"#.to_owned(),
            accounts("StringEquals aws:SourceOrgID o-a1b2c3d4e5"),
        ),
        (
            pinpoint,
            r#""StringLike":{"aws:SourceAccount":"1234*"}"#.to_owned(),
            accounts("StringLike aws:SourceAccount 1234*"),
        ),
        (
            pinpoint,
            r#""StringNotEquals":{"aws:SourceAccount":"999999999999"}"#.to_owned(),
            accounts("StringNotEquals aws:SourceAccount 999999999999"),
        ),
        (
            pinpoint,
            r#""StringEquals":{"aws:SourceAccount":"${aws:PrincipalAccount}"}"#.to_owned(),
            accounts("StringEquals aws:SourceAccount ${aws:PrincipalAccount}"),
        ),
        (
            pinpoint,
            r#""ArnLike":{"aws:SourceArn":"arn:aws:mobiletargeting:us-east-1:*:apps/*"}"#.to_owned(),
            accounts("ArnLike aws:SourceArn arn:aws:mobiletargeting:us-east-1:*:apps/*"),
        ),
        (pinpoint, format!(r#""ArnLike":{{"aws:SourceArn":["{GONE}","{ses}"]}}"#), source(ses)),
        (pinpoint, format!(r#""ArnLike":{{"aws:SourceArn":["{GONE}","{sms}"]}}"#), source(sms)),
    ];
    for (principal, conditions, gap) in table {
        let account = SweptAccount::with_kinds(&["obsolete", "in use"]);
        let role = account.left.of_kind("obsolete").next().unwrap().arn.clone();
        account.cloud.outside().put_trust_policy(&role, &trust(principal, &conditions));
        let finding = account.finding(role.name.as_str()).await;
        assert_eq!(finding.verdict, Verdict::Unknown, "{conditions}: {finding:#?}");
        let is_found = |known: &Fact| match (&gap, known) {
            (Fact::RegionsNotRead { places: gap }, Fact::RegionsNotRead { places }) => gap.is_subset(places),
            (gap, known) => gap == known,
        };
        assert!(finding.evidence.iter().any(|known| is_found(&known.fact)), "{conditions}: {finding:#?}");
        // The same without what reaches further.
        let plain = format!(
            r#""StringEquals":{{"aws:SourceAccount":"123456789012"}},"ArnLike":{{"aws:SourceArn":"{GONE}"}}"#
        );
        account.cloud.outside().put_trust_policy(&role, &trust(pinpoint, &plain));
        assert_eq!(account.finding(role.name.as_str()).await.verdict, Verdict::Obsolete);
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_listed_limits_an_organization() {
    let account = SweptAccount::with_kinds(&["obsolete", "in use"]);
    let role = account.left.of_kind("obsolete").next().unwrap().arn.clone();
    let app = account.left.apps[0].arn.place();
    let conditions = format!(
        r#""StringEquals":{{"aws:SourceAccount":"123456789012","aws:SourceOrgID":"o-a1b2c3d4e5"}},
           "ArnLike":{{"aws:SourceArn":"arn:aws:mobiletargeting:{}:*:apps/*"}}"#,
        app.region
    );
    account.cloud.outside().put_trust_policy(&role, &trust("pinpoint.amazonaws.com", &conditions));
    assert_eq!(account.finding(role.name.as_str()).await.verdict, Verdict::Obsolete);
}
