//! Checked names and identifiers. A value of these types is valid by construction: `FromStr` and
//! serde both go through the same check.
use crate::error::InvalidText;
use serde::de::{Deserializer, Error, Visitor};
use smol_str::SmolStr;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

/// Serialized as the text that `Display` writes and `FromStr` reads.
macro_rules! through_text {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::ids::from_text(deserializer)
            }
        }
    };
}

/// Parses the text where it stands, without a copy.
pub(crate) fn from_text<'de, D: Deserializer<'de>, T: FromStr<Err = InvalidText>>(
    deserializer: D,
) -> Result<T, D::Error> {
    struct TextVisitor<T>(PhantomData<T>);

    impl<T: FromStr<Err = InvalidText>> Visitor<'_> for TextVisitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }

    deserializer.deserialize_str(TextVisitor(PhantomData))
}

/// Displays the text of `as_str`.
macro_rules! display_as_str {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// A text of one kind with the rule that it keeps to, or a function that names the rule it breaks.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $rule:literal, $is_valid:expr) => {
        $crate::ids::text_id!($(#[$doc])* $name, $kind, |text: &str| {
            let is_valid: fn(&str) -> bool = $is_valid;
            (!is_valid(text)).then_some($rule)
        });
    };
    ($(#[$doc:meta])* $name:ident, $kind:literal, $broken_rule:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(smol_str::SmolStr);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::error::InvalidText;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match ($broken_rule)(text) {
                    None => Ok(Self(text.into())),
                    Some(rule) => Err($crate::error::InvalidText::new($kind, text, rule)),
                }
            }
        }

        $crate::ids::display_as_str!($name);
        $crate::ids::through_text!($name);
    };
}
pub(crate) use {display_as_str, text_id, through_text};

fn length(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len())
}

fn is_key(text: &str) -> bool {
    length(text, 1, 64) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// IAM's character set for names: `[\w+=,.@-]`.
fn is_iam_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'=' | b',' | b'.' | b'@' | b'-')
}

text_id!(
    /// The key of an `[apps.*]` table.
    AppKey, "key", "keys are 1 to 64 of A-Z a-z 0-9 _ -", is_key
);
text_id!(
    /// The key of a role: the key of its app, or of a shared `[roles.*]` table.
    RoleKey, "key", "keys are 1 to 64 of A-Z a-z 0-9 _ -", is_key
);
text_id!(
    /// The key of a `[streams.*]` table.
    StreamKey, "key", "keys are 1 to 64 of A-Z a-z 0-9 _ -", is_key
);
text_id!(
    /// The key of an `[accounts.*]` table, or `default` if there is none.
    AccountAlias, "account alias", "keys are 1 to 64 of A-Z a-z 0-9 _ -", is_key
);
text_id!(
    /// The owner of created resources. Its characters are limited to those allowed in every kind of tag.
    Workspace, "workspace", "a workspace is 1 to 64 of A-Z a-z 0-9 _ - .",
    |text| length(text, 1, 64) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
);
text_id!(
    /// The id that Pinpoint assigns to an app.
    AppId, "app ID", "app IDs are 1 to 64 letters and digits",
    |text| length(text, 1, 64) && text.bytes().all(|b| b.is_ascii_alphanumeric())
);
text_id!(
    /// The unique id that IAM assigns to a role, `AROA…`. Unlike the name it is never reused.
    /// Source: IAM API reference, Role (`[\w]+`, 16 to 128).
    RoleId, "role ID", "role IDs are 16 to 128 letters and digits",
    |text| length(text, 16, 128) && text.bytes().all(|b| b.is_ascii_alphanumeric())
);
text_id!(
    /// The name of an inline policy. Source: IAM API reference, PutRolePolicy (1 to 128 of `[\w+=,.@-]`).
    PolicyName, "policy name", "policy names are 1 to 128 of A-Z a-z 0-9 _ + = , . @ -",
    |text| length(text, 1, 128) && text.bytes().all(is_iam_name_byte)
);
text_id!(
    /// A role's path. Source: IAM API reference, CreateRole (`/` or `/…/`, at most 512 of `!` to `~`).
    RolePath, "path", "a path is / or begins and ends with one, at most 512 visible ASCII characters",
    |text| text == "/"
        || (length(text, 3, 512)
            && text.starts_with('/')
            && text.ends_with('/')
            && text.bytes().all(|b| (0x21..=0x7e).contains(&b)))
);
text_id!(
    /// Created by the first apply of a workspace. Distinguishes two states with the same workspace name.
    Lineage, "lineage", "a lineage is 1 to 64 of a-z 0-9 -",
    |text| length(text, 1, 64) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
);
text_id!(
    /// One run of apply. Part of the session name, so CloudTrail shows which run made a call.
    RunId, "run ID", "a run ID is 1 to 32 of a-z 0-9 -",
    |text| length(text, 1, 32) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
);

/// An AWS account ID: twelve digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; 12]);

impl AccountId {
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for AccountId {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        match text.as_bytes().try_into() {
            Ok(digits) if text.bytes().all(|b| b.is_ascii_digit()) => Ok(AccountId(digits)),
            _ => Err(InvalidText::new("account ID", text, "account IDs are 12 digits")),
        }
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AccountId").field(&self.as_str()).finish()
    }
}

