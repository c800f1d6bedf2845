//! A sweep that rests on a bundle of evidence, after AWS has stopped to answer.
use crate::sweep_account::SweptAccount;
use jiff::{SignedDuration, Timestamp};
use pinpoint_streams_model::live::history::{
    ConfigEventStream, ConfigEventStreams, ConfigRecorder, EventStreamChange, EventStreamChangeKind,
};
use pinpoint_streams_model::{
    AccountRegion, Answer, AppArn, Evidence, EvidenceSource, Fact, FailureKind, Finding, Findings, Partition,
    Question, Read, Region, SweepAction, Unreadable, Verdict,
};
use pinpoint_streams_planner::{Bundle, Capture, Sweep};
use pinpoint_streams_testkit::cloud::{FakeCloud, Fault, When};
use pinpoint_streams_testkit::executor::cloud::ReadCloud;
use pinpoint_streams_testkit::{ask, parsed};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// Keeps every answer.
struct Keeping<'a> {
    cloud: &'a FakeCloud,
    kept: Mutex<BTreeMap<Question, Read<Answer>>>,
}

impl ReadCloud for Keeping<'_> {
    async fn read(&self, question: &Question) -> Read<Answer> {
        let answer = self.cloud.read(question).await;
        self.kept.lock().unwrap().insert(question.clone(), answer.clone());
        answer
    }
}

async fn captured(account: &SweptAccount) -> Bundle {
    let cloud = Keeping { cloud: &account.cloud, kept: Mutex::default() };
    let mut sweep = account.sweep();
    sweep.options.sources = EvidenceSource::ALL.into();
    ask(&Capture(sweep), &cloud).await;
    let at = account.now();
    let kept = cloud.kept.into_inner().unwrap().into_iter();
    Bundle {
        name: "december".to_owned(),
        answers: kept.map(|(question, answer)| (question, (answer, at))).collect(),
    }
}

async fn findings(account: &SweptAccount, bundle: &Bundle, is_live: bool) -> Findings {
    let sweep = Sweep { bundles: vec![bundle.clone()], is_live, ..account.sweep() };
    ask(&sweep, &account.cloud).await.output.findings
}

fn verdicts(found: &Findings) -> BTreeMap<String, Verdict> {
    found.roles.iter().map(|finding| (finding.role.to_string(), finding.verdict)).collect()
}

/// The ways in which an API may end that the sandbox of the command line cannot show.
#[tokio::test(start_paused = true)]
async fn a_bundle_gives_the_same_verdicts_after_pinpoint_has_ended() {
    let mut account = SweptAccount::of_two_hundred_roles();
    let before = verdicts(&account.findings().await);
    let bundle = captured(&account).await;
    let now = account.options.now;
    account.later(120);
    account.options.now = now;
    let calls = account.cloud.calls().len();
    assert_eq!(verdicts(&findings(&account, &bundle, false).await), before);
    assert_eq!(account.cloud.calls().len(), calls, "a sweep from a bundle alone calls nothing");

    for fault in [Fault::Refuse(FailureKind::ServiceEnded), Fault::Overlook] {
        for operation in ["GetApps", "GetEventStream"] {
            account.cloud.fail(When::operation(operation), fault.clone());
        }
        let found = findings(&account, &bundle, true).await;
        assert_eq!(verdicts(&found), before, "{fault:?}");
        let obsolete = found.roles.iter().find(|finding| finding.verdict == Verdict::Obsolete).unwrap();
        let names_it = |fact: &Fact| matches!(fact, Fact::Kept { bundle, questions, .. } if bundle == "december" && questions.contains("EventStream"));
        assert!(obsolete.evidence.iter().any(|one| names_it(&one.fact)), "{obsolete:#?}");
        let without = account.findings().await;
        assert_eq!(without.count(Verdict::Obsolete), 0, "{fault:?}");
        account.cloud.heal();
    }
}

