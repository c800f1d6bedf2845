//! The account of two hundred roles, through the real adapter: every verdict as over the fake cloud.
use crate::account::{connect, sandbox};
use pinpoint_streams_aws::Aws;
use pinpoint_streams_executor::cloud::WriteCloud;
use pinpoint_streams_model::ids::AccountRole;
use pinpoint_streams_model::live::{LastUsed, LiveRole};
use pinpoint_streams_model::op::{Op, RoleOp};
use pinpoint_streams_model::ownership::{Origin, Tags};
use pinpoint_streams_model::recorded::{Object, Recorded, Resource, RoleRecord};
use pinpoint_streams_model::sweep::SweepOptions;
use pinpoint_streams_planner::Sweep;
use pinpoint_streams_sandbox::{
    RoleUse, Seed, SeedAccount, SeedApp, SeedEventStream, SeedPolicy, SeedRole, SeedStream, Stack,
};
use pinpoint_streams_testkit::clock::START;
use pinpoint_streams_testkit::leftovers::{
    LeftoverApp, LeftoverRole, Leftovers, ROLE_ID, asked, two_hundred_roles,
};
use pinpoint_streams_testkit::{Reads, ask, parsed};
use std::collections::BTreeMap;

#[tokio::test]
async fn an_account_of_two_hundred_roles_gets_every_verdict_right_over_the_embedded_account_too() {
    let left = two_hundred_roles();
    let sandbox = sandbox(&seed(&left));
    let aws = connect(sandbox.http_client()).await;
    let recorded = record(&left, &aws).await;
    let (workspace, options) = (parsed("growth"), SweepOptions { terraform: left.terraform(), ..asked() });
    let accounts = BTreeMap::from([(parsed("main"), left.account.clone())]);
    let found = ask(&Sweep::live(workspace, accounts, recorded, options), &aws).await.output.findings;
    let verdicts: BTreeMap<_, _> = found.roles.iter().map(|finding| (&finding.role, finding.verdict)).collect();
    for role in &left.roles {
        let finding = found.roles.iter().find(|finding| finding.role == role.arn);
        assert_eq!(verdicts.get(&role.arn).copied(), role.verdict, "{} {}: {finding:#?}", role.kind, role.arn);
    }
}

/// The leftovers as the embedded account is seeded.
pub(crate) fn seed(left: &Leftovers) -> Seed {
    let app =
        |LeftoverApp { arn, name, event_stream: _ }: &_| SeedApp::new(arn.region.as_str(), arn.id.as_str(), name);
    let event_streams = left.apps.iter().filter_map(|LeftoverApp { arn, name: _, event_stream }| {
        let (destination, role) = event_stream.clone()?;
        Some(SeedEventStream { region: arn.region.to_string(), app: arn.id.to_string(), destination, role })
    });
    let policies =
        left.policies.iter().map(|(arn, document)| SeedPolicy { arn: arn.clone(), document: document.clone() });
    let account = SeedAccount {
        apps: left.apps.iter().map(app).collect(),
        streams: left
            .streams
            .iter()
            .map(|arn| SeedStream { arn: arn.clone(), kms_key: None, created: None })
            .collect(),
        roles: left.roles.iter().map(role).collect(),
        managed_policies: policies.collect(),
        event_streams: event_streams.collect(),
        ..SeedAccount::new(left.account.as_str())
    };
    Seed { accounts: vec![account] }
}

fn role(role: &LeftoverRole) -> SeedRole {
    let last_used = match &role.last_used {
        LastUsed::At(at, region) => {
            Some(RoleUse { at: *at, region: region.as_ref().map(ToString::to_string).unwrap_or_default() })
        }
        LastUsed::Never { .. } | LastUsed::NotRead => None,
    };
    let known =
        |(key, value): (&String, &String)| (!value.contains(ROLE_ID)).then(|| (key.clone(), value.clone()));
    SeedRole {
        inline: role.inline.iter().map(|(name, text)| (name.to_string(), text.clone())).collect(),
        attached: role.attached.iter().cloned().collect(),
        instance_profiles: role.instance_profile.iter().cloned().collect(),
        boundary: role.boundary.clone(),
        description: Some(role.description.clone()),
        tags: role.tags.iter().filter_map(known).collect(),
        created: Some(role.created),
        last_used,
        template: role.template.clone(),
        stack: role.stack.as_ref().map(|(region, name)| Stack { region: region.to_string(), name: name.clone() }),
        ..SeedRole::new(role.arn.clone(), role.trust.clone())
    }
}

/// Writes the tags that name a role's id, which it has only now, and records what the state is to know.
async fn record(left: &Leftovers, aws: &Aws) -> Recorded {
    let mut recorded = Recorded::default();
    for role in &left.roles {
        let of_id = |(_, value): &(&String, &String)| value.contains(ROLE_ID);
        if !role.recorded && !role.tags.iter().any(|tag| of_id(&tag)) {
            continue;
        }
        let live = aws.role(&AccountRole::of(&left.account, &role.arn.name)).await.unwrap().unwrap();
        let tags: Tags = role
            .tags
            .iter()
            .filter(of_id)
            .map(|(key, value)| (key.clone(), value.replace(ROLE_ID, live.id.as_str())))
            .collect();
        if !tags.is_empty() {
            let tag = RoleOp::Tag { role: role.arn.clone(), tags, owner: None };
            aws.write(&Op::Role(tag)).await.unwrap();
        }
        if role.recorded {
            recorded.resources.insert(parsed(&format!("role.{}", role.arn.name)), resource(left, &live));
        }
    }
    recorded
}

fn resource(left: &Leftovers, live: &LiveRole) -> Resource {
    Resource {
        account: left.account.clone(),
        origin: Origin::Created,
        protect: false,
        named_under: live.arn.name.to_string(),
        changed_at: START,
        object: Object::Role(RoleRecord::of(live, |_| true, live.tags.clone())),
    }
}
