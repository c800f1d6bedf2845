//! A shell script with AWS CLI commands that recreates a deleted resource without this program.
use super::{App, Entry, EventStream, Object};
use crate::aws_cli::{NewRole, Script, ShellWord};
use pinpoint_streams_model::live::{LiveEventStream, LiveRole};
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::sweep::is_quarantine;

pub fn restore_script(entry: &Entry) -> String {
    let Entry { format: _, workspace, lineage: _, run, time, address, object } = entry;
    let mut script = Script::new();
    script.comment(&format!("Recreates {address} as it was before run {run} of workspace {workspace} changed it"));
    script.comment(&format!("at {time}. `pinpoint-streams restore` does the same with checks."));
    script.line("set -eu");
    match object {
        Object::Role(role) => restore_role(&mut script, role),
        Object::EventStream(stream) => restore_event_stream(&mut script, stream),
        Object::App(app) => restore_app(&mut script, app),
    }
    script.into_text()
}

fn restore_role(script: &mut Script, role: &LiveRole) {
    let LiveRole {
        arn,
        id,
        trust_policy,
        inline_policies,
        attached_policies,
        instance_profiles,
        permissions_boundary,
        description,
        max_session_duration,
        tags,
        created: _,
        last_used: _,
        template: _,
    } = role;
    script.comment(&format!("Account {}. The role gets a new unique id instead of {id}: policies", arn.account));
    script.comment("elsewhere that name the role as a principal must be saved again. A quarantine");
    script.comment("is left out.");
    let unmarked = |key: &str| !is_quarantine(key);
    let tags: Tags = tags.iter().filter(|(key, _)| unmarked(key)).map(|(k, v)| (k.clone(), v.clone())).collect();
    script.create_role(&NewRole {
        arn,
        trust_policy: ShellWord::literal(&trust_policy.to_json()),
        description,
        max_session_duration: *max_session_duration,
        permissions_boundary: permissions_boundary.as_ref(),
        tags: &tags,
    });
    let name = arn.name.as_str();
    for (policy, document) in inline_policies.iter().filter(|(name, _)| unmarked(name.as_str())) {
        script.put_role_policy(&arn.name, policy, document);
    }
    for policy in attached_policies {
        script.aws("iam attach-role-policy", &[("--role-name", name), ("--policy-arn", policy.as_str())]);
    }
    for profile in instance_profiles {
        script.add_role_to_instance_profile(profile, &arn.name);
    }
}

fn restore_event_stream(script: &mut Script, stream: &EventStream) {
    let EventStream { account, region, app_id, event_stream } = stream;
    script.comment(&format!("Account {account}."));
    let LiveEventStream { destination, role_arn } = event_stream;
    script.put_event_stream(region, &ShellWord::literal(app_id.as_str()), destination, role_arn);
}

