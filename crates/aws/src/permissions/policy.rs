//! A policy as people write it: in the order in which it is read.
use serde::Serialize;
use std::collections::BTreeMap;

/// A policy for an operator, as JSON with IAM's names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OperatorPolicy {
    /// Of the policy language.
    pub version: &'static str,
    /// What is allowed; nothing is denied.
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
    /// Tests by operator and key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub condition: BTreeMap<&'static str, BTreeMap<String, Vec<String>>>,
}

impl OperatorPolicy {
    pub(super) fn new(statement: Vec<Statement>) -> OperatorPolicy {
        OperatorPolicy { version: "2012-10-17", statement }
    }
}

impl Statement {
    pub(super) fn allow(sid: &'static str, actions: &[&'static str]) -> Statement {
        let mut action = actions.to_vec();
        action.sort_unstable();
        Statement { sid, effect: "Allow", action, resource: Vec::new(), condition: BTreeMap::new() }
    }

    pub(super) fn on(mut self, resource: impl Into<String>) -> Statement {
        self.resource.push(resource.into());
        self
    }

    /// Where the key has one of these values, in which `*` stands for anything.
    pub(super) fn where_like(self, key: impl Into<String>, values: &[&str]) -> Statement {
        self.when("StringLike", key, values)
    }

    pub(super) fn where_is(self, key: impl Into<String>, values: &[&str]) -> Statement {
        self.when("StringEquals", key, values)
    }

    fn when(mut self, operator: &'static str, key: impl Into<String>, values: &[&str]) -> Statement {
        let values = values.iter().map(ToString::to_string).collect();
        self.condition.entry(operator).or_default().insert(key.into(), values);
        self
    }
}
