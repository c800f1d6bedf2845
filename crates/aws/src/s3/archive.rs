//! Archives in the bucket: complete before the resource is deleted, and available on any machine.
use super::connect::RemoteState;
use super::error::S3Error;
use super::objects::{Content, Objects, Over, Put};
use futures::{StreamExt, TryStreamExt};
use pinpoint_streams_store::archive::{
    ArchiveError, ArchiveStore, Archived, Entry, FileArchive, Filed, Kept, is_verified, parse,
};
use pinpoint_streams_store::state::State;
use std::sync::Arc;

const AT_ONCE: usize = 8;

/// One run's archives: in a local folder, and in the bucket under `<key>.archive/` with the same names.
#[derive(Debug)]
pub struct S3Archive {
    objects: Objects,
    prefix: String,
    local: FileArchive,
}

impl RemoteState {
    pub fn archive(&self, local: FileArchive) -> S3Archive {
        S3Archive { objects: self.objects.clone(), prefix: self.at.archive_prefix(), local }
    }

    /// `s3://bucket/<key>.archive/`.
    pub fn archive_url(&self) -> String {
        self.objects.place(&self.at.archive_prefix())
    }

    /// The archive with this key, or all archives below this prefix in the order of their keys. The state confirms them as
    /// it does local ones.
    pub async fn read_archives(&self, key: &str, state: Option<&State>) -> Result<Vec<Archived>, ArchiveError> {
        let place = self.objects.place(key);
        let keys = match key.ends_with(".json") {
            true => vec![key.to_owned()],
            false => {
                let folder = if key.is_empty() || key.ends_with('/') { key.to_owned() } else { format!("{key}/") };
                let keys = self.objects.list(&folder).await.map_err(|error| unreachable_at(&place, error))?;
                keys.into_iter().filter(|key| key.ends_with(".json")).collect()
            }
        };
        if keys.is_empty() {
            return Err(ArchiveError::Broken { path: place, reason: "it contains no archives".to_owned() });
        }
        let read = keys.iter().map(|key| self.read_archive(key, state));
        futures::stream::iter(read).buffered(AT_ONCE).try_collect().await
    }

    async fn read_archive(&self, key: &str, state: Option<&State>) -> Result<Archived, ArchiveError> {
        let path = self.objects.place(key);
        let found = self.objects.get(key).await.map_err(|error| unreachable_at(&path, error))?;
        let Some(found) = found else {
            return Err(ArchiveError::Broken { path, reason: "it does not exist".to_owned() });
        };
        let (entry, digest) = parse(&path, &found.bytes)?;
        let is_verified = is_verified(&digest, state);
        Ok(Archived { path, digest, is_verified, entry })
    }
}

impl S3Archive {
    async fn send(&self, name: &str, content: Content<'_>) -> Result<String, ArchiveError> {
        let key = format!("{}{name}", self.prefix);
        let place = self.objects.place(&key);
        let sent = self.objects.put(&key, content, &Over::Nothing, |found| found == content.bytes).await;
        match sent.map_err(|error| unreachable_at(&place, error))? {
            Put::Written(_) => Ok(place),
            Put::Lost(_) => {
                let reason = "another archive exists and is not overwritten".to_owned();
                Err(ArchiveError::Broken { path: place, reason })
            }
        }
    }
}

impl ArchiveStore for S3Archive {
    /// Writes the entry and its script to the folder and to the bucket. Returns the path in the bucket.
    async fn keep(&self, entry: &Entry) -> Result<Kept, ArchiveError> {
        let Filed { kept, name, json, script_name, script } = self.local.file(entry).await?;
        let (path, _) = futures::try_join!(
            self.send(&name, Content::json(&json)),
            self.send(&script_name, Content::script(script.as_bytes())),
        )?;
        Ok(Kept { path, digest: kept.digest })
    }
}

fn unreachable_at(place: &str, error: S3Error) -> ArchiveError {
    ArchiveError::Store { place: place.to_owned(), source: Arc::new(error) }
}