fn restore_app(script: &mut Script, app: &App) {
    let App { account, region, app_id, name, tags, channels, event_stream, unread } = app;
    script.comment(&format!(
        "Account {account}. The app gets a new id instead of {app_id}; its endpoints, segments"
    ));
    script.comment("and channel credentials are lost.");
    let channels = channels.iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
    if !channels.is_empty() {
        script.comment(&format!("Enabled channels: {channels}."));
    }
    for unread in unread {
        script.comment(&format!("Not archived: {unread}"));
    }
    if let Some(stream) = event_stream {
        script.comment(&format!("Its event stream went to {} as {}.", stream.destination, stream.role_arn));
    }
    script.create_app(region, name, tags.as_ref().unwrap_or(&Tags::default()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws_cli::{is_taken_for_more, quoted};
    use pinpoint_streams_model::invisible_chars::is_invisible;
    use pinpoint_streams_model::live::{InlinePolicies, LastUsed};
    use pinpoint_streams_model::policy::Document;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    fn document(action: &str) -> Document {
        Document::from_json(&format!(
            r#"{{"Statement":{{"Effect":"Allow","Action":"{action}","Resource":"it's"}}}}"#
        ))
        .unwrap()
    }

    fn role() -> LiveRole {
        LiveRole {
            arn: "arn:aws:iam::123456789012:role/team/Shop".parse().unwrap(),
            id: "AROAQ7SSZBKHRKPWRZUN6".parse().unwrap(),
            trust_policy: document("sts:AssumeRole"),
            inline_policies: InlinePolicies::from([("write".parse().unwrap(), document("kinesis:PutRecords"))]),
            attached_policies: BTreeSet::from(["arn:aws:iam::aws:policy/ReadOnlyAccess".parse().unwrap()]),
            instance_profiles: BTreeSet::from(["web".to_owned()]),
            permissions_boundary: Some("arn:aws:iam::123456789012:policy/team/bound+ary".parse().unwrap()),
            description: "$(rm -rf /) `x` it's \\ \"q\"\n#".to_owned(),
            max_session_duration: 3600,
            tags: Tags::from([("team".to_owned(), "a b".to_owned())]),
            created: None,
            last_used: LastUsed::NotRead,
            template: None,
        }
    }

    fn entry(object: Object) -> Entry {
        Entry { object, ..crate::archive::file::tests::entry() }
    }

    fn script(object: Object) -> String {
        restore_script(&entry(object))
    }

    fn app() -> App {
        App {
            account: "123456789012".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            app_id: "abc".parse().unwrap(),
            name: "n".to_owned(),
            tags: Some(Tags::from([("k".to_owned(), "v".to_owned())])),
            channels: Some(BTreeSet::from(["GCM".to_owned()])),
            event_stream: Some(LiveEventStream { destination: "d".to_owned(), role_arn: "r".to_owned() }),
            unread: vec!["u".to_owned()],
        }
    }

    #[test]
    fn a_role_comes_back_with_all_that_hung_on_it() {
        let script = script(Object::Role(Arc::new(role())));
        for call in ["create-role", "put-role-policy", "attach-role-policy", "add-role-to-instance-profile"] {
            assert!(script.contains(&format!("aws iam {call}")), "{script}");
        }
    }

    /// What the script hands to `aws`: each call with its words, as a shell takes them.
    #[cfg(unix)]
    fn calls(script: &str) -> Vec<Vec<String>> {
        let calling = format!("aws() {{ printf '%s\\0' \"$@\"; printf '\\0'; }}\n{script}");
        let output = std::process::Command::new("sh").arg("-c").arg(calling).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let calls = text.split("\0\0").filter(|call| !call.is_empty());
        calls.map(|call| call.split('\0').map(str::to_owned).collect()).collect()
    }

    #[cfg(unix)]
    #[test]
    fn every_value_of_a_role_reaches_aws_as_it_was() {
        let mut odd = role();
        odd.arn = "arn:aws:iam::123456789012:role/it's/$x/Sh+op=1,@".parse().unwrap();
        odd.instance_profiles = BTreeSet::from(["a,b=c@d".to_owned()]);
        let attached = "arn:aws:iam::123456789012:policy/o+neil/a=b,c@d/p".parse().unwrap();
        odd.attached_policies = BTreeSet::from([attached]);
        let calls = calls(&script(Object::Role(Arc::new(odd.clone()))));
        let value = |call: &[String], key: &str| {
            call.iter().position(|word| word == key).map(|at| call[at + 1].clone()).unwrap_or_default()
        };
        let named = |name: &str| calls.iter().find(|call| call[1] == name).unwrap().clone();
        let create = named("create-role");
        assert_eq!(value(&create, "--path"), "/it's/$x/");
        assert_eq!(value(&create, "--role-name"), "Sh+op=1,@");
        assert_eq!(value(&create, "--description"), odd.description);
        assert_eq!(value(&create, "--permissions-boundary"), "arn:aws:iam::123456789012:policy/team/bound+ary");
        assert_eq!(value(&create, "--tags"), r#"[{"Key":"team","Value":"a b"}]"#);
        let trust = Document::from_json(&value(&create, "--assume-role-policy-document")).unwrap();
        assert_eq!(trust, odd.trust_policy);
        let attach = named("attach-role-policy");
        assert_eq!(value(&attach, "--policy-arn"), "arn:aws:iam::123456789012:policy/o+neil/a=b,c@d/p");
        let add = named("add-role-to-instance-profile");
        assert_eq!(value(&add, "--instance-profile-name"), "a,b=c@d");
        assert_eq!(value(&add, "--role-name"), "Sh+op=1,@");
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_begins_with_a_dash_is_not_taken_for_an_option() {
        let mut odd = role();
        odd.arn = "arn:aws:iam::123456789012:role/--path".parse().unwrap();
        odd.description = "-rf".to_owned();
        odd.inline_policies =
            InlinePolicies::from([("--version".parse().unwrap(), document("kinesis:PutRecords"))]);
        odd.instance_profiles = BTreeSet::from(["-web".to_owned()]);
        let calls = calls(&script(Object::Role(Arc::new(odd))));
        let given: Vec<&String> = calls.iter().flatten().filter(|word| word.contains("=-")).collect();
        let name = "--role-name=--path";
        let expected = [
            name,
            "--description=-rf",
            name,
            "--policy-name=--version",
            name,
            "--instance-profile-name=-web",
            name,
        ];
        assert_eq!(given, expected, "{calls:#?}");
        let options = calls.iter().flatten().filter(|word| word.starts_with('-') && !word.contains('='));
        assert!(options.clone().all(|option| !["--version", "-rf", "-web"].contains(&option.as_str())));
    }

    #[test]
    fn a_quarantine_is_no_part_of_the_role_that_comes_back() {
        use pinpoint_streams_model::sweep::{QUARANTINE_POLICY, QUARANTINED_AT, QUARANTINED_BY, QUARANTINED_ID};
        let mut quarantined = role();
        quarantined.inline_policies.insert(QUARANTINE_POLICY.parse().unwrap(), document("*"));
        for key in [QUARANTINED_AT, QUARANTINED_BY, QUARANTINED_ID] {
            quarantined.tags.insert(key.to_owned(), "x".to_owned());
        }
        assert_eq!(script(Object::Role(Arc::new(quarantined))), script(Object::Role(Arc::new(role()))));
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_hands_every_value_on_as_it_was() {
        let words = [&role().description, "", "plain", "'", "a\tb", "*", "~", "é"].map(str::to_owned);
        let line = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
        let script = format!("for word in {line}; do printf '%s\\0' \"$word\"; done");
        let output = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
        let seen: Vec<_> =
            output.stdout.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word)).collect();
        assert_eq!(seen[..words.len()], words);
    }

    #[cfg(unix)]
    #[test]
    fn no_text_of_anothers_making_runs_hides_or_is_taken_for_more_than_one_word() {
        use pinpoint_streams_testkit::hostile::{FORGED, Places, STRINGS};
        let mut named = role();
        named.template = Some("t".to_owned());
        let samples = [
            entry(Object::Role(Arc::new(named))),
            entry(Object::App(app())),
            crate::archive::file::tests::entry(),
        ];
        // One shell runs all scripts, separated by marks.
        let folder = tempfile::tempdir().unwrap();
        let mut all = "aws() { printf '%s\\0' \"$@\"; printf '\\0'; }\n".to_owned();
        let mut expected = Vec::new();
        for sample in &samples {
            let places = Places::of(sample);
            let plain = restore_script(&places.filled("x"));
            let words = |script: &str| calls(script).iter().map(Vec::len).collect::<Vec<_>>();
            let shape = words(&plain);
            for text in STRINGS {
                let entry = places.filled(text);
                let script = restore_script(&entry);
                let hidden = script.chars().find(|c| is_invisible(*c) && !['\n', '\t'].contains(c));
                assert_eq!(hidden, None, "{script}");
                assert!(
                    !script.lines().any(|line| line.trim_start_matches(['#', ' ']).starts_with(FORGED)),
                    "{script}"
                );
                all.push_str(&script);
                all.push_str("printf 'END\\0\\0'\n");
                let description = match entry.object {
                    Object::Role(role) => Some(role.description.replace('\0', "")),
                    Object::App(_) | Object::EventStream(_) => None,
                };
                expected.push((text, shape.clone(), description));
            }
        }
        let path = folder.path().join("all.sh");
        std::fs::write(&path, &all).unwrap();
        let output = std::process::Command::new("sh").arg(&path).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout).unwrap();
        let runs: Vec<&str> = said.split("END\0\0").collect();
        assert_eq!(runs.len(), expected.len() + 1);
        for (run, (text, shape, description)) in runs.iter().zip(expected) {
            // Words may be empty, so they are counted by their terminators.
            let words: Vec<&str> = run.split('\0').collect();
            let calls = words.iter().filter(|word| **word == "iam" || **word == "pinpoint").count();
            assert_eq!(calls, shape.len(), "{text}: {run}");
            let joined = words.iter().filter(|word| word.starts_with("--") && word.contains("=-")).count();
            let expected: usize = shape.iter().map(|words| words + 1).sum();
            assert_eq!(words.len() - 1 + joined, expected, "{text}: {run}");
            let is_said = |one: &String| {
                let given = |word: &&str| {
                    *word == one
                        || word.strip_prefix("--description=") == Some(one)
                        || word.contains(&serde_json::json!({"Description": one}).to_string())
                };
                words.iter().any(given) && words.iter().all(|word| !is_taken_for_more(word))
            };
            assert!(description.as_ref().is_none_or(is_said), "{text}: {run}");
        }
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
        assert_eq!(left, ["all.sh"], "nothing was run");
    }

    #[test]
    fn a_comment_cannot_break_out_of_its_line() {
        let channels = Some(BTreeSet::from(["GCM\nrm -rf /".to_owned()]));
        let app = App { channels, ..app() };
        assert!(script(Object::App(app)).contains("# Enabled channels: GCM rm -rf /."));
    }
}
