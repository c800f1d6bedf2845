//! A copy of a bundle with other account IDs, names and ARNs, for a bug report. Equal texts become equal texts, so that it
//! gives the same verdicts; what decides a verdict by its own meaning is kept: actions, effects, condition keys, service
//! principals, regions, times, and error codes. Everything else is replaced, under a key that is not kept.
use super::{Bundle, FORMAT, Header, Kept};
use pinpoint_streams_model::ids::AccountAlias;
use pinpoint_streams_model::live::Unreadable;
use pinpoint_streams_model::ownership::PREFIX;
use pinpoint_streams_model::region::AWS_REGIONS;
use pinpoint_streams_model::sweep::is_quarantine;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// Keys whose texts are kept.
const KEPT: [&str; 27] = [
    "region",
    "regions",
    "Effect",
    "Action",
    "NotAction",
    "Version",
    "Service",
    "status",
    "invoked_by",
    "event",
    "kind",
    "operation",
    "code",
    "at",
    "captured",
    "created",
    "finished",
    "began",
    "sources",
    "version",
    "digest",
    "within_days",
    "partition",
    "error",
    "change",
    "channels",
    "last_used",
];
/// Objects whose keys are names, and not those of a structure.
const BY_NAME: [&str; 10] = [
    "role_list",
    "roles",
    "inline_policies",
    "unread_policies",
    "apps",
    "tags",
    "app_tags",
    "config_event_streams",
    "aggregated_event_streams",
    "unused_roles",
];
/// The types of resources in the last field of an ARN.
const TYPES: [&str; 11] = [
    "apps",
    "role",
    "policy",
    "user",
    "group",
    "instance-profile",
    "assumed-role",
    "stream",
    "deliverystream",
    "key",
    "alias",
];
/// What the ids of IAM begin with. Source: IAM user guide, "IAM identifiers".
const ID_PREFIXES: [&str; 12] =
    ["AROA", "AIDA", "AKIA", "ASIA", "ANPA", "AGPA", "AIPA", "ANVA", "ASCA", "APKA", "ABIA", "ACCA"];
const HEX: &[u8] = b"0123456789abcdef";
const DIGITS: &[u8] = b"0123456789";
const LETTERS: &[u8] = b"ghijklmnopqrstuvwxyz";
const CAPITALS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// AWS's words for a denial by a service control policy, which an assertion may meet.
const CONTROL_POLICY: &str = "with an explicit deny in a service control policy";

/// The header and the answers of the copy. `key` should be random and must not be kept.
pub fn redact(bundle: &Bundle, key: [u8; 32]) -> serde_json::Result<(Header, Vec<Kept>)> {
    let redactor = Redactor { key };
    let mut header = bundle.header.clone();
    header.format = FORMAT;
    header.is_redacted = true;
    header.scope.accounts = bundle
        .header
        .scope
        .accounts
        .iter()
        .filter_map(|(alias, id)| {
            let alias: AccountAlias = redactor.text(alias.as_str()).parse().ok()?;
            Some((alias, redactor.typed(id).ok()?))
        })
        .collect();
    let answers = bundle.answers.iter().map(|kept| {
        Ok(Kept {
            at: kept.at,
            question: redactor.typed(&kept.question)?,
            answer: redactor.typed(&kept.answer)?,
            request_ids: Vec::new(),
        })
    });
    Ok((header, answers.collect::<serde_json::Result<_>>()?))
}

struct Redactor {
    key: [u8; 32],
}

impl Redactor {
    fn typed<T: Serialize + DeserializeOwned>(&self, value: &T) -> serde_json::Result<T> {
        let mut json = serde_json::to_value(value)?;
        self.value(&mut json, "");
        serde_json::from_value(json)
    }

