//! What is done to an app.
use super::owner::{Owner, with_ownership};
use super::phase::{Phase, Resolved};
use crate::ids::{AccountId, AppId};
use crate::ownership::Tags;
use crate::region::Region;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Makes an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct CreateApp<P: Phase> {
    /// In this account.
    pub account: AccountId,
    /// In this region.
    pub region: Region,
    /// With this name.
    pub name: String,
    /// Declared tags.
    pub tags: Tags,
    /// Ownership tags.
    pub owner: Owner<P>,
    /// Whether it is recorded as protected.
    pub protect: bool,
}

/// Writes tags of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct TagApp<P: Phase> {
    /// The app's account.
    pub account: AccountId,
    /// The app's region.
    pub region: Region,
    /// The app.
    pub app_id: AppId,
    /// Declared tags to write.
    pub tags: Tags,
    /// Ownership tags to write, where they are to be written.
    pub owner: Option<Owner<P>>,
}

/// Takes tags off an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UntagApp {
    /// The app's account.
    pub account: AccountId,
    /// The app's region.
    pub region: Region,
    /// The app.
    pub app_id: AppId,
    /// The keys to take off.
    pub tag_keys: BTreeSet<String>,
}

/// Deletes an app and all its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteApp {
    /// The app's account.
    pub account: AccountId,
    /// The app's region.
    pub region: Region,
    /// The app.
    pub app_id: AppId,
    /// Its name, as it was when this was planned.
    pub name: String,
}

impl CreateApp<Resolved> {
    /// Declared tags and ownership.
    pub fn all_tags(&self) -> Tags {
        with_ownership(&self.tags, Some(&self.owner))
    }
}

impl TagApp<Resolved> {
    /// Declared tags and ownership.
    pub fn all_tags(&self) -> Tags {
        with_ownership(&self.tags, self.owner.as_ref())
    }
}
