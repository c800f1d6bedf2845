//! Tags of one object: merged, filled and held against AWS's limits.
use super::scope::{Scope, Several};
use crate::manifest::diagnostic::{Diagnostic, Findings, quoted};
use crate::manifest::document::TagTexts;
use crate::manifest::source::Place;
use crate::manifest::tag;
use crate::ownership::Tags;
use std::collections::BTreeMap;

/// The tags of these layers, of which a later one wins.
pub(super) fn resolve(layers: &[&TagTexts], scope: &Scope, findings: &mut Findings) -> Tags {
    let mut merged = TagTexts::new();
    for layer in layers {
        merged.extend(layer.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    if merged.len() > tag::MOST {
        let message =
            format!("{} has {} tags, more than the {} there is room for", scope.owner, merged.len(), tag::MOST);
        let error = Diagnostic::new(message).at(scope.place, "");
        findings.error(error.help("AWS takes 50, and four say whose it is"));
    }
    let mut folded: BTreeMap<String, (&str, Place)> = BTreeMap::new();
    let mut tags = Tags::new();
    for (key, (place, text)) in &merged {
        if let Some((first, first_place)) = folded.insert(key.to_lowercase(), (key, *place)) {
            let message = format!("tags {} and {} differ in letter case alone", quoted(first), quoted(key));
            findings.error(Diagnostic::new(message).at(*place, "one tag to AWS").and(first_place, "the other"));
        }
        let Some(value) = findings.check(scope.fill(text, Several::Refused)) else { continue };
        match tag::wrong_with_value(&value) {
            None => drop(tags.insert(key.clone(), value)),
            Some(rule) => findings.error(scope.malformed(text, &value, "tag's value", rule.to_owned())),
        }
    }
    tags
}
