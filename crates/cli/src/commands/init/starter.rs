//! The text of a starter manifest.
use pinpoint_streams_model::ids::{AccountId, AppId, Workspace};
use pinpoint_streams_model::region::Region;

const TEMPLATE: &str = include_str!("../starter.toml");
const WORKSPACE: &str = "my-workspace";
const REGION: &str = "us-east-1";
const APP: &str = "810c7aab86d42fb2b56c8c966example";
const STREAM: &str = "kinesis = \"clickstream\"";

/// What is known of the workspace.
#[derive(Debug, Clone)]
pub(super) struct Starter {
    pub(super) workspace: Workspace,
    pub(super) account: Option<AccountId>,
    pub(super) profile: Option<String>,
    pub(super) region: Option<Region>,
    pub(super) app: Option<AppId>,
    /// The name of a Kinesis stream.
    pub(super) stream: Option<String>,
    /// Whether the app of the documentation stands in for one that is not known.
    pub(super) has_example: bool,
}

impl Starter {
    pub(super) fn text(&self) -> String {
        let Starter { workspace, account, profile, region, app, stream, has_example } = self;
        let mut text = TEMPLATE.replacen(WORKSPACE, workspace.as_str(), 1);
        if let Some(region) = region {
            text = text.replacen(REGION, region.as_str(), 1);
        }
        if account.is_some() || profile.is_some() {
            text = with_account(&text, account.as_ref(), profile.as_deref());
        }
        if let Some(stream) = stream {
            text = text.replacen(STREAM, &format!("kinesis = {}", quoted(stream)), 1);
        }
        match app {
            Some(app) => text.replacen(APP, app.as_str(), 1),
            None if *has_example => text,
            None => without_example(&text),
        }
    }
}

/// With the block of the account in place of its comment.
fn with_account(text: &str, account: Option<&AccountId>, profile: Option<&str>) -> String {
    let (mut lines, mut is_comment) = (Vec::new(), false);
    for line in text.lines() {
        is_comment |= line.starts_with("# Without [accounts]");
        if is_comment {
            is_comment = line.starts_with('#');
            if is_comment {
                continue;
            }
            lines.push("[accounts.main]                         # other accounts are refused".to_owned());
            lines.extend(account.map(|id| format!("id      = {}", quoted(id.as_str()))));
            lines.extend(profile.map(|profile| format!("profile = {}", quoted(profile))));
        }
        lines.push(line.to_owned());
        if line.starts_with("region =") {
            lines.push("account = \"main\"".to_owned());
        }
    }
    lines.join("\n") + "\n"
}

/// With the app and the stream as comments.
fn without_example(text: &str) -> String {
    let mut is_example = false;
    let line = |line: &str| {
        is_example =
            !line.trim().is_empty() && (is_example || line.starts_with("[streams.") || line.starts_with("[apps."));
        match is_example && !line.starts_with('#') {
            true => format!("# {line}\n"),
            false => format!("{line}\n"),
        }
    };
    text.lines().map(line).collect()
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            control if control.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinpoint_streams_model::manifest::{Manifest, OneFile, Overrides};

    fn starter() -> Starter {
        Starter {
            workspace: "growth".parse().unwrap(),
            account: None,
            profile: None,
            region: None,
            app: None,
            stream: None,
            has_example: true,
        }
    }

    fn loaded(starter: &Starter) -> Manifest {
        let manifest = Manifest::load("m.toml", starter.text(), &OneFile, &Overrides::default());
        let manifest = manifest.unwrap_or_else(|error| panic!("{error:?}: {}", starter.text()));
        assert!(starter.text().starts_with("#:schema ./pinpoint-streams.schema.json\n"));
        assert!(manifest.warnings().is_empty(), "{:?}", manifest.warnings());
        manifest
    }

    #[test]
    fn the_starter_is_a_manifest_without_mistakes_or_warnings_whatever_is_known() {
        let known = Starter {
            account: "210987654321".parse().ok(),
            profile: Some("prod \"eu\"".to_owned()),
            region: "eu-west-1".parse().ok(),
            app: "0123456789abcdef0123456789abcdef".parse().ok(),
            stream: Some("events".to_owned()),
            has_example: false,
            ..starter()
        };
        for starter in [starter(), Starter { has_example: false, ..starter() }, known.clone()] {
            loaded(&starter);
        }
        let manifest = loaded(&known);
        let accounts: Vec<String> =
            manifest.accounts().into_values().filter_map(|of| of.id).map(|id| id.to_string()).collect();
        assert_eq!(accounts, ["210987654321"]);
        let desired = manifest.offline();
        let app = desired.apps.values().next().unwrap();
        assert_eq!((app.region.as_str(), app.account.as_str()), ("eu-west-1", "210987654321"));
        assert!(known.text().contains("kinesis = \"events\""));
    }

    #[test]
    fn without_an_app_nothing_is_declared() {
        let manifest = loaded(&Starter { has_example: false, ..starter() });
        let desired = manifest.offline();
        assert!(desired.apps.is_empty());
    }
}
