//! Whether the bucket keeps older versions: a state that was overwritten by mistake can only then be had again.
use super::connect::RemoteState;
use super::error::{S3Error, S3ErrorKind};
use crate::classify::Asked;
use aws_sdk_s3::types::BucketVersioningStatus;

const VERSIONING: Asked = Asked::s3("GetBucketVersioning");

/// Whether a bucket keeps older versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Versioning {
    Enabled,
    /// It does not: never switched on, or suspended.
    Off,
    Unknown {
        reason: String,
    },
}

impl RemoteState {
    /// Whether the bucket keeps older versions. That the caller may not ask is an answer, not an error.
    pub async fn versioning(&self) -> Result<Versioning, S3Error> {
        match self.objects.versioning(VERSIONING).await {
            Ok(Some(BucketVersioningStatus::Enabled)) => Ok(Versioning::Enabled),
            Ok(_) => Ok(Versioning::Off),
            Err(denied) if denied.kind == S3ErrorKind::Denied => {
                Ok(Versioning::Unknown { reason: denied.to_string() })
            }
            Err(error) => Err(error),
        }
    }
}
