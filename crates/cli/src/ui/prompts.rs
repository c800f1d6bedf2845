//! What a person must type to approve a plan, and the prompt for it.
use crate::ui::printer::Printer;
use crate::ui::style::{STRONG, paint};
use crate::ui::text::count;
use pinpoint_streams_model::address::Kind;
use pinpoint_streams_model::ids::{AccountId, Workspace};
use pinpoint_streams_model::plan::{Action, Change, Mode, Plan};
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use std::collections::BTreeMap;
use std::io;

/// What a person must type to approve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// `yes`, for a plan that deletes nothing.
    Yes,
    /// The workspace's name, for a plan that deletes.
    Workspace(Workspace),
    /// An account ID, for a sweep: it changes roles that pinpoint-streams did not create.
    Account {
        id: AccountId,
        /// A predicate: "quarantines 40 roles".
        summary: String,
    },
}

impl Confirmation {
    pub(crate) fn account(self) -> Option<AccountId> {
        match self {
            Confirmation::Account { id, summary: _ } => Some(id),
            Confirmation::Yes | Confirmation::Workspace(_) => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Approved,
    Declined,
}

/// What this plan requires: one confirmation, or for a sweep one for each account.
pub(crate) fn confirmations(plan: &Plan) -> Vec<Confirmation> {
    if plan.mode != Mode::Sweep {
        return vec![word(plan)];
    }
    let mut accounts: BTreeMap<&AccountId, Vec<Action>> = BTreeMap::new();
    for change in &plan.changes {
        accounts.entry(&change.account).or_default().push(change.action);
    }
    let of = |(id, actions): (&AccountId, Vec<Action>)| (id.clone(), sweep_summary(&actions));
    accounts.into_iter().map(of).map(|(id, summary)| Confirmation::Account { id, summary }).collect()
}

/// `quarantines 40 roles`
fn sweep_summary(actions: &[Action]) -> String {
    let verb = match actions.first() {
        Some(Action::Quarantine) => "quarantines",
        Some(Action::Release) => "releases",
        Some(Action::Delete) => "deletes",
        _ => "changes",
    };
    format!("{verb} {}", count(actions.len(), "role"))
}

fn word(plan: &Plan) -> Confirmation {
    let deletes = plan.changes.iter().any(|change| matches!(change.action, Action::Delete | Action::Replace));
    if deletes || plan.mode == Mode::Destroy {
        Confirmation::Workspace(plan.workspace.clone())
    } else {
        Confirmation::Yes
    }
}

/// The changes that `--auto-approve=safe` does not approve.
pub(crate) fn unsafe_changes(plan: &Plan) -> Vec<Problem> {
    let refusal = |change: &Change| {
        Some(Problem {
            code: ProblemCode::Unsafe,
            address: Some(change.address.clone()),
            message: format!("{}, which --auto-approve=safe does not approve", objection(change)?),
            hint: Some("review the plan, then apply it with --auto-approve".to_owned()),
        })
    };
    plan.changes.iter().filter_map(refusal).collect()
}

fn objection(change: &Change) -> Option<&'static str> {
    let widens = || change.fields.iter().any(|field| field.effect.is_some_and(|effect| effect.may_widen()));
    match change.action {
        Action::Delete => Some("this deletes the resource"),
        Action::Replace => Some("this replaces the resource"),
        Action::Quarantine | Action::Release => Some("pinpoint-streams did not create this role"),
        Action::Adopt if change.kind == Kind::EventStream && !change.fields.is_empty() => {
            Some("this changes where an existing event stream points")
        }
        Action::Create | Action::Update | Action::Adopt => widens().then_some("this widens a policy"),
        Action::Forget | Action::Keep => None,
    }
}

/// Prompts until there is an answer. `details` renders the plan with every field.
pub(crate) async fn ask(
    printer: &Printer,
    word: &Confirmation,
    details: impl Fn() -> String,
) -> io::Result<Answer> {
    let (question, wanted) = match word {
        Confirmation::Yes => ("Apply this plan? Only `yes` is accepted to approve.".to_owned(), "yes"),
        Confirmation::Workspace(workspace) => (
            format!("This plan deletes resources. To approve, type the workspace name, `{workspace}`."),
            workspace.as_str(),
        ),
        Confirmation::Account { id, summary } => {
            (format!("This plan {summary} in account {id}. To approve, type the account ID."), id.as_str())
        }
    };
    loop {
        printer.message(&format!("\n{}\n`no` cancels, `details` shows every field: ", paint(STRONG, &question)));
        let Some(answer) = printer.read_line().await? else {
            printer.message("\n");
            return Ok(Answer::Declined);
        };
        match answer.trim() {
            "details" => printer.message(&details()),
            answer if answer == wanted => return Ok(Answer::Approved),
            _ => return Ok(Answer::Declined),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Verbosity;
    use crate::testing::{change, plan, trust};
    use crate::ui::printer::Streams;
    use serde_json::{Value, json};

    fn of(action: &str) -> Plan {
        plan(&[change("role.shop", action, "manifest_changed", json!([]))])
    }

    #[test]
    fn plans_that_delete_take_the_workspaces_name_and_all_others_a_yes() {
        for action in ["create", "update", "adopt", "forget"] {
            assert_eq!(word(&of(action)), Confirmation::Yes, "{action}");
        }
        for action in ["delete", "replace"] {
            assert_eq!(word(&of(action)), Confirmation::Workspace("growth".parse().unwrap()), "{action}");
        }
    }

    #[test]
    fn destroy_takes_the_workspaces_name_even_if_it_only_forgets() {
        let mut destroy = of("forget");
        destroy.mode = Mode::Destroy;
        assert_eq!(word(&destroy), Confirmation::Workspace("growth".parse().unwrap()));
    }

    #[test]
    fn safe_refuses_deletes_replaces_and_wider_policies_and_names_each() {
        let widened = |effect: &str| json!([{"path": "trust_policy", "before": null, "after": trust(&[]), "effect": effect}]);
        let refused = |action: &str, fields: Value| {
            unsafe_changes(&plan(&[change("role.shop", action, "manifest_changed", fields)])).len()
        };
        assert_eq!(refused("delete", json!([])), 1);
        assert_eq!(refused("replace", json!([])), 1);
        assert_eq!(refused("update", widened("widens")), 1);
        assert_eq!(refused("update", widened("both")), 1);
        assert_eq!(refused("adopt", widened("widens")), 1);
        let pointed = json!([{"path": "destination", "before": "a", "after": "b"}]);
        let adopted = |fields: Value| {
            unsafe_changes(&plan(&[change("event_stream.shop", "adopt", "adoption_asked", fields)])).len()
        };
        assert_eq!((adopted(pointed), adopted(json!([]))), (1, 0));
        assert_eq!(refused("update", widened("narrows")), 0);
        assert_eq!(refused("update", widened("same")), 0);
        assert_eq!(refused("create", json!([])), 0);
        assert_eq!(refused("forget", json!([])), 0);
    }

    async fn answer(word: &Confirmation, typed: &'static str) -> (Answer, usize) {
        let streams = Streams {
            stdin: Box::new(typed.as_bytes()),
            stdout: Box::new(io::sink()),
            stderr: Box::new(io::sink()),
        };
        let printer = Printer::new(streams, false, false, Verbosity::Normal);
        let shown = std::cell::Cell::new(0);
        let details = || {
            shown.set(shown.get() + 1);
            String::new()
        };
        (ask(&printer, word, details).await.unwrap(), shown.get())
    }

    #[tokio::test]
    async fn only_the_very_word_approves() {
        let name = Confirmation::Workspace("growth".parse().unwrap());
        assert_eq!(answer(&Confirmation::Yes, "yes\n").await.0, Answer::Approved);
        assert_eq!(answer(&name, "growth\n").await.0, Answer::Approved);
        for typed in ["y\n", "YES\n", "no\n", "\n", "", "growth\n"] {
            assert_eq!(answer(&Confirmation::Yes, typed).await.0, Answer::Declined, "{typed:?}");
        }
        assert_eq!(answer(&name, "yes\n").await.0, Answer::Declined);
    }

    #[tokio::test]
    async fn details_shows_every_field_and_asks_again() {
        assert_eq!(answer(&Confirmation::Yes, "details\ndetails\nyes\n").await, (Answer::Approved, 2));
        assert_eq!(answer(&Confirmation::Yes, "details\n").await, (Answer::Declined, 1));
    }
}