/// The bundle shows that the service answered, and not what became of one app; AWS answers later that there is nothing.
#[tokio::test(start_paused = true)]
async fn a_read_that_failed_in_the_bundle_is_not_made_up_for_by_a_later_absence() {
    let account = SweptAccount::with_kinds(&["in use", "obsolete"]);
    let in_use = verdicts(&account.findings().await);
    let in_use: Vec<&String> =
        in_use.iter().filter(|(_, verdict)| **verdict == Verdict::InUse).map(|(role, _)| role).collect();
    let whole = captured(&account).await;
    for operation in ["GetApps", "GetEventStream"] {
        account.cloud.fail(When::operation(operation), Fault::Overlook);
    }
    let reads =
        whole.answers.keys().filter(|question| matches!(question, Question::EventStream(_) | Question::Apps(_)));
    for question in reads {
        let mut bundle = whole.clone();
        let failure = account
            .cloud
            .read(&Question::Stream(parsed("arn:aws:kinesis:us-east-1:210987654321:stream/none")))
            .await;
        assert!(!failure.is_known(), "{failure:?}");
        bundle.answers.get_mut(question).unwrap().0 = failure;
        let found = verdicts(&findings(&account, &bundle, true).await);
        for role in &in_use {
            assert_ne!(found[*role], Verdict::Obsolete, "{role} without {question:?}");
        }
    }
}

/// Denials and failures may hide what is there now: the bundle's absence does not stand in for them.
#[tokio::test(start_paused = true)]
async fn only_the_end_of_the_service_lets_a_bundle_say_that_there_is_nothing() {
    let account = SweptAccount::with_kinds(&["in use", "obsolete"]);
    let bundle = captured(&account).await;
    for kind in [FailureKind::Denied, FailureKind::Throttled, FailureKind::Server, FailureKind::Timeout] {
        for operation in ["GetApps", "GetEventStream"] {
            account.cloud.fail(When::operation(operation), Fault::Refuse(kind));
        }
        let found = findings(&account, &bundle, true).await;
        assert_eq!(found.count(Verdict::Obsolete), 0, "{kind:?}");
        assert!(found.count(Verdict::InUse) > 0, "{kind:?}: what the bundle found is used all the same");
        account.cloud.heal();
    }
}

/// A role that was created after the capture cannot be spoken of by it.
#[tokio::test(start_paused = true)]
async fn a_bundle_proves_nothing_of_a_role_that_was_created_later() {
    let account = SweptAccount::with_kinds(&["in use", "obsolete"]);
    let mut bundle = captured(&account).await;
    let before: Timestamp = parsed("2023-01-01T00:00:00Z");
    bundle.answers.values_mut().for_each(|(_, at)| *at = before);
    assert_eq!(findings(&account, &bundle, false).await.count(Verdict::Obsolete), 0);
}

/// AWS Config recorded an event stream after the bundle had found none.
#[tokio::test(start_paused = true)]
async fn newer_evidence_of_use_beats_an_older_absence() {
    let account = SweptAccount::with_kinds(&["in use", "obsolete"]);
    let bundle = captured(&account).await;
    let obsolete = findings(&account, &bundle, false).await;
    let obsolete =
        obsolete.roles.iter().find(|finding| finding.verdict == Verdict::Obsolete).unwrap().role.clone();
    // One that has none, in a region where another was found.
    let of = |is_it: fn(&Read<Answer>) -> bool| {
        let streams = bundle.answers.iter().filter(move |(_, (answer, _))| is_it(answer));
        streams
            .filter_map(|(question, _)| if let Question::EventStream(app) = question { Some(app) } else { None })
    };
    let controls: BTreeSet<AccountRegion> =
        of(|answer| matches!(answer, Read::Present(_))).map(|app| app.place()).collect();
    let app = of(|answer| *answer == Read::Absent).find(|app| controls.contains(&app.place())).unwrap().clone();
    for (hours, expected) in [(1, Verdict::InUse), (-1, Verdict::Obsolete)] {
        let captured = account.now().checked_add(SignedDuration::from_hours(hours)).unwrap();
        let stream = ConfigEventStream {
            destination: "arn:aws:kinesis:us-east-1:123456789012:stream/clicks".to_owned(),
            role_arn: obsolete.to_string(),
            captured,
        };
        let held = ConfigEventStreams::from([(app.clone(), stream)]);
        let mut bundle = bundle.clone();
        bundle.answers.insert(Question::ConfigEventStreams(app.place()), (Read::Present(held.into()), captured));
        let found = findings(&account, &bundle, false).await;
        let verdict = found.roles.iter().find(|finding| finding.role == obsolete).unwrap().verdict;
        assert_eq!(verdict, expected, "{hours}");
    }
}

