//! What every cloud does with roles.
use super::tools::{
    World, create, delete_inline, document, done, inline_name, permissions, put_inline, read, refused, tags,
};
use crate::reads::Reads;
use pinpoint_streams_executor::cloud::Cloud;
use pinpoint_streams_model::arn::{AppArn, PolicyArn, RoleArn};
use pinpoint_streams_model::ids::RoleId;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::live::question::{AccountPolicy, RegionalRole};
use pinpoint_streams_model::op::{CreateRole, Op, Resolved, RoleOp};
use pinpoint_streams_model::policy::same_meaning;
use std::collections::BTreeSet;

fn delete(role: &RoleArn, role_id: &RoleId) -> Op<Resolved> {
    Op::Role(RoleOp::Delete { role: role.clone(), role_id: role_id.clone() })
}

pub async fn a_created_role_reads_back_the_same_alone_and_in_bulk<C: Cloud>(cloud: &C, world: &World) {
    let role = CreateRole {
        description: "Lets Amazon Pinpoint stream shop to clicks: é, ÿ & <b>".to_owned(),
        max_session_duration: 7200,
        permissions_boundary: Some(world.boundary.clone()),
        tags: tags([("team", "growth + co / 1 = 2"), ("empty", "")]),
        ..world.new_role()
    };
    let id = create(cloud, &role).await;
    put_inline(cloud, &role.arn, permissions(&[&world.kinesis, &world.firehose])).await;

    let live = read(cloud, &role.arn).await;
    assert_eq!(live.arn, role.arn);
    assert!(live.arn.name.is_written_like(&role.arn.name));
    assert_eq!(live.id, id);
    assert!(id.as_str().starts_with("AROA"), "{id}");
    assert!(same_meaning(&live.trust_policy, &role.trust_policy));
    assert_eq!(live.inline_policies.keys().collect::<Vec<_>>(), [&inline_name()]);
    assert!(same_meaning(&live.inline_policies[&inline_name()], &permissions(&[&world.kinesis, &world.firehose])));
    assert_eq!(live.permissions_boundary, role.permissions_boundary);
    assert_eq!(live.description, role.description);
    assert_eq!(live.max_session_duration, 7200);
    assert_eq!(live.tags, role.all_tags());
    assert_eq!(live.attached_policies, BTreeSet::new());
    assert_eq!(live.instance_profiles, BTreeSet::new());
    assert!(live.created.is_some());
}

/// IAM answers percent-encoded by RFC 3986, where a plus is a plus.
pub async fn documents_keep_their_percent_and_plus_signs<C: Cloud>(cloud: &C, world: &World) {
    let odd = document(
        r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Odd", "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:PrincipalTag/odd": ["100% + 1", "a%20b+c", "ü/?&=#\"\\"]}}}]}"#,
    );
    let role = CreateRole { trust_policy: odd.clone(), ..world.new_role() };
    create(cloud, &role).await;
    assert_eq!(read(cloud, &role.arn).await.trust_policy, odd);
}

pub async fn a_role_that_is_not_there_is_absent_and_no_error<C: Cloud>(cloud: &C, world: &World) {
    let arn = world.new_role_arn();
    assert_eq!(cloud.role(&arn.in_account()).await.expect("it can be read"), None);
    let bulk = cloud.all_roles(&arn.account).await.expect("it can be read");
    assert!(!bulk.contains_key(&arn.name));
}

pub async fn a_name_is_taken_whatever_its_letter_case<C: Cloud>(cloud: &C, world: &World) {
    let role = world.new_role();
    create(cloud, &role).await;
    let name = crate::parsed(&role.arn.name.as_str().to_ascii_uppercase());
    let other = RoleArn { name, path: crate::parsed("/elsewhere/"), ..role.arn.clone() };
    let same = CreateRole { arn: other.clone(), ..role.clone() };
    refused(cloud, RoleOp::Create(same), FailureKind::AlreadyExists).await;
    let found = cloud.role(&other.in_account()).await.expect("it can be read").expect("it is there");
    assert_eq!(found.arn.to_string(), role.arn.to_string(), "it keeps the case that it was made with");
}

/// DeleteConflict, and after that all is as before.
pub async fn a_role_is_not_deleted_while_a_policy_hangs_on_it<C: Cloud>(cloud: &C, world: &World) {
    let role = world.new_role();
    let id = create(cloud, &role).await;
    put_inline(cloud, &role.arn, permissions(&[&world.kinesis])).await;
    refused(cloud, delete(&role.arn, &id), FailureKind::DeleteConflict).await;
    assert_eq!(read(cloud, &role.arn).await.inline_policies.len(), 1);
    done(cloud, delete_inline(&role.arn)).await;
    done(cloud, delete(&role.arn, &id)).await;
    assert_eq!(cloud.role(&role.arn.in_account()).await.expect("it can be read"), None);
}

pub async fn deleting_what_is_not_there_is_not_found<C: Cloud>(cloud: &C, world: &World) {
    let role = world.new_role();
    refused(cloud, delete(&role.arn, &crate::parsed("AROA0000000000000000")), FailureKind::NotFound).await;
    refused(cloud, delete_inline(&role.arn), FailureKind::NotFound).await;
    create(cloud, &role).await;
    refused(cloud, delete_inline(&role.arn), FailureKind::NotFound).await;
}

