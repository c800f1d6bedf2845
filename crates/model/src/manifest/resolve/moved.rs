//! `[[moved]]`: each block gives one old key one new one.
use crate::desired::Moved;
use crate::ids::AppKey;
use crate::manifest::diagnostic::{Diagnostic, Findings, suggestion};
use crate::manifest::document::{Document, MovedKeys};
use crate::manifest::source::Place;
use std::collections::BTreeMap;

pub(super) fn resolve(document: &Document, findings: &mut Findings) -> Vec<Moved> {
    let (mut sources, mut targets) = (BTreeMap::new(), BTreeMap::new());
    let mut moved = Vec::new();
    for MovedKeys { from, to } in &document.moved {
        if let Some(app) = document.apps.get(&from.value) {
            let error = Diagnostic::new(format!("apps.{} is moved, but still declared", from.value));
            findings.error(error.at(from.place, "moved from here").and(app.key, "still declared"));
        }
        if !document.apps.contains_key(&to.value) {
            let error = Diagnostic::new(format!("apps.{} is moved to an app that is not declared", from.value));
            let help = suggestion(to.value.as_str(), document.apps.keys().map(AppKey::as_str));
            findings.error(Diagnostic { help, ..error.at(to.place, "not among [apps.*]") });
        }
        once(&mut sources, &from.value, from.place, "moved twice", findings);
        once(&mut targets, &to.value, to.place, "the new key of two", findings);
        moved.push(Moved { from: from.value.clone(), to: to.value.clone() });
    }
    moved
}

fn once<'d>(
    seen: &mut BTreeMap<&'d AppKey, Place>,
    key: &'d AppKey,
    place: Place,
    what: &str,
    findings: &mut Findings,
) {
    if let Some(first) = seen.insert(key, place) {
        findings.error(
            Diagnostic::new(format!("apps.{key} is {what}")).at(place, "again here").and(first, "first here"),
        );
    }
}
