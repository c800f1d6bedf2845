//! The tags that say whose a thing is. They are written in the create call itself.
use crate::address::Address;
use crate::ids::{Lineage, Workspace};
use std::collections::BTreeMap;

/// Tags as AWS knows them: at most 50, keys up to 128 and values up to 256 characters.
pub type Tags = BTreeMap<String, String>;

pub const PREFIX: &str = "pinpoint-streams:";
pub const WORKSPACE: &str = "pinpoint-streams:workspace";
/// The tag that names the lineage of the workspace's state.
pub const LINEAGE: &str = "pinpoint-streams:lineage";
pub const ADDRESS: &str = "pinpoint-streams:address";
/// The tag that says how it came to be ours.
pub const ORIGIN: &str = "pinpoint-streams:origin";

/// How something came to be ours. Only what was created here is deleted without a further word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// This workspace made it.
    Created,
    /// It was there before and was taken over.
    Adopted,
}

impl Origin {
    /// As in the tag.
    pub fn as_str(self) -> &'static str {
        match self {
            Origin::Created => "created",
            Origin::Adopted => "adopted",
        }
    }
}

/// The ownership tags of one object, as far as they are there and can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ownership {
    pub workspace: Option<String>,
    pub lineage: Option<String>,
    /// The address named, as text: another version's may not parse.
    pub address: Option<String>,
    /// How it came to be owned; without a readable value it counts as adopted.
    pub origin: Origin,
}

/// The four tags that mark an object as ours.
pub fn tags(workspace: &Workspace, lineage: &Lineage, address: &Address, origin: Origin) -> Tags {
    Tags::from([
        (WORKSPACE.to_owned(), workspace.to_string()),
        (LINEAGE.to_owned(), lineage.to_string()),
        (ADDRESS.to_owned(), address.to_string()),
        (ORIGIN.to_owned(), origin.as_str().to_owned()),
    ])
}

/// Reads ownership off an object's tags; none if it bears none of them.
pub fn read(tags: &Tags) -> Option<Ownership> {
    if !tags.keys().any(|key| key.starts_with(PREFIX)) {
        return None;
    }
    let value = |key: &str| tags.get(key).cloned();
    let origin = match value(ORIGIN).as_deref() {
        Some("created") => Origin::Created,
        _ => Origin::Adopted,
    };
    Some(Ownership { workspace: value(WORKSPACE), lineage: value(LINEAGE), address: value(ADDRESS), origin })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let (workspace, lineage): (Workspace, Lineage) = ("growth".parse().unwrap(), "3f2a".parse().unwrap());
        let address: Address = "role.shop".parse().unwrap();
        let read = read(&tags(&workspace, &lineage, &address, Origin::Created)).unwrap();
        assert_eq!(read.workspace.as_deref(), Some("growth"));
        assert_eq!(read.lineage.as_deref(), Some("3f2a"));
        assert_eq!(read.address.as_deref(), Some("role.shop"));
        assert_eq!(read.origin, Origin::Created);
    }

    #[test]
    fn without_a_readable_origin_it_counts_as_adopted() {
        let tags = Tags::from([(WORKSPACE.to_owned(), "growth".to_owned())]);
        assert_eq!(read(&tags).unwrap().origin, Origin::Adopted);
        assert!(super::read(&Tags::from([("team".to_owned(), "growth".to_owned())])).is_none());
    }
}
