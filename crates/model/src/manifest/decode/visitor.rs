//! A visitor over a TOML tree that collects what is wrong and goes on. It knows values, tables and
//! texts, not what any key means.
use super::Input;
use crate::arn::InvalidArn;
use crate::ids::InvalidId;
use crate::manifest::diagnostic::{Diagnostic, Findings, printable, quoted, suggestion};
use crate::manifest::document::{Given, Text};
use crate::manifest::source::{Place, Placed};
use crate::manifest::template::{Names, Placeholder, Template};
use std::collections::BTreeMap;
use std::str::FromStr;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One source on its way into a document.
pub(super) struct Visitor<'a> {
    source: usize,
    text: &'a str,
    names: &'a Names,
    findings: &'a mut Findings,
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
}

impl<'t> Table<'t> {
    pub(super) fn get(&self, key: &str) -> Option<&Field<'t>> {
        self.fields.get(key)
    }
}

/// A way in which a text can fail to be what its key asks for.
pub(super) trait Invalid {
    /// What was expected, in words.
    fn kind(&self) -> &'static str;
    fn rule(&self) -> String;
}

impl Invalid for InvalidId {
    fn kind(&self) -> &'static str {
        self.kind
    }
    fn rule(&self) -> String {
        self.rule.to_owned()
    }
}

impl Invalid for InvalidArn {
    fn kind(&self) -> &'static str {
        self.kind
    }
    fn rule(&self) -> String {
        self.reason.clone()
    }
}

impl<'a> Visitor<'a> {
    pub(super) fn new(input: &Input<'a>, names: &'a Names, findings: &'a mut Findings) -> Visitor<'a> {
        let Input { source, text, root: _, has_gaps } = *input;
        Visitor { source, text, names, findings, has_gaps }
    }

    pub(super) fn place<T>(&self, spanned: &Spanned<T>) -> Place {
        Place::new(self.source, spanned.span())
    }

    pub(super) fn error(&mut self, error: Diagnostic) {
        self.findings.error(error);
    }

    /// Reports that something compulsory is not there, unless it may be in what could not be parsed.
    pub(super) fn missing(&mut self, error: Diagnostic) {
        if !self.has_gaps {
            self.findings.error(error);
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

    /// The fields of a table whose keys are the person's own.
    pub(super) fn entries<'t>(&mut self, field: &Field<'t>) -> Option<Vec<Field<'t>>> {
        let DeValue::Table(table) = field.value else {
            self.wrong_type(field, "a table");
            return None;
        };
        Some(self.fields(&field.path, table))
    }

    fn only_known<'t>(&mut self, path: String, place: Place, fields: Vec<Field<'t>>, known: &[&str]) -> Table<'t> {
        let (known_fields, unknown) = fields.into_iter().partition(|field| known.contains(&field.name));
        let unknown: Vec<Field<'t>> = unknown;
        for field in unknown {
            let what = if field.value.is_table() && path.is_empty() { "table" } else { "key" };
            let table = if path.is_empty() { "at the top".to_owned() } else { format!("in [{path}]") };
            let error = Diagnostic::new(format!("{} is an unknown {what}", field.path))
                .at(field.key, format!("not known {table}"));
            self.error(match before_the_first_table(&field, &path) {
                Some(help) => error.help(help),
                None => Diagnostic { help: suggestion(field.name, known.iter().copied()), ..error },
            });
        }
        let known_fields: Vec<Field<'t>> = known_fields;
        Table { path, place, fields: known_fields.into_iter().map(|field| (field.name, field)).collect() }
    }

    pub(super) fn wrong_type(&mut self, field: &Field<'_>, expected: &str) {
        let article = if matches!(field.value, DeValue::Integer(_) | DeValue::Array(_)) { "an" } else { "a" };
        let message = format!("{} is {article} {}, not {expected}", field.path, field.value.type_str());
        let error = Diagnostic::new(message).at(field.place, format!("expected {expected}"));
        let parent = field.path.rsplit_once('.').map_or("", |(parent, _)| parent);
        self.error(match before_the_first_table(field, parent) {
            Some(help) => error.help(help),
            None => error,
        });
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
            let message = format!("{} is beyond any number that fits", field.path);
            self.error(Diagnostic::new(message).at(field.place, ""));
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
                    let error = Diagnostic::new(format!("{} {}", field.path, mistake.message));
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
    pub(super) fn parsed<T>(&mut self, field: &Field<'_>) -> Option<Placed<T>>
    where
        T: FromStr<Err: Invalid>,
    {
        let text = self.fixed(field)?;
        match text.value.parse() {
            Ok(value) => Some(text.with(value)),
            Err(invalid) => {
                self.error(malformed(&field.path, &text.value, &invalid).at(field.place, invalid.rule()));
                None
            }
        }
    }

    /// The key of a table, which is the person's own.
    pub(super) fn key<T>(&mut self, field: &Field<'_>) -> Option<T>
    where
        T: FromStr<Err: Invalid>,
    {
        let key: Result<T, T::Err> = field.name.parse();
        if let Err(invalid) = &key {
            let message = format!("{} is not a valid {}", quoted(field.name), invalid.kind());
            self.error(Diagnostic::new(message).at(field.key, invalid.rule()));
        }
        key.ok()
    }
}

/// What a decoder gave for a field that may be left out.
pub(super) fn given<T>(decoded: Option<Option<Placed<T>>>) -> Given<T> {
    match decoded {
        None => Given::Absent,
        Some(None) => Given::Broken,
        Some(Some(value)) => Given::Value(value),
    }
}

/// A text that is not of the form its key asks for.
fn malformed(path: &str, text: &str, invalid: &impl Invalid) -> Diagnostic {
    Diagnostic::new(format!("{} is {}, which is not a valid {}", path, quoted(text), invalid.kind()))
}

fn joined(path: &str, key: &str) -> String {
    let key = printable(key);
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// The hint for a key of the manifest itself that TOML gave to the table above it.
fn before_the_first_table(field: &Field<'_>, table: &str) -> Option<String> {
    let is_of_the_top = ["version", "workspace", "include"].contains(&field.name);
    (is_of_the_top && !table.is_empty())
        .then(|| format!("`{}` must stand before the first table; here it belongs to [{table}]", field.name))
}
