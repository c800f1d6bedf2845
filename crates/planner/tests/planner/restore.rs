//! What an archive holds comes back as it was, but for its id; what is there is never written over.
mod whole;

use crate::workspace::*;
use pinpoint_streams_model::archive::{App, Archived, Entry, EventStream, FORMAT, Object};
use pinpoint_streams_model::sweep::{QUARANTINE_POLICY, QUARANTINED_AT, QUARANTINED_BY, QUARANTINED_ID};
use pinpoint_streams_model::{LiveRole, digest, recorded};
use pinpoint_streams_planner::Restore;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const SHOP: &str = "PinpointEventStream-shop";
const ANYTHING: &str = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;

fn read_only() -> PolicyArn {
    parsed("arn:aws:iam::aws:policy/ReadOnlyAccess")
}

fn archived(address: &str, object: Object) -> Archived {
    let entry = Entry {
        format: FORMAT,
        workspace: parsed("growth"),
        lineage: parsed("3f2a"),
        run: parsed("r1"),
        time: "2026-11-01T12:00:00Z".parse().unwrap(),
        address: parsed(address),
        object,
    };
    let digest = digest::of(&entry);
    Archived { path: format!("archive/{address}.json"), digest, is_verified: true, entry }
}

fn unknown(archived: Archived) -> Archived {
    Archived { is_verified: false, ..archived }
}

/// The role as it is now.
fn role(workspace: &Workspace, address: &str) -> Archived {
    let role = workspace.cloud.snapshot().role(SHOP).clone();
    archived(address, Object::Role(Arc::new(role)))
}

/// The only event stream as it is now.
fn event_stream(workspace: &Workspace) -> Archived {
    let (app, event_stream) = workspace.cloud.snapshot().event_streams.into_iter().next().unwrap();
    let stream = EventStream { account: app.account, region: app.region, app_id: app.id, event_stream };
    archived("event_stream.shop", Object::EventStream(stream))
}

fn app(workspace: &Workspace) -> Archived {
    let (app, _) = workspace.cloud.snapshot().apps.into_iter().next().unwrap();
    let app = App {
        account: app.account,
        region: app.region,
        app_id: app.id,
        name: "Shop".to_owned(),
        tags: None,
        channels: Some(BTreeSet::from(["APNS".to_owned()])),
        event_stream: None,
        unread: vec!["tags: denied".to_owned()],
    };
    archived("app.shop", Object::App(app))
}

/// A role as it was, but for what no restore can bring back.
fn lasting(role: &LiveRole) -> LiveRole {
    let mut role = role.clone();
    role.id = parsed("AROAAAAAAAAAAAAAAAAAA");
    role.created = None;
    role
}

impl Workspace {
    async fn try_restore(&self, archives: &[Archived], unverified: bool) -> Result<Plan, Problems> {
        let (archives, desired) = (archives.to_vec(), self.desired.clone());
        let restore = Restore { archives, desired: desired.into(), recorded: self.recorded.clone(), unverified };
        Ok(ask(&restore, &self.cloud).await.output?.plan)
    }

    async fn restore(&mut self, archives: &[Archived]) -> Plan {
        let plan = Self::demand(self.try_restore(archives, false).await);
        self.carry_out(&plan).await;
        plan
    }

    async fn restore_problem(&self, archives: &[Archived]) -> Problem {
        let mut problems = self.try_restore(archives, false).await.unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:#?}");
        problems.remove(0)
    }

