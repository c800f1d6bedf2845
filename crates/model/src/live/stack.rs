//! The resources of a CloudFormation stack.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// By logical ID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackResources(pub BTreeMap<String, StackResource>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackResource {
    /// `AWS::IAM::Role`
    pub resource_type: String,
    /// Empty for one that was not created.
    pub physical_id: String,
}
