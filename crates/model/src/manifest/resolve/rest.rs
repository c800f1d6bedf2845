//! What else is wrong with a manifest that has errors, so that all of it can be fixed at once. It is resolved once more with
//! something valid in place of what is not: all apps are in one account and region, and each has a stream. Of the
//! errors of that, those are kept that hold wherever an app is and whatever its stream is.
use super::site::{Site, somewhere};
use super::{app, role};
use crate::error_code::manifest as codes;
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::load::Loaded;
use crate::manifest::source::Source;
use crate::manifest::template::Placeholder;
use crate::{StreamArn, StreamService, StreamTarget};

pub(in crate::manifest) fn check_rest(loaded: &Loaded, sources: &[Source], found: &mut Diagnostics) {
    let Loaded { manifest: raw, has_gaps, syntaxes } = loaded;
    let Some((account, region)) = somewhere() else { return };
    let Ok(arn) = StreamArn::new(StreamService::Kinesis, region.clone(), account.clone(), "stream") else {
        return;
    };
    let mut rest = Diagnostics::default();
    let site = |(key, app)| Site { key, app, account: account.clone(), region: region.clone(), target: None };
    let mut sites: Vec<Site<'_>> = raw.apps.iter().map(site).collect();
    for site in &mut sites {
        let stand_in = || StreamTarget { arn: arn.clone(), kms_key: None };
        let target = app::stream_target(raw, site, &mut rest);
        site.target = target.or_else(|| (!site.app.stream.is_absent()).then(stand_in));
    }
    app::check_unused_streams(raw, &mut rest);
    let uses = role::uses(raw, &sites, &mut rest);
    role::resolve(raw, &uses.managed, &mut rest);
    app::resolve(raw, &sites, &uses.refs, &mut rest);

    let holds_anywhere = |error: &Diagnostic| {
        let is_of_the_text = error.code.id == codes::INVALID_VALUE.id;
        let is_of_a_reference = [codes::UNDECLARED.id, codes::ROLE_CONFLICT.id].contains(&error.code.id);
        // In a gap there may be what is referred to, and settings instead of the defaults.
        is_of_the_text && !(*has_gaps && error.message.starts_with("the default "))
            || is_of_a_reference && !has_gaps
    };
    found.add_new(rest, |error| {
        let is_shown = error.labels.iter().all(|label| {
            let (Some(source), Some(syntax)) = (sources.get(label.source), syntaxes.get(label.source)) else {
                return false;
            };
            let blamed = source.text.get(label.span.clone()).unwrap_or_default();
            !syntax.breaks_line_of(label, &source.text) && !depends_on_the_place(blamed)
        });
        holds_anywhere(error) && is_shown
    });
}

/// Whether what is filled in differs from place to place, or from stream to stream.
fn depends_on_the_place(text: &str) -> bool {
    [Placeholder::AccountId, Placeholder::Partition, Placeholder::Region, Placeholder::Stream]
        .iter()
        .any(|placeholder| text.contains(&placeholder.to_string()))
}
