//! Patterns with `*`, `?` and policy variables: matching texts, and covering other patterns.
use super::text::{ConditionValue, Part};
use crate::StepId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Token>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Char(char),
    /// `*`: any text, including none.
    Many,
    /// `?`: any one character.
    One,
    /// `${name}`: text taken from the request.
    Variable(String),
    /// Text known after a step.
    Hole(StepId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wildcards {
    Stand,
    /// `*` and `?` are ordinary characters.
    Literal,
}

/// The result of a match. Part of the pattern may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    Yes,
    No,
    Unsure,
}

pub(super) fn any_of(answers: impl Iterator<Item = Match>) -> Match {
    answers.fold(Match::No, |so_far, answer| match (so_far, answer) {
        (Match::Yes, _) | (_, Match::Yes) => Match::Yes,
        (Match::Unsure, _) | (_, Match::Unsure) => Match::Unsure,
        (Match::No, Match::No) => Match::No,
    })
}

pub(super) fn turned(answer: Match, negated: bool) -> Match {
    match (answer, negated) {
        (Match::Yes, true) => Match::No,
        (Match::No, true) => Match::Yes,
        (answer, _) => answer,
    }
}

/// An ARN is compared field by field, the sixth with all its colons being the last.
/// Source: IAM user guide, "ARN condition operators".
const ARN_FIELDS: usize = 6;

impl Pattern {
    /// Parses a value of the current policy version, with variables.
    pub(super) fn read<V: ConditionValue>(value: &V, wildcards: Wildcards) -> Pattern {
        let mut tokens = Vec::new();
        for part in value.parts() {
            match part {
                Part::Text(text) => read_text(text, wildcards, true, &mut tokens),
                Part::Hole(step) => tokens.push(Token::Hole(step)),
            }
        }
        Pattern(tokens)
    }

    /// Parses text without variables: actions, which have none, and documents of the older version.
    pub(super) fn without_variables(text: &str, wildcards: Wildcards) -> Pattern {
        let mut tokens = Vec::new();
        read_text(text, wildcards, false, &mut tokens);
        Pattern(tokens)
    }

    /// Whether it matches everything.
    pub(super) fn is_everything(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|token| *token == Token::Many)
    }

    /// Whether it matches exactly one text.
    pub(super) fn is_exact(&self) -> bool {
        self.0.iter().all(|token| matches!(token, Token::Char(_)))
    }

    /// Whether everything that `other` matches is matched. `false` is not a proof.
    pub(super) fn covers(&self, other: &Pattern) -> bool {
        accepts(&self.0, &other.0)
    }

    /// Like [`Pattern::covers`], but compares ARNs field by field.
    pub(super) fn covers_arn(&self, other: &Pattern) -> bool {
        if self == other {
            return true;
        }
        // A variable's text may have colons, which would move the fields.
        let has_variables = other.0.iter().any(|token| matches!(token, Token::Variable(_)));
        !has_variables && fieldwise(&self.fields(), &other.fields())
    }

    pub(super) fn matches(&self, text: &str) -> Match {
        let text: Vec<Token> = text.chars().map(Token::Char).collect();
        let unknown = |token: &Token| matches!(token, Token::Variable(_) | Token::Hole(_));
        let relaxed = |token: &Token| if unknown(token) { Token::Many } else { token.clone() };
        if !accepts(&self.0.iter().map(relaxed).collect::<Vec<_>>(), &text) {
            Match::No
        } else if self.0.iter().any(unknown) {
            Match::Unsure
        } else {
            Match::Yes
        }
    }

    /// Matches an ARN field by field. Unsure if it matches only with a wildcard that spans a colon: that is not
    /// documented.
    pub(super) fn matches_arn(&self, arn: &str) -> Match {
        let exact = Pattern::without_variables(arn, Wildcards::Literal);
        match self.matches(arn) {
            Match::Yes if !self.is_exact() && !fieldwise(&self.fields(), &exact.fields()) => Match::Unsure,
            answer => answer,
        }
    }

    /// Matches a resource. A `*` at the end spans colons, and missing fields are `*`.
    /// Source: IAM user guide, "JSON policy elements: Resource" and "IAM identifiers" (incomplete ARNs).
    pub(super) fn matches_resource(&self, arn: &str) -> Match {
        let missing = ARN_FIELDS.saturating_sub(self.fields().len());
        if missing > 0 && self.0.last() == Some(&Token::Many) {
            return self.matches(arn);
        }
        let completed = (0..missing).flat_map(|_| [Token::Char(':'), Token::Many]);
        let completed = Pattern(self.0.iter().cloned().chain(completed).collect());
        any_of([self.matches_arn(arn), completed.matches_arn(arn)].into_iter())
    }

    fn fields(&self) -> Vec<&[Token]> {
        self.0.splitn(ARN_FIELDS, |token| *token == Token::Char(':')).collect()
    }
}

