//! The ways to plant a file: other text, another file of ours, something that is not a file, other permissions, edits.
use super::members::{self, Edit, Place};
use super::signing::{self, Digest};
use super::targets::Target;
use super::template::{STATE, Template, WORLD};
use crate::support::Workspace;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::Command;

/// A way that can be tried on every file, or on those with members.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Way {
    Text(&'static str, &'static [u8]),
    /// Ten megabytes of opening brackets.
    Brackets,
    /// So many eighths of it.
    Cut(usize),
    /// Another file of ours.
    OtherKind(&'static str),
    /// The same of another workspace or lineage.
    SameKind(&'static str),
    NotAFile(Instead),
    Mode(u32),
    FolderMode,
    OtherUser,
    Edited {
        place: Place,
        edit: Edit,
        is_signed: bool,
    },
    /// Foreign things in place of all of ours.
    Forged {
        foreign: usize,
        is_signed: bool,
    },
    /// A line of a text file.
    Line {
        nth: usize,
        edit: Edit,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instead {
    Nothing,
    Folder,
    Pipe,
    /// A link to the file itself, under another name.
    LinkToItself,
    LinkToAnother,
    DanglingLink,
    LinkLoop,
    LinkToDevice,
    Device,
    SecondName,
}

const TEXTS: [(&str, &[u8]); 10] = [
    ("empty", b""),
    ("words", b"this is not it\n"),
    ("null", b"null\n"),
    ("an object", b"{}\n"),
    ("a list", b"[]\n"),
    ("a string", b"\"x\"\n"),
    ("zeros", &[0; 4096]),
    ("not UTF-8", b"\xff\xfe{\"format\": 1}\n"),
    ("escape codes", b"\x1b]0;owned\x07\x1b[2J\n"),
    ("a format of tomorrow", b"{\"format\": 99, \"format_version\": 99, \"version\": 99}\n"),
];

/// Files of ours that are something else.
const KINDS: [&str; 7] =
    ["pinpoint-streams.toml", STATE, "apply.plan", "e.evidence", "tf.json", WORLD, "policy.json"];

const NOT_FILES: [Instead; 10] = [
    Instead::Nothing,
    Instead::Folder,
    Instead::Pipe,
    Instead::LinkToItself,
    Instead::LinkToAnother,
    Instead::DanglingLink,
    Instead::LinkLoop,
    Instead::LinkToDevice,
    Instead::Device,
    Instead::SecondName,
];

/// All ways for a file.
pub(super) fn of(target: &Target, template: &Template) -> Vec<Way> {
    let path = target.path(template);
    let original = fs::read(target.folder(template).path(&path)).unwrap();
    let mut ways: Vec<Way> = TEXTS.iter().map(|(name, bytes)| Way::Text(name, bytes)).collect();
    ways.push(Way::Brackets);
    ways.extend((1..8).map(Way::Cut));
    // A plan to apply and one to restore are approved by the same command, each as what it is.
    let is_other =
        |kind: &&'static str| **kind != *path && !(target.kind == "restore plan" && **kind == *"apply.plan");
    ways.extend(KINDS.into_iter().filter(is_other).map(Way::OtherKind));
    let same = template.others.iter().filter(|(kind, ..)| *kind == target.same);
    ways.extend(same.map(|(_, of, _)| Way::SameKind(of)));
    ways.extend(NOT_FILES.map(Way::NotAFile));
    ways.extend([0o666, 0o620, 0o606].map(Way::Mode));
    ways.extend([Way::FolderMode, Way::OtherUser]);
    let signed: &[bool] = if target.digest == Digest::None { &[false] } else { &[false, true] };
    for &is_signed in signed {
        ways.extend((0..template.foreign.len()).map(|foreign| Way::Forged { foreign, is_signed }));
    }
    let documents = signing::documents(target.text, &original);
    let can = |place: &Place, edit| members::can_edit(&documents, place, edit, &template.foreign);
    for place in members::places(&documents) {
        for edit in members::EDITS.into_iter().filter(|edit| can(&place, *edit)) {
            let is_tried = |is_signed: &bool| {
                target.digest == Digest::None || *is_signed || members::UNSIGNED.contains(&edit)
            };
            let signed = signed.iter().copied().filter(is_tried);
            ways.extend(signed.map(|is_signed| Way::Edited { place: place.clone(), edit, is_signed }));
        }
    }
    if documents.is_empty() {
        let lines = String::from_utf8(original).unwrap().lines().count();
        let edits = [
            Edit::Removed,
            Edit::Huge,
            Edit::Empty,
            Edit::Escape,
            Edit::Unknown,
            Edit::Foreign(0),
            Edit::Foreign(1),
        ];
        ways.extend((0..lines).flat_map(|nth| edits.map(|edit| Way::Line { nth, edit })));
    }
    ways
}

/// Plants it. False if this way changes nothing here.
pub(super) fn plant(way: &Way, target: &Target, template: &Template, folder: &Workspace) -> bool {
    let name = target.path(template);
    let path = folder.path(&name);
    let original = fs::read(&path).unwrap();
    let planted = match way {
        Way::Text(_, bytes) => bytes.to_vec(),
        Way::Brackets => vec![b'['; 10 * 1024 * 1024],
        Way::Cut(eighths) => original[..original.len() * eighths / 8].to_vec(),
        Way::OtherKind(kind) => fs::read(folder.path(kind)).unwrap(),
        Way::SameKind(of) => {
            let found = template.others.iter().find(|(kind, other, _)| *kind == target.same && other == of);
            found.unwrap().2.clone()
        }
        Way::NotAFile(instead) => return put(*instead, &path, folder),
        Way::Mode(mode) => {
            fs::set_permissions(&path, Permissions::from_mode(*mode)).unwrap();
            return true;
        }
        Way::FolderMode => {
            fs::set_permissions(path.parent().unwrap(), Permissions::from_mode(0o777)).unwrap();
            return true;
        }
        // Only root can give files away.
        Way::OtherUser => return chown(&path, Some(65_534), None).is_ok(),
        Way::Edited { place, edit, is_signed } => {
            let mut documents = signing::documents(target.text, &original);
            members::edit(&mut documents, place, *edit, &template.foreign);
            if *is_signed && !signing::sign(target.digest, &mut documents, folder, &name) {
                return false;
            }
            signing::bytes(target.text, &documents)
        }
        Way::Forged { foreign, is_signed } => {
            let foreign = &template.foreign[*foreign].1;
            let text =
                if target.text == signing::Text::Gzip { signing::gunzipped(&original) } else { original.clone() };
            let forged = members::replaced(&String::from_utf8(text).unwrap(), foreign).into_bytes();
            let forged = if target.text == signing::Text::Gzip { signing::gzipped(&forged) } else { forged };
            let mut documents = signing::documents(target.text, &forged);
            match is_signed {
                true if !signing::sign(target.digest, &mut documents, folder, &name) => return false,
                true => signing::bytes(target.text, &documents),
                false => forged,
            }
        }
        Way::Line { nth, edit } => line_edited(&original, *nth, *edit, template),
    };
    fs::write(&path, &planted).unwrap();
    planted != original
}

fn line_edited(original: &[u8], nth: usize, edit: Edit, template: &Template) -> Vec<u8> {
    let text = String::from_utf8(original.to_vec()).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let line = lines[nth].clone();
    let value = |value: &str| match line.split_once(" = ") {
        Some((key, _)) => format!("{key} = {value}"),
        None => line.clone(),
    };
    lines[nth] = match edit {
        Edit::Removed => String::new(),
        Edit::Huge => value(&format!("\"{}\"", "x".repeat(100_000))),
        Edit::Empty => value("\"\""),
        Edit::Escape => value("\"../../../../planted\\u001b]0;owned\\u0007\""),
        Edit::Unknown => format!("planted = true\n{line}"),
        Edit::Foreign(which) => members::replaced(&line, &template.foreign[which].1),
        Edit::Null | Edit::OtherType | Edit::OtherWord | Edit::Negative => line.clone(),
    };
    lines.iter().map(|line| format!("{line}\n")).collect::<String>().into()
}

fn put(instead: Instead, path: &Path, folder: &Workspace) -> bool {
    let aside = folder.path("aside");
    fs::rename(path, &aside).unwrap();
    match instead {
        Instead::Nothing => fs::remove_file(&aside).unwrap(),
        Instead::Folder => fs::create_dir(path).unwrap(),
        Instead::Pipe => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
        Instead::LinkToItself => symlink(&aside, path).unwrap(),
        Instead::LinkToAnother => symlink(folder.path("other-policy.json"), path).unwrap(),
        Instead::DanglingLink => symlink(folder.path("nowhere"), path).unwrap(),
        Instead::LinkLoop => symlink(path, path).unwrap(),
        Instead::LinkToDevice => symlink("/dev/zero", path).unwrap(),
        // Only root can make one.
        Instead::Device => {
            let made = Command::new("mknod").arg(path).args(["c", "1", "5"]).output().unwrap();
            return made.status.success();
        }
        Instead::SecondName => fs::hard_link(&aside, path).unwrap(),
    }
    true
}
