//! A visitor over a TOML tree that collects errors and goes on. It knows values, tables and texts, not what any
//! key means.
use super::Input;
use crate::error::InvalidText;
use crate::error_code::manifest as codes;
use crate::manifest::diagnostic::{Diagnostic, Diagnostics, did_you_mean, printable, quoted, suggestion};
use crate::manifest::raw::{Given, Text};
use crate::manifest::source::{Place, Placed};
use crate::manifest::template::{Names, Placeholder, Template};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads values of one source.
pub(super) struct Visitor<'a> {
    source: usize,
    text: &'a str,
    names: &'a Names,
    found: &'a mut Diagnostics,
    has_gaps: bool,
}

#[derive(Clone)]
pub(super) struct Field<'t> {
    /// The key with all tables before it: `apps.shop.stream`.
    pub(super) path: String,
    /// The last part of the path.
    pub(super) name: &'t str,
    pub(super) key: Place,
    pub(super) value: &'t DeValue<'t>,
    pub(super) place: Place,
}

/// The fields of a table whose keys were all found to be known.
pub(super) struct Table<'t> {
    pub(super) path: String,
    /// The table's header, or all of an inline table.
    pub(super) place: Place,
    fields: BTreeMap<&'t str, Field<'t>>,
    /// The known keys that unknown ones were probably meant to be, which was reported.
    misspelt: BTreeSet<String>,
}

impl<'t> Table<'t> {
    /// Whether the key, or an unknown one that was probably meant to be it, is given.
    pub(super) fn has(&self, key: &str) -> bool {
        self.fields.contains_key(key) || self.misspelt.contains(key)
    }

    pub(super) fn get(&self, key: &str) -> Option<&Field<'t>> {
        self.fields.get(key)
    }

    /// The value of a field that may be left out.
    pub(super) fn given<T>(&self, key: &str, decode: impl FnOnce(&Field<'t>) -> Option<Placed<T>>) -> Given<T> {
        match self.get(key).map(decode) {
            None => Given::Absent,
            Some(None) => Given::Broken,
            Some(Some(value)) => Given::Value(value),
        }
    }
}

