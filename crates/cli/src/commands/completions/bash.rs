//! Completion in bash, which breaks words at the characters of `COMP_WORDBREAKS`: `--target=role.s` comes as three words,
//! and what is offered takes the place of the last. clap's own script for bash does not put them together.
use clap::Command;
use clap_complete::env::EnvCompleter;
use clap_complete::{engine, env};
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::Path;

/// Characters of `COMP_WORDBREAKS` that occur in arguments without quotes.
const BREAKS: [char; 3] = ['=', ':', '@'];

/// Separates candidates: the `IFS` of the script.
const SEPARATOR: &str = "\u{b}";

/// The word to complete: its place among the arguments, and how it begins before the part that bash replaces.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Bash {
    index: usize,
    kept: String,
}

impl Bash {
    /// Takes the arguments of the script apart. Returns those that clap reads, with the words as they were typed.
    pub(crate) fn of(args: Vec<OsString>) -> (Vec<OsString>, Bash) {
        match Asked::of(&args) {
            Some(asked) => {
                let (words, bash) = asked.joined();
                let start = [args[0].clone(), OsString::from("--")];
                (start.into_iter().chain(words.into_iter().map(OsString::from)).collect(), bash)
            }
            None => (args, Bash::default()),
        }
    }

    /// The part of a candidate that replaces what bash takes for the word; none if it does not continue what was typed.
    fn rest<'c>(&self, candidate: &'c str) -> Option<&'c str> {
        candidate.strip_prefix(&self.kept)
    }
}

/// What bash tells a completion function.
#[derive(Debug, Clone, Copy)]
struct Asked<'a> {
    /// `COMP_CWORD`.
    index: usize,
    /// The function's second argument: the part of the word before the cursor that bash replaces.
    current: &'a str,
    /// `COMP_LINE`.
    line: &'a str,
    /// `COMP_WORDS`.
    words: &'a [OsString],
}

impl<'a> Asked<'a> {
    fn of(args: &'a [OsString]) -> Option<Asked<'a>> {
        let [_, index, current, line, dashes, words @ ..] = args else { return None };
        let value = |arg: &'a OsStr, name: &str| arg.to_str()?.strip_prefix(name)?.strip_prefix('=');
        let asked = Asked {
            index: value(index, "index")?.parse().ok()?,
            current: value(current, "current")?,
            line: value(line, "line")?,
            words,
        };
        (dashes == "--").then_some(asked)
    }

    /// The words as they were typed: those that nothing but a break separates are one.
    fn joined(self) -> (Vec<String>, Bash) {
        let Asked { index, current, line, words } = self;
        let words: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        let mut joined: Vec<String> = Vec::new();
        let mut bash = Bash { index, kept: String::new() };
        let (mut rest, mut last_is_break) = (line, false);
        for (at, word) in words.iter().enumerate() {
            let trimmed = rest.trim_start();
            let follows = at > 0 && trimmed.len() == rest.len() && (last_is_break || is_break(word));
            last_is_break = is_break(word);
            // A line without this word is not that of these words.
            rest = trimmed.strip_prefix(word.as_str()).unwrap_or(" ");
            let before = if follows { joined.pop().unwrap_or_default() } else { String::new() };
            if at == index {
                bash = Bash { index: joined.len(), kept: kept(&before, word, current) };
                joined.push(format!("{}{current}", bash.kept));
            } else {
                joined.push(before + word);
            }
        }
        (joined, bash)
    }
}

/// The beginning of a word that bash does not replace.
fn kept(before: &str, word: &str, current: &str) -> String {
    // Bash completes names of hosts with their `@`.
    let before = if current.starts_with('@') { before.strip_suffix('@').unwrap_or(before) } else { before };
    // After a break, bash replaces nothing. Before version 4, it broke no words and replaced what follows the last break.
    let broken = word.strip_suffix(current).filter(|start| start.ends_with(BREAKS)).unwrap_or_default();
    format!("{before}{broken}")
}

fn is_break(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|character| BREAKS.contains(&character))
}

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn is(&self, name: &str) -> bool {
        name == "bash"
    }

    fn write_registration(
        &self,
        variable: &str,
        name: &str,
        program: &str,
        completer: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let function = format!("_{}_completer", name.replace('-', "_"));
        let script = include_str!("completer.bash");
        let script = script.replace("FUNCTION", &function).replace("VARIABLE", variable);
        out.write_all(script.replace("COMPLETER", completer).replace("PROGRAM", program).as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut Command,
        args: Vec<OsString>,
        folder: Option<&Path>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let candidates = engine::complete(command, args, self.index, folder)?;
        let candidates = candidates.iter().map(|candidate| candidate.get_value().to_string_lossy());
        let shown: Vec<String> =
            candidates.filter_map(|candidate| self.rest(&candidate).map(str::to_owned)).collect();
        out.write_all(shown.join(SEPARATOR).as_bytes())
    }
}