display_as_str!(AccountId);
through_text!(AccountId);

/// A role's name, as written. IAM treats names that differ only in case as the same role, so comparing and
/// ordering ignore case. Source: IAM quotas page ("not distinguished by case").
#[derive(Debug, Clone)]
pub struct RoleName(SmolStr);

/// The longest name of a role, in bytes. Hashing relies on it.
const ROLE_NAME_LENGTH: usize = 64;

impl RoleName {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares case-sensitively.
    pub fn is_written_like(&self, other: &RoleName) -> bool {
        self.0 == other.0
    }

    fn folded(&self) -> impl Iterator<Item = u8> {
        folded(self.0.as_bytes())
    }
}

fn folded(bytes: &[u8]) -> impl Iterator<Item = u8> {
    bytes.iter().map(u8::to_ascii_lowercase)
}

/// How many bytes are the same at the beginning of both, in whole words. The names of an account's roles often begin alike.
fn common_words(left: &[u8], right: &[u8]) -> usize {
    const WORD: usize = 8;
    WORD * left.chunks_exact(WORD).zip(right.chunks_exact(WORD)).take_while(|(left, right)| left == right).count()
}

impl FromStr for RoleName {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if length(text, 1, ROLE_NAME_LENGTH) && text.bytes().all(is_iam_name_byte) {
            Ok(RoleName(text.into()))
        } else {
            let rule = "role names are 1 to 64 of A-Z a-z 0-9 _ + = , . @ -";
            Err(InvalidText::new("role name", text, rule))
        }
    }
}

through_text!(RoleName);

display_as_str!(RoleName);

impl PartialEq for RoleName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}
impl Eq for RoleName {}
impl PartialOrd for RoleName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for RoleName {
    fn cmp(&self, other: &Self) -> Ordering {
        let (left, right) = (self.0.as_bytes(), other.0.as_bytes());
        let common = common_words(left, right);
        folded(&left[common..]).cmp(folded(&right[common..]))
    }
}
impl Hash for RoleName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut name = [0; ROLE_NAME_LENGTH];
        name.iter_mut().zip(self.folded()).for_each(|(place, byte)| *place = byte);
        state.write(&name);
    }
}

/// Counts the writes of one lineage's state. 0 means "no state yet".
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Serial(pub u64);

impl Serial {
    /// The serial of the next write. Saturates.
    pub fn next(self) -> Serial {
        Serial(self.0.saturating_add(1))
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A step's number in its plan, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct StepId(pub u32);

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<AppKey> for RoleKey {
    /// An app's own role has the key of the app.
    fn from(key: AppKey) -> RoleKey {
        RoleKey(key.0)
    }
}

/// A role as IAM identifies it: its name is unique in its account, whatever its path. `123456789012/Name`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct AccountRole {
    pub account: AccountId,
    pub name: RoleName,
}

impl AccountRole {
    pub fn of(account: &AccountId, name: &RoleName) -> AccountRole {
        AccountRole { account: account.clone(), name: name.clone() }
    }
}

impl fmt::Display for AccountRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::hash::DefaultHasher;

    #[test]
    fn role_names_that_differ_in_letter_case_are_one_role() {
        let (a, b): (RoleName, RoleName) = ("Admins".parse().unwrap(), "admins".parse().unwrap());
        assert_eq!(a, b);
        assert!(!a.is_written_like(&b));
        assert_eq!(a.to_string(), "Admins");
    }

    fn hash(name: &RoleName) -> u64 {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        hasher.finish()
    }

    proptest! {
        #[test]
        fn role_names_are_compared_and_hashed_as_in_lowercase(
            start in "[aAbB]{0,20}",
            ends in ["[aAbB_-]{1,12}", "[aAbB_-]{1,44}"],
        ) {
            let names = ends.map(|end| (start.clone() + &end).parse::<RoleName>().unwrap());
            let lowercase = names.each_ref().map(|name| name.as_str().to_ascii_lowercase());
            prop_assert_eq!(names[0].cmp(&names[1]), lowercase[0].cmp(&lowercase[1]));
            prop_assert_eq!(names[0] == names[1], lowercase[0] == lowercase[1]);
            prop_assert_eq!(hash(&names[0]) == hash(&names[1]), lowercase[0] == lowercase[1]);
            let same: RoleName = lowercase[0].parse().unwrap();
            prop_assert!(same == names[0] && same.cmp(&names[0]).is_eq() && hash(&same) == hash(&names[0]));
        }
    }

    #[test]
    fn identifiers_are_checked_through_serde_too() {
        assert!(serde_json::from_str::<AccountId>("\"123456789012\"").is_ok());
        let error = serde_json::from_str::<AccountId>("\"1234\"").unwrap_err().to_string();
        assert!(error.contains("12 digits"), "{error}");
    }

    #[test]
    fn paths_are_a_slash_or_begin_and_end_with_one() {
        for good in ["/", "/a/", "/pinpoint-streams/growth/"] {
            assert!(good.parse::<RolePath>().is_ok(), "{good}");
        }
        for bad in ["", "a/", "/a", "//".repeat(300).as_str(), "/ a/"] {
            assert!(bad.parse::<RolePath>().is_err(), "{bad}");
        }
    }
}
