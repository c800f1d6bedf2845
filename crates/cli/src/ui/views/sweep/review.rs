//! The findings of a sweep as items of a review on the terminal.
use super::{Swept, groups, of_verdict, quarantine};
use crate::ui::escape::escape;
use crate::ui::facts;
use crate::ui::review::Item;
use crate::ui::style::of_action;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::sweep::{Finding, SweptAccount, Verdict};
use std::collections::BTreeMap;

/// Every role with its evidence; the verdicts to act on come first.
pub(crate) fn items(Swept { accounts, findings, plan, .. }: &Swept) -> Vec<Item> {
    let changes = plan.iter().flat_map(|plan| &plan.changes);
    let verbs: BTreeMap<&Address, &'static str> =
        changes.map(|change| (&change.address, of_action(change.action).0)).collect();
    // `--exclude` compares names in any account, without regard to letter case.
    let mut spellings: BTreeMap<String, &str> = BTreeMap::new();
    for role in &findings.roles {
        let name = role.role.name.as_str();
        spellings.entry(name.to_lowercase()).or_insert(name);
    }
    let of = |verdict| findings.roles.iter().filter(move |role| role.verdict == verdict);
    let roles = Verdict::ALL.into_iter().rev().flat_map(of);
    roles
        .map(|role| {
            let exclude = spellings.get(&role.role.name.as_str().to_lowercase()).map(|name| (*name).to_owned());
            Item { exclude, verb: verbs.get(&role.address()).copied(), ..item(role, accounts) }
        })
        .collect()
}

fn item(role: &Finding, accounts: &[SweptAccount]) -> Item {
    let since = quarantine::under_another_verdict(role).map(|since| format!(", {since}")).unwrap_or_default();
    let account = groups::name(&role.role.account, accounts);
    let line = format!("{}{since}  {} in {account}", role.verdict, role.role.name);
    let evidence = role.evidence.iter().map(|of| format!("- {}\n", facts::evidence(of)));
    let held_by = role.held_by.iter().map(|fact| format!("! left as it is: {}\n", facts::in_short(fact)));
    Item {
        sign: String::new(),
        style: of_verdict(role.verdict),
        line: escape(&line).into_owned(),
        details: evidence.chain(held_by).map(|line| format!("      {}\n", escape(line.trim_end()))).collect(),
        exclude: None,
        verb: None,
    }
}
