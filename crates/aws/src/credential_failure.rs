//! Why a configured source of credentials returned none, with a hint.
use pinpoint_streams_store::archive::quoted;
use std::fmt;

/// The configured source of credentials, and why it returned none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialFailure {
    /// None without a profile: the environment.
    pub profile: Option<String>,
    pub cause: CredentialCause,
    /// What the SDK, STS or the program of `credential_process` answered.
    pub detail: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialCause {
    /// AssumeRole was denied, and the profile sets `mfa_serial`: the SDK cannot prompt for a code.
    Mfa {
        serial: String,
    },
    /// AssumeRole was denied.
    RoleDenied {
        role: String,
    },
    /// `source_profile` or another setting is wrong.
    Settings,
    Process,
    Sso,
    WebIdentity {
        token_file: String,
    },
    /// The profile sets no credentials.
    Empty,
    Other,
}

impl fmt::Display for CredentialFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CredentialFailure { profile, cause, detail } = self;
        if let Some(profile) = profile {
            write!(f, "profile `{profile}`: ")?;
        }
        match cause {
            CredentialCause::Mfa { serial } => {
                write!(f, "AssumeRole was denied, and `mfa_serial = {serial}` requires a code: {detail}")
            }
            CredentialCause::RoleDenied { role } => write!(f, "AssumeRole of {role} was denied: {detail}"),
            CredentialCause::Process => write!(f, "`credential_process` failed: {detail}"),
            CredentialCause::Sso => write!(f, "no SSO session: {detail}"),
            CredentialCause::WebIdentity { token_file } => {
                write!(f, "no credentials for the web identity token in {token_file}: {detail}")
            }
            CredentialCause::Settings | CredentialCause::Empty | CredentialCause::Other => f.write_str(detail),
        }
    }
}

impl CredentialFailure {
    pub fn hint(&self) -> String {
        let option = self.profile.as_ref().map(|name| format!(" --profile {}", quoted(name))).unwrap_or_default();
        let profile = self.profile.as_deref().unwrap_or("default");
        match &self.cause {
            CredentialCause::Mfa { .. } => format!(
                "the AWS SDK cannot ask for an MFA code, the AWS CLI can: run `eval \"$(aws configure \
                 export-credentials{option} --format env)\"`, and then this command without the profile"
            ),
            CredentialCause::RoleDenied { role } => format!(
                "allow the identity of the source profile sts:AssumeRole on {role}, and that identity in the role's \
                 trust policy"
            ),
            CredentialCause::Settings => format!(
                "check profile `{profile}` in ~/.aws/config and ~/.aws/credentials, or in the files in AWS_CONFIG_FILE \
                 and AWS_SHARED_CREDENTIALS_FILE"
            ),
            CredentialCause::Process => {
                format!("run the command of `credential_process` in profile `{profile}` by hand, and correct it")
            }
            CredentialCause::Sso => format!("log in with `aws sso login{option}`"),
            CredentialCause::WebIdentity { .. } => {
                "check the token file and the role: AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, or \
                 `web_identity_token_file` and `role_arn` of the profile"
                    .to_owned()
            }
            CredentialCause::Empty => {
                format!("set its credentials with `aws configure{option}` or `aws configure sso{option}`")
            }
            CredentialCause::Other => {
                format!("run `aws sts get-caller-identity{option}` to rule out a problem of this program")
            }
        }
    }
}
