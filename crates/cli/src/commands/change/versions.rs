//! Whether the state bucket has versioning enabled, so that an overwritten state can be recovered.
use crate::ui::{CommandContext, Error, problems};
use crate::workspace::Store;
use pinpoint_streams_aws::s3::{Location, S3ErrorKind, Versioning};
use pinpoint_streams_model::plan::Mode;
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use pinpoint_streams_store::archive::quoted;

/// Warns about a bucket without versioning, and rejects plans that delete.
pub(super) async fn check(store: &Store, mode: Mode, context: &CommandContext<'_>) -> Result<(), Error> {
    let Some(remote) = store.remote() else { return Ok(()) };
    let versioning = match remote.versioning().await {
        // Not every S3-compatible store implements GetBucketVersioning.
        Err(error) if error.kind == S3ErrorKind::Other => Versioning::Unknown { reason: error.to_string() },
        answer => answer?,
    };
    let judged = judged(versioning, mode, remote.location());
    if let Some(warning) = judged.map_err(|problem| Error::Problems(vec![problem]))? {
        context.printer.note(&problems::warning(&warning.message, warning.hint.as_deref().unwrap_or_default()));
    }
    Ok(())
}

/// A warning if the bucket may not keep old versions; an error if the plan also deletes.
fn judged(versioning: Versioning, mode: Mode, at: &Location) -> Result<Option<Problem>, Problem> {
    let bucket = &at.bucket;
    let deletes = match mode {
        Mode::Destroy | Mode::Sweep => Some(", and this command deletes resources"),
        Mode::Converge | Mode::Drift | Mode::Restore => None,
    };
    let (message, hint) = match versioning {
        Versioning::Enabled => return Ok(None),
        Versioning::Off => {
            let so = deletes.unwrap_or(": a lost state cannot be recovered");
            (
                format!("bucket {bucket} has versioning disabled{so}"),
                format!("enable versioning: `{}`", enable(at)),
            )
        }
        Versioning::Unknown { reason } => {
            let also = deletes.unwrap_or_default();
            (
                format!("cannot determine whether bucket {bucket} has versioning enabled{also}: {reason}"),
                "allow s3:GetBucketVersioning for these credentials".to_owned(),
            )
        }
    };
    let problem = Problem { code: ProblemCode::NotVersioned, address: None, message, hint: Some(hint) };
    if deletes.is_some() { Err(problem) } else { Ok(Some(problem)) }
}

/// The AWS CLI command that enables versioning.
fn enable(Location { bucket, key: _, region, profile, encryption: _ }: &Location) -> String {
    let flag = |name: &str, value: &Option<String>| {
        value.as_ref().map(|value| format!(" --{name} {}", quoted(value))).unwrap_or_default()
    };
    let bucket = quoted(bucket);
    format!(
        "aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled{}{}",
        flag("region", region),
        flag("profile", profile)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinpoint_streams_aws::s3::Encryption;

    const ALL: [Mode; 5] = [Mode::Converge, Mode::Drift, Mode::Restore, Mode::Destroy, Mode::Sweep];

    fn of(versioning: Versioning, mode: Mode) -> Result<Option<Problem>, Problem> {
        let at = Location {
            bucket: "growth-state".to_owned(),
            key: "state.json".to_owned(),
            region: Some("eu-west-1".to_owned()),
            profile: None,
            encryption: Encryption::BucketDefault,
        };
        judged(versioning, mode, &at)
    }

    #[test]
    fn without_versions_an_apply_is_warned_and_what_deletes_is_refused_with_the_words_to_type() {
        for mode in ALL {
            let words = match (mode, of(Versioning::Off, mode)) {
                (Mode::Destroy | Mode::Sweep, Err(refused)) => refused.hint.unwrap(),
                (Mode::Converge | Mode::Drift | Mode::Restore, Ok(Some(warning))) => warning.hint.unwrap(),
                (_, other) => panic!("{mode:?}: {other:?}"),
            };
            let typed = "aws s3api put-bucket-versioning --bucket growth-state \
                         --versioning-configuration Status=Enabled --region eu-west-1";
            assert!(words.contains(typed), "{words}");
        }
    }

    #[test]
    fn with_versions_nothing_is_reported_and_unknown_versioning_counts_as_none() {
        for mode in ALL {
            assert_eq!(of(Versioning::Enabled, mode), Ok(None));
            let unknown = Versioning::Unknown { reason: "AccessDenied".to_owned() };
            let refused = of(unknown, mode).is_err();
            assert_eq!(refused, matches!(mode, Mode::Destroy | Mode::Sweep), "{mode:?}");
        }
    }
}
