//! Flags that select accounts and credentials.
use clap::Args;
use pinpoint_streams_model::error::InvalidText;
use pinpoint_streams_model::ids::{AccountAlias, RoleName};
use pinpoint_streams_model::region::{PINPOINT_REGIONS, Region};

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Accounts")]
pub(crate) struct AccountSelector {
    /// An AWS profile; repeatable [default: the accounts of the manifest, or the caller's].
    #[arg(long, value_name = "PROFILE")]
    pub profile: Vec<String>,
    /// All accounts of the AWS organization of the caller or --profile.
    #[arg(long, requires = "role")]
    pub organization: bool,
    /// The role to assume in each account, optionally with its path.
    #[arg(long, value_name = "NAME", requires = "organization", value_parser = role_in_accounts)]
    pub role: Option<(String, RoleName)>,
    /// Only these account aliases.
    #[arg(long, value_name = "ALIAS", value_delimiter = ',')]
    pub accounts: Vec<AccountAlias>,
    /// Only these regions. Resources elsewhere are unknown, not absent.
    #[arg(long, value_name = "REGION", value_delimiter = ',', value_parser = region_with_pinpoint)]
    pub regions: Vec<Region>,
}

/// Elsewhere there is nothing to read: a misspelt region would look like an empty one.
pub(crate) fn region_with_pinpoint(text: &str) -> Result<Region, String> {
    let region = text.parse().map_err(|error: InvalidText| error.to_string())?;
    if Region::has_pinpoint(&region) {
        return Ok(region);
    }
    let similar = PINPOINT_REGIONS.iter().map(|known| (strsim::damerau_levenshtein(known, text), known));
    match similar.min().filter(|(distance, _)| *distance <= 1) {
        Some((_, known)) => Err(format!("Pinpoint is not in {text}; did you mean {known}?")),
        None => Err(format!("Pinpoint is not in {text}, only in {}", PINPOINT_REGIONS.join(", "))),
    }
}

fn role_in_accounts(text: &str) -> Result<(String, RoleName), String> {
    let (path, name) = match text.rsplit_once('/') {
        Some((path, name)) => (format!("/{}/", path.trim_matches('/')).replace("//", "/"), name),
        None => ("/".to_owned(), text),
    };
    name.parse().map(|name| (path, name)).map_err(|error: InvalidText| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_without_pinpoint_or_misspelt_is_an_error() {
        assert_eq!(region_with_pinpoint("eu-west-1").unwrap().as_str(), "eu-west-1");
        let misspelt = region_with_pinpoint("eu-wst-1").unwrap_err();
        assert_eq!(misspelt, "Pinpoint is not in eu-wst-1; did you mean eu-west-1?");
        assert!(region_with_pinpoint("me-south-1").unwrap_err().contains("only in ap-northeast-1"));
        assert!(region_with_pinpoint("Ireland").is_err());
    }

    #[test]
    fn a_role_of_the_organization_may_have_a_path() {
        let role = |text: &str| role_in_accounts(text).map(|(path, name)| format!("{path} {name}"));
        assert_eq!(role("Audit").unwrap(), "/ Audit");
        assert_eq!(role("ops/Audit").unwrap(), "/ops/ Audit");
        assert_eq!(role("/ops/x/Audit").unwrap(), "/ops/x/ Audit");
        assert!(role("a b").is_err());
    }
}
