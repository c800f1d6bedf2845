//! Whether the state bucket has versioning enabled, so that an overwritten state can be recovered.
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::escape::escape;
use crate::ui::style::{HELP, WARNING, paint};
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
    match judged(versioning, mode, remote.location()) {
        None => Ok(()),
        Some(Judged::Refused(problem)) => Err(Error::Problems(vec![problem])),
        Some(Judged::Warned { message, hint }) => {
            context.printer.note(&format!("{} {}\n", paint(WARNING, "warning:"), escape(&message)));
            context.printer.note(&format!("{} {}\n", paint(HELP, "help:"), escape(&hint)));
            Ok(())
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Judged {
    Warned { message: String, hint: String },
    Refused(Problem),
}

fn judged(versioning: Versioning, mode: Mode, at: &Location) -> Option<Judged> {
    let bucket = &at.bucket;
    let enable = enable(at);
    match (versioning, mode) {
        (Versioning::Enabled, _) => None,
        (Versioning::Off, Mode::Destroy | Mode::Sweep) => Some(Judged::Refused(Problem {
            code: ProblemCode::NotVersioned,
            address: None,
            message: format!("bucket {bucket} has versioning disabled, and this command deletes resources"),
            hint: Some(format!("enable versioning: `{enable}`")),
        })),
        (Versioning::Off, Mode::Converge | Mode::Drift | Mode::Restore) => Some(Judged::Warned {
            message: format!("bucket {bucket} has versioning disabled: a lost state cannot be recovered"),
            hint: format!("enable versioning: `{enable}`"),
        }),
        (Versioning::Unknown { reason }, Mode::Destroy | Mode::Sweep) => Some(Judged::Refused(Problem {
            code: ProblemCode::NotVersioned,
            address: None,
            message: format!(
                "cannot determine whether bucket {bucket} has versioning enabled, and this command deletes resources: \
                 {reason}"
            ),
            hint: Some("allow s3:GetBucketVersioning for these credentials".to_owned()),
        })),
        (Versioning::Unknown { reason }, _) => Some(Judged::Warned {
            message: format!("cannot determine whether bucket {bucket} has versioning enabled: {reason}"),
            hint: "allow s3:GetBucketVersioning for these credentials".to_owned(),
        }),
    }
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

    fn of(versioning: Versioning, mode: Mode) -> Option<Judged> {
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
                (Mode::Destroy | Mode::Sweep, Some(Judged::Refused(problem))) => problem.hint.unwrap(),
                (Mode::Converge | Mode::Drift | Mode::Restore, Some(Judged::Warned { hint, .. })) => hint,
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
            assert_eq!(of(Versioning::Enabled, mode), None);
            let unknown = Versioning::Unknown { reason: "AccessDenied".to_owned() };
            let refused = matches!(of(unknown, mode), Some(Judged::Refused(_)));
            assert_eq!(refused, matches!(mode, Mode::Destroy | Mode::Sweep), "{mode:?}");
        }
    }
}
