//! What a person or a file gives: errors that quote it, manifests and names.
use super::{is_safe, is_safe_json};
use crate::settings::Environment;
use crate::ui::error::{self, Error};
use crate::ui::escape::escape;
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::manifest::{Manifest, OneFile, Overrides};
use pinpoint_streams_store::lock::{Holder, LockError};
use pinpoint_streams_testkit::hostile::STRINGS;
use std::io;

#[test]
fn errors_of_every_kind_that_quotes_other_text() {
    let io = |text: &str| io::Error::other(text.to_owned());
    for text in STRINGS {
        let holder = Holder { who: text.into(), host: text.into(), pid: 1, since: jiff::Timestamp::UNIX_EPOCH };
        let cloud = CloudError {
            kind: FailureKind::Denied,
            operation: "GetRole".into(),
            code: text.into(),
            message: text.into(),
            request_id: Some(text.into()),
            definitely_refused: true,
            source: None,
        };
        let errors = [
            Error::Usage { message: text.into(), hint: text.into() },
            Error::NotFound { message: text.into(), hint: text.into() },
            Error::File { operation: "read", path: text.into(), source: io(text) },
            Error::InvalidFile { path: text.into(), problem: text.into(), hint: text.into() },
            Error::Cloud { operation: "read", address: None, error: Box::new(cloud) },
            Error::Lock(LockError::Held { place: text.into(), holder: Some(holder), heartbeat: None }),
            Error::Output(io(text)),
        ];
        for error in errors {
            is_safe(&error.text(&Environment::default()));
            is_safe_json(&error.json(&Environment::default(), str::to_owned));
        }
    }
}

#[test]
fn manifests_with_mistakes_in_every_place() {
    for text in STRINGS {
        let text = toml_text(text);
        let head = "version = 1\nworkspace = \"w\"";
        let manifests = [
            format!("version = 1\nworkspace = {text}\n"),
            format!("{head}\n{text} = 1\n"),
            format!("{head}\ninclude = [{text}]\n"),
            format!("{head}\n[apps.{text}]\nid = {text}\nstream = {text}\nrole = {text}\n"),
            format!("{head}\n[accounts.{text}]\nid = {text}\nprofile = {text}\n"),
            format!("{head}\n[streams.{text}]\nkinesis = {text}\nkms_key = {text}\n"),
            format!("{head}\n[roles.{text}]\nname = {text}\npath = {text}\ntags = {{ {text} = {text} }}\n"),
            format!("{head}\n[role_defaults]\nname = {text}\npermissions_boundary = {text}\n"),
            format!("{head}\n[state]\npath = {text}\n[sweep]\nexclude = [{text}]\n"),
            format!("{head}\n[[moved]]\nfrom = {text}\nto = {text}\n[[forget]]\naddress = {text}\n"),
            format!("version = 1\nworkspace = \"w-{{var.v}}\"\n[variables]\nv = {text}\n{text} = {text}\n"),
        ];
        for manifest in manifests {
            if let Err(errors) = Manifest::load("m.toml", manifest.clone(), &OneFile, &Overrides::default()) {
                is_safe(&error::diagnostics(&errors.sources, &errors.errors, 100));
                is_safe_json(&Error::Manifest(errors).json(&Environment::default(), str::to_owned));
            }
        }
        // Unescaped, and so mostly invalid TOML.
        let raw = format!("version = 1\nworkspace = \"w\"\n[apps.a]\nname = \"{text}\"\n# {text}\n");
        if let Err(errors) = Manifest::load("m.toml", raw, &OneFile, &Overrides::default()) {
            is_safe(&error::diagnostics(&errors.sources, &errors.errors, 100));
        }
    }
}

/// The text as a TOML string, with as few escapes as TOML allows.
fn toml_text(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_ascii_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[test]
fn the_text_of_one_line_is_one_line() {
    for text in STRINGS {
        is_safe(&escape(text));
        assert!(escape(text).lines().count() <= 1);
    }
}

#[test]
fn no_name_that_goes_into_a_policy_a_path_or_a_session_takes_such_a_text() {
    use pinpoint_streams_model::address::Address;
    use pinpoint_streams_model::arn::{AppArn, KmsKeyArn, StreamArn};
    use pinpoint_streams_model::ids::{
        AccountAlias, AccountId, AppId, AppKey, Lineage, PolicyName, RoleId, RoleName, RunId, StreamKey, Workspace,
    };
    use pinpoint_streams_model::region::Region;
    fn takes<T: std::str::FromStr>(text: &str) -> bool {
        text.parse::<T>().is_ok()
    }
    let takers: [fn(&str) -> bool; 16] = [
        takes::<Workspace>,
        takes::<AppKey>,
        takes::<StreamKey>,
        takes::<AccountAlias>,
        takes::<AccountId>,
        takes::<AppId>,
        takes::<RoleId>,
        takes::<RoleName>,
        takes::<PolicyName>,
        takes::<Lineage>,
        takes::<RunId>,
        takes::<Region>,
        takes::<Address>,
        takes::<AppArn>,
        takes::<StreamArn>,
        takes::<KmsKeyArn>,
    ];
    let within = [
        "{}",
        "role.{}",
        "iam.123456789012/{}",
        "arn:aws:mobiletargeting:eu-west-1:123456789012:apps/{}",
        "arn:aws:kinesis:eu-west-1:123456789012:stream/{}",
        "arn:aws:firehose:eu-west-1:123456789012:deliverystream/{}",
        "arn:aws:kms:eu-west-1:123456789012:key/{}",
        "arn:aws:kinesis:{}:123456789012:stream/clicks",
        "arn:aws:kinesis:eu-west-1:{}:stream/clicks",
    ];
    // Names contain neither wildcards nor policy variables.
    for text in STRINGS.into_iter().chain(["*", "a?", "${aws:username}", "a/../b", "a b", ""]) {
        for form in within {
            let whole = form.replace("{}", text);
            for (nth, takes) in takers.iter().enumerate() {
                let is_harmless = |c: char| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c);
                let is_path = whole.contains("/..") && nth < 12;
                assert!(!takes(&whole) || (whole.chars().all(is_harmless) && !is_path), "{nth}: {whole}");
            }
        }
    }
}