pub async fn a_role_made_again_is_another_role<C: Cloud>(cloud: &C, world: &World) {
    let role = world.new_role();
    let first = create(cloud, &role).await;
    done(cloud, delete(&role.arn, &first)).await;
    let second = create(cloud, &role).await;
    assert_ne!(first, second);
    assert_eq!(read(cloud, &role.arn).await.id, second);
}

pub async fn a_new_trust_policy_takes_the_place_of_the_old<C: Cloud>(cloud: &C, world: &World) {
    let role = world.new_role();
    create(cloud, &role).await;
    let before = read(cloud, &role.arn).await;
    let trust_policy = world.trust(&[&AppArn { id: crate::parsed("another"), ..world.app_arn() }]);
    let update = RoleOp::UpdateTrustPolicy { role: role.arn.clone(), trust_policy: trust_policy.clone() };
    done(cloud, update).await;
    let mut after = read(cloud, &role.arn).await;
    assert!(same_meaning(&after.trust_policy, &trust_policy));
    after.trust_policy = before.trust_policy.clone();
    assert_eq!(after, before, "nothing else changes");
}

/// UpdateRole sets both; an empty description is none.
pub async fn description_and_session_change_together<C: Cloud>(cloud: &C, world: &World) {
    let role = CreateRole { description: "before".to_owned(), ..world.new_role() };
    create(cloud, &role).await;
    for (description, max_session_duration) in [("after", 43200), ("", 3600)] {
        let update =
            RoleOp::Update { role: role.arn.clone(), description: description.to_owned(), max_session_duration };
        done(cloud, update).await;
        let live = read(cloud, &role.arn).await;
        assert_eq!((live.description.as_str(), live.max_session_duration), (description, max_session_duration));
    }
}

pub async fn tags_are_written_over_and_taken_off<C: Cloud>(cloud: &C, world: &World) {
    let role = CreateRole { tags: tags([("stays", "1"), ("changes", "1"), ("goes", "1")]), ..world.new_role() };
    create(cloud, &role).await;
    let write =
        RoleOp::Tag { role: role.arn.clone(), tags: tags([("changes", "2"), ("comes", "1")]), owner: None };
    done(cloud, write).await;
    let tag_keys = BTreeSet::from(["goes".to_owned(), "was never there".to_owned()]);
    done(cloud, RoleOp::Untag { role: role.arn.clone(), tag_keys }).await;
    let mut expected = role.all_tags();
    expected.extend(tags([("changes", "2"), ("comes", "1")]));
    expected.remove("goes");
    assert_eq!(read(cloud, &role.arn).await.tags, expected);
}

pub async fn a_boundary_is_set_and_taken_off<C: Cloud>(cloud: &C, world: &World) {
    let role = world.new_role();
    create(cloud, &role).await;
    let put = RoleOp::PutBoundary { role: role.arn.clone(), permissions_boundary: world.boundary.clone() };
    done(cloud, put).await;
    assert_eq!(read(cloud, &role.arn).await.permissions_boundary, Some(world.boundary.clone()));
    let delete = RoleOp::DeleteBoundary { role: role.arn.clone() };
    done(cloud, delete).await;
    assert_eq!(read(cloud, &role.arn).await.permissions_boundary, None);
}

pub async fn inline_policies_are_written_over_and_deleted<C: Cloud>(cloud: &C, world: &World) {
    let role = world.new_role();
    create(cloud, &role).await;
    for streams in [[&world.kinesis], [&world.firehose]] {
        put_inline(cloud, &role.arn, permissions(&streams)).await;
        let live = read(cloud, &role.arn).await.inline_policies;
        assert_eq!(live.len(), 1);
        assert!(same_meaning(&live[&inline_name()], &permissions(&streams)));
    }
    done(cloud, delete_inline(&role.arn)).await;
    assert!(read(cloud, &role.arn).await.inline_policies.is_empty());
}

/// The quota that GetAccountSummary names holds, on the way in and on change.
pub async fn a_trust_policy_over_the_quota_is_refused<C: Cloud>(cloud: &C, world: &World) {
    let quota = cloud.quotas(&world.account).await.expect("it can be read").trust_policy_size;
    let apps: Vec<_> = (0..)
        .map(|n| AppArn { id: crate::parsed(&format!("{n:032}")), ..world.app_arn() })
        .take(quota / 50)
        .collect();
    let too_large = world.trust(&apps.iter().collect::<Vec<_>>());
    assert!(too_large.size() > quota);
    let role = world.new_role();
    let create_too_large = CreateRole { trust_policy: too_large.clone(), ..role.clone() };
    refused(cloud, RoleOp::Create(create_too_large), FailureKind::LimitExceeded).await;
    create(cloud, &role).await;
    let update = RoleOp::UpdateTrustPolicy { role: role.arn.clone(), trust_policy: too_large };
    refused(cloud, update, FailureKind::LimitExceeded).await;
}

