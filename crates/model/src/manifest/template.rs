//! Texts with placeholders: `PinpointEventStream-{app}`. What is the same everywhere, `{workspace}` and
//! `{var.NAME}`, is put in as a text is parsed; the rest waits for a scope. `${app}` is Terraform's form and an error.
use super::diagnostic::{quoted, suggestion};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// What is known before any table is looked at.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// None until it is decoded, or if that failed.
    pub(super) workspace: Option<String>,
    /// `[variables]` with their overrides.
    pub(super) variables: BTreeMap<String, String>,
}

/// A placeholder that only a scope can fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placeholder {
    App,
    Role,
    Stream,
    AccountId,
    Region,
    Partition,
}

impl Placeholder {
    /// Those of a role's texts.
    pub(super) const ALL: &[Placeholder] = &[
        Placeholder::App,
        Placeholder::Role,
        Placeholder::Stream,
        Placeholder::AccountId,
        Placeholder::Region,
        Placeholder::Partition,
    ];
    /// Those of an app's texts, and of a stream's, which are filled in for each app that uses it.
    pub(super) const OF_APP: &[Placeholder] =
        &[Placeholder::App, Placeholder::AccountId, Placeholder::Region, Placeholder::Partition];

    fn as_str(self) -> &'static str {
        match self {
            Placeholder::App => "app",
            Placeholder::Role => "role",
            Placeholder::Stream => "stream",
            Placeholder::AccountId => "account_id",
            Placeholder::Region => "region",
            Placeholder::Partition => "partition",
        }
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}", self.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// As it stands.
    Literal(String),
    /// To be filled; and where in the text it stands.
    Open(Placeholder, Range<usize>),
}

/// A parsed text. Neighbouring literals are one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Debug, PartialEq, Eq)]
pub(super) struct InvalidTemplate {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Template {
    pub(super) fn literal(text: impl Into<String>) -> Template {
        Template(vec![Part::Literal(text.into())])
    }

    /// Parses a text in which these placeholders may stand. `{{` and `}}` are braces, a single `}` is one
    /// too; `$$` before a placeholder is `$`. Gives all mistakes at once.
    pub(super) fn parse(
        text: &str,
        allowed: &[Placeholder],
        names: &Names,
    ) -> Result<Template, Vec<InvalidTemplate>> {
        let mut template = Template(Vec::new());
        let mut mistakes = Vec::new();
        let mut at = 0;
        while let Some(length) = text[at..].find(['{', '}']) {
            let brace = at + length;
            template.push(&text[at..brace]);
            let rest = &text[brace..];
            if rest.starts_with("{{") || rest.starts_with("}}") {
                template.push(&rest[..1]);
                at = brace + 2;
            } else if rest.starts_with('}') {
                template.push("}");
                at = brace + 1;
            } else if let Some(length) =
                rest[1..].find(['{', '}']).filter(|next| rest[1 + next..].starts_with('}'))
            {
                at = brace + length + 2;
                let part = piece(&rest[1..=length], brace..at, allowed, names);
                match part.and_then(|part| template.without_dollar(part, &text[..at], brace)) {
                    Ok(Part::Literal(text)) => template.push(&text),
                    Ok(open) => template.0.push(open),
                    Err(mistake) => mistakes.push(mistake),
                }
            } else {
                let help = Some("a brace itself is written `{{`".to_owned());
                let message = "has a `{` without its `}`".to_owned();
                mistakes.push(InvalidTemplate { span: brace..brace + 1, message, help });
                at = brace + 1;
            }
        }
        template.push(&text[at..]);
        if mistakes.is_empty() { Ok(template) } else { Err(mistakes) }
    }

    /// The part, if no single `$` stands before its brace. Of two, one is removed.
    fn without_dollar(&mut self, part: Part, text: &str, brace: usize) -> Result<Part, InvalidTemplate> {
        let before = &text[..brace];
        match before.len() - before.trim_end_matches('$').len() {
            0 => Ok(part),
            1 => {
                let (span, braced) = (brace - 1..text.len(), &text[brace..]);
                let message = format!("contains {}", quoted(&text[span.clone()]));
                let help = format!("write `{braced}`; for a `$` before its value, write `$${braced}`");
                Err(InvalidTemplate { span, message, help: Some(help) })
            }
            _ => {
                if let Some(Part::Literal(last)) = self.0.last_mut() {
                    last.pop();
                }
                Ok(part)
            }
        }
    }