fn read_text(text: &str, wildcards: Wildcards, variables: bool, tokens: &mut Vec<Token>) {
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if let Some(inside) = rest.strip_prefix("${").filter(|_| variables) {
            let (name, after) = inside.split_once('}').unwrap_or((inside, ""));
            tokens.push(match name {
                "*" => Token::Char('*'),
                "?" => Token::Char('?'),
                "$" => Token::Char('$'),
                name => Token::Variable(name.to_owned()),
            });
            rest = after;
            continue;
        }
        tokens.push(match (next, wildcards) {
            ('*', Wildcards::Stand) => Token::Many,
            ('?', Wildcards::Stand) => Token::One,
            (c, _) => Token::Char(c),
        });
        rest = &rest[next.len_utf8()..];
    }
}

fn fieldwise(pattern: &[&[Token]], text: &[&[Token]]) -> bool {
    let whole = pattern.len() == ARN_FIELDS && text.len() == ARN_FIELDS;
    whole && pattern.iter().zip(text).all(|(pattern, text)| accepts(pattern, text))
}

/// Matches one pattern against another read as text, in which a `*` or a variable is matched only by `*` or its own
/// kind. If it matches, the first pattern matches everything that the second does.
fn accepts(pattern: &[Token], text: &[Token]) -> bool {
    let (mut p, mut t, mut last_many) = (0, 0, None);
    while t < text.len() {
        match (pattern.get(p), last_many) {
            (Some(Token::Many), _) => {
                last_many = Some((p, t));
                p += 1;
            }
            (Some(token), _) if stands_for(token, &text[t]) => (p, t) = (p + 1, t + 1),
            (_, Some((many, from))) => {
                last_many = Some((many, from + 1));
                (p, t) = (many + 1, from + 1);
            }
            (_, None) => return false,
        }
    }
    pattern[p..].iter().all(|token| *token == Token::Many)
}

fn stands_for(pattern: &Token, text: &Token) -> bool {
    pattern == text || matches!((pattern, text), (Token::One, Token::Char(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Text;

    fn glob(text: &str) -> Pattern {
        Pattern::read(&text.to_owned(), Wildcards::Stand)
    }

    #[test]
    fn wildcards_stand_for_text() {
        for (pattern, text) in
            [("*", ""), ("a*c", "abbc"), ("a?c", "abc"), ("*a*a", "aba a"), ("${*}", "*"), ("", "")]
        {
            assert_eq!(glob(pattern).matches(text), Match::Yes, "{pattern} {text}");
        }
        for (pattern, text) in [("a?c", "ac"), ("a*c", "acb"), ("${*}", "x"), ("", "a"), ("A", "a")] {
            assert_eq!(glob(pattern).matches(text), Match::No, "{pattern} {text}");
        }
        assert_eq!(Pattern::without_variables("a*", Wildcards::Literal).matches("ab"), Match::No);
    }

    #[test]
    fn a_variable_may_or_may_not_fit_but_the_text_around_it_must() {
        assert_eq!(glob("a/${aws:username}").matches("a/b"), Match::Unsure);
        assert_eq!(glob("a/${aws:username}").matches("c/b"), Match::No);
        assert_eq!(glob("a/${broken").matches("a/b"), Match::Unsure);
    }

    #[test]
    fn the_wider_pattern_covers_the_narrower() {
        for (wide, narrow) in
            [("kinesis:*", "kinesis:put*"), ("*", "a?${v}"), ("a*", "a*b*"), ("a?", "ab"), ("${v}*", "${v}")]
        {
            assert!(glob(wide).covers(&glob(narrow)), "{wide} {narrow}");
            assert!(!glob(narrow).covers(&glob(wide)), "{narrow} {wide}");
        }
    }

    #[test]
    fn an_app_that_is_yet_to_be_made_is_covered_by_all_apps_of_its_region() {
        let text = |id: &str| format!("arn:aws:mobiletargeting:eu-west-1:123456789012:apps/{id}");
        let made = Text::After { after_step: StepId(1), format: text("{}") };
        let made = Pattern::read(&made, Wildcards::Stand);
        assert!(glob(&text("*")).covers_arn(&made));
        assert!(!made.covers_arn(&glob(&text("*"))));
        assert!(!glob(&text("abc")).covers_arn(&made));
    }

    #[test]
    fn arns_are_compared_field_by_field() {
        let app = "arn:aws:mobiletargeting:eu-west-1:123456789012:apps/a";
        assert_eq!(glob("arn:*:mobiletargeting:*:123456789012:apps/*").matches_arn(app), Match::Yes);
        assert_eq!(glob("arn:aws:mobiletargeting:*").matches_arn(app), Match::Unsure);
        assert_eq!(glob("arn:aws:mobiletargeting:us-*").matches_arn(app), Match::No);
        assert_eq!(glob("arn:aws:mobiletargeting:*").matches_resource(app), Match::Yes);
        assert_eq!(glob("*").matches_resource(app), Match::Yes);
        assert_eq!(glob("arn:aws:mobiletargeting").matches_resource(app), Match::Yes);
        assert_eq!(glob("arn:aws:kinesis").matches_resource(app), Match::No);
        assert_eq!(glob("arn:aws:*:apps/a").matches_resource(app), Match::Unsure);
    }
}
