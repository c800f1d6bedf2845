//! Role tags. Source: IAM user guide, "Tagging IAM resources": at most 50, keys are case-insensitive, the prefix
//! `aws:` is reserved.
use super::{Call, paging};
use crate::query::{Outcome, QueryError};
use crate::xml::Xml;
use std::collections::BTreeMap;

const MAX_TAGS: usize = 50;

impl Call<'_> {
    pub(super) fn tag_role(&mut self) -> Outcome {
        let mut role = self.role_to_change()?;
        add(&mut role.tags, &self.form.pairs("Tags"))?;
        self.world.put_role(self.account, role);
        Ok(None)
    }

    pub(super) fn untag_role(&mut self) -> Outcome {
        let mut role = self.role_to_change()?;
        for key in self.form.texts("TagKeys") {
            role.tags.retain(|held, _| !held.eq_ignore_ascii_case(key));
        }
        self.world.put_role(self.account, role);
        Ok(None)
    }

    pub(super) fn list_role_tags(&mut self) -> Outcome {
        let role = self.role()?;
        let page = paging::page(&self.form, role.tags.iter().map(|tag| (tag.0, tag)))?;
        let mut xml = Xml::default();
        write(&mut xml, page.items.iter().copied());
        page.footer(&mut xml);
        Ok(Some(xml))
    }
}

pub(super) fn add(tags: &mut BTreeMap<String, String>, added: &[(&str, &str)]) -> Result<(), QueryError> {
    for (index, (key, value)) in added.iter().enumerate() {
        check(key, value)?;
        let is_duplicate = |(other, _): &(&str, &str)| other.eq_ignore_ascii_case(key);
        if added[..index].iter().any(is_duplicate) {
            return Err(QueryError::invalid_input(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
        tags.retain(|held, _| !held.eq_ignore_ascii_case(key));
        tags.insert((*key).to_owned(), (*value).to_owned());
    }
    if tags.len() > MAX_TAGS {
        let over = format!("The number of tags has reached the maximum limit of {MAX_TAGS}.");
        return Err(QueryError::limit(over));
    }
    Ok(())
}

fn check(key: &str, value: &str) -> Result<(), QueryError> {
    let allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    if !(1..=128).contains(&key.chars().count()) || !key.chars().all(allowed) {
        let rule = r"Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+";
        return Err(QueryError::constraint(key, "tags.1.member.key", rule));
    }
    if value.chars().count() > 256 || !value.chars().all(allowed) {
        let rule = r"Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]*";
        return Err(QueryError::constraint(value, "tags.1.member.value", rule));
    }
    if key.to_ascii_lowercase().starts_with("aws:") {
        return Err(QueryError::invalid_input("Tag keys beginning with \"aws:\" are reserved for system use."));
    }
    Ok(())
}

pub(super) fn write<'a>(xml: &mut Xml, tags: impl IntoIterator<Item = (&'a String, &'a String)>) {
    xml.list("Tags", tags, |xml, (key, value)| {
        xml.text("Key", key);
        xml.text("Value", value);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(tags: &[(&str, &str)]) -> Result<BTreeMap<String, String>, QueryError> {
        let mut held = BTreeMap::from([("Team".to_owned(), "a".to_owned())]);
        add(&mut held, tags).map(|()| held)
    }

    #[test]
    fn a_key_in_another_case_replaces_the_tag() {
        let tags = added(&[("team", "b")]).unwrap();
        assert_eq!(tags, BTreeMap::from([("team".to_owned(), "b".to_owned())]));
    }

    #[test]
    fn duplicate_keys_in_a_request_are_refused() {
        assert_eq!(added(&[("x", "1"), ("X", "2")]).unwrap_err().code, "InvalidInput");
    }

    #[test]
    fn the_prefix_aws_is_reserved() {
        assert!(added(&[("aws:x", "1")]).is_err());
        assert!(added(&[("AWS:x", "1")]).is_err());
    }

    #[test]
    fn fifty_tags_fit_and_one_more_does_not() {
        let keys: Vec<String> = (0..50).map(|n| format!("k{n}")).collect();
        let pairs: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "")).collect();
        assert!(added(&pairs[..49]).is_ok());
        assert_eq!(added(&pairs).unwrap_err().code, "LimitExceeded");
    }
}
