//! Who approves a plan, and by which word. Deciding what is needed is apart from asking for it.
use crate::printer::Printer;
use crate::view::style::{STRONG, paint};
use pinpoint_streams_model::ids::Workspace;
use pinpoint_streams_model::plan::{Action, Change, Mode, Plan};
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use std::io;

/// The word that a person must type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// `yes`: the plan adds and changes.
    Yes,
    /// The workspace's name: the plan deletes.
    Workspace(Workspace),
}

/// What a person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Do it.
    Approved,
    /// Do not.
    Declined,
}

/// The word that this plan takes.
pub fn word(plan: &Plan) -> Word {
    let deletes = plan.changes.iter().any(|change| deletes(change.action));
    if deletes || plan.mode == Mode::Destroy { Word::Workspace(plan.workspace.clone()) } else { Word::Yes }
}

fn deletes(action: Action) -> bool {
    match action {
        Action::Delete | Action::Replace => true,
        Action::Create | Action::Update | Action::Adopt | Action::Forget | Action::Keep => false,
    }
}

/// What in a plan `--auto-approve=safe` does not approve.
pub fn unsafe_changes(plan: &Plan) -> Vec<Problem> {
    plan.changes.iter().filter_map(|change| Some((change, objection(change)?))).map(refusal).collect()
}

fn objection(change: &Change) -> Option<&'static str> {
    let widens = || change.fields.iter().any(|field| field.effect.is_some_and(|effect| effect.may_widen()));
    match change.action {
        Action::Delete => Some("it would be deleted"),
        Action::Replace => Some("it would be replaced"),
        Action::Update | Action::Adopt => widens().then_some("its policy would be widened"),
        Action::Create | Action::Forget | Action::Keep => None,
    }
}

fn refusal((change, objection): (&Change, &str)) -> Problem {
    Problem {
        code: ProblemCode::Unsafe,
        address: Some(change.address.clone()),
        message: format!("{objection}, which --auto-approve=safe does not approve"),
        hint: Some("review the plan, then apply it without =safe".to_owned()),
    }
}

/// Asks until there is an answer. `details` gives the plan with every field.
pub fn ask(printer: &Printer, word: &Word, details: impl Fn() -> String) -> io::Result<Answer> {
    let (question, wanted) = match word {
        Word::Yes => ("Do this? Only `yes` is taken for a yes.".to_owned(), "yes"),
        Word::Workspace(workspace) => (
            format!("This deletes. To go on, type the workspace's name, `{workspace}`."),
            workspace.as_str(),
        ),
    };
    loop {
        printer.message(&format!("\n{}\n`no` stops here, `details` shows every field: ", paint(STRONG, &question)));
        let Some(answer) = printer.answer()? else {
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
