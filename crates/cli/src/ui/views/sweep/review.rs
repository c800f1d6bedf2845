//! The findings of a sweep as items of a review on the terminal.
use super::{Swept, groups, of_verdict};
use crate::ui::escape::escape;
use crate::ui::facts;
use crate::ui::review::Item;
use pinpoint_streams_model::sweep::{Finding, SweptAccount, Verdict};

/// Every role with its evidence; the verdicts to act on come first.
pub(crate) fn items(Swept { accounts, findings, .. }: &Swept) -> Vec<Item> {
    let of = |verdict| findings.roles.iter().filter(move |role| role.verdict == verdict);
    Verdict::ALL.into_iter().rev().flat_map(of).map(|role| item(role, accounts)).collect()
}

fn item(role: &Finding, accounts: &[SweptAccount]) -> Item {
    let name = role.role.name.to_string();
    let line = format!("{}  {name} in {}", role.verdict, groups::name(&role.role.account, accounts));
    let evidence = role.evidence.iter().map(|of| format!("- {}\n", facts::evidence(of)));
    let held_by = role.held_by.iter().map(|fact| format!("! left as it is: {}\n", facts::in_short(fact)));
    Item {
        sign: String::new(),
        style: of_verdict(role.verdict),
        line: escape(&line).into_owned(),
        details: evidence.chain(held_by).map(|line| format!("      {}\n", escape(line.trim_end()))).collect(),
        exclude: Some(name),
    }
}
