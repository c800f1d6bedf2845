//! The name under which a run appears in CloudTrail: as the session of an assumed role, and in the user
//! agent of every call.
use pinpoint_streams_model::ids::{RunId, Workspace};

/// The most characters of a session name, all of `[\w+=,.@-]`. Source: STS API reference, AssumeRole.
const SESSION_LIMIT: usize = 64;
/// What the SDK recommends at most for an app name. Source: aws-types, `AppName`.
const APP_NAME_LIMIT: usize = 50;

/// `ps-WORKSPACE-RUN`, or `ps-WORKSPACE` for what belongs to no run. Where it is too long the workspace is
/// cut, never the run: that is what tells two sessions apart.
pub(crate) fn session_name(workspace: &Workspace, run: Option<&RunId>) -> String {
    within(SESSION_LIMIT, workspace, run)
}

/// The same for the SDK's app name, which is to be shorter.
pub(crate) fn app_name(workspace: &Workspace, run: Option<&RunId>) -> String {
    within(APP_NAME_LIMIT, workspace, run)
}

fn within(limit: usize, workspace: &Workspace, run: Option<&RunId>) -> String {
    let prefix = "ps-";
    let suffix = run.map(|run| format!("-{run}")).unwrap_or_default();
    // Both are ASCII: a `Workspace` and a `RunId` are of letters, digits and `_-.` alone.
    let room = limit.saturating_sub(prefix.len() + suffix.len());
    let workspace = workspace.as_str();
    let workspace = workspace.get(..room).unwrap_or(workspace);
    format!("{prefix}{workspace}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(workspace: &str, run: Option<&str>) -> String {
        let run: Option<RunId> = run.map(|run| run.parse().unwrap());
        session_name(&workspace.parse().unwrap(), run.as_ref())
    }

    #[test]
    fn a_session_is_named_after_workspace_and_run() {
        assert_eq!(name("growth", Some("20261123-7f3a")), "ps-growth-20261123-7f3a");
        assert_eq!(name("growth", None), "ps-growth");
    }

    #[test]
    fn what_is_too_long_loses_its_workspace_and_keeps_its_run() {
        let run = "r".repeat(32);
        let long = name(&"w".repeat(64), Some(&run));
        assert_eq!(long.len(), 64);
        assert!(long.ends_with(&format!("w-{run}")), "{long}");
        let app = app_name(&"w".repeat(64).parse().unwrap(), Some(&run.parse().unwrap()));
        assert_eq!(app.len(), 50);
    }
}
