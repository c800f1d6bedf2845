//! `export aws-cli`: a shell script that creates what the manifest declares.
use super::declared::{
    AppRef, Declared, DeclaredAccount, DeclaredEventStream, DeclaredRole, NewApp, Piece, StreamRole, pieces,
};
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_store::aws_cli::{NewRole, Script, ShellWord};

/// What follows the name of an account's function.
const START: &str = "# The part of the account whose credentials are used
account=$(aws sts get-caller-identity --query Account --output text)
case $account in";

/// It takes seconds until a new role has propagated to other services.
const WITH_RETRIES: &str =
    "# Pinpoint rejects a role that has not propagated yet, so a rejected call is retried for two minutes.
with_retries() {
  tries=1
  until aws \"$@\"; do
    [ \"$tries\" -lt 24 ] || return 1
    tries=$((tries + 1))
    sleep 5
  done
}
";

pub(super) fn script(declared: &Declared<'_>) -> String {
    let mut script = Script::new();
    script.comment(&format!("Creates what the manifest of workspace {} declares.", declared.workspace));
    script.comment("Run it where these resources do not exist yet, once with the credentials of each account.");
    script.comment("It stops at the first call that fails.");
    script.line("set -eu");
    script.line("export AWS_PAGER=''");
    script.line("");
    script.line(WITH_RETRIES);
    for account in &declared.accounts {
        create_account(&mut script, declared, account);
    }
    script.line(START);
    for DeclaredAccount { id, .. } in &declared.accounts {
        script.line(&format!("  {id}) account_{id} ;;"));
    }
    script.line(
        "  *)\n    echo \"the manifest declares nothing in account $account\" >&2\n    exit 1\n    ;;\nesac",
    );
    script.into_text()
}

fn create_account(script: &mut Script, declared: &Declared<'_>, account: &DeclaredAccount<'_>) {
    let DeclaredAccount { alias, id, new_apps, roles, event_streams } = account;
    script.comment(&format!("Account {alias}"));
    script.line(&format!("account_{id}() {{"));
    for NewApp { key, label, region, name, tags, protect: _ } in new_apps {
        script.comment(&format!("app.{key}"));
        script.create_app_as(&variable(label), region, name, tags);
    }
    for DeclaredRole { key, label: _, arn, desired, trust_policy, permissions } in roles {
        script.comment(&format!("role.{key}"));
        script.create_role(&NewRole {
            arn,
            trust_policy: with_app_ids(&trust_policy.to_json(), declared),
            description: &desired.description,
            max_session_duration: desired.max_session_duration,
            permissions_boundary: desired.permissions_boundary.as_ref(),
            tags: &desired.tags,
        });
        script.put_role_policy(&arn.name, &desired.policy_name, permissions);
    }
    for DeclaredEventStream { key, label: _, region, app, target, role, protect: _ } in event_streams {
        script.comment(&format!("event_stream.{key}"));
        let app_id = match app {
            AppRef::Known(id) => ShellWord::literal(id.as_str()),
            AppRef::New(label) => ShellWord::variable(&variable(label)),
        };
        let role = match role {
            StreamRole::Declared { arn, label: _ } | StreamRole::Elsewhere(arn) => arn.to_string(),
        };
        script.put_event_stream_by("with_retries", region, &app_id, &target.arn.to_string(), &role);
    }
    script.line("}\n");
}

fn variable(label: &str) -> String {
    format!("app_{label}")
}

/// A document in which the IDs of new apps are variables.
fn with_app_ids(document: &str, declared: &Declared<'_>) -> ShellWord {
    ShellWord::joined(pieces(document).flat_map(|piece| match piece {
        Piece::Text(text) => vec![ShellWord::literal(text)],
        Piece::AppArn(label) => {
            let arn = declared.new_app(label).map(|(account, app)| AppArn::with_id(app.region, account.id, ""));
            vec![ShellWord::literal(&arn.unwrap_or_default()), ShellWord::variable(&variable(label))]
        }
    }))
}
