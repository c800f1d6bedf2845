//! No text makes the decoder panic, and every error points into a text that is there.
use crate::folder::{BASE, Folder, MANIFEST};
use pinpoint_streams_model::manifest::{Diagnostic, ManifestErrors, Source};
use proptest::prelude::*;

/// Looks at a manifest from every side.
fn survives(text: String) {
    let folder = Folder::of(text);
    match folder.load() {
        Ok(manifest) => {
            points_into(manifest.warnings(), manifest.sources());
            manifest.resolve(&manifest.offline().accounts).expect("what loads offline resolves offline");
        }
        Err(errors) => {
            let text = errors.to_string();
            assert!(!text.contains('\u{1b}'), "no control character reaches a message");
            let ManifestErrors { sources, errors } = errors;
            assert!(!errors.is_empty());
            points_into(&errors, &sources);
        }
    }
}

fn points_into(found: &[Diagnostic], sources: &[Source]) {
    for Diagnostic { code: _, fault: _, message, labels, help: _ } in found {
        assert!(!message.is_empty());
        for label in labels {
            let text = &sources[label.source].text;
            assert!(text.get(label.span.clone()).is_some(), "{message}: {:?} of {}", label.span, text.len());
        }
    }
}

/// Keys that manifests are made of.
const WORDS: &str = "version workspace include defaults accounts role_defaults streams roles apps variables moved \
    forget safety state id name region stream role arn tags kinesis firehose kms_key max_delete path from to \
    address shop clicks main sweep exclude no_pinpoint_in s3 bucket key";

/// Values that manifests are made of, and some that are broken.
const VALUES: &str = r#"1 | "us-east-1" | "clicks" | "{app}" | "{var.x}" | "{" | "}{{" | true | [] | {} | [1, "a"] |
    { arn = "x" } | "arn:aws:kinesis:us-east-1:123456789012:stream/x" | 1979-05-27 | 'é' | """
{ap}""" | "\u001b" |
    "a | 99999999999999999999 | 0x10 | { name = "{stream}" }"#;

/// Pieces of a manifest, good and bad, to be strung together.
fn piece() -> impl Strategy<Value = String> {
    let word = prop::sample::select(WORDS.split_whitespace().collect::<Vec<_>>());
    let value = prop::sample::select(VALUES.split('|').map(str::trim).collect::<Vec<_>>());
    prop_oneof![
        word.clone().prop_map(|word| format!("[{word}]\n")),
        (word.clone(), word.clone()).prop_map(|(a, b)| format!("[{a}.{b}]\n")),
        word.clone().prop_map(|word| format!("[[{word}]]\n")),
        (word.clone(), value.clone()).prop_map(|(key, value)| format!("{key} = {value}\n")),
        (word.clone(), word, value).prop_map(|(a, b, value)| format!("{a}.{b} = {value}\n")),
        "\\PC{0,12}\n",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_survived(text in ".{0,200}") {
        survives(text);
    }

    #[test]
    fn any_pieces_of_a_manifest_are_survived(pieces in prop::collection::vec(piece(), 0..24), base: bool) {
        let start = if base { BASE } else { "" };
        survives(format!("{start}{}", pieces.concat()));
    }

    #[test]
    fn a_good_manifest_with_a_hole_is_survived(from in 0usize..4000, length in 0usize..40, filler in "\\PC{0,4}") {
        let text = include_str!("fixtures/full.toml").replace("include   = [\"apps/*.toml\"]", "");
        let boundary = |at: usize| (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        let (from, to) = (boundary(from), boundary(from + length));
        survives(format!("{}{filler}{}", &text[..from], &text[to..]));
    }
}

#[test]
fn deep_nesting_and_long_lines_are_survived() {
    for text in [
        "[".repeat(10_000),
        "a.".repeat(10_000),
        format!("a = {}", "[".repeat(10_000)),
        format!("a = {}", "{b=".repeat(10_000)),
        format!("version = 1\nworkspace = \"{}\"", "{".repeat(100_001)),
        format!("{BASE}[apps.shop]\nid = \"a1\"\nstream = \"{}\"\n", "x".repeat(1_000_000)),
        format!("{BASE}[role_defaults]\nname = \"{}\"\n", "{a".repeat(50_000)),
        "x = 1\n".repeat(20_000),
        "\u{1b}[2J = 1\n\"\\u001b\" = 2\n[apps.\"\\u001b\"]\n".to_owned(),
        format!("# {MANIFEST}\r\n\r\n\0"),
    ] {
        survives(text);
    }
}