    /// As one that has no manifest, and whose account has had this role and lost it.
    fn without_manifest(self) -> Workspace {
        let desired = Desired::nothing(self.desired.workspace.clone(), self.desired.accounts.clone());
        let recorded = recorded::Recorded { lineage: self.recorded.lineage.clone(), ..Default::default() };
        Workspace { desired, recorded, ..self }
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_destroyed_comes_back_and_is_ours_again() {
    let mut workspace = Workspace::applied(shop());
    let (before, archives) =
        (workspace.cloud.snapshot(), [role(&workspace, "role.shop"), event_stream(&workspace)]);
    workspace.destroy().await;
    let plan = workspace.restore(&archives).await;
    assert_eq!(plan.mode, Mode::Restore);
    assert_eq!(
        plan.options.restore.as_ref().unwrap().archives,
        archives.iter().map(|a| a.digest.clone()).collect()
    );
    assert_eq!(
        operations(&plan),
        ["create_role role.shop", "put_role_policy role.shop", "put_event_stream event_stream.shop"]
    );
    assert_eq!(fate(&plan, "role.shop"), (Action::Create, Reason::Restored));
    assert!(plan.changes.iter().flat_map(|change| &change.fields).all(|field| field.effect.is_none()));
    let after = workspace.cloud.snapshot();
    assert_eq!(lasting(after.role(SHOP)), lasting(before.role(SHOP)));
    assert_ne!(after.role(SHOP).id, before.role(SHOP).id);
    assert_eq!(after.event_streams, before.event_streams);
    workspace.settled().await;
}

#[tokio::test(start_paused = true)]
async fn an_undeclared_role_is_restored_whole_without_its_quarantine_and_is_not_recorded() {
    let workspace = Workspace::applied(shop());
    let (hand, boundary) = (workspace.cloud.outside(), parsed("arn:aws:iam::123456789012:policy/edge"));
    workspace.cloud.add_policy(&boundary, ANYTHING);
    hand.attach_policy(&shop_role(), &read_only());
    hand.put_in_instance_profile(&shop_role(), "web");
    hand.set_boundary(&shop_role(), Some(&boundary));
    hand.update_role(&shop_role(), "as it was", 7200);
    hand.tag_role(&shop_role(), "team", "growth");
    let before = workspace.cloud.snapshot().role(SHOP).clone();
    hand.put_inline_policy(&shop_role(), &parsed(QUARANTINE_POLICY), ANYTHING);
    hand.tag_role(&shop_role(), QUARANTINED_AT, "2026-11-01T00:00:00Z");
    hand.tag_role(&shop_role(), QUARANTINED_BY, "r1");
    hand.tag_role(&shop_role(), QUARANTINED_ID, &before.id.to_string());
    let archives = [role(&workspace, "iam.123456789012/PinpointEventStream-shop")];
    hand.delete_role(&shop_role());
    let mut workspace = workspace.without_manifest();
    let plan = workspace.restore(&archives).await;
    let address = format!("iam.123456789012/{SHOP}");
    assert_eq!(
        operations(&plan),
        ["create_role", "put_role_policy", "attach_role_policy", "add_role_to_instance_profile"]
            .map(|op| format!("{op} {address}"))
    );
    let paths = paths(&plan, &address);
    for path in ["trust_policy", "instance_profiles.web", "permissions_boundary", "description", "tags.team"] {
        assert!(paths.contains(&path), "{path} is not among {paths:?}");
    }
    let after = workspace.cloud.snapshot().role(SHOP).clone();
    let tags = Tags::from([("team".to_owned(), "growth".to_owned())]);
    assert_eq!(after.tags, tags, "whom it belonged to is forgotten with the record");
    assert_eq!(lasting(&after), LiveRole { tags, ..lasting(&before) });
    assert!(workspace.recorded.resources.is_empty());
    assert!(change(&plan, &address).notes.iter().any(|note| note.fact == Fact::NotDeclared {}));
}

#[tokio::test(start_paused = true)]
async fn foreign_policies_on_our_role_are_restored_as_foreign() {
    let mut workspace = Workspace::applied(shop());
    let hand = workspace.cloud.outside();
    hand.put_inline_policy(&shop_role(), &parsed("theirs"), ANYTHING);
    hand.attach_policy(&shop_role(), &read_only());
    let archives = [role(&workspace, "role.shop")];
    hand.delete_role(&shop_role());
    workspace.lose("role.shop");
    let plan = workspace.restore(&archives).await;
    assert!(operations(&plan).contains(&format!("put_role_policy iam.123456789012/{SHOP}")));
    // Nothing is taken off it.
    workspace.settled().await;
    assert_eq!(workspace.cloud.snapshot().role(SHOP).inline_policies.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_taken_name_is_a_problem_whoever_has_it() {
    let workspace = Workspace::applied(shop());
    let archives = [role(&workspace, "role.shop")];
    let there = workspace.restore_problem(&archives).await;
    assert_eq!(code(&there), (ProblemCode::NotDeleted, "role.shop".to_owned()));
    assert!(there.message.contains("was not deleted"), "{there:?}");
    let hand = workspace.cloud.outside();
    hand.put_inline_policy(&shop_role(), &parsed(QUARANTINE_POLICY), ANYTHING);
    assert!(workspace.restore_problem(&archives).await.hint.unwrap().contains("--release"));
    hand.recreate_role(&shop_role());
    let taken = workspace.restore_problem(&archives).await;
    assert!(taken.message.contains("the name is taken"), "{taken:?}");
    assert!(taken.hint.unwrap().contains("delete that role first"), "it has what the archive has not");
}

#[tokio::test(start_paused = true)]
async fn a_restore_that_was_cut_short_is_finished_by_the_next() {
    let workspace = Workspace::applied(shop());
    let archives = [role(&workspace, "role.shop"), event_stream(&workspace)];
    let hand = workspace.cloud.outside();
    hand.recreate_role(&shop_role());
    hand.delete_inline_policy(&shop_role(), &parsed("PinpointEventStreamPermissionsPolicy"));
    let plan = Workspace::demand(workspace.try_restore(&archives, false).await);
    assert_eq!(operations(&plan), ["write_record role.shop", "put_role_policy role.shop"]);
    assert_eq!(fate(&plan, "role.shop"), (Action::Create, Reason::Restored));
    hand.untag_role(&shop_role(), pinpoint_streams_model::ownership::LINEAGE);
    let taken = workspace.restore_problem(&archives).await;
    assert!(taken.message.contains("the name is taken"), "no run of this state made it: {taken:?}");
}

#[tokio::test(start_paused = true)]
async fn an_archive_of_unknown_origin_needs_confirmation_and_shows_what_it_grants() {
    let workspace = Workspace::applied(shop());
    let archives = [unknown(role(&workspace, "role.shop")), unknown(event_stream(&workspace))];
    workspace.cloud.outside().delete_role(&shop_role());
    workspace.cloud.outside().delete_event_stream(&shop_app());
    let problems = workspace.try_restore(&archives, false).await.unwrap_err();
    let mut codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
    codes.dedup();
    assert_eq!(codes, [ProblemCode::Unverified, ProblemCode::RoleNotFound], "{problems:#?}");
    assert!(problems[0].hint.as_ref().unwrap().contains("--unverified"));
    let plan = Workspace::demand(workspace.try_restore(&archives, true).await);
    let effects: BTreeMap<&str, Option<Direction>> = plan
        .changes
        .iter()
        .flat_map(|change| &change.fields)
        .map(|field| (field.path.as_str(), field.effect))
        .collect();
    for path in ["trust_policy", "destination", "role_arn"] {
        assert_eq!(effects[path], Some(Direction::Widens), "{path}");
    }
    assert!(effects.iter().any(|(path, effect)| path.starts_with("inline_policies.") && effect.is_some()));
    assert_eq!(effects["max_session_duration"], None);
}

#[tokio::test(start_paused = true)]
async fn trust_beyond_pinpoint_needs_confirmation_even_where_the_archive_is_ours() {
    let workspace = Workspace::applied(shop());
    let mut archive = role(&workspace, "role.shop");
    workspace.cloud.outside().delete_role(&shop_role());
    let Object::Role(role) = &mut archive.entry.object else { panic!("it is a role") };
    Arc::make_mut(role).trust_policy = Document::from_json(
        r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
            "Principal":{"Service":["pinpoint.amazonaws.com","ec2.amazonaws.com"]}}]}"#,
    )
    .unwrap();
    let problem = workspace.restore_problem(std::slice::from_ref(&archive)).await;
    assert_eq!(problem.code, ProblemCode::Unverified);
    assert!(problem.message.contains("other than Pinpoint"), "{problem:?}");
    assert!(workspace.try_restore(&[archive], true).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn an_event_stream_comes_back_only_where_there_is_none() {
    let workspace = Workspace::applied(shop());
    let archives = [event_stream(&workspace)];
    let plan = Workspace::demand(workspace.try_restore(&archives, false).await);
    assert!(plan.is_empty() && plan.summary.keep == 1, "it is there as it was: {:#?}", plan.changes);
    let app = workspace.cloud.snapshot().apps.into_keys().next().unwrap();
    let elsewhere = "arn:aws:kinesis:us-east-1:123456789012:stream/theirs";
    workspace.cloud.outside().put_event_stream(&app, elsewhere, shop_role().to_string());
    let problem = workspace.restore_problem(&archives).await;
    assert_eq!(code(&problem), (ProblemCode::NotOurs, "event_stream.shop".to_owned()));
    assert!(problem.message.contains(elsewhere), "{problem:?}");
    workspace.cloud.outside().delete_event_stream(&app);
    workspace.cloud.outside().delete_role(&shop_role());
    assert_eq!(workspace.restore_problem(&archives).await.code, ProblemCode::RoleNotFound);
}

#[tokio::test(start_paused = true)]
async fn an_undeclared_event_stream_touches_no_record() {
    let workspace = Workspace::applied(shop());
    let archives = [event_stream(&workspace)];
    workspace.cloud.outside().delete_event_stream(&shop_app());
    // Under the same key there is another app's by now.
    let mut workspace = workspace;
    let known: Address = parsed("event_stream.shop");
    let of_another = |resource: &mut recorded::Resource| {
        let recorded::Object::EventStream(record) = &mut resource.object else { panic!("it is an event stream") };
        record.app_id = parsed("another");
    };
    workspace.recorded.resources.change(&known, of_another).unwrap();
    let before = workspace.recorded.clone();
    let desired = Desired::nothing(workspace.desired.workspace.clone(), workspace.desired.accounts.clone());
    let mut workspace = Workspace { desired, ..workspace };
    workspace.restore(&archives).await;
    assert_eq!(workspace.recorded.resources, before.resources);
    assert_eq!(workspace.cloud.snapshot().event_streams.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_app_cannot_be_put_back_and_the_plan_says_what_is_lost() {
    let workspace = Workspace::applied(desired().app("shop", |app| app.created("Shop").kinesis("clicks")));
    let archives = [app(&workspace), role(&workspace, "role.shop"), event_stream(&workspace)];
    let mut workspace = workspace.with(|options| options.delete_apps = true);
    workspace.destroy().await;
    let plan = workspace.restore(&archives).await;
    let lost = plan.warnings.iter().filter_map(|warning| match &warning.fact {
        Fact::Problem { message, .. } => Some(message.as_str()),
        _ => None,
    });
    let lost: Vec<&str> = lost.collect();
    assert!(
        lost.iter().any(|lost| lost.contains("(APNS)") && lost.contains("not archived: tags: denied")),
        "{lost:?}"
    );
    assert!(lost.iter().any(|lost| lost.contains("its event stream")), "{lost:?}");
    assert_eq!(plan.summary.create, 1, "the role alone");
    let alone = workspace.restore_problem(&archives[..1]).await;
    assert_eq!(code(&alone), (ProblemCode::NothingToRestore, "app.shop".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn two_archives_of_one_thing_and_time_are_a_persons_choice() {
    let workspace = Workspace::applied(shop());
    let first = role(&workspace, "role.shop");
    let same = Archived { path: "archive/copy.json".to_owned(), ..first.clone() };
    let second = Archived { path: "archive/later.json".to_owned(), digest: digest::of(&1), ..first.clone() };
    let problem = workspace.restore_problem(&[first.clone(), second]).await;
    assert_eq!(problem.code, ProblemCode::Ambiguous);
    assert!(problem.message.contains("later.json"), "{problem:?}");
    workspace.cloud.outside().delete_role(&shop_role());
    let plan = Workspace::demand(workspace.try_restore(&[first, same], false).await);
    assert_eq!(plan.summary.create, 1, "a copy is the same archive");
}

#[tokio::test(start_paused = true)]
async fn the_newest_archive_of_a_thing_is_restored_and_what_is_still_there_is_left_alone() {
    let workspace = Workspace::applied(
        desired().app("shop", |app| app.kinesis("clicks")).app("blog", |app| app.kinesis("clicks")),
    );
    let of = |name: &str, time: &str| {
        let role = workspace.cloud.snapshot().role(&format!("PinpointEventStream-{name}")).clone();
        let mut archived = archived(&format!("role.{name}"), Object::Role(Arc::new(role)));
        archived.entry.time = time.parse().unwrap();
        archived.digest = digest::of(&archived.entry);
        archived
    };
    let (old, new) = (of("shop", "2026-11-01T12:00:00Z"), of("shop", "2026-11-02T12:00:00Z"));
    let archives = [new.clone(), old, of("blog", "2026-11-01T12:00:00Z")];
    workspace.cloud.outside().delete_role(&shop_role());
    let plan = Workspace::demand(workspace.try_restore(&archives, false).await);
    assert_eq!(operations(&plan), ["create_role role.shop", "put_role_policy role.shop"]);
    let chosen = &plan.options.restore.as_ref().unwrap().archives;
    assert!(chosen.contains(&new.digest) && chosen.len() == 2, "one archive a thing: {chosen:?}");
    let left = plan
        .warnings
        .iter()
        .filter(|warning| matches!(&warning.fact, Fact::Problem { code: ProblemCode::NotDeleted, .. }));
    assert_eq!(left.count(), 1, "{:#?}", plan.warnings);
}

#[tokio::test(start_paused = true)]
async fn who_named_the_old_id_is_listed() {
    let workspace = Workspace::applied(shop());
    let archives = [role(&workspace, "role.shop")];
    let id = workspace.cloud.snapshot().role(SHOP).id.clone();
    workspace.cloud.outside().delete_role(&shop_role());
    let trust =
        format!(r#"{{"Statement":{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"{id}"}}}}}}"#);
    let trust = Document::from_json(&trust).unwrap();
    workspace.cloud.add_role(&parsed("arn:aws:iam::123456789012:role/reader"), &trust);
    let plan = Workspace::demand(workspace.try_restore(&archives, false).await);
    let notes = &change(&plan, "role.shop").notes;
    let is_named = |fact: &Fact| matches!(fact, Fact::GetsNewId { named_by: Some(by), .. } if *by == ["reader"]);
    assert!(notes.iter().any(|note| is_named(&note.fact)), "{notes:?}");
    // A trust policy that names the dead itself cannot be written again.
    let mut archive = archives[0].clone();
    let Object::Role(role) = &mut archive.entry.object else { panic!("it is a role") };
    Arc::make_mut(role).trust_policy = trust;
    let problems = workspace.try_restore(&[archive], true).await.unwrap_err();
    assert_eq!(problems[0].code, ProblemCode::RoleNotFound);
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_is_gone_is_left_out_and_a_boundary_that_is_gone_is_a_problem() {
    let workspace = Workspace::applied(shop());
    let mut archive = role(&workspace, "role.shop");
    workspace.cloud.outside().delete_role(&shop_role());
    let gone: PolicyArn = parsed("arn:aws:iam::123456789012:policy/gone");
    let Object::Role(role) = &mut archive.entry.object else { panic!("it is a role") };
    Arc::make_mut(role).attached_policies = BTreeSet::from([gone.clone(), read_only()]);
    let plan = Workspace::demand(workspace.try_restore(std::slice::from_ref(&archive), false).await);
    assert_eq!(operations(&plan).iter().filter(|op| op.starts_with("attach")).count(), 1);
    let fact = Fact::PolicyGone { policy: gone.clone() };
    assert!(plan.warnings.iter().any(|warning| warning.fact == fact), "{:?}", plan.warnings);
    let Object::Role(role) = &mut archive.entry.object else { panic!("it is a role") };
    Arc::make_mut(role).permissions_boundary = Some(gone);
    assert_eq!(workspace.restore_problem(&[archive]).await.code, ProblemCode::PolicyNotFound);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_a_problem_and_never_absence() {
    for operation in ["GetRole", "GetApps", "GetEventStream"] {
        let workspace = Workspace::applied(shop());
        let archives = [role(&workspace, "role.shop"), event_stream(&workspace)];
        workspace.cloud.outside().delete_role(&shop_role());
        workspace
            .cloud
            .outside()
            .delete_event_stream(&workspace.cloud.snapshot().apps.into_keys().next().unwrap());
        let kind = if operation == "GetEventStream" { FailureKind::ServiceEnded } else { FailureKind::Denied };
        workspace.cloud.fail(When::operation(operation), Fault::Refuse(kind));
        if operation == "GetRole" {
            let bulk = When::operation("GetAccountAuthorizationDetails");
            workspace.cloud.fail(bulk, Fault::Refuse(FailureKind::Denied));
        }
        let problems = workspace.try_restore(&archives, false).await.unwrap_err();
        assert!(
            problems.iter().any(|problem| problem.code == ProblemCode::Unreadable),
            "{operation}: {problems:#?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_archive_of_an_account_that_is_not_declared_is_a_problem() {
    let workspace = Workspace::applied(shop());
    let archives = [role(&workspace, "role.shop")];
    let elsewhere = desired().account("default", "210987654321").build();
    let workspace = Workspace { desired: elsewhere, recorded: Default::default(), ..workspace };
    workspace.cloud.presume(&workspace.desired);
    assert_eq!(workspace.restore_problem(&archives).await.code, ProblemCode::WrongAccount);
}
