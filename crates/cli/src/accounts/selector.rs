//! Flags that select accounts and credentials.
use clap::Args;
use pinpoint_streams_model::error::InvalidText;
use pinpoint_streams_model::ids::{AccountAlias, RoleName};
use pinpoint_streams_model::region::Region;

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
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub regions: Vec<Region>,
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
    fn a_role_of_the_organization_may_have_a_path() {
        let role = |text: &str| role_in_accounts(text).map(|(path, name)| format!("{path} {name}"));
        assert_eq!(role("Audit").unwrap(), "/ Audit");
        assert_eq!(role("ops/Audit").unwrap(), "/ops/ Audit");
        assert_eq!(role("/ops/x/Audit").unwrap(), "/ops/x/ Audit");
        assert!(role("a b").is_err());
    }
}