    /// `key`: under which the value stands.
    fn value(&self, value: &mut Value, key: &str) {
        match value {
            Value::String(text) if !KEPT.contains(&key) => *text = self.text(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.value(value, key)),
            Value::Object(fields) if is_failure(fields) => failure(fields),
            Value::Object(fields) => {
                let old = std::mem::take(fields);
                for (name, mut value) in old {
                    let is_renamed = BY_NAME.contains(&key) && !is_field(&name);
                    self.value(&mut value, if is_renamed { "" } else { &name });
                    let name = match name.split_once('/') {
                        _ if is_renamed => self.text(&name),
                        // `aws:PrincipalTag/NAME`
                        Some((condition, of)) => format!("{condition}/{}", self.text(of)),
                        None => name,
                    };
                    fields.insert(name, value);
                }
            }
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn text(&self, text: &str) -> String {
        let is_own_tag = |text: &str| {
            let key = text.strip_prefix(PREFIX);
            key.is_some_and(|key| {
                key.len() <= 16 && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            })
        };
        if text.parse::<jiff::Timestamp>().is_ok()
            || is_quarantine(text)
            || is_own_tag(text)
            || ["Present", "present", "absent", "created", "adopted", "true", "false"].contains(&text)
        {
            return text.to_owned();
        }
        match text.get(..4) {
            Some(scheme) if scheme.eq_ignore_ascii_case("arn:") => self.arn(text),
            _ => self.words(text),
        }
    }

    /// Partition, service and region are kept, and so are policies of AWS.
    fn arn(&self, text: &str) -> String {
        let fields: Vec<&str> = text.splitn(6, ':').collect();
        if fields.get(4) == Some(&"aws") {
            return text.to_owned();
        }
        let is_app = fields.get(2).is_some_and(|service| service.eq_ignore_ascii_case("mobiletargeting"));
        let field = |(index, field): (usize, &&str)| match index {
            0..=3 => (*field).to_owned(),
            4 => self.rotated(field, &[DIGITS]),
            _ => match field.split_once(['/', ':']) {
                // The type of the resource.
                Some((kind, _)) if !TYPES.contains(&kind) => self.words(field),
                Some((kind, rest)) if is_app => {
                    format!(
                        "{kind}{}{}",
                        &field[kind.len()..=kind.len()],
                        self.rotated(rest, &[HEX, LETTERS, CAPITALS])
                    )
                }
                Some((kind, rest)) => format!("{kind}{}{}", &field[kind.len()..=kind.len()], self.words(rest)),
                None => self.words(field),
            },
        };
        fields.iter().enumerate().map(field).collect::<Vec<_>>().join(":")
    }

    /// Each run of characters that may be in a name becomes another; what separates them is kept.
    fn words(&self, text: &str) -> String {
        // The paths of service-linked roles decide a verdict.
        for path in ["/aws-service-role/", "/aws-reserved/", "aws-service-role/", "aws-reserved/"] {
            if let Some(rest) = text.strip_prefix(path) {
                return format!("{path}{}", self.words(rest));
            }
        }
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        let (mut result, mut word) = (String::new(), String::new());
        for c in text.chars() {
            if is_of_name(c) {
                word.push(c);
                continue;
            }
            result.push_str(&self.word(&word));
            word.clear();
            // Blanks, slashes and wildcards; any other character is as good as another.
            result.push(if c.is_alphabetic() { 'x' } else { c });
        }
        result.push_str(&self.word(&word));
        result
    }

    fn word(&self, word: &str) -> String {
        let is_digits = word.bytes().all(|byte| byte.is_ascii_digit());
        match word.len() {
            0 => String::new(),
            // As in `ACCOUNT/REGION`.
            _ if is_region(word) => word.to_owned(),
            12 if is_digits => self.rotated(word, &[DIGITS]),
            32 if word.bytes().all(|byte| HEX.contains(&byte)) => self.rotated(word, &[HEX]),
            // The ids of IAM: what they are of is in their first four letters.
            16.. if word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) => {
                let hash = self.hash(word.as_bytes());
                let letter = |byte: &u8| char::from(CAPITALS[usize::from(*byte) % CAPITALS.len()]);
                let prefix = ID_PREFIXES.into_iter().find(|prefix| word.starts_with(prefix)).unwrap_or("ID");
                format!("{prefix}{}", hash.iter().take(17).map(letter).collect::<String>())
            }
            _ => {
                // IAM ignores the letter case of names.
                let hash = self.hash(word.to_ascii_lowercase().as_bytes());
                let digits: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
                format!("n{digits}")
            }
        }
    }

    /// Every character becomes another of its alphabet that depends on the characters before it: texts with the same
    /// beginning keep one, so that `0123*` matches what it matched.
    fn rotated(&self, text: &str, alphabets: &[&[u8]]) -> String {
        let rotate = |(index, byte): (usize, u8)| {
            let alphabet = alphabets.iter().find(|alphabet| alphabet.contains(&byte));
            let Some(alphabet) = alphabet else { return char::from(byte) };
            let before = text.as_bytes().get(..index).unwrap_or_default();
            let by = usize::from(self.hash(before)[0]);
            let at = alphabet.iter().position(|known| *known == byte).unwrap_or_default();
            char::from(alphabet[(at + by) % alphabet.len()])
        };
        if !text.is_ascii() {
            return self.words(text);
        }
        text.bytes().enumerate().map(rotate).collect()
    }

    fn hash(&self, text: &[u8]) -> [u8; 32] {
        Sha256::new().chain_update(self.key).chain_update(text).finalize().into()
    }
}

/// Whether the object is an [`Unreadable`].
fn is_failure(fields: &Map<String, Value>) -> bool {
    fields.contains_key("operation") && fields.contains_key("message")
}

/// Messages may contain anything.
fn failure(fields: &mut Map<String, Value>) {
    let Ok(mut why) = serde_json::from_value::<Unreadable>(Value::Object(fields.clone())) else {
        return fields.clear();
    };
    why.message = if why.message.contains(CONTROL_POLICY) { CONTROL_POLICY } else { "redacted" }.to_owned();
    why.request_id = None;
    why.beneath = Vec::new();
    if let Ok(Value::Object(redacted)) = serde_json::to_value(why) {
        *fields = redacted;
    }
}

/// The fields of the questions whose names are those of answers by name, and the variants of a read.
fn is_field(name: &str) -> bool {
    ["present", "unreadable", "account", "region"].contains(&name)
}

fn is_region(text: &str) -> bool {
    AWS_REGIONS.contains(&text)
}
