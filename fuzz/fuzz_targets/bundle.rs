//! A bundle of evidence. After `!`, its lines, which are compressed here, else the bytes of the file. Refused, or read;
//! continued, ended and read again, its answers are as they were, and a copy for a bug report can be made and read.
#![no_main]
use flate2::Compression;
use flate2::write::GzEncoder;
use libfuzzer_sys::fuzz_target;
use pinpoint_streams_store::bundle::{BundleWriter, read, redact};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, fs, process};

/// In memory, where the system has such a folder.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { memory.to_owned() } else { env::temp_dir() };
    let folder = folder.join(format!("fuzz-bundle-{}", process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
});

fn file(input: &[u8]) -> Vec<u8> {
    match input.split_first() {
        Some((b'!', lines)) => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
            encoder.write_all(lines).expect("memory can be written");
            encoder.finish().expect("memory can be written")
        }
        _ => input.to_owned(),
    }
}

fuzz_target!(|input: &[u8]| {
    let (path, copy) = (FOLDER.join("a.evidence"), FOLDER.join("copy.evidence"));
    fs::write(&path, file(input)).expect("a file");
    let bundle = match read(&path) {
        Ok(bundle) => bundle,
        Err(error) => return drop(format!("{error} {error:?}")),
    };
    if bundle.end.is_none() {
        let writer = BundleWriter::resume(&path, &bundle).expect("it can be continued");
        let end = writer.finish(bundle.header.began).expect("it can be ended");
        let again = read(&path).expect("what is written can be read");
        assert_eq!((&again.header, &again.answers), (&bundle.header, &bundle.answers));
        assert_eq!(again.end, Some(end));
    }
    let (header, answers) = redact(&bundle, [7; 32]).expect("a copy can be made");
    let _ = fs::remove_file(&copy);
    let mut writer = BundleWriter::create(&copy, &header).expect("it can be written");
    for kept in answers.clone() {
        writer.keep(kept).expect("it can be written");
    }
    writer.finish(header.began).expect("it can be written");
    assert_eq!(read(&copy).expect("what is written can be read").answers, answers);
});
