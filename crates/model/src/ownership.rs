//! Ownership tags. They are part of the create call.
use crate::sorted_map::SortedMap;
use crate::{Address, Lineage, Workspace};

/// AWS allows at most 50 tags, with keys up to 128 and values up to 256 characters.
pub type Tags = SortedMap<String, String>;

pub const PREFIX: &str = "pinpoint-streams:";
pub const WORKSPACE: &str = "pinpoint-streams:workspace";
pub const LINEAGE: &str = "pinpoint-streams:lineage";
pub const ADDRESS: &str = "pinpoint-streams:address";
pub const ORIGIN: &str = "pinpoint-streams:origin";

/// How the workspace came to own a resource. Only created resources are deleted without `--include-adopted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    Created,
    /// It existed before.
    Adopted,
}

impl Origin {
    /// The value of the tag.
    pub fn as_str(self) -> &'static str {
        match self {
            Origin::Created => "created",
            Origin::Adopted => "adopted",
        }
    }
}

/// The ownership tags of one resource. Any of them may be missing or invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ownership {
    pub workspace: Option<String>,
    pub lineage: Option<String>,
    /// As text, since an address written by another version may not parse.
    pub address: Option<String>,
    /// A missing or invalid value counts as adopted.
    pub origin: Origin,
}

/// The four ownership tags.
pub fn tags(workspace: &Workspace, lineage: &Lineage, address: &Address, origin: Origin) -> Tags {
    Tags::from([
        (WORKSPACE.to_owned(), workspace.to_string()),
        (LINEAGE.to_owned(), lineage.to_string()),
        (ADDRESS.to_owned(), address.to_string()),
        (ORIGIN.to_owned(), origin.as_str().to_owned()),
    ])
}

/// None if there is no ownership tag.
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
