//! Changes made outside of the program, as data, so that it can be generated and shrunk.
use crate::cloud::FakeCloud;
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::ids::PolicyName;
use pinpoint_streams_model::ownership;
use proptest::prelude::{Just, Strategy, prop_oneof};

#[derive(Debug, Clone)]
pub struct Disturbance {
    pub act: Act,
    pub to: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    RespellPolicies,
    TagRole,
    TagApp,
    AttachPolicy,
    PutInInstanceProfile,
    WidenTrust,
    BreakTrust,
    WidenPermissions,
    DeleteInlinePolicies,
    UpdateRole,
    UntagRole,
    RepointEventStream,
    DeleteEventStream,
    DeleteRole,
    RecreateRole,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Harmless,
    Repairable,
    Lost,
}

impl Act {
    /// Every act, with the worst that it does to what is recorded.
    pub const ALL: [(Act, Severity); 15] = [
        (Act::RespellPolicies, Severity::Harmless),
        (Act::TagRole, Severity::Harmless),
        (Act::TagApp, Severity::Harmless),
        (Act::AttachPolicy, Severity::Harmless),
        (Act::PutInInstanceProfile, Severity::Harmless),
        (Act::WidenTrust, Severity::Repairable),
        (Act::BreakTrust, Severity::Repairable),
        (Act::WidenPermissions, Severity::Repairable),
        (Act::DeleteInlinePolicies, Severity::Repairable),
        (Act::UpdateRole, Severity::Repairable),
        (Act::UntagRole, Severity::Repairable),
        (Act::RepointEventStream, Severity::Repairable),
        (Act::DeleteEventStream, Severity::Repairable),
        (Act::DeleteRole, Severity::Repairable),
        (Act::RecreateRole, Severity::Lost),
    ];
}

impl Disturbance {
    pub fn apply(&self, cloud: &FakeCloud) -> Option<String> {
        match self.act {
            Act::TagApp => self.to_an_app(cloud, |app| cloud.outside().tag_app(app, "another", "hand")),
            Act::RepointEventStream | Act::DeleteEventStream => self.to_an_event_stream(cloud),
            _ => self.to_a_role(cloud),
        }
    }

    fn to_an_app(&self, cloud: &FakeCloud, act: impl FnOnce(&AppArn)) -> Option<String> {
        let arn = self.pick(cloud.snapshot().apps.into_keys())?;
        act(&arn);
        Some(arn.to_string())
    }

    fn to_an_event_stream(&self, cloud: &FakeCloud) -> Option<String> {
        let hand = cloud.outside();
        let (app, live) = self.pick(cloud.snapshot().event_streams.into_iter())?;
        if self.act == Act::DeleteEventStream {
            hand.delete_event_stream(&app);
        } else {
            hand.put_event_stream(&app, format!("{}-another", live.destination), live.role_arn);
        }
        Some(app.to_string())
    }

    fn to_a_role(&self, cloud: &FakeCloud) -> Option<String> {
        let hand = cloud.outside();
        let role = self.pick(cloud.snapshot().roles.into_values())?;
        let inline: Option<(PolicyName, _)> = role.inline_policies.into_iter().next();
        let arn: RoleArn = role.arn;
        match self.act {
            Act::RespellPolicies => hand.respell_policies(&arn),
            Act::TagRole => hand.tag_role(&arn, "another", "hand"),
            Act::AttachPolicy => {
                hand.attach_policy(&arn, &crate::parsed("arn:aws:iam::aws:policy/ReadOnlyAccess"))
            }
            Act::PutInInstanceProfile => hand.put_in_instance_profile(&arn, &format!("profile-{}", arn.name)),
            Act::WidenTrust => hand.put_trust_policy(&arn, &trusting("pinpoint.amazonaws.com")),
            Act::BreakTrust => hand.put_trust_policy(&arn, &trusting("ec2.amazonaws.com")),
            Act::WidenPermissions => {
                let anything =
                    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
                hand.put_inline_policy(&arn, &inline?.0, anything);
            }
            Act::DeleteInlinePolicies => hand.delete_inline_policy(&arn, &inline?.0),
            Act::UpdateRole => hand.update_role(&arn, "changed outside of the program", 43200),
            Act::UntagRole => hand.untag_role(&arn, ownership::ADDRESS),
            Act::DeleteRole => hand.delete_role(&arn),
            // Made anew without our tags.
            Act::RecreateRole => {
                hand.recreate_role(&arn);
                hand.untag_role(&arn, ownership::LINEAGE);
            }
            Act::TagApp | Act::RepointEventStream | Act::DeleteEventStream => return None,
        }
        Some(arn.to_string())
    }

    fn pick<T>(&self, all: impl ExactSizeIterator<Item = T>) -> Option<T> {
        let mut all = all;
        let at = self.to.checked_rem(all.len())?;
        all.nth(at)
    }
}

fn trusting(service: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"sts:AssumeRole"}}}}"#
    )
}

pub fn disturbances_up_to(worst: Severity) -> impl Strategy<Value = Disturbance> {
    let acts = Act::ALL.into_iter().filter(|(_, severity)| *severity <= worst).map(|(act, _)| act);
    (proptest::sample::select(acts.collect::<Vec<_>>()), 0..16usize).prop_map(|(act, to)| Disturbance { act, to })
}

pub fn some_disturbances_up_to(worst: Severity) -> impl Strategy<Value = Vec<Disturbance>> {
    prop_oneof![1 => Just(Vec::new()), 4 => proptest::collection::vec(disturbances_up_to(worst), 1..6)]
}