/// All shells that have completions.
pub(crate) fn shells(bash: &Bash) -> [&dyn EnvCompleter; 5] {
    [bash, &env::Elvish, &env::Fish, &env::Powershell, &env::Zsh]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words that clap reads, the one that is completed, and what bash keeps of it.
    fn joined(line: &str, words: &[&str], index: usize, current: &str) -> (Vec<String>, String, String) {
        let mut args = vec![
            "pinpoint-streams".to_owned(),
            format!("index={index}"),
            format!("current={current}"),
            format!("line={line}"),
            "--".to_owned(),
        ];
        args.extend(words.iter().map(ToString::to_string));
        let (args, bash) = Bash::of(args.into_iter().map(OsString::from).collect());
        let words: Vec<String> = args.into_iter().skip(2).map(|arg| arg.into_string().unwrap()).collect();
        (words.clone(), words[bash.index].clone(), bash.kept)
    }

    #[track_caller]
    fn completes(line: &str, words: &[&str], current: &str, expected: &str, kept: &str) {
        let (_, completed, is_kept) = joined(line, words, words.len() - 1, current);
        assert_eq!((completed.as_str(), is_kept.as_str()), (expected, kept), "{line}");
    }

    #[test]
    fn a_word_that_bash_broke_is_completed_as_it_was_typed() {
        completes("p plan --target=ro", &["p", "plan", "--target", "=", "ro"], "ro", "--target=ro", "--target=");
        completes("p plan --target=", &["p", "plan", "--target", "="], "", "--target=", "--target=");
        completes("p plan --target='ro", &["p", "plan", "--target", "=", "'ro"], "ro", "--target=ro", "--target=");
        completes(
            "p show iam.1/a:b@x",
            &["p", "show", "iam.1/a", ":", "b", "@", "x"],
            "@x",
            "iam.1/a:b@x",
            "iam.1/a:b",
        );
        completes("p plan ro", &["p", "plan", "ro"], "ro", "ro", "");
        completes("p plan \"--target=ro", &["p", "plan", "\"--target=ro"], "--target=ro", "--target=ro", "");
        completes("p plan ", &["p", "plan", ""], "", "", "");
    }

    #[test]
    fn only_words_without_a_blank_between_them_are_one() {
        let line = "p  --config=a.toml plan --target =ro";
        let words = ["p", "--config", "=", "a.toml", "plan", "--target", "=", "ro"];
        let (joined, completed, kept) = joined(line, &words, 7, "ro");
        assert_eq!(joined, ["p", "--config=a.toml", "plan", "--target", "=ro"]);
        assert_eq!((completed.as_str(), kept.as_str()), ("=ro", "="));
    }

    #[test]
    fn words_after_the_cursor_are_put_together_too() {
        let words = ["p", "plan", "--target", "=", "roXX", "--var", "=", "a"];
        let (joined, completed, kept) = joined("p plan --target=roXX --var=a", &words, 4, "ro");
        assert_eq!(joined, ["p", "plan", "--target=ro", "--var=a"]);
        assert_eq!((completed.as_str(), kept.as_str()), ("--target=ro", "--target="));
    }

    #[test]
    fn bash_before_version_4_breaks_no_word_and_replaces_what_follows_the_break() {
        completes("p plan --target=ro", &["p", "plan", "--target=ro"], "ro", "--target=ro", "--target=");
        completes("p plan --target=", &["p", "plan", "--target="], "", "--target=", "--target=");
    }

    #[test]
    fn other_arguments_are_left_as_they_are() {
        let args: Vec<OsString> = ["pinpoint-streams", "--", "plan", "--target", "=", "ro"].map(Into::into).into();
        assert_eq!(Bash::of(args.clone()), (args, Bash::default()));
    }

    #[test]
    fn a_candidate_that_does_not_continue_what_was_typed_is_not_offered() {
        let bash = Bash { index: 2, kept: "--target=".to_owned() };
        assert_eq!(bash.rest("--target=role.shop"), Some("role.shop"));
        assert_eq!(bash.rest("role.shop"), None);
    }
}
