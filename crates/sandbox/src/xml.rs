//! An XML writer for the Query protocol.
use jiff::Timestamp;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Xml(String);

impl Xml {
    pub(crate) fn of(tag: &str, content: impl FnOnce(&mut Xml)) -> Xml {
        let mut xml = Xml::default();
        xml.element(tag, content);
        xml
    }

    pub(crate) fn root(&mut self, tag: &str, namespace: &str, content: impl FnOnce(&mut Xml)) {
        self.0.push_str(&format!("<{tag} xmlns=\"{namespace}\">"));
        content(self);
        self.0.push_str(&format!("</{tag}>"));
    }

    pub(crate) fn element(&mut self, tag: &str, content: impl FnOnce(&mut Xml)) {
        self.0.push_str(&format!("<{tag}>"));
        content(self);
        self.0.push_str(&format!("</{tag}>"));
    }

    pub(crate) fn text(&mut self, tag: &str, text: &str) {
        self.element(tag, |xml| xml.escaped(text));
    }

    pub(crate) fn optional(&mut self, tag: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(tag, text);
        }
    }

    /// A timestamp in whole seconds, as IAM returns them.
    pub(crate) fn time(&mut self, tag: &str, at: Timestamp) {
        self.text(tag, &format!("{at:.0}"));
    }

    /// A list: a `member` for each item.
    pub(crate) fn list<T>(
        &mut self,
        tag: &str,
        items: impl IntoIterator<Item = T>,
        mut each: impl FnMut(&mut Xml, T),
    ) {
        self.element(tag, |xml| {
            for item in items {
                xml.element("member", |xml| each(xml, item));
            }
        });
    }

    pub(crate) fn texts<'a>(&mut self, tag: &str, texts: impl IntoIterator<Item = &'a str>) {
        self.list(tag, texts, |xml, text| xml.escaped(text));
    }

    pub(crate) fn raw(&mut self, xml: &Xml) {
        self.0.push_str(&xml.0);
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }

    fn escaped(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                // XML parsers read a bare carriage return as a line feed.
                '\r' => self.0.push_str("&#xD;"),
                other => self.0.push(other),
            }
        }
    }
}
