//! Errors of manifests with mistakes: all at once, each with its place. The snapshots hold `line:column message`,
//! the text that is blamed and why, and the help.
use crate::folder::{BASE, Folder, MANIFEST, report};
use insta::assert_snapshot;
use pinpoint_streams_model::error_code::manifest as codes;
use pinpoint_streams_model::manifest::keys;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_manifest_with_mistakes_is_reported_like_its_snapshot() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifest/fixtures/mistakes");
    let files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 24, "a file was added or lost");
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap();
        assert_snapshot!(name, report(&Folder::of(fs::read_to_string(&file).unwrap())));
    }
}

#[test]
fn fifteen_mistakes_in_three_files_are_found_at_once() {
    let folder = Folder::of(include_str!("fixtures/fifteen-mistakes.toml"))
        .with("apps/one.toml", include_str!("fixtures/fifteen-mistakes-one.toml"))
        .with("apps/two.toml", include_str!("fixtures/fifteen-mistakes-two.toml"));
    assert_eq!(folder.errors().len(), 15);
    assert_snapshot!(report(&folder));
}

/// Each is a mistake by itself: a region, a stream's name, a reference to a stream, one to a role, a path.
const ALL_STAGES: &str = "version = 1
workspace = \"growth\"
[defaults]
region = \"us-east1\"
[streams.clicks]
kinesis = \"bad name!\"
[roles.shared]
path = \"no-slash\"
[apps.a]
id = \"a1\"
stream = \"clickz\"
[apps.b]
id = \"b 1\"
stream = \"clicks\"
role = { path = \"also-none\", description = \"\u{1f389}\" }
[apps.c]
id = \"c1\"
stream = \"clicks\"
role = \"shraed\"
";

#[test]
fn mistakes_of_all_stages_are_found_at_once() {
    assert_snapshot!("all-stages", report(&Folder::of(ALL_STAGES)));
    // Where part of the text is not TOML, what is not declared may be there.
    let gap = ALL_STAGES.replace("us-east1", "us-east-1").replace("[apps.c]\n", "[apps.c]\nname = = \"C\"\n");
    assert_snapshot!("all-stages-with-a-gap", report(&Folder::of(gap)));
}

#[test]
fn mending_one_mistake_brings_no_other_to_light() {
    let mut text = ALL_STAGES.to_owned();
    let known =
        |text: &str| Folder::of(text).errors().into_iter().map(|error| error.message).collect::<BTreeSet<_>>();
    for (mistake, mended) in [
        ("us-east1", "us-east-1"),
        ("clickz", "clicks"),
        ("shraed", "shared"),
        ("bad name!", "clicks"),
        ("b 1", "b1"),
        ("no-slash", "/apps/"),
        ("\u{1f389}", "streams"),
    ] {
        let before = known(&text);
        text = text.replace(mistake, mended);
        let after = known(&text);
        assert!(after.is_subset(&before), "{mistake}: {:?}", after.difference(&before));
    }
    let left: Vec<String> = known(&text).into_iter().collect();
    assert_eq!(left, ["apps.b.role.path gives `also-none`, which is not a valid path"]);
}

#[test]
fn what_an_error_explains_is_not_another() {
    // The stream is where the app is, once its region is valid.
    let stream = "[streams.far]\nkinesis = \"arn:aws:kinesis:eu-west-1:123456789012:stream/far\"\n";
    let app = "[apps.shop]\nname = \"Shop\"\nregion = \"eu-wst-1\"\nstream = \"far\"\n";
    assert_eq!(Folder::of(format!("{BASE}{stream}{app}")).errors().len(), 1);
    // A name of the length that it has with another region.
    let role = "role = { name = \"{region}\" }\n";
    assert_eq!(Folder::of(format!("{BASE}{stream}{app}{role}")).errors().len(), 1);
}

#[test]
fn what_no_app_uses_is_checked_as_far_as_that_goes() {
    let unused = "[roles.r]\npath = \"x{app}\"\nname = \"{stream}!\"\n[streams.s]\nfirehose = \"a b\"\n";
    let messages = |text: String| -> Vec<String> {
        Folder::of(text).errors().into_iter().map(|error| error.message).collect()
    };
    assert_eq!(
        messages(format!("{BASE}{unused}")),
        [
            "roles.r.path gives `xr`, which is not a valid path",
            "streams.s.firehose gives `a b`, which is not a valid firehose stream",
        ]
    );
}

#[test]
fn an_app_name_with_a_control_character_is_not_said_to_be_too_long() {
    let found = report(&Folder::of(format!("{BASE}[apps.shop]\nname = \"a\\u0007b\"\n")));
    assert!(found.contains("it cannot contain control characters"), "{found}");
}

#[test]
fn a_moved_block_that_names_an_address_is_told_to_name_the_key() {
    let moved = "[[moved]]\nfrom = \"role.shop\"\nto = \"store\"\n";
    let found = report(&Folder::of(format!("{BASE}{moved}[apps.store]\nid = \"a1\"\nstream = \"clicks\"\n")));
    let help = "help: write the app's key alone, `shop`: its role and its event stream move with it";
    assert!(found.contains(help), "{found}");
}

#[test]
fn terraforms_form_of_a_placeholder_is_a_mistake_wherever_placeholders_are() {
    let text = format!("{BASE}[variables]\nstage = \"dev\"\n[apps.shop]\nname = \"${{var.stage}}-shop\"\n");
    let found = report(&Folder::of(text.clone()));
    assert!(found.contains("apps.shop.name contains `${var.stage}`"), "{found}");
    assert!(found.contains("help: write `{var.stage}`"), "{found}");
    let region = text.replace("us-east-1", "${var.stage}");
    assert!(report(&Folder::of(region)).contains("defaults.region contains `${var.stage}`"));
}

#[test]
fn every_known_key_is_checked() {
    let tables = [
        ("", "", keys::MANIFEST),
        ("[defaults]", "defaults", keys::DEFAULTS),
        ("[accounts.a]", "accounts.a", keys::ACCOUNT),
        ("[role_defaults]", "role_defaults", keys::ROLE_DEFAULTS),
        ("[roles.r]", "roles.r", keys::SHARED_ROLE),
        ("[apps.a.role]", "apps.a.role", keys::OWN_ROLE),
        ("[streams.s]\nfirehose = \"x\"", "streams.s", &["kms_key"]),
        ("[streams.s]", "streams.s", &["kinesis"]),
        ("[streams.s]", "streams.s", &["firehose"]),
        ("[apps.a]\nid = \"x\"", "apps.a", &keys::APP[2..]),
        ("[apps.a]", "apps.a", &["id"]),
        ("[apps.a]", "apps.a", &["name"]),
        ("[[moved]]", "moved[0]", keys::MOVED),
        ("[[forget]]", "forget[0]", keys::FORGET),
        ("[safety]", "safety", keys::SAFETY),
        ("[sweep]", "sweep", keys::SWEEP),
        ("[notices]", "notices", keys::NOTICES),
        ("[state]", "state", keys::STATE),
        ("[state.s3]", "state.s3", keys::STATE_S3),
    ];
    for (header, path, keys) in tables {
        for key in keys {
            let text = format!("{header}\n{key} = 1979-05-27\n");
            let expected = format!(
                "{}{key} is a datetime, not",
                if path.is_empty() { "".into() } else { format!("{path}.") }
            );
            let errors = Folder::of(text.clone()).errors();
            assert!(errors.iter().any(|error| error.message.starts_with(&expected)), "{text}{errors:#?}");
        }
    }
}

#[test]
fn a_limit_of_deletes_is_a_count_or_a_percentage() {
    for limit in ["-1", "\"30\"", "\"%\"", "\"+3%\"", "\"-3%\"", "1.5", "true", "99999999999999999999"] {
        let errors = Folder::of(format!("{BASE}[safety]\nmax_delete = {limit}\n")).errors();
        assert_eq!(errors.len(), 1, "{limit}");
    }
}

#[test]
fn a_manifest_that_is_not_toml_is_a_mistake_in_its_content() {
    let errors = Folder::of(include_str!("fixtures/mistakes/not-toml.toml")).load().unwrap_err();
    assert!(errors.only_content(), "it exits like every other mistake in a manifest");
}

#[test]
fn a_file_of_more_than_sixteen_mebibytes_is_refused_unread() {
    let folder = Folder::of(" ".repeat(pinpoint_streams_model::manifest::MAX_BYTES + 1));
    assert_eq!(report(&folder), format!("1:1 `{MANIFEST}` is longer than 16 MiB\n"));
}

#[test]
fn files_that_are_too_many_or_too_long_together_are_refused() {
    use pinpoint_streams_model::manifest::{MAX_BYTES, MAX_FILES};
    let including = || Folder::of("version = 1\nworkspace = \"w\"\ninclude = [\"*.toml\"]\n");
    let many = (0..=MAX_FILES).fold(including(), |folder, n| folder.with(&format!("{n}.toml"), ""));
    assert_eq!(
        report(&many),
        "3:12 more than 10000 files are included\n  \"*.toml\" — one of these is too many\n"
    );
    let long = (0..4).fold(including(), |folder, n| folder.with(&format!("{n}.toml"), " ".repeat(MAX_BYTES)));
    let found = report(&long);
    assert!(found.contains("longer than 64 MiB together") && found.contains("with `3.toml`"), "{found}");
}

#[test]
fn a_file_that_is_not_utf_8_is_a_mistake_in_the_content() {
    let errors = pinpoint_streams_model::manifest::Manifest::not_text(MANIFEST);
    assert!(errors.only_content(), "{errors}");
    let folder = Folder::of(format!("include = [\"apps/a.toml\"]\n{BASE}")).with("apps/a.toml", "not text");
    assert!(folder.load().unwrap_err().only_content());
    assert_eq!(folder.errors()[0].code, "PS0101");
}

#[test]
fn a_misspelt_required_key_is_one_error_with_the_key_that_was_meant() {
    for (text, meant) in [
        ("versoin = 1\nworkspace = \"w\"\n".to_owned(), "version"),
        ("version = 1\nwrokspace = \"w\"\n".to_owned(), "workspace"),
        (format!("{BASE}[apps.a]\nnmae = \"A\"\nstream = \"clicks\"\n"), "name"),
        (format!("{BASE}[streams.s]\nkinseis = \"x\"\n[apps.a]\nname = \"A\"\nstream = \"clicks\"\n"), "kinesis"),
        (format!("{BASE}[state.s3]\nbukcet = \"my-bucket\"\nkey = \"state.json\"\n"), "bucket"),
        (format!("{BASE}[[moved]]\nfrmo = \"a\"\nto = \"b\"\n"), "from"),
    ] {
        let errors: Vec<_> = Folder::of(text.clone()).errors();
        assert_eq!(errors.len(), 1, "{text}{errors:#?}");
        assert_eq!(errors[0].help, format!("did you mean `{meant}`?"), "{text}");
    }
}

#[test]
fn a_misspelt_region_and_an_arn_for_an_app_id_have_a_suggestion() {
    let help = |app: &str| {
        let errors = Folder::of(format!("{BASE}[apps.a]\nstream = \"clicks\"\n{app}\n")).errors();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        errors[0].help.clone()
    };
    for region in ["eu-wst-1", "eu-west1", "EU-WEST-1", "eu_west_1"] {
        assert_eq!(help(&format!("id = \"a1\"\nregion = \"{region}\"")), "did you mean `eu-west-1`?", "{region}");
    }
    assert!(help("id = \"a1\"\nregion = \"eu-west-3\"").starts_with("Pinpoint is in "), "it exists");
    let id = "810c7aab86d42fb2b56c8c966example";
    for written in [
        format!("arn:aws:mobiletargeting:us-east-1:123456789012:apps/{id}"),
        format!("arn:aws:mobiletargeting:us-east-1:123456789012:apps/{id}/eventstream"),
        format!("https://us-east-1.console.aws.amazon.com/pinpoint/home?region=us-east-1#/apps/{id}/analytics"),
    ] {
        assert_eq!(help(&format!("id = \"{written}\"")), format!("the id is the part after `apps/`: `{id}`"));
    }
}

/// Of a manifest that is read; the others come from a program or a file that is not there.
const NOT_OF_A_MANIFEST: [&str; 2] = ["CALLER_UNKNOWN", "INTERNAL"];

#[test]
fn every_code_of_a_manifest_is_that_of_some_manifest_here() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifest/fixtures/mistakes");
    let mut folders: Vec<Folder> = fs::read_dir(fixtures)
        .unwrap()
        .map(|file| Folder::of(fs::read_to_string(file.unwrap().path()).unwrap()))
        .collect();
    let including =
        |file: &str, text: &str| Folder::of(format!("include = [\"{file}\"]\n{BASE}")).with("apps/a.toml", text);
    folders.push(including("apps/a.toml", "unreadable"));
    folders.push(including("apps/a.toml", "workspace = \"w\"\n"));
    folders.push(including("apps/none*.toml", ""));
    folders.push(Folder::of("version = 2\n"));
    folders.push(Folder::of(" ".repeat(pinpoint_streams_model::manifest::MAX_BYTES + 1)));
    folders.push(Folder {
        overrides: pinpoint_streams_model::manifest::Overrides {
            command_line: [("stage".to_owned(), "prod".to_owned())].into(),
            ..Default::default()
        },
        ..Folder::of(BASE)
    });
    let found = |folder: &Folder| match folder.load() {
        Ok(manifest) => manifest.warnings().iter().map(|warning| warning.code.name).collect::<Vec<_>>(),
        Err(errors) => errors.errors.iter().map(|error| error.code.name).collect(),
    };
    let reached: BTreeSet<&str> = folders.iter().flat_map(found).collect();
    let missing: Vec<&str> = codes::ALL
        .iter()
        .map(|code| code.name)
        .filter(|name| !reached.contains(name) && !NOT_OF_A_MANIFEST.contains(name))
        .collect();
    assert_eq!(missing, [""; 0]);
}
