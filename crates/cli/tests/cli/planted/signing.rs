//! The digests that a planted file needs, computed as an attacker would compute them.
use super::template::STATE;
use crate::support::Workspace;
use pinpoint_streams_model::digest;
use serde_json::Value;
use std::io::{Read as _, Write as _};

/// What the text of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    Json,
    /// One document in each line.
    Lines,
    /// The same, compressed.
    Gzip,
    Toml,
}

/// Where the digest of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digest {
    None,
    /// In the plan itself.
    InPlan,
    /// In the state.
    OfArchive,
    /// In the last line.
    AtTheEnd,
}

pub(super) fn documents(text: Text, bytes: &[u8]) -> Vec<Value> {
    match text {
        Text::Json => serde_json::from_slice(bytes).into_iter().collect(),
        Text::Lines => {
            let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
        }
        Text::Gzip => documents(Text::Lines, &gunzipped(bytes)),
        Text::Toml => Vec::new(),
    }
}

pub(super) fn gunzipped(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut text).unwrap();
    text
}

pub(super) fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn bytes(text: Text, documents: &[Value]) -> Vec<u8> {
    let lines = || documents.iter().map(|line| format!("{line}\n")).collect::<String>();
    match text {
        Text::Json | Text::Toml => {
            documents.iter().map(|document| format!("{document:#}\n")).collect::<String>().into()
        }
        Text::Lines => lines().into(),
        Text::Gzip => gzipped(lines().as_bytes()),
    }
}

/// Makes the digest of these documents fit them. False if they have no place for one.
pub(super) fn sign(kind: Digest, documents: &mut Vec<Value>, workspace: &Workspace, file: &str) -> bool {
    match kind {
        Digest::None => false,
        Digest::InPlan => {
            let plan = documents.pop().unwrap();
            let has_one = plan.get("plan_digest").is_some();
            if has_one {
                documents.push(serde_json::from_str(&crate::saved_plans::signed(plan)).unwrap());
            }
            has_one
        }
        Digest::OfArchive => {
            let digest = digest::of_bytes(&bytes(Text::Json, documents)).to_string();
            let mut state: Value = serde_json::from_str(&workspace.read(STATE)).unwrap();
            let archives = state["archives"].as_object_mut().unwrap();
            let known = archives.iter_mut().find(|(path, _)| path.ends_with(file)).unwrap();
            *known.1 = digest.into();
            workspace.write(STATE, &format!("{state:#}\n"));
            true
        }
        Digest::AtTheEnd => {
            let Some(Value::Object(end)) = documents.pop().and_then(|last| last.get("end").cloned()) else {
                return false;
            };
            let mut hashed: Vec<u8> = documents.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect();
            let text = |key: &str| end.get(key).map(|value| value.to_string().trim_matches('"').to_owned());
            let (Some(finished), Some(answers)) = (text("finished"), text("answers")) else { return false };
            hashed.extend(format!("{finished} {answers}").into_bytes());
            let mut end = end.clone();
            end.insert("digest".to_owned(), digest::of_bytes(&hashed).to_string().into());
            documents.push(serde_json::json!({"end": end}));
            true
        }
    }
}
