//! Pagination: MaxItems (1 to 1,000, default 100), Marker, IsTruncated.
//! A marker encodes the last key returned, so that changes between two pages neither skip nor repeat other items.
use crate::query::{Form, QueryError};
use crate::xml::Xml;

const DEFAULT_ITEMS: usize = 100;

pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// None on the last page.
    marker: Option<String>,
}

/// The requested page of items that are in the order of their keys.
pub(super) fn page<K: AsRef<str>, T>(
    form: &Form,
    items: impl IntoIterator<Item = (K, T)>,
) -> Result<Page<T>, QueryError> {
    let most = max_items(form)?;
    let after = form.get("Marker").map(decode).transpose()?;
    let mut shown =
        items.into_iter().skip_while(|(key, _)| after.as_deref().is_some_and(|after| key.as_ref() <= after));
    let mut page = Page { items: Vec::new(), marker: None };
    let mut last = None;
    for (key, item) in shown.by_ref().take(most) {
        page.items.push(item);
        last = Some(key);
    }
    if shown.next().is_some() {
        page.marker = last.map(|key| encode(key.as_ref()));
    }
    Ok(page)
}

impl<T> Page<T> {
    pub(super) fn footer(&self, xml: &mut Xml) {
        xml.text("IsTruncated", if self.marker.is_some() { "true" } else { "false" });
        xml.optional("Marker", self.marker.as_deref());
    }
}

fn max_items(form: &Form) -> Result<usize, QueryError> {
    let Some(text) = form.get("MaxItems") else { return Ok(DEFAULT_ITEMS) };
    let invalid = |rule| QueryError::constraint(text, "maxItems", rule);
    match text.parse() {
        Ok(items @ 1..=1000) => Ok(items),
        Ok(0) => Err(invalid("Member must have value greater than or equal to 1")),
        _ => Err(invalid("Member must have value less than or equal to 1000")),
    }
}

fn encode(key: &str) -> String {
    key.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn decode(marker: &str) -> Result<String, QueryError> {
    let invalid = || QueryError::validation(format!("Invalid Marker: {marker}"));
    let bytes: Option<Vec<u8>> =
        (0..marker.len()).step_by(2).map(|at| u8::from_str_radix(marker.get(at..at + 2)?, 16).ok()).collect();
    String::from_utf8(bytes.ok_or_else(invalid)?).map_err(|_| invalid())
}
