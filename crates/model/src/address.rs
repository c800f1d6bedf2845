//! Addresses of managed resources: `role.shop`, `event_stream.shop`, `app.shop`.
use crate::error::InvalidText;
use crate::ids::through_text;
use crate::{AccountRole, AppKey, RoleKey};
use std::fmt;

/// One managed resource, or a role that no manifest declares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// An app that this workspace creates and owns.
    App(AppKey),
    /// A role with its trust policy and inline policy.
    Role(RoleKey),
    EventStream(AppKey),
    /// A role that no manifest declares: `iam.123456789012/RoleName`.
    Undeclared(AccountRole),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    App,
    Role,
    EventStream,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::App => "app",
            Kind::Role => "role",
            Kind::EventStream => "event_stream",
        }
    }
}

impl Address {
    pub fn kind(&self) -> Kind {
        match self {
            Address::App(_) => Kind::App,
            Address::Role(_) | Address::Undeclared(..) => Kind::Role,
            Address::EventStream(_) => Kind::EventStream,
        }
    }

    /// The key in the manifest; none for an undeclared role.
    pub fn key(&self) -> Option<&str> {
        match self {
            Address::App(key) | Address::EventStream(key) => Some(key.as_str()),
            Address::Role(key) => Some(key.as_str()),
            Address::Undeclared(..) => None,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::App(key) => write!(f, "app.{key}"),
            Address::Role(key) => write!(f, "role.{key}"),
            Address::EventStream(key) => write!(f, "event_stream.{key}"),
            Address::Undeclared(role) => write!(f, "iam.{role}"),
        }
    }
}

impl std::str::FromStr for Address {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let rule = "addresses look like role.KEY, event_stream.KEY, app.KEY or iam.ACCOUNT/ROLE";
        let wrong = || InvalidText::new("address", text, rule);
        match text.split_once('.') {
            Some(("app", key)) => Ok(Address::App(key.parse()?)),
            Some(("role", key)) => Ok(Address::Role(key.parse()?)),
            Some(("event_stream", key)) => Ok(Address::EventStream(key.parse()?)),
            Some(("iam", rest)) => {
                let (account, name) = rest.split_once('/').ok_or_else(wrong)?;
                Ok(Address::Undeclared(AccountRole { account: account.parse()?, name: name.parse()? }))
            }
            _ => Err(wrong()),
        }
    }
}

through_text!(Address);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_back_what_they_print() {
        for text in ["app.blog", "role.shop", "event_stream.shop", "iam.123456789012/PinpointSegmentImport"] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        for bad in ["shop", "roles.shop", "role.", "role.a b", "iam.123456789012"] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
    }
}
