//! A manifest of any text: read, resolved or refused with places that are in it.
#![no_main]
use libfuzzer_sys::fuzz_target;
use pinpoint_streams_model::manifest::{Manifest, OneFile, Overrides};

fuzz_target!(|text: &str| {
    let loaded = Manifest::load("pinpoint-streams.toml", text.to_owned(), &OneFile, &Overrides::default());
    let resolved = loaded.and_then(|manifest| manifest.resolve(&manifest.placeholder_accounts()).map(drop));
    if let Err(errors) = resolved {
        assert!(!errors.errors.is_empty(), "refused without a reason");
        for source in &errors.sources {
            source.line_column(source.text.len());
        }
        let _ = format!("{errors} {errors:?}");
    }
});
