//! How an apply of a saved plan connects to the plan's accounts.
use pinpoint_streams_aws::AccountCredentials;
use pinpoint_streams_model::plan::CredentialSource;

pub(crate) fn source_of(credentials: &AccountCredentials) -> CredentialSource {
    let AccountCredentials { id: _, partition, profile, assume_role, external_id: _, session_name: _ } =
        credentials;
    CredentialSource { partition: *partition, profile: profile.clone(), assume_role: assume_role.clone() }
}

/// An account that is not in the plan is rejected after connecting, whatever credentials these are.
pub(crate) fn credentials_of(source: &CredentialSource) -> AccountCredentials {
    let CredentialSource { partition, profile, assume_role } = source.clone();
    AccountCredentials { profile, assume_role, ..AccountCredentials::chain(partition) }
}