/// What Pinpoint answers now says less than the bundle, so that it stays open whether an app that was made since has an event
/// stream. The other sources are asked all the same.
#[tokio::test(start_paused = true)]
async fn what_a_bundle_leaves_open_keeps_no_other_question_waiting() {
    let account = SweptAccount::with_kinds(&["in use", "obsolete"]);
    let bundle = captured(&account).await;
    let streams = account.cloud.event_streams_now();
    let place = streams.keys().next().unwrap().place();
    for app in streams.keys().filter(|app| app.place() == place) {
        account.cloud.outside().delete_event_stream(app);
    }
    account.cloud.add_app(&place.account, &place.region, "made since");
    account.cloud.clear_log();
    findings(&account, &bundle, true).await;
    assert!(account.cloud.count("DescribeStackResources") > 0);
}

/// What AWS Config and CloudTrail say of an app that Pinpoint no longer lists. Where it is unclear which role is meant, or
/// what came last, the role may be in use.
#[tokio::test(start_paused = true)]
async fn an_unclear_record_of_an_event_stream_never_leaves_its_role_obsolete() {
    let account = SweptAccount::with_kinds(&["obsolete"]);
    let bundle = captured(&account).await;
    let found = findings(&account, &bundle, false).await;
    let is_obsolete = |finding: &&Finding| finding.verdict == Verdict::Obsolete;
    let obsolete = found.roles.iter().find(is_obsolete).unwrap();
    let role = obsolete.role.clone();
    let gone = |fact: &Evidence| if let Fact::AppGone { app } = &fact.fact { Some(app.clone()) } else { None };
    let app: AppArn = obsolete.evidence.iter().find_map(gone).unwrap();
    let place = app.place();
    // After Pinpoint was asked.
    let at = |second| account.now().checked_add(SignedDuration::from_secs(60 + second)).unwrap();
    let arn = role.to_string();
    let other_account = arn.replace("::123456789012:", "::999999999999:");
    let other_path = arn.replace(":role/", ":role/other/");
    let held = |role_arn: &str| {
        let destination = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks".to_owned();
        let stream = ConfigEventStream { destination, role_arn: role_arn.to_owned(), captured: at(0) };
        let streams = ConfigEventStreams::from([(app.clone(), stream)]);
        (Question::ConfigEventStreams(place.clone()), Read::Present(streams.into()))
    };
    let changed = |changes: &[(i64, EventStreamChangeKind)]| {
        let changes = changes.iter().map(|(second, change)| EventStreamChange {
            at: at(*second),
            app: app.id.clone(),
            change: change.clone(),
        });
        let changes = Answer::EventStreamChanges(changes.collect());
        (Question::EventStreamChanges(place.clone()), Read::Present(changes))
    };
    let put = |role_arn: &str| EventStreamChangeKind::Put { role_arn: role_arn.to_owned() };
    let (deleted, app_deleted) = (EventStreamChangeKind::Deleted, EventStreamChangeKind::AppDeleted);
    let stopped = ConfigRecorder { covers_event_streams: true, recording_since: None };
    let stopped = (Question::ConfigRecorder(place.clone()), Read::Present(stopped.into()));
    for (name, answers, expected) in [
        ("Config names it", vec![held(&arn)], Verdict::InUse),
        ("Config named it until it was stopped", vec![held(&arn), stopped], Verdict::InUse),
        ("Config names no ARN", vec![held(&format!("{arn} "))], Verdict::Unknown),
        ("Config names another path", vec![held(&other_path)], Verdict::Unknown),
        ("Config names another account", vec![held(&other_account)], Verdict::Unknown),
        ("CloudTrail names another account", vec![changed(&[(0, put(&other_account))])], Verdict::Unknown),
        ("CloudTrail names it", vec![changed(&[(0, put(&arn))])], Verdict::InUse),
        ("CloudTrail names no ARN", vec![changed(&[(0, put("AROA5XAMPLE"))])], Verdict::Unknown),
        ("CloudTrail names another path", vec![changed(&[(0, put(&other_path))])], Verdict::Unknown),
        ("in one second", vec![changed(&[(0, put(&arn)), (0, deleted.clone())])], Verdict::InUse),
        ("deleted later", vec![changed(&[(0, put(&arn)), (1, deleted.clone())])], Verdict::Obsolete),
        ("the app in one second", vec![changed(&[(0, put(&arn)), (0, app_deleted)])], Verdict::Obsolete),
        ("Config, deleted later", vec![held(&arn), changed(&[(1, deleted)])], Verdict::Obsolete),
    ] {
        let mut bundle = bundle.clone();
        bundle.answers.extend(answers.into_iter().map(|(question, answer)| (question, (answer, account.now()))));
        let found = findings(&account, &bundle, false).await;
        let finding = found.roles.iter().find(|finding| finding.role == role).unwrap();
        assert_eq!(finding.verdict, expected, "{name}: {finding:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_rests_on_a_bundle_is_quarantined_and_never_deleted() {
    let mut account = SweptAccount::with_kinds(&["in use", "obsolete"]);
    let bundle = captured(&account).await;
    for operation in ["GetApps", "GetEventStream"] {
        account.cloud.fail(When::operation(operation), Fault::Refuse(FailureKind::ServiceEnded));
    }
    for (action, is_done) in [(SweepAction::Quarantine, true), (SweepAction::Delete, false)] {
        account.options.action = action;
        let sweep = Sweep { bundles: vec![bundle.clone()], ..account.sweep() };
        let report = ask(&sweep, &account.cloud).await.output;
        assert!(report.findings.count(Verdict::Obsolete) > 0);
        assert_eq!(!report.planned.unwrap().plan.steps.is_empty(), is_done, "{action:?}");
        let held = |finding: &Finding| finding.held_by.iter().any(|fact| matches!(fact, Fact::RestsOnKept { .. }));
        let obsolete = report.findings.roles.iter().filter(|finding| finding.verdict == Verdict::Obsolete);
        assert!(obsolete.map(held).all(|is_held| is_held != is_done), "{action:?}");
    }
}

/// An organization that denies all regions but one: each denial is one line, and one assertion for each place is enough.
#[tokio::test(start_paused = true)]
async fn regions_that_an_organization_denies_are_one_gap_and_an_assertion_meets_it() {
    let account = SweptAccount::with_kinds(&["obsolete", "everything", "in use"])
        .asked(|options| options.no_pinpoint_in.clear());
    let mut bundle = captured(&account).await;
    let denied = |operation: &str, region: &Region| Unreadable {
        kind: FailureKind::Denied,
        operation: operation.to_owned(),
        code: "AccessDeniedException".to_owned(),
        message: format!(
            "User: arn:aws:sts::123456789012:assumed-role/Audit/me is not authorized to perform: mobiletargeting:{operation} \
             on resource: arn:aws:mobiletargeting:{region}:123456789012:* with an explicit deny in a service control policy"
        ),
        request_id: None,
        beneath: Vec::new(),
    };
    let places: BTreeSet<AccountRegion> = Region::with_pinpoint(Partition::Aws)
        .filter(|region| region.as_str() != "us-east-1")
        .map(|region| AccountRegion::of(&account.left.account, &region))
        .collect();
    for place in &places {
        let failure = (Read::Unreadable(denied("GetApps", &place.region)), account.now());
        bundle.answers.insert(Question::Apps(place.clone()), failure);
    }
    bundle.answers.retain(
        |question, _| !matches!(question, Question::EventStream(app) if app.region.as_str() != "us-east-1"),
    );
    let regions = places.iter().map(|place| place.region.clone()).chain([parsed("us-east-1")]).collect();
    let account = account.asked(|options| options.regions = regions);

    let found = findings(&account, &bundle, false).await;
    let everything = found.roles.iter().find(|finding| finding.role.name.as_str() == "everything-1").unwrap();
    assert_eq!(everything.verdict, Verdict::Unknown);
    let gaps = everything.evidence.iter().filter_map(|one| match &one.fact {
        Fact::PlacesUnreadable { places, why } => Some((places, why.is_denied_by_organization())),
        _ => None,
    });
    assert_eq!(gaps.collect::<Vec<_>>(), [(&places, true)], "{everything:#?}");

    let account = account.asked(|options| options.event_streams_gone.extend(places));
    let found = findings(&account, &bundle, false).await;
    assert_eq!(found.count(Verdict::Unknown), 0, "{found:#?}");
    assert!(found.count(Verdict::InUse) > 0 && found.count(Verdict::Obsolete) > 0);
}
