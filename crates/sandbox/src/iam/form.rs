//! Reads the parameters of a Query request.

use super::error::IamError;
use std::collections::BTreeMap;

/// The parameters by name; lists are spelled `Tags.member.1.Key`.
#[derive(Debug)]
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    pub(crate) fn parse(body: &[u8]) -> Form {
        Form(form_urlencoded::parse(body).into_owned().collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, IamError> {
        self.get(name).ok_or_else(|| IamError::missing(&model_name(name)))
    }

    /// A list of texts, in order.
    pub(super) fn texts(&self, name: &str) -> Vec<&str> {
        (1..).map_while(|n| self.get(&format!("{name}.member.{n}"))).collect()
    }

    /// A list of key and value, in order.
    pub(super) fn pairs(&self, name: &str) -> Vec<(&str, &str)> {
        (1..)
            .map_while(|n| {
                let key = self.get(&format!("{name}.member.{n}.Key"))?;
                Some((key, self.get(&format!("{name}.member.{n}.Value")).unwrap_or_default()))
            })
            .collect()
    }
}

/// A parameter's name as messages have it: `RoleName` is `roleName` there.
pub(super) fn model_name(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|c| c.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}
