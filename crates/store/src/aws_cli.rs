//! Shell scripts of AWS CLI commands: quoting, and the commands that create roles, apps and event streams.
use pinpoint_streams_model::invisible_chars::is_invisible;
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::{Document, PolicyArn, PolicyName, Region, RoleArn, RoleName};
use std::borrow::Cow;
use std::fmt::Write as _;

/// A script for a POSIX shell.
#[derive(Debug)]
pub struct Script {
    text: String,
}

/// A role to create.
#[derive(Debug)]
pub struct NewRole<'a> {
    pub arn: &'a RoleArn,
    pub trust_policy: ShellWord,
    /// Empty means none.
    pub description: &'a str,
    /// In seconds.
    pub max_session_duration: u32,
    pub permissions_boundary: Option<&'a PolicyArn>,
    pub tags: &'a Tags,
}

/// A word as a shell reads it, quoted; it may contain variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellWord(String);

impl ShellWord {
    pub fn literal(text: &str) -> ShellWord {
        ShellWord(quoted(text).into_owned())
    }

    /// The value of a variable.
    pub fn variable(name: &str) -> ShellWord {
        ShellWord(format!("\"${name}\""))
    }

    /// One word of several.
    pub fn joined(words: impl IntoIterator<Item = ShellWord>) -> ShellWord {
        ShellWord(words.into_iter().map(|ShellWord(word)| word).collect())
    }
}

impl Script {
    #[expect(clippy::new_without_default, reason = "a script has its first line from the start")]
    pub fn new() -> Script {
        Script { text: "#!/bin/sh\n".to_owned() }
    }

    pub fn into_text(self) -> String {
        self.text
    }

    /// Adds a line of our own.
    pub fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Adds a comment. Line breaks and invisible characters become spaces.
    pub fn comment(&mut self, text: &str) {
        let text: String = text.chars().map(|c| if is_invisible(c) { ' ' } else { c }).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "# {text}");
    }

    /// Adds a call.
    pub fn aws(&mut self, command: &str, options: &[(&str, &str)]) {
        let options: Vec<_> = options.iter().map(|(option, value)| option_word(option, value)).collect();
        self.call(&format!("aws {command}"), &options, "");
    }

    /// Adds a command with an option on each line, and what closes it.
    fn call(&mut self, command: &str, options: &[String], end: &str) {
        self.text.push_str(command);
        for option in options {
            let _ = write!(self.text, " \\\n  {option}");
        }
        self.line(end);
    }

    pub fn create_role(&mut self, role: &NewRole<'_>) {
        let NewRole { arn, trust_policy, description, max_session_duration, permissions_boundary, tags } = role;
        let mut options = vec![
            option_word("--path", arn.path.as_str()),
            option_word("--role-name", arn.name.as_str()),
            format!("--assume-role-policy-document {}", trust_policy.0),
            option_word("--max-session-duration", &max_session_duration.to_string()),
        ];
        let odd = serde_json::json!({ "Description": description }).to_string();
        if is_taken_for_more(description) {
            options.push(option_word("--cli-input-json", &odd));
        } else if !description.is_empty() {
            options.push(option_word("--description", description));
        }
        options.extend(permissions_boundary.map(|policy| option_word("--permissions-boundary", policy.as_str())));
        options.extend(iam_tags(tags).map(|tags| option_word("--tags", &tags)));
        self.call("aws iam create-role", &options, "");
    }

    pub fn put_role_policy(&mut self, role: &RoleName, name: &PolicyName, document: &Document) {
        let document = document.to_json();
        let put =
            [("--role-name", role.as_str()), ("--policy-name", name.as_str()), ("--policy-document", &*document)];
        self.aws("iam put-role-policy", &put);
    }

    pub fn add_role_to_instance_profile(&mut self, profile: &str, role: &RoleName) {
        let odd = serde_json::json!({ "InstanceProfileName": profile }).to_string();
        let given = match is_taken_for_more(profile) {
            true => ("--cli-input-json", &*odd),
            false => ("--instance-profile-name", profile),
        };
        self.aws("iam add-role-to-instance-profile", &[given, ("--role-name", role.as_str())]);
    }

    pub fn create_app(&mut self, region: &Region, name: &str, tags: &Tags) {
        self.call("aws pinpoint create-app", &app_options(region, name, tags), "");
    }

    /// Creates an app and keeps its ID in a variable.
    pub fn create_app_as(&mut self, variable: &str, region: &Region, name: &str, tags: &Tags) {
        let mut options = app_options(region, name, tags);
        options.push("--query ApplicationResponse.Id --output text".to_owned());
        self.call(&format!("{variable}=$(aws pinpoint create-app"), &options, ")");
    }

    pub fn put_event_stream(&mut self, region: &Region, app_id: &ShellWord, destination: &str, role_arn: &str) {
        self.put_event_stream_by("aws", region, app_id, destination, role_arn);
    }

    /// Runs the call as the arguments of another command, such as a function of the script.
    pub fn put_event_stream_by(
        &mut self,
        command: &str,
        region: &Region,
        app_id: &ShellWord,
        destination: &str,
        role_arn: &str,
    ) {
        let target = serde_json::json!({ "DestinationStreamArn": destination, "RoleArn": role_arn }).to_string();
        let options = [
            option_word("--region", region.as_str()),
            format!("--application-id {}", app_id.0),
            option_word("--write-event-stream", &target),
        ];
        self.call(&format!("{command} pinpoint put-event-stream"), &options, "");
    }
}