/// The quota is for all inline policies of a role together.
pub async fn inline_policies_over_the_quota_are_refused<C: Cloud>(cloud: &C, world: &World) {
    let quota = cloud.quotas(&world.account).await.expect("it can be read").inline_policies_size;
    let role = world.new_role();
    create(cloud, &role).await;
    let of_size = |size: usize| {
        let filler = "x".repeat(size);
        let (start, end) =
            (r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","#, "}]}");
        document(&format!(r#"{start}"Resource":"arn:aws:s3:::{filler}/*"{end}"#))
    };
    let put = |name: &str, size| {
        let (policy_name, document) = (crate::parsed(name), of_size(size));
        Op::Role(RoleOp::PutPolicy { role: role.arn.clone(), policy_name, document })
    };
    done(cloud, put("first", quota * 2 / 3)).await;
    refused(cloud, put("second", quota * 2 / 3), FailureKind::LimitExceeded).await;
    done(cloud, put("first", quota / 3)).await;
    done(cloud, put("second", quota / 2)).await;
}

pub async fn a_principal_that_iam_does_not_know_is_refused<C: Cloud>(cloud: &C, world: &World) {
    let missing = world.new_role_arn();
    let trust_policy = document(&format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {{"AWS": "{missing}"}},
            "Action": "sts:AssumeRole"}}]}}"#,
    ));
    let role = CreateRole { trust_policy, ..world.new_role() };
    refused(cloud, RoleOp::Create(role), FailureKind::InvalidPrincipal).await;
}

pub async fn the_quotas_count_the_roles<C: Cloud>(cloud: &C, world: &World) {
    let before = cloud.quotas(&world.account).await.expect("it can be read");
    create(cloud, &world.new_role()).await;
    let after = cloud.quotas(&world.account).await.expect("it can be read");
    assert_eq!(after.roles, before.roles + 1);
    assert!(after.roles < after.roles_quota);
}

pub async fn the_list_has_every_role_as_it_reads_alone<C: Cloud>(cloud: &C, world: &World) {
    let role = world.new_role();
    create(cloud, &role).await;
    let alone = read(cloud, &role.arn).await;
    let list = cloud.role_list(&world.account).await.expect("it can be read");
    let listed = list[&role.arn.name].present().expect("the role can be parsed");
    assert_eq!((&listed.arn, &listed.id, listed.created), (&alone.arn, &alone.id, alone.created));
    assert_eq!(listed.trust_policy, alone.trust_policy);
    done(cloud, delete(&role.arn, &alone.id)).await;
    let list = cloud.role_list(&world.account).await.expect("it can be read");
    assert!(!list.contains_key(&role.arn.name));
}

pub async fn a_managed_policy_says_what_it_allows<C: Cloud>(cloud: &C, world: &World) {
    let document_read = cloud
        .policy_document(&AccountPolicy { account: world.account.clone(), arn: world.boundary.clone() })
        .await
        .expect("it can be read");
    let anything =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    assert!(same_meaning(&document_read.expect("the policy is there"), &document(anything)));
    let missing: PolicyArn = crate::parsed(&format!("{}-missing", world.boundary));
    assert_eq!(
        cloud
            .policy_document(&AccountPolicy { account: world.account.clone(), arn: missing.clone() })
            .await
            .expect("it can be read"),
        None
    );
}

pub async fn a_managed_policy_is_attached_and_taken_off<C: Cloud>(cloud: &C, world: &World) {
    let role = world.new_role();
    let id = create(cloud, &role).await;
    let (arn, policy) = (&role.arn, &world.boundary);
    done(cloud, RoleOp::AttachPolicy { role: arn.clone(), policy: policy.clone() }).await;
    assert_eq!(read(cloud, arn).await.attached_policies, BTreeSet::from([policy.clone()]));
    refused(cloud, delete(arn, &id), FailureKind::DeleteConflict).await;
    let missing = RoleOp::AttachPolicy { role: arn.clone(), policy: crate::parsed(&format!("{policy}-missing")) };
    refused(cloud, missing, FailureKind::NotFound).await;
    done(cloud, RoleOp::DetachPolicy { role: arn.clone(), policy: policy.clone() }).await;
    done(cloud, delete(arn, &id)).await;
}

pub async fn a_role_that_no_stack_holds_has_none<C: Cloud>(cloud: &C, world: &World) {
    let role = world.new_role();
    create(cloud, &role).await;
    let stack = cloud.stack(&RegionalRole::of(&world.account, &world.region, &role.arn.name)).await;
    assert_eq!(stack.expect("it can be read"), None);
}

pub async fn a_role_without_an_owner_bears_only_the_tags_given<C: Cloud>(cloud: &C, world: &World) {
    let role = CreateRole { owner: None, tags: tags([("team", "growth")]), ..world.new_role() };
    create(cloud, &role).await;
    assert_eq!(read(cloud, &role.arn).await.tags, role.tags);
    let bare = CreateRole { owner: None, tags: tags([]), ..world.new_role() };
    create(cloud, &bare).await;
    assert_eq!(read(cloud, &bare.arn).await.tags, tags([]));
}
