//! What a person must type to approve a plan, and the prompt for it.
use crate::ui::escape::escape;
use crate::ui::printer::Printer;
use crate::ui::style::{STRONG, paint};
use crate::ui::text::count;
use pinpoint_streams_model::address::{Address, Kind};
use pinpoint_streams_model::ids::{AccountId, Workspace};
use pinpoint_streams_model::ownership;
use pinpoint_streams_model::plan::{Action, Change, Mode, Plan, Reason};
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use std::collections::BTreeMap;
use std::io;

/// How often a wrong answer is asked again.
const ATTEMPTS: usize = 3;
/// How many addresses a question names for each kind of loss.
const NAMED: usize = 8;

/// What a person must type to approve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// `yes`, for a plan that deletes, replaces and widens nothing.
    Yes,
    /// The workspace's name, for any other plan of a manifest.
    Workspace {
        name: Workspace,
        /// Sentences that name what is lost or widened.
        losses: Vec<String>,
    },
    /// An account ID, for a sweep: it changes roles that pinpoint-streams did not create.
    Account {
        id: AccountId,
        /// A predicate: "quarantines 40 roles: A, B, …".
        summary: String,
    },
}

impl Confirmation {
    pub(crate) fn account(self) -> Option<AccountId> {
        match self {
            Confirmation::Account { id, summary: _ } => Some(id),
            Confirmation::Yes | Confirmation::Workspace { .. } => None,
        }
    }

    fn question(&self) -> String {
        match self {
            Confirmation::Yes => "Apply this plan? Type `yes` or `y`.".to_owned(),
            Confirmation::Workspace { name, losses } => {
                format!("{}To approve, type the workspace name, `{name}`.", losses.concat())
            }
            Confirmation::Account { id, summary } => {
                format!("This plan {summary}.\nTo approve, type the account ID, `{id}`.")
            }
        }
    }

    fn is_given_by(&self, answer: &str) -> bool {
        match self {
            Confirmation::Yes => ["y", "yes"].iter().any(|word| answer.eq_ignore_ascii_case(word)),
            Confirmation::Workspace { name, losses: _ } => answer == name.as_str(),
            Confirmation::Account { id, summary: _ } => answer == id.as_str(),
        }
    }

