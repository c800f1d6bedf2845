//! Validation of IAM request parameters. Source: the shapes of botocore 1.44.5 `data/iam/2010-05-08/service-2.json`;
//! the messages are observed from the service.
use crate::query::{Form, QueryError, model_name};

/// `[\w+=,.@-]+`, the set of all names.
fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_+=,.@-".contains(character)
}

fn name<'a>(form: &'a Form, parameter: &str, most: usize) -> Result<&'a str, QueryError> {
    let name = form.required(parameter)?;
    let parameter = model_name(parameter);
    length(name, &parameter, 1, most)?;
    if !name.chars().all(is_name_character) {
        return Err(QueryError::validation(format!(
            "The specified value for {parameter} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
        )));
    }
    Ok(name)
}

fn length(value: &str, parameter: &str, least: usize, most: usize) -> Result<(), QueryError> {
    let length = value.chars().count();
    let rule = if length < least {
        format!("Member must have length greater than or equal to {least}")
    } else if length > most {
        format!("Member must have length less than or equal to {most}")
    } else {
        return Ok(());
    };
    Err(QueryError::constraint(value, parameter, &rule))
}

/// 1 to 64 characters.
pub(super) fn role_name(form: &Form) -> Result<&str, QueryError> {
    name(form, "RoleName", 64)
}

/// 1 to 128 characters.
pub(super) fn policy_name(form: &Form) -> Result<&str, QueryError> {
    name(form, "PolicyName", 128)
}

/// 1 to 128 characters.
pub(super) fn profile_name(form: &Form) -> Result<&str, QueryError> {
    name(form, "InstanceProfileName", 128)
}

fn is_path(path: &str) -> bool {
    let printable = path.chars().all(|c| ('!'..='\x7F').contains(&c));
    path == "/" || (path.len() > 2 && path.starts_with('/') && path.ends_with('/') && printable)
}

/// `/`, or 3 to 512 characters between slashes.
pub(super) fn path<'a>(form: &'a Form, parameter: &str) -> Result<&'a str, QueryError> {
    let path = form.get(parameter).unwrap_or("/");
    length(path, &model_name(parameter), 1, 512)?;
    if !is_path(path) {
        return Err(QueryError::validation(format!(
            "The specified value for {} is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
            model_name(parameter)
        )));
    }
    Ok(path)
}

/// A path or the beginning of one.
pub(super) fn path_prefix(form: &Form) -> Result<&str, QueryError> {
    let prefix = form.get("PathPrefix").unwrap_or("/");
    length(prefix, "pathPrefix", 1, 512)?;
    if !prefix.starts_with('/') || !prefix.chars().all(|c| ('!'..='\x7F').contains(&c)) {
        let rule = r"Member must satisfy regular expression pattern: \u002F[\u0021-\u007F]*";
        return Err(QueryError::constraint(prefix, "pathPrefix", rule));
    }
    Ok(prefix)
}

/// At most 1,000 characters, all in Latin-1: no curly quotes, no emoji. None if empty.
pub(super) fn description(form: &Form) -> Result<Option<&str>, QueryError> {
    let Some(description) = form.get("Description") else { return Ok(None) };
    length(description, "description", 0, 1000)?;
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{7E}' | '\u{A1}'..='\u{FF}');
    if !description.chars().all(allowed) {
        let rule =
            r"Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*";
        return Err(QueryError::constraint(description, "description", rule));
    }
    Ok(Some(description).filter(|text| !text.is_empty()))
}

/// 3,600 to 43,200 seconds.
pub(super) fn max_session(form: &Form) -> Result<Option<u32>, QueryError> {
    let Some(text) = form.get("MaxSessionDuration") else { return Ok(None) };
    let rule = |rule: &str| QueryError::constraint(text, "maxSessionDuration", rule);
    match text.parse() {
        Ok(seconds @ 3600..=43200) => Ok(Some(seconds)),
        Ok(0..3600) => Err(rule("Member must have value greater than or equal to 3600")),
        _ => Err(rule("Member must have value less than or equal to 43200")),
    }
}

/// A policy document: 1 to 131,072 characters of `[\t\n\r\x20-\xFF]`.
pub(super) fn document<'a>(form: &'a Form, parameter: &str) -> Result<&'a str, QueryError> {
    let document = form.required(parameter)?;
    let parameter = model_name(parameter);
    length(document, &parameter, 1, 131_072)?;
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{FF}');
    if !document.chars().all(allowed) {
        let rule = r"Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+";
        return Err(QueryError::constraint(document, &parameter, rule));
    }
    Ok(document)
}

/// An ARN: 20 to 2,048 characters.
pub(super) fn arn<'a>(form: &'a Form, parameter: &str) -> Result<&'a str, QueryError> {
    let arn = form.required(parameter)?;
    length(arn, &model_name(parameter), 20, 2048)?;
    if !arn.starts_with("arn:") {
        return Err(QueryError::invalid_input(format!("ARN {arn} is not valid.")));
    }
    Ok(arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(parameter: &str, value: &str) -> Form {
        let body = form_urlencoded::Serializer::new(String::new()).append_pair(parameter, value).finish();
        Form::parse(body.as_bytes())
    }

    #[test]
    fn names_keep_to_iams_characters_and_length() {
        assert!(role_name(&form("RoleName", "A_b+=,.@-9")).is_ok());
        assert!(role_name(&form("RoleName", &"r".repeat(64))).is_ok());
        assert!(role_name(&form("RoleName", &"r".repeat(65))).is_err());
        assert!(role_name(&form("RoleName", "")).is_err());
        assert!(role_name(&form("RoleName", "a role")).is_err());
        assert!(role_name(&form("RoleName", "ä")).is_err());
        assert!(policy_name(&form("PolicyName", &"p".repeat(128))).is_ok());
    }

    #[test]
    fn a_path_begins_and_ends_with_a_slash() {
        for good in ["/", "/a/", "/pinpoint-streams/growth/"] {
            assert!(path(&form("Path", good), "Path").is_ok(), "{good}");
        }
        for bad in ["a", "/a", "a/", "/a b/"] {
            assert!(path(&form("Path", bad), "Path").is_err(), "{bad}");
        }
    }

    #[test]
    fn a_description_takes_no_curly_quotes() {
        assert!(description(&form("Description", "Für \"alles\"")).is_ok());
        assert!(description(&form("Description", "\u{201C}x\u{201D}")).is_err());
        assert_eq!(description(&form("Description", "")), Ok(None));
    }

    #[test]
    fn a_session_lasts_one_to_twelve_hours() {
        assert_eq!(max_session(&form("MaxSessionDuration", "3600")), Ok(Some(3600)));
        assert!(max_session(&form("MaxSessionDuration", "3599")).is_err());
        assert!(max_session(&form("MaxSessionDuration", "43201")).is_err());
    }
}
