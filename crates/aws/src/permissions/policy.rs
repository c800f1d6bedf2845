//! A policy as JSON, in the order in which people read it, and its scope.
use crate::s3::Location;
use pinpoint_streams_model::ids::{RoleName, RolePath, Workspace};
use pinpoint_streams_model::ownership;
use pinpoint_streams_model::role_kind::RoleKind;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OperatorPolicy {
    pub version: &'static str,
    pub statement: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    pub sid: &'static str,
    /// Always `Allow`.
    pub effect: &'static str,
    pub action: Vec<&'static str>,
    pub resource: Vec<String>,
    /// By operator and key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub condition: BTreeMap<&'static str, BTreeMap<String, Vec<String>>>,
}

impl Statement {
    /// `actions` are separated by white space.
    pub(super) fn allow(sid: &'static str, actions: &'static str) -> Statement {
        let mut action: Vec<_> = actions.split_whitespace().collect();
        action.sort_unstable();
        Statement { sid, effect: "Allow", action, resource: Vec::new(), condition: BTreeMap::new() }
    }

    pub(super) fn on(mut self, resource: impl Into<String>) -> Statement {
        self.resource.push(resource.into());
        self
    }

    /// If the key has one of these values, in which `*` matches anything.
    pub(super) fn where_like(self, key: String, values: &[&str]) -> Statement {
        self.when("StringLike", key, values)
    }

    pub(super) fn when(mut self, operator: &'static str, key: String, values: &[&str]) -> Statement {
        let values = values.iter().map(ToString::to_string).collect();
        self.condition.entry(operator).or_default().insert(key, values);
        self
    }
}

/// The resources that a policy covers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only resources with this workspace's tags; of any workspace if none.
    pub workspace: Option<Workspace>,
    /// Writes only to roles with this path; with any path if none.
    pub role_path: Option<RolePath>,
    /// The role that is assumed in each account of an organization.
    pub organization_role: Option<RoleName>,
    /// The state, if it is in a bucket.
    pub state: Option<Location>,
}

impl Scope {
    /// The roles that may be written.
    pub(super) fn roles(&self) -> String {
        format!("arn:*:iam::*:role{}*", self.role_path.as_ref().map_or("/", RolePath::as_str))
    }

    /// Only requests that write the ownership tags of this workspace.
    pub(super) fn tagging(&self, statement: Statement) -> Statement {
        self.by_workspace(statement, "aws:RequestTag")
    }

    /// Only resources with the ownership tags of this workspace.
    pub(super) fn tagged(&self, statement: Statement) -> Statement {
        self.by_workspace(statement, "aws:ResourceTag")
    }

    fn by_workspace(&self, statement: Statement, key: &str) -> Statement {
        let key = format!("{key}/{}", ownership::WORKSPACE);
        match &self.workspace {
            Some(workspace) => statement.when("StringEquals", key, &[workspace.as_str()]),
            None => statement.where_like(key, &["*"]),
        }
    }

    pub(super) fn pass_roles_to_instances(&self) -> Statement {
        self.pass("PassRolesToInstances", &["ec2.amazonaws.com"])
    }

    pub(super) fn pass_roles(&self) -> Statement {
        let services: Vec<&str> = RoleKind::for_event_streams().passed_to().collect();
        self.pass("PassRolesToPinpoint", &services)
    }

    /// Without a condition on tags: IAM does not evaluate them for iam:PassRole (IAM user guide, "Grant a user
    /// permissions to pass a role to an AWS service").
    fn pass(&self, sid: &'static str, services: &[&str]) -> Statement {
        let statement = Statement::allow(sid, "iam:PassRole").on(self.roles());
        statement.when("StringEquals", "iam:PassedToService".to_owned(), services)
    }
}