impl<'a> Visitor<'a> {
    pub(super) fn new(input: &Input<'a>, names: &'a Names, found: &'a mut Diagnostics) -> Visitor<'a> {
        let Input { source, text, root: _, has_gaps } = *input;
        Visitor { source, text, names, found, has_gaps }
    }

    pub(super) fn place<T>(&self, spanned: &Spanned<T>) -> Place {
        Place::new(self.source, spanned.span())
    }

    pub(super) fn error(&mut self, error: Diagnostic) {
        self.found.error(error);
    }

    /// Reports that something required is missing, unless it may be in a part that could not be parsed.
    pub(super) fn missing(&mut self, error: Diagnostic) {
        if !self.has_gaps {
            self.found.error(error);
        }
    }

    fn fields<'t>(&self, path: &str, table: &'t DeTable<'t>) -> Vec<Field<'t>> {
        let fields = table.iter().map(|(key, value)| Field {
            path: joined(path, key.get_ref()),
            name: key.get_ref(),
            key: self.place(key),
            value: value.get_ref(),
            place: self.place(value),
        });
        fields.collect()
    }

    pub(super) fn root<'t>(&mut self, root: &'t DeTable<'t>, known: &[&str]) -> Table<'t> {
        let fields = self.fields("", root);
        self.only_known(String::new(), Place::new(self.source, 0..0), fields, known)
    }

    /// A table that may hold these keys. Others are reported and left out.
    pub(super) fn table<'t>(&mut self, field: &Field<'t>, known: &[&str]) -> Option<Table<'t>> {
        let fields = self.entries(field)?;
        Some(self.only_known(field.path.clone(), field.place, fields, known))
    }

    /// The fields of a table whose keys the user chooses.
    pub(super) fn entries<'t>(&mut self, field: &Field<'t>) -> Option<Vec<Field<'t>>> {
        let DeValue::Table(table) = field.value else {
            self.wrong_type(field, "a table");
            return None;
        };
        Some(self.fields(&field.path, table))
    }

    fn only_known<'t>(&mut self, path: String, place: Place, fields: Vec<Field<'t>>, known: &[&str]) -> Table<'t> {
        let (known_fields, unknown): (Vec<_>, Vec<_>) =
            fields.into_iter().partition(|field| known.contains(&field.name));
        let mut misspelt = BTreeSet::new();
        for field in unknown {
            misspelt.extend(did_you_mean(field.name, known.iter().copied()).map(str::to_owned));
            let what = if field.value.is_table() && path.is_empty() { "table" } else { "key" };
            let table = if path.is_empty() { "at the top level".to_owned() } else { format!("in [{path}]") };
            let error = Diagnostic::new(&codes::UNKNOWN_KEY, format!("{} is an unknown {what}", field.path))
                .at(field.key, format!("not known {table}"));
            let help = before_the_first_table(&field, &path);
            let help = help.or_else(|| suggestion(field.name, known.iter().copied()));
            self.error(Diagnostic { help, ..error });
        }
        let fields = known_fields.into_iter().map(|field| (field.name, field)).collect();
        Table { path, place, fields, misspelt }
    }

    pub(super) fn wrong_type(&mut self, field: &Field<'_>, expected: &str) {
        let article = if matches!(field.value, DeValue::Integer(_) | DeValue::Array(_)) { "an" } else { "a" };
        let message = format!("{} is {article} {}, not {expected}", field.path, field.value.type_str());
        let error = Diagnostic::new(&codes::WRONG_TYPE, message).at(field.place, format!("expected {expected}"));
        let parent = field.path.rsplit_once('.').map_or("", |(parent, _)| parent);
        self.error(Diagnostic { help: before_the_first_table(field, parent), ..error });
    }

    pub(super) fn boolean(&mut self, field: &Field<'_>) -> Option<bool> {
        let value = field.value.as_bool();
        if value.is_none() {
            self.wrong_type(field, "true or false");
        }
        value
    }

    /// A flag that is false where it is not given.
    pub(super) fn flag(&mut self, field: Option<&Field<'_>>) -> bool {
        field.and_then(|field| self.boolean(field)).unwrap_or(false)
    }

    pub(super) fn integer(&mut self, field: &Field<'_>) -> Option<i64> {
        let DeValue::Integer(integer) = field.value else {
            self.wrong_type(field, "a whole number");
            return None;
        };
        let value = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        if value.is_none() {
            let message = format!("{} is out of range", field.path);
            self.error(Diagnostic::new(&codes::INVALID_VALUE, message).at(field.place, ""));
        }
        value
    }

    /// A text as it stands, without placeholders.
    pub(super) fn string<'t>(&mut self, field: &Field<'t>) -> Option<&'t str> {
        let value = field.value.as_str();
        if value.is_none() {
            self.wrong_type(field, "a string");
        }
        value
    }

    /// The elements of an array, as fields of the array's path.
    pub(super) fn array<'t>(&mut self, field: &Field<'t>, expected: &str) -> Option<Vec<Field<'t>>> {
        let DeValue::Array(array) = field.value else {
            self.wrong_type(field, expected);
            return None;
        };
        let elements = array.iter().enumerate().map(|(index, element)| {
            let place = self.place(element);
            let path = format!("{}[{index}]", field.path);
            Field { path, name: field.name, key: place, value: element.get_ref(), place }
        });
        Some(elements.collect())
    }

    /// A text in which these placeholders may stand.
    pub(super) fn text(&mut self, field: &Field<'_>, allowed: &[Placeholder]) -> Option<Placed<Text>> {
        let text = self.string(field)?;
        let Place { start, end, .. } = field.place;
        let verbatim = self.text.get(start + 1..end.saturating_sub(1)) == Some(text);
        match Template::parse(text, allowed, self.names) {
            Ok(template) => Some(Placed::new(Text { path: field.path.clone(), template, verbatim }, field.place)),
            Err(mistakes) => {
                for mistake in mistakes {
                    let place = field.place.within(&mistake.span, verbatim);
                    let error =
                        Diagnostic::new(&codes::PLACEHOLDER, format!("{} {}", field.path, mistake.message));
                    self.error(Diagnostic { help: mistake.help, ..error.at(place, "") });
                }
                None
            }
        }
    }

    /// A text in which only the workspace and variables may stand, with these put in.
    pub(super) fn fixed(&mut self, field: &Field<'_>) -> Option<Placed<String>> {
        let text = self.text(field, &[])?;
        text.value.template.as_literal().map(|literal| text.with(literal.to_owned()))
    }

    /// A fixed text of some form.
    pub(super) fn parsed<T: FromStr<Err = InvalidText>>(&mut self, field: &Field<'_>) -> Option<Placed<T>> {
        self.parsed_with_help(field, |_| None)
    }

    /// The same, with help about a text that is not of this form.
    pub(super) fn parsed_with_help<T: FromStr<Err = InvalidText>>(
        &mut self,
        field: &Field<'_>,
        help: impl FnOnce(&str) -> Option<String>,
    ) -> Option<Placed<T>> {
        let text = self.fixed(field)?;
        match text.value.parse() {
            Ok(value) => Some(text.with(value)),
            Err(InvalidText { kind, rule, .. }) => {
                let given = quoted(&text.value);
                let error = Diagnostic::new(
                    &codes::INVALID_VALUE,
                    format!("{} is {given}, which is not a valid {kind}", field.path),
                );
                let help = help(&text.value);
                self.error(Diagnostic { help, ..error.at(field.place, rule) });
                None
            }
        }
    }

    /// The key of a table, chosen by the user.
    pub(super) fn key<T: FromStr<Err = InvalidText>>(&mut self, field: &Field<'_>) -> Option<T> {
        let invalid = |InvalidText { kind, rule, .. }| {
            let error =
                Diagnostic::new(&codes::INVALID_VALUE, format!("{} is not a valid {kind}", quoted(field.name)));
            self.error(error.at(field.key, rule));
        };
        field.name.parse().map_err(invalid).ok()
    }

    /// The strings of an array: none in place of each that is not a string or that `wrong` finds an error in, or of
    /// all if it is not an array.
    pub(super) fn strings(
        &mut self,
        field: &Field<'_>,
        expected: &str,
        wrong: impl Fn(&Field<'_>, &str) -> Option<Diagnostic>,
    ) -> Vec<Option<Placed<String>>> {
        let Some(fields) = self.array(field, expected) else { return vec![None] };
        let mut string = |field: &Field<'_>| {
            let text = self.string(field)?;
            match wrong(field, text) {
                Some(error) => {
                    self.error(error);
                    None
                }
                None => Some(Placed::new(text.to_owned(), field.place)),
            }
        };
        fields.iter().map(&mut string).collect()
    }
}

fn joined(path: &str, key: &str) -> String {
    let key = printable(key);
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// The help for a top-level key that TOML assigns to the table above it.
fn before_the_first_table(field: &Field<'_>, table: &str) -> Option<String> {
    let is_of_the_top = ["version", "workspace", "include"].contains(&field.name);
    (is_of_the_top && !table.is_empty())
        .then(|| format!("`{}` must come before the first table; here it belongs to [{table}]", field.name))
}