fn app_options(region: &Region, name: &str, tags: &Tags) -> Vec<String> {
    let request = serde_json::json!({ "Name": name, "tags": tags }).to_string();
    vec![option_word("--region", region.as_str()), option_word("--create-application-request", &request)]
}

/// An option with its value. A value that begins with a dash is joined to its option, so that it is not taken for one: the
/// name of a role may be `--path`.
fn option_word(option: &str, value: &str) -> String {
    match value.starts_with('-') {
        true => quoted(&format!("{option}={value}")).into_owned(),
        false => format!("{option} {}", quoted(value)),
    }
}

/// Whether the AWS CLI would read a value as the source of a value.
/// Source: AWS CLI user guide, "Load a parameter from a file" and "Load AWS CLI parameter values from a URL".
pub(crate) fn is_taken_for_more(value: &str) -> bool {
    ["file://", "fileb://", "http://", "https://"].iter().any(|start| value.starts_with(start))
}

/// Tags in JSON, which needs no escaping of its own, unlike the CLI's shorthand.
fn iam_tags(tags: &Tags) -> Option<String> {
    let list: Vec<_> = tags.iter().map(|(key, value)| serde_json::json!({ "Key": key, "Value": value })).collect();
    (!list.is_empty()).then(|| serde_json::Value::from(list).to_string())
}

/// Quotes a word for a POSIX shell. Invisible characters and those that control a terminal become `printf` escapes, so
/// that readers see them. Null characters, which neither a word nor AWS can contain, are dropped.
pub fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(&byte);
    let is_hidden = |c: char| is_invisible(c) && c != '\t';
    if !word.is_empty() && word.bytes().all(is_plain) {
        Cow::Borrowed(word)
    } else if word.chars().any(is_hidden) {
        // `$(…)` drops trailing newlines, so they follow it.
        let inner = word.trim_end_matches('\n');
        let mut format = String::new();
        for c in inner.chars().filter(|c| *c != '\0') {
            match c {
                '\\' => format.push_str(r"\\"),
                '%' => format.push_str("%%"),
                c if is_hidden(c) => c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| {
                    // Writing to a String cannot fail.
                    let _ = write!(format, "\\{byte:03o}");
                }),
                c => format.push(c),
            }
        }
        // `--`, because a leading dash would be an option.
        let printf = format!("printf -- {}", single(&format));
        Cow::Owned(format!("\"$({printf})\"{}", single(&word[inner.len()..])))
    } else {
        Cow::Owned(single(word))
    }
}

fn single(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