    fn push(&mut self, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Part::Literal(last)) => last.push_str(text),
            _ => self.0.push(Part::Literal(text.to_owned())),
        }
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The text itself where nothing is left to fill.
    pub(super) fn as_literal(&self) -> Option<&str> {
        match &self.0[..] {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }
}

/// What stands for the part between two braces.
fn piece(name: &str, span: Range<usize>, allowed: &[Placeholder], names: &Names) -> Result<Part, InvalidTemplate> {
    if name == "workspace" {
        // Where the workspace itself is broken that is one mistake, and any stand-in will do.
        return Ok(Part::Literal(names.workspace.clone().unwrap_or_else(|| name.to_owned())));
    }
    if let Some(variable) = name.strip_prefix("var.") {
        return names.variables.get(variable).cloned().map(Part::Literal).ok_or_else(|| InvalidTemplate {
            span,
            message: format!("uses the undeclared variable {}", quoted(&format!("{{{name}}}"))),
            help: suggestion(variable, names.variables.keys().map(String::as_str)),
        });
    }
    if let Some(placeholder) = allowed.iter().find(|placeholder| placeholder.as_str() == name) {
        return Ok(Part::Open(*placeholder, span));
    }
    let braced = quoted(&format!("{{{name}}}"));
    let known = || allowed.iter().map(|placeholder| placeholder.as_str()).chain(["workspace", "var.NAME"]);
    let (message, help) = if Placeholder::ALL.iter().any(|placeholder| placeholder.as_str() == name) {
        let known: Vec<String> = known().map(|name| format!("{{{name}}}")).collect();
        (format!("cannot contain {braced}"), Some(format!("allowed here: {}", known.join(" "))))
    } else {
        (format!("contains {braced}, which is not a placeholder"), suggestion(name, known()))
    };
    Err(InvalidTemplate { span, message, help })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names { workspace: Some("growth".into()), variables: [("stage".to_owned(), "dev{app}".to_owned())].into() }
    }

    fn parse(text: &str) -> Result<Template, Vec<InvalidTemplate>> {
        Template::parse(text, Placeholder::ALL, &names())
    }

    #[test]
    fn what_is_known_is_put_in_at_once_and_never_expanded_again() {
        assert_eq!(parse("{workspace}-{var.stage}").unwrap().as_literal(), Some("growth-dev{app}"));
    }

    #[test]
    fn doubled_braces_are_braces() {
        assert_eq!(parse("{{{workspace}}}").unwrap().as_literal(), Some("{growth}"));
        assert_eq!(parse("a{{app}}b}").unwrap().as_literal(), Some("a{app}b}"));
        assert_eq!(parse("").unwrap().as_literal(), Some(""));
    }

    #[test]
    fn a_placeholder_waits_for_its_scope() {
        let template = parse("x-{app}").unwrap();
        assert_eq!(template.parts(), [Part::Literal("x-".into()), Part::Open(Placeholder::App, 2..7)]);
        assert_eq!(template.as_literal(), None);
    }

    #[test]
    fn all_mistakes_of_a_text_are_found_with_their_places() {
        let mistakes = parse("{ap} {var.stgae} ü{nothing {").unwrap_err();
        let found: Vec<_> = mistakes.iter().map(|m| (m.span.clone(), m.help.as_deref())).collect();
        assert_eq!(
            found,
            [
                (0..4, Some("did you mean `app`?")),
                (5..16, Some("did you mean `stage`?")),
                (19..20, Some("a brace itself is written `{{`")),
                (28..29, Some("a brace itself is written `{{`")),
            ]
        );
    }

    #[test]
    fn a_dollar_before_a_placeholder_is_not_taken_for_part_of_it() {
        let mistakes = parse("x ${var.stage} ${app}").unwrap_err();
        let found: Vec<_> = mistakes.iter().map(|m| (m.span.clone(), m.message.as_str())).collect();
        assert_eq!(found, [(2..14, "contains `${var.stage}`"), (15..21, "contains `${app}`")]);
        let help = "write `{app}`; for a `$` before its value, write `$${app}`";
        assert_eq!(mistakes[1].help.as_deref(), Some(help));
    }

    #[test]
    fn a_literal_dollar_stays_possible() {
        assert_eq!(parse("$${var.stage} $$${workspace}").unwrap().as_literal(), Some("$dev{app} $$growth"));
        assert_eq!(parse("$5 a$ ${{x}}").unwrap().as_literal(), Some("$5 a$ ${x}"));
    }

    #[test]
    fn a_placeholder_out_of_place_is_told_from_one_that_does_not_exist() {
        let mistakes = Template::parse("{stream}", Placeholder::OF_APP, &names()).unwrap_err();
        assert_eq!(mistakes[0].message, "cannot contain `{stream}`");
    }
}
