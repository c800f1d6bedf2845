//! What `policy diff` and `policy lint` are given: an address, a file or stdin, and the policies in it.
use crate::ui::{CommandContext, Error};
use crate::workspace::{Workspace, read_text};
use percent_encoding::percent_decode_str;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::error::InvalidText;
use pinpoint_streams_model::ids::AccountAlias;
use pinpoint_streams_model::live::LiveRole;
use pinpoint_streams_model::policy::{Document, Json, PolicyError};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// In bytes. IAM allows about a hundredth of it.
const MAX_BYTES: u64 = 1024 * 1024;
/// Reads stdin.
const STDIN: &str = "-";
/// The name of a permission policy that has none.
const NAMELESS: &str = "";

/// The policies of a role, as far as the source has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Policies {
    /// How messages call the source.
    pub(super) name: String,
    /// `None` for a file.
    pub(super) address: Option<Address>,
    pub(super) trust: Option<Document>,
    /// By name. `None` if the source says nothing of them.
    pub(super) permissions: Option<BTreeMap<String, Document>>,
}

impl Policies {
    pub(super) fn of_role(address: &Address, role: &LiveRole) -> Policies {
        let permissions = role.inline_policies.iter().map(|(name, policy)| (name.to_string(), policy.clone()));
        Policies {
            name: address.to_string(),
            address: Some(address.clone()),
            trust: Some(role.trust_policy.clone()),
            permissions: Some(permissions.collect()),
        }
    }
}

/// Reads a source. A file of the name wins over an address.
pub(super) async fn read(source: &str, context: &CommandContext<'_>) -> Result<Policies, Error> {
    let path = context.environment.folder.join(source);
    if source == STDIN {
        let invalid = |source| Error::Policy { path: PathBuf::from("stdin"), source };
        return parse("stdin", &stdin(context).await?).map_err(invalid);
    }
    match source.parse::<Address>() {
        Ok(address) if !path.exists() => {
            let role = super::show::live_role(&address, context).await?;
            Ok(Policies::of_role(&address, &role))
        }
        Err(why) if is_like_an_address(source) && !path.exists() => Err(not_an_address(source, &why, context)),
        _ => {
            let text = read_text(&path, MAX_BYTES)?;
            parse(source, &text).map_err(|source| Error::Policy { path, source })
        }
    }
}

fn is_like_an_address(source: &str) -> bool {
    ["role.", "iam.", "app.", "event_stream."].iter().any(|kind| source.starts_with(kind))
}

/// The address of a role outside the manifest has the ID of its account, where an alias comes to mind.
fn not_an_address(source: &str, why: &InvalidText, context: &CommandContext<'_>) -> Error {
    let manifest = Workspace::open(context).ok().and_then(|workspace| workspace.manifest);
    let meant = source.strip_prefix("iam.").and_then(|role| role.split_once('/')).and_then(|(alias, name)| {
        let accounts = manifest?.accounts();
        let id = accounts.get(&alias.parse::<AccountAlias>().ok()?)?.id.clone()?;
        Some(format!("did you mean `iam.{id}/{name}`?"))
    });
    Error::Usage {
        message: format!("`{source}` is neither a file nor an address: {why}"),
        hint: meant.unwrap_or_else(|| {
            "use role.KEY, iam.ACCOUNT/NAME with the ID of the account, or the path of a file".to_owned()
        }),
    }
}

async fn stdin(context: &CommandContext<'_>) -> Result<String, Error> {
    let failed = |source| Error::File { operation: "read", path: "stdin".into(), source };
    let mut text = String::new();
    while let Some(line) = context.printer.read_line().await.map_err(failed)? {
        text.push_str(&line);
        text.push('\n');
        if text.len() as u64 > MAX_BYTES {
            return Err(failed(std::io::ErrorKind::FileTooLarge.into()));
        }
    }
    Ok(text)
}

/// Reads a policy document, what `policy show` prints, and what `aws iam get-role`, `get-role-policy`, `get-policy-version`
/// and `get-account-authorization-details` print of one role or policy; plain or percent-encoded, with or without a byte
/// order mark.
fn parse(name: &str, text: &str) -> Result<Policies, PolicyError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let json = if text.starts_with('%') { decoded(text)? } else { text.to_owned() };
    let read: Json = serde_json::from_str(&json).map_err(|error| PolicyError::Json(error.to_string()))?;
    let nothing = || Policies { name: name.to_owned(), address: None, trust: None, permissions: None };
    let single = |document: Document| {
        if document.statements.iter().any(|statement| statement.principal.is_some()) {
            Policies { trust: Some(document), ..nothing() }
        } else {
            Policies { permissions: Some([(NAMELESS.to_owned(), document)].into()), ..nothing() }
        }
    };
    match &read {
        Json::String(encoded) => return single_text(encoded).map(single),
        Json::Object(_) => {}
        _ => return Document::from_json(&json).map(single),
    }
    if let Some(role) = get(&read, "Role") {
        return of_role(role, nothing());
    }
    if get(&read, "AssumeRolePolicyDocument").is_some() {
        return of_role(&read, nothing());
    }
    if let Some(trust) = get(&read, "trust_policy") {
        let trust = Some(document(trust)?);
        return Ok(Policies {
            trust,
            permissions: get(&read, "permissions").map(named).transpose()?,
            ..nothing()
        });
    }
    if let Some(policy) = get(&read, "PolicyDocument") {
        return Ok(Policies { permissions: Some([(policy_name(&read), document(policy)?)].into()), ..nothing() });
    }
    if let Some(policy) = get(&read, "PolicyVersion").and_then(|version| get(version, "Document")) {
        return document(policy).map(single);
    }
    Document::from_json(&json).map(single)
}

