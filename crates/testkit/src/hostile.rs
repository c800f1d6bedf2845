//! Texts that mean harm to a terminal, a shell, a path, a spreadsheet, a web page, a comment on GitHub, or JSON;
//! and the places of a value that take any text.
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One of them is always part of what a check looks for: no line of an output begins with it, and no file is
/// called so.
pub const FORGED: &str = "FORGED";

pub const STRINGS: [&str; 38] = [
    // A terminal: a title, a cleared screen, a moved cursor, a clipboard, with one byte and with two.
    "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[1;1H",
    "\u{1b}]52;c;cm0gLXJm\u{7}\u{1b}P+q\u{1b}\\\u{1b}c",
    "\u{9b}2J\u{9d}0;owned\u{9c}",
    "x\r\u{8}\u{8}\u{7f}\u{c}\u{b}y",
    // Lines of their own.
    "a\r\nFORGED: yes\nFORGED",
    "\nFORGED\n",
    "a\u{2028}FORGED\u{2029}FORGED\u{85}FORGED",
    // Another reading direction.
    "\u{202e}nalp.txt\u{202c}",
    "\u{202a}a\u{202b}b\u{202d}c\u{2066}d\u{2067}e\u{2068}f\u{2069}",
    "\u{200e}left\u{200f}right\u{61c}",
    // What nobody sees.
    "zero\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}\u{180e}width",
    "\u{e0041}\u{e0042}\u{fff9}",
    "nul\u{0}byte",
    // Paths.
    "../../../../FORGED",
    "..\\..\\FORGED",
    "/etc/passwd",
    "..",
    // A shell.
    "';>FORGED;'",
    "$(>FORGED)`>FORGED`",
    "\";>FORGED;#",
    "a' 'b\\' \\",
    "--profile evil",
    "file:///etc/passwd",
    // A spreadsheet.
    "=HYPERLINK(\"http://x\",\"y\")",
    "+1+1|cmd",
    "-1+1",
    "@SUM(A1),=2",
    "\t=1+1",
    "\u{ff1d}1+1",
    // A page.
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    // A comment on GitHub, and its workflow commands.
    "</details></summary>\n\n#FORGED",
    "@ana [x](javascript:alert(1)) ![x](http://x/y.png) | a | `c` **d** #1 ~~e~~",
    "::error::FORGED",
    // JSON, and our own placeholders.
    "\"}],\"Effect\":\"Allow\",\"x\":[{\"",
    "\\u0000\\",
    "{}{app}{{var.x}}%s%n",
];

/// What no checked value is: whatever takes this takes any text.
const ANY: &str = "\u{202e} any\u{1b}\n";

/// The same value with this text wherever any text may stand.
pub fn filled<T: Serialize + DeserializeOwned>(sample: &T, text: &str) -> T {
    Places::of(sample).filled(text)
}

/// A value, and the places in it where any text may stand. Keys of maps are places too.
#[derive(Debug)]
pub struct Places<T> {
    sample: Value,
    paths: Vec<Vec<Step>>,
    of: std::marker::PhantomData<T>,
}

impl<T: Serialize + DeserializeOwned> Places<T> {
    /// Tries each place: it is one if the value is still read, and written again as it was read. What differs only
    /// in where it stands in a list is tried once.
    pub fn of(sample: &T) -> Places<T> {
        let accepts = |value: &Value| {
            serde_json::from_value::<T>(value.clone())
                .ok()
                .and_then(|read| serde_json::to_value(read).ok())
                .is_some_and(|written| written == *value)
        };
        let sample =
            serde_json::to_value(sample).unwrap_or_else(|error| panic!("the sample has no JSON: {error}"));
        let mut paths = Vec::new();
        places(&sample, &mut Vec::new(), &mut paths);
        let mut known: BTreeMap<Vec<Step>, bool> = BTreeMap::new();
        paths.retain(|path| {
            let alike = path.iter().map(|step| if let Step::Nth(_) = step { Step::Nth(0) } else { step.clone() });
            *known.entry(alike.collect()).or_insert_with(|| {
                let mut changed = sample.clone();
                put(&mut changed, path, ANY, 0);
                accepts(&changed)
            })
        });
        assert!(!paths.is_empty(), "no place of the sample takes any text");
        // The innermost first, so that no path leads through a key that is another by then.
        paths.sort_by_key(|path| std::cmp::Reverse(path.len()));
        Places { sample, paths, of: std::marker::PhantomData }
    }

    pub fn filled(&self, text: &str) -> T {
        let mut value = self.sample.clone();
        for (nth, path) in self.paths.iter().enumerate() {
            put(&mut value, path, text, nth);
        }
        serde_json::from_value(value).unwrap_or_else(|error| panic!("each place took any text: {error}"))
    }
}

/// One step of the way to a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Key(String),
    Nth(usize),
    Name(String),
}

fn places(value: &Value, at: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    let mut inside = |step: Step, value: Option<&Value>| {
        at.push(step);
        match value {
            Some(value) => places(value, at, found),
            None => found.push(at.clone()),
        }
        at.pop();
    };
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                inside(Step::Key(key.clone()), Some(value));
                inside(Step::Name(key.clone()), None);
            }
        }
        Value::Array(list) => list.iter().enumerate().for_each(|(nth, value)| inside(Step::Nth(nth), Some(value))),
        Value::String(_) => found.push(at.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn put(value: &mut Value, path: &[Step], text: &str, nth: usize) {
    match (path, value) {
        ([], place) => *place = Value::from(text),
        ([Step::Key(key), rest @ ..], Value::Object(object)) => {
            if let Some(value) = object.get_mut(key) {
                put(value, rest, text, nth);
            }
        }
        ([Step::Nth(at), rest @ ..], Value::Array(list)) => {
            if let Some(value) = list.get_mut(*at) {
                put(value, rest, text, nth);
            }
        }
        ([Step::Name(name)], Value::Object(object)) => {
            let renamed = std::mem::take(object).into_iter().map(|(key, value)| {
                // No two keys of a map become one.
                let key = if key == *name { format!("{text}{nth}") } else { key };
                (key, value)
            });
            *object = renamed.collect::<Map<_, _>>();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        name: String,
        number: u32,
        account: pinpoint_streams_model::ids::AccountId,
        tags: BTreeMap<String, Vec<String>>,
    }

    #[test]
    fn every_place_that_takes_any_text_gets_it_and_no_other() {
        let account = crate::parsed("123456789012");
        let tags = BTreeMap::from([("k".to_owned(), vec!["v".to_owned()]), ("l".to_owned(), Vec::new())]);
        let filled = filled(&Sample { name: "n".to_owned(), number: 1, account, tags }, "bad");
        assert_eq!((filled.name.as_str(), filled.account.as_str()), ("bad", "123456789012"));
        let keys: Vec<&str> = filled.tags.keys().map(|key| &key[..3]).collect();
        assert_eq!(keys, ["bad", "bad"]);
        assert!(filled.tags.values().any(|values| values == &["bad"]));
    }
}
