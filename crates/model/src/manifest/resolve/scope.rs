//! What placeholders stand for, in a role's texts and in an app's.
use super::site::Site;
use crate::RoleKey;
use crate::desired::{KeyedPart, KeyedText};
use crate::error::InvalidText;
use crate::error_code::manifest as codes;
use crate::manifest::diagnostic::{Diagnostic, quoted};
use crate::manifest::raw::Text;
use crate::manifest::source::{Place, Placed};
use crate::manifest::template::{Part, Placeholder};
use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

/// What fills the placeholders of one app's or one role's texts.
pub(super) struct Scope {
    /// Whose texts they are: `role.shop`.
    pub(super) owner: String,
    /// Where the owner is declared.
    pub(super) place: Place,
    /// `{app}`: in a role's texts the role's key, whose own app has the same.
    app: String,
    role: String,
    /// The name in AWS, not the key in `[streams]`: it is what people find in the console.
    streams: BTreeSet<String>,
    regions: BTreeSet<String>,
    account_id: String,
    partition: String,
}

impl Scope {
    /// The scope of an app's texts and of those of a stream as this app uses it.
    pub(super) fn of_app(site: &Site<'_>, role: &str) -> Scope {
        Scope {
            owner: format!("apps.{}", site.key),
            place: site.app.key,
            app: site.key.to_string(),
            role: role.to_owned(),
            streams: stream_names(std::slice::from_ref(&site)),
            regions: [site.region.to_string()].into(),
            account_id: site.account.to_string(),
            partition: site.region.partition().to_string(),
        }
    }

    /// The scope of the texts of a role that these apps use, all of one account.
    pub(super) fn of_role(key: &RoleKey, place: Place, sites: &[&Site<'_>]) -> Scope {
        let first = sites.first();
        Scope {
            owner: format!("role.{key}"),
            place,
            app: key.to_string(),
            role: key.to_string(),
            streams: stream_names(sites),
            regions: sites.iter().map(|site| site.region.to_string()).collect(),
            account_id: first.map(|site| site.account.to_string()).unwrap_or_default(),
            partition: first.map(|site| site.region.partition().to_string()).unwrap_or_default(),
        }
    }

    /// A text with all placeholders filled in. A placeholder with several values is an error.
    pub(super) fn fill(&self, text: &Placed<Text>) -> Result<String, Diagnostic> {
        self.filled(text, false)
    }

    /// The same, but several values are joined, in order.
    pub(super) fn fill_joined(&self, text: &Placed<Text>) -> Result<String, Diagnostic> {
        self.filled(text, true)
    }

    fn filled(&self, text: &Placed<Text>, joins: bool) -> Result<String, Diagnostic> {
        let mut filled = String::new();
        for part in text.value.template.parts() {
            match part {
                Part::Literal(literal) => filled.push_str(literal),
                Part::Open(placeholder, span) => {
                    let place = text.place.within(span, text.value.verbatim);
                    filled.push_str(&self.value(*placeholder, joins, text, place)?);
                }
            }
        }
        Ok(filled)
    }

    /// A text with all placeholders filled in and parsed.
    pub(super) fn parsed<T: FromStr<Err = InvalidText>>(&self, text: &Placed<Text>) -> Result<T, Diagnostic> {
        self.parse(text, &self.fill(text)?)
    }

    pub(super) fn parse<T: FromStr<Err = InvalidText>>(
        &self,
        text: &Placed<Text>,
        filled: &str,
    ) -> Result<T, Diagnostic> {
        filled.parse().map_err(|error: InvalidText| self.malformed(text, filled, error.kind, error.rule))
    }

    /// A text with all placeholders filled in except the role's key.
    pub(super) fn fill_except_key(&self, text: &Placed<Text>) -> Result<KeyedText, Diagnostic> {
        let mut keyed = Vec::new();
        for part in text.value.template.parts() {
            let value = match part {
                Part::Literal(literal) => literal.clone(),
                Part::Open(Placeholder::App | Placeholder::Role, _) => {
                    keyed.push(KeyedPart::Key);
                    continue;
                }
                Part::Open(placeholder, span) => {
                    let place = text.place.within(span, text.value.verbatim);
                    self.value(*placeholder, false, text, place)?
                }
            };
            match keyed.last_mut() {
                Some(KeyedPart::Literal(last)) => last.push_str(&value),
                _ => keyed.push(KeyedPart::Literal(value)),
            }
        }
        Ok(KeyedText(keyed))
    }

    fn value(
        &self,
        placeholder: Placeholder,
        joins: bool,
        text: &Placed<Text>,
        place: Place,
    ) -> Result<String, Diagnostic> {
        let values = match placeholder {
            Placeholder::App => return Ok(self.app.clone()),
            Placeholder::Role => return Ok(self.role.clone()),
            Placeholder::AccountId => return Ok(self.account_id.clone()),
            Placeholder::Partition => return Ok(self.partition.clone()),
            Placeholder::Stream => &self.streams,
            Placeholder::Region => &self.regions,
        };
        let Text { path, .. } = &text.value;
        let joined = || values.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        match (values.len(), joins) {
            (0, _) => {
                let error = Diagnostic::new(
                    &codes::PLACEHOLDER,
                    format!("{path} contains {placeholder}, but {} has none", self.owner),
                );
                Err(error.at(place, "").and(self.place, "without a stream"))
            }
            (1, _) | (_, true) => Ok(joined()),
            (_, false) => {
                let message =
                    format!("{path} contains {placeholder}, which is not the same for all apps of {}", self.owner);
                Err(Diagnostic::new(&codes::PLACEHOLDER, message)
                    .at(place, format!("one of {}", joined()))
                    .and(self.place, "used by them"))
            }
        }
    }

    /// The error that a filled text is not valid. The owner is named only if the text depends on it, so that a
    /// mistake in the defaults is one error.
    pub(super) fn malformed(
        &self,
        text: &Placed<Text>,
        filled: &str,
        kind: impl Display,
        rule: impl Into<String>,
    ) -> Diagnostic {
        let error = malformed(text, filled, kind, rule);
        if text.value.template.as_literal().is_some() || text.place == self.place {
            error
        } else {
            error.and(self.place, format!("for {}", self.owner))
        }
    }
}

/// The same, without the owner.
pub(super) fn malformed(
    text: &Placed<Text>,
    filled: &str,
    kind: impl Display,
    rule: impl Into<String>,
) -> Diagnostic {
    let message = format!("{} gives {}, which is not a valid {kind}", text.value.path, quoted(filled));
    Diagnostic::new(&codes::INVALID_VALUE, message).at(text.place, rule)
}

fn stream_names(sites: &[&Site<'_>]) -> BTreeSet<String> {
    let targets = sites.iter().filter_map(|site| site.target.as_ref());
    targets.map(|target| target.arn.name().to_owned()).collect()
}