/// `Role` of `get-role`, or an entry of `RoleDetailList`.
fn of_role(role: &Json, nothing: Policies) -> Result<Policies, PolicyError> {
    let trust = get(role, "AssumeRolePolicyDocument").map(document).transpose()?;
    let Some(Json::List(policies)) = get(role, "RolePolicyList") else { return Ok(Policies { trust, ..nothing }) };
    let mut permissions = BTreeMap::new();
    for policy in policies {
        if let Some(found) = get(policy, "PolicyDocument") {
            permissions.insert(policy_name(policy), document(found)?);
        }
    }
    Ok(Policies { trust, permissions: Some(permissions), ..nothing })
}

fn policy_name(policy: &Json) -> String {
    match get(policy, "PolicyName") {
        Some(Json::String(name)) => name.clone(),
        _ => NAMELESS.to_owned(),
    }
}

fn named(permissions: &Json) -> Result<BTreeMap<String, Document>, PolicyError> {
    match permissions {
        Json::Object(entries) => {
            entries.iter().map(|(name, policy)| Ok((name.clone(), document(policy)?))).collect()
        }
        _ => Err(PolicyError::Shape { at: "permissions".to_owned(), problem: "is not an object".to_owned() }),
    }
}

/// A document, which the AWS CLI prints as JSON and the API as text.
fn document(json: &Json) -> Result<Document, PolicyError> {
    match json {
        Json::String(text) => single_text(text),
        other => Document::from_json(&other.to_string()),
    }
}

fn single_text(text: &str) -> Result<Document, PolicyError> {
    Document::from_wire(text)
}

fn decoded(text: &str) -> Result<String, PolicyError> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| PolicyError::Encoding)?;
    Ok(decoded.trim_start_matches('\u{feff}').to_owned())
}

fn get<'j>(json: &'j Json, key: &str) -> Option<&'j Json> {
    match json {
        Json::Object(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    const PUT: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;

    fn encoded(text: &str) -> String {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    }

    #[test]
    fn every_form_in_which_people_have_a_policy_is_read() {
        let trust = Some(Document::from_json(TRUST).unwrap());
        let put = Document::from_json(PUT).unwrap();
        let read = |text: &str| {
            let Policies { name: _, address: _, trust, permissions } =
                parse("x", text).unwrap_or_else(|why| panic!("{why}: {text}"));
            (trust, permissions)
        };
        let nameless = Some(BTreeMap::from([(String::new(), put.clone())]));
        let named = Some(BTreeMap::from([("P".to_owned(), put)]));
        for text in
            [TRUST.to_owned(), encoded(TRUST), format!("\u{feff}{TRUST}\r\n"), format!("\"{}\"", encoded(TRUST))]
        {
            assert_eq!(read(&text), (trust.clone(), None), "{text}");
        }
        assert_eq!(read(PUT), (None, nameless.clone()));
        assert_eq!(read(&encoded(&format!("\u{feff}{PUT}"))), (None, nameless.clone()));
        for role in [
            format!(r#"{{"Role":{{"Path":"/","RoleName":"r","AssumeRolePolicyDocument":{TRUST},"Tags":[]}}}}"#),
            format!(r#"{{"Role":{{"AssumeRolePolicyDocument":"{}"}}}}"#, encoded(TRUST)),
            format!(r#"{{"RoleName":"r","AssumeRolePolicyDocument":{TRUST}}}"#),
        ] {
            assert_eq!(read(&role), (trust.clone(), None), "{role}");
        }
        let details = format!(
            r#"{{"AssumeRolePolicyDocument":{TRUST},"RolePolicyList":[{{"PolicyName":"P","PolicyDocument":{PUT}}}]}}"#
        );
        assert_eq!(read(&details), (trust.clone(), named.clone()));
        let shown = format!(r#"{{"address":"role.shop","trust_policy":{TRUST},"permissions":{{"P":{PUT}}}}}"#);
        assert_eq!(read(&shown), (trust, named.clone()));
        assert_eq!(read(&format!(r#"{{"RoleName":"r","PolicyName":"P","PolicyDocument":{PUT}}}"#)), (None, named));
        assert_eq!(
            read(&format!(r#"{{"PolicyVersion":{{"Document":{PUT},"VersionId":"v1"}}}}"#)),
            (None, nameless)
        );
    }

    #[test]
    fn what_is_no_policy_is_an_error_that_says_why() {
        for text in ["", "[]", "{}", "null", "not json", "%7B%zz", r#"{"Role": {"AssumeRolePolicyDocument": 1}}"#]
        {
            assert!(parse("x", text).is_err(), "{text}");
        }
    }
}
