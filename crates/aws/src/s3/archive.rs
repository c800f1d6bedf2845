//! Archives in the bucket: what is to be deleted is there, whole, before it is deleted, and is found again from any
//! machine.
use super::connect::RemoteState;
use super::error::S3Error;
use super::objects::{Content, Objects, Over, Put};
use futures::{StreamExt, TryStreamExt};
use pinpoint_streams_store::archive::{
    ArchiveError, ArchiveStore, Archived, Entry, FileArchive, Filed, Kept, is_verified, parse,
};
use pinpoint_streams_store::state::State;
use std::sync::Arc;

/// How many archives are read at once.
const AT_ONCE: usize = 8;

/// One run's archives: in the folder, and in the bucket under `<key>.archive/` by the same names.
#[derive(Debug)]
pub struct S3Archive {
    objects: Objects,
    prefix: String,
    local: FileArchive,
}

impl RemoteState {
    /// One run's archives, in this folder too.
    pub fn archive(&self, local: FileArchive) -> S3Archive {
        S3Archive { objects: self.objects.clone(), prefix: self.at.archive_prefix(), local }
    }

    /// Where the archives beside this state are: `s3://bucket/<key>.archive/`.
    pub fn archive_url(&self) -> String {
        self.objects.place(&self.at.archive_prefix())
    }

    /// The archives at a key of this bucket: the one with that name, or all below that prefix, in the order of their
    /// keys. The state vouches for them as it does for those in a folder.
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
            return Err(ArchiveError::Broken { path, reason: "it is not there".to_owned() });
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
                let reason = "another is there already, which is left as it is".to_owned();
                Err(ArchiveError::Broken { path: place, reason })
            }
        }
    }
}

impl ArchiveStore for S3Archive {
    /// Keeps the entry and its script in the folder and in the bucket. Its path is that in the bucket.
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