    fn wanted(&self) -> &str {
        match self {
            Confirmation::Yes => "yes",
            Confirmation::Workspace { name, losses: _ } => name.as_str(),
            Confirmation::Account { id, summary: _ } => id.as_str(),
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
    let mut accounts: BTreeMap<&AccountId, Vec<&Change>> = BTreeMap::new();
    for change in &plan.changes {
        accounts.entry(&change.account).or_default().push(change);
    }
    let of = |(id, changes): (&AccountId, Vec<&Change>)| Confirmation::Account {
        id: id.clone(),
        summary: sweep_summary(id, &changes),
    };
    accounts.into_iter().map(of).collect()
}

/// `quarantines 2 roles in account 123456789012: PinpointOld, PinpointOlder`
fn sweep_summary(account: &AccountId, changes: &[&Change]) -> String {
    let verb = match changes.first().map(|change| change.action) {
        Some(Action::Quarantine) => "quarantines",
        Some(Action::Release) => "releases",
        Some(Action::Delete) => "deletes",
        _ => "changes",
    };
    let names = changes.iter().map(|change| match &change.address {
        Address::Undeclared(role) => role.name.to_string(),
        address => address.to_string(),
    });
    format!("{verb} {} in account {account}: {}", count(changes.len(), "role"), listed(names.collect()))
}

fn word(plan: &Plan) -> Confirmation {
    let mut losses: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for change in &plan.changes {
        if let Some(objection) = objection(change) {
            losses.entry(objection.of_plan).or_default().push(change.address.to_string());
        }
    }
    if losses.is_empty() && plan.mode != Mode::Destroy {
        return Confirmation::Yes;
    }
    let sentence = |(what, addresses): (&str, Vec<String>)| format!("This plan {what} {}.\n", listed(addresses));
    let name = plan.workspace.clone();
    Confirmation::Workspace { name, losses: losses.into_iter().map(sentence).collect() }
}

/// The first few, and how many more there are.
fn listed(mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}

/// The changes that `--auto-approve=safe` does not approve.
pub(crate) fn unsafe_changes(plan: &Plan) -> Vec<Problem> {
    let refusal = |change: &Change| {
        Some(Problem {
            code: ProblemCode::Unsafe,
            address: Some(change.address.clone()),
            message: format!("{}, which --auto-approve=safe does not approve", objection(change)?.of_change),
            hint: Some("review the plan, then apply it with --auto-approve".to_owned()),
        })
    };
    plan.changes.iter().filter_map(refusal).collect()
}

/// Why a change takes more than a `yes`.
#[derive(Debug, Clone, Copy)]
struct Objection {
    of_change: &'static str,
    /// A predicate of the plan that takes addresses.
    of_plan: &'static str,
}

fn objection(change: &Change) -> Option<Objection> {
    let because = |of_change, of_plan| Some(Objection { of_change, of_plan });
    let widens = || change.fields.iter().any(|field| field.effect.is_some_and(|effect| effect.may_widen()));
    match change.action {
        Action::Delete => because("this deletes the resource", "deletes"),
        Action::Replace => because("this replaces the resource", "replaces"),
        Action::Quarantine | Action::Release => because(
            "pinpoint-streams did not create this role",
            "changes roles that pinpoint-streams did not create:",
        ),
        Action::Adopt if change.kind == Kind::EventStream && !change.fields.is_empty() => {
            because("this changes where an existing event stream points", "adopts and repoints")
        }
        Action::Create | Action::Update | Action::Adopt if widens() => {
            because("this widens a policy", "widens policies of")
        }
        // An adoption that rewrites a trust policy is an update.
        Action::Adopt | Action::Update
            if change.reason == Reason::AdoptionAsked && changes_more_than_tags(change) =>
        {
            because("this changes a role or app that this workspace did not create", "adopts and changes")
        }
        Action::Create | Action::Update | Action::Adopt | Action::Forget | Action::Keep => None,
    }
}

/// Whether an adoption writes more than ownership tags.
fn changes_more_than_tags(change: &Change) -> bool {
    let is_ours = |path: &str| path.strip_prefix("tags.").is_some_and(|key| key.starts_with(ownership::PREFIX));
    !change.fields.iter().all(|field| is_ours(&field.path))
}

/// Prompts until there is an answer, or three wrong ones. What was typed before the question was shown is discarded.
/// `details` renders the plan with every field.
pub(crate) async fn ask(
    printer: &Printer,
    confirmation: &Confirmation,
    details: impl Fn() -> String,
) -> io::Result<Answer> {
    let mut question = format!(
        "\n{}\n`no` cancels, `details` shows every field.\n",
        paint(STRONG, escape_each_line(&confirmation.question()))
    );
    let mut wrong = 0;
    loop {
        printer.message(&question);
        discard_typed_ahead();
        printer.message("> ");
        let Some(answer) = printer.read_line().await? else {
            printer.message("\n");
            return Ok(Answer::Declined);
        };
        match answer.trim() {
            "details" => printer.message(&details()),
            answer if confirmation.is_given_by(answer) => return Ok(Answer::Approved),
            answer if ["n", "no"].iter().any(|no| answer.eq_ignore_ascii_case(no)) => return Ok(Answer::Declined),
            answer => {
                wrong += 1;
                if wrong == ATTEMPTS {
                    return Ok(Answer::Declined);
                }
                let (given, wanted) = (escape(answer), confirmation.wanted());
                question = format!("`{given}` is not `{wanted}`. `no` cancels, `details` shows every field.\n");
            }
        }
    }
}

fn escape_each_line(text: &str) -> String {
    text.lines().map(|line| escape(line).into_owned()).collect::<Vec<_>>().join("\n")
}

/// Discards what was typed on the terminal and has not been read. What comes from a pipe stays.
fn discard_typed_ahead() {
    #[cfg(unix)]
    {
        use rustix::termios::{QueueSelector, isatty, tcflush};
        let stdin = std::io::stdin();
        if isatty(&stdin) {
            // It is a terminal, so this cannot fail in a way that matters.
            let _ = tcflush(&stdin, QueueSelector::IFlush);
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

    fn workspace(losses: &[&str]) -> Confirmation {
        let losses = losses.iter().map(|loss| format!("{loss}\n")).collect();
        Confirmation::Workspace { name: "growth".parse().unwrap(), losses }
    }

    #[test]
    fn plans_that_lose_or_widen_take_the_workspaces_name_and_all_others_a_yes() {
        for action in ["create", "update", "adopt", "forget"] {
            assert_eq!(word(&of(action)), Confirmation::Yes, "{action}");
        }
        assert_eq!(word(&of("delete")), workspace(&["This plan deletes role.shop."]));
        assert_eq!(word(&of("replace")), workspace(&["This plan replaces role.shop."]));
        let widened = json!([{"path": "trust_policy", "before": null, "after": trust(&[]), "effect": "widens"}]);
        let widened = plan(&[change("role.shop", "update", "manifest_changed", widened)]);
        assert_eq!(word(&widened), workspace(&["This plan widens policies of role.shop."]));
    }

    #[test]
    fn the_question_names_what_is_lost() {
        let gone = |at: usize| change(&format!("role.r{at:02}"), "delete", "removed_from_manifest", json!([]));
        let plan = plan(&(0..10).map(gone).collect::<Vec<_>>());
        let names = "role.r00, role.r01, role.r02, role.r03, role.r04, role.r05, role.r06, role.r07 and 2 more";
        assert_eq!(
            word(&plan).question(),
            format!("This plan deletes {names}.\nTo approve, type the workspace name, `growth`.")
        );
    }

    #[test]
    fn destroy_takes_the_workspaces_name_even_if_it_only_forgets() {
        let mut destroy = of("forget");
        destroy.mode = Mode::Destroy;
        assert_eq!(word(&destroy), workspace(&[]));
    }

    #[test]
    fn safe_approves_no_adoption_that_changes_more_than_ownership_tags() {
        let refused = |action: &str, reason: &str, path: &str| {
            let fields = json!([{"path": path, "before": "a", "after": "b"}]);
            unsafe_changes(&plan(&[change("role.shop", action, reason, fields)])).len()
        };
        assert_eq!(refused("adopt", "adoption_asked", "tags.pinpoint-streams:workspace"), 0);
        for path in ["description", "permissions_boundary", "tags.team"] {
            assert_eq!(refused("adopt", "adoption_asked", path), 1, "{path}");
            assert_eq!(refused("adopt", "lost_record", path), 0, "{path}: a run of this workspace made it");
        }
        assert_eq!(refused("update", "adoption_asked", "trust_policy"), 1, "it takes the role from who used it");
        assert_eq!(refused("update", "lost_record", "trust_policy"), 0);
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
        let name = workspace(&[]);
        for typed in ["yes\n", "y\n", "YES\n"] {
            assert_eq!(answer(&Confirmation::Yes, typed).await.0, Answer::Approved, "{typed:?}");
        }
        assert_eq!(answer(&name, "growth\n").await.0, Answer::Approved);
        for typed in ["no\n", "n\n", "", "growth\n", "no\nyes\n"] {
            assert_eq!(answer(&Confirmation::Yes, typed).await.0, Answer::Declined, "{typed:?}");
        }
        for typed in ["yes\n", "y\n", "Growth\n"] {
            assert_eq!(answer(&name, typed).await.0, Answer::Declined, "{typed:?}");
        }
    }

    #[tokio::test]
    async fn a_wrong_answer_is_asked_again_until_there_were_three() {
        let name = workspace(&[]);
        assert_eq!(answer(&name, "grwth\n\ngrowth\n").await.0, Answer::Approved);
        assert_eq!(answer(&name, "grwth\n\nyes\ngrowth\n").await.0, Answer::Declined);
    }

    #[tokio::test]
    async fn details_shows_every_field_and_asks_again() {
        assert_eq!(answer(&Confirmation::Yes, "details\ndetails\nyes\n").await, (Answer::Approved, 2));
        assert_eq!(answer(&Confirmation::Yes, "details\n").await, (Answer::Declined, 1));
    }
}
