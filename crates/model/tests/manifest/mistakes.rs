//! Errors of manifests with mistakes: all at once, each with its place. The snapshots hold `line:column message`,
//! the text that is blamed and why, and the help.
use crate::folder::{BASE, Folder, MANIFEST, report};
use insta::assert_snapshot;
use pinpoint_streams_model::manifest::keys;

/// Mistakes of a manifest that begins like [`BASE`].
fn of(rest: &str) -> String {
    report(&Folder::of(format!("{BASE}{rest}")))
}

#[test]
fn a_stream_that_does_not_exist_is_answered_with_the_one_that_was_meant() {
    let found = of("[apps.shop]\nid = \"a1\"\nstream = \"clikcs\"\n");
    assert_eq!(
        found,
        "9:10 apps.shop.stream is not a declared stream\n  \"clikcs\" — not among [streams.*]\n  help: did you mean `clicks`?\n"
    );
}

#[test]
fn fifteen_mistakes_in_three_files_are_found_at_once() {
    let folder = Folder::of(include_str!("fixtures/fifteen-mistakes.toml"))
        .with("apps/one.toml", include_str!("fixtures/fifteen-mistakes-one.toml"))
        .with("apps/two.toml", include_str!("fixtures/fifteen-mistakes-two.toml"));
    assert_eq!(folder.errors().len(), 15);
    assert_snapshot!(report(&folder));
}

#[test]
fn an_app_is_told_by_exactly_one_of_id_and_name() {
    assert_snapshot!(of("
[apps.both]
id = \"a1\"
name = \"Shop\"
[apps.neither]
stream = \"clicks\"
[apps.malformed]
id = \"a-1\"
[apps.one]
id = \"a2\"
[apps.two]
id = \"a2\"
[apps.empty]
name = \"\"
"));
}

#[test]
fn an_app_needs_an_account_and_a_region_with_pinpoint() {
    let header = "version = 1\nworkspace = \"growth\"\n";
    assert_snapshot!(report(&Folder::of(format!(
        "{header}
[accounts.main]
id = \"123456789012\"
[accounts.other]
id = \"210987654321\"
[apps.nowhere]
id = \"a1\"
[apps.elsewhere]
id = \"a2\"
region = \"eu-north-1\"
account = \"mian\"
[apps.typo]
id = \"a3\"
region = \"useast1\"
account = \"main\"
"
    ))));
}

#[test]
fn types_and_keys_that_do_not_fit_are_said_to_be_so() {
    assert_snapshot!(of("
[apps.shop]
id = 1
protect = \"yes\"
adopt = 1
regoin = \"us-east-1\"
tags = [\"team\"]
role = 3
stream = { name = \"x\" }
[apps.\"sh op\"]
id = \"a1\"
[apps]
blog = 1979-05-27
[streamz.clicks]
[safety]
read_only = 1.5
[state]
s3 = { bucket = \"x\" }
[role_default]
"));
}

#[test]
fn every_key_that_is_known_is_looked_at() {
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
fn a_key_that_slipped_into_a_table_is_told_where_it_belongs() {
    assert_snapshot!(of("include = [\"apps/*.toml\"]\n[variables]\ninclude = [\"x\"]\n"));
}

#[test]
fn accounts_are_told_apart_and_entered_in_one_way() {
    assert_snapshot!(report(&Folder::of(
        "version = 1
workspace = \"growth\"
[defaults]
account = \"mian\"
region = \"us-east-1\"
[accounts.main]
id = \"12\"
profile = \"\"
[accounts.idless]
external_id = \"x y\"
[accounts.b]
id = \"123456789012\"
assume_role = \"arn:aws:iam::999999999999:role/x\"
session_name = \"x\"
[accounts.c]
id = \"123456789012\"
[apps.shop]
id = \"a1\"
region = \"us-gov-west-1\"
account = \"b\"
[apps.blog]
id = \"a2\"
account = \"b\"
"
    )));
}

#[test]
fn streams_agree_with_the_apps_that_use_them() {
    assert_snapshot!(of("
[streams.a]
kinesis = \"x\"
firehose = \"y\"
[streams.b]
[streams.c]
kinesis = \"arn:aws:firehose:us-east-1:123456789012:deliverystream/x\"
[streams.d]
kinesis = \"arn:aws:kinesis:eu-west-1:123456789012:stream/x\"
[streams.e]
kinesis = \"clicks*\"
[streams.f]
kinesis = \"f\"
kms_key = \"arn:aws:kms:eu-west-1:123456789012:key/1234abcd\"
[streams.g]
kinesis = \"g\"
kms_key = \"alias/g\"
[streams.h]
kinesis = \"arn:aws:kinesis:us-east-1:210987654321:stream/x\"
[streams.unused]
kinesis = \"arn:aws:s3:us-east-1:123456789012:stream/x\"
[apps]
c = { id = \"c\", stream = \"c\" }
d = { id = \"d\", stream = \"d\" }
e = { id = \"e\", stream = \"e\" }
e2 = { id = \"e2\", stream = \"e\" }
f = { id = \"f\", stream = \"f\" }
g = { id = \"g\", stream = \"g\" }
h = { id = \"h\", stream = \"h\" }
"));
}

#[test]
fn roles_are_held_against_the_limits_of_iam() {
    assert_snapshot!(of("
[role_defaults]
name = \"PinpointEventStream-{app}-for-the-workspace-{workspace}-in-{region}\"
path = \"pinpoint/\"
policy_name = \"a b\"
description = \"Lets “{app}” in\"
max_session_duration = 100
permissions_boundary = \"arn:aws:iam::999999999999:policy/x\"
[apps.shop]
id = \"a1\"
stream = \"clicks\"
[apps.blog]
name = \"Blog\"
stream = \"clicks\"
role = { name = \"a/b\", path = \"/*/\", permissions_boundary = \"arn:aws:iam::123456789012:policy/y\", policy_name = \"{app}\" }
"));
}

#[test]
fn tags_are_held_against_the_limits_of_aws() {
    let many: String = (0..45).map(|n| format!("t{n} = \"\"\n")).collect();
    assert_snapshot!(of(&format!(
        "
[apps.shop]
name = \"Shop\"
[apps.shop.tags]
\"aws:team\" = \"x\"
\"pinpoint-streams:workspace\" = \"other\"
\"\" = \"x\"
value = \"*\"
stream = \"{{stream}}\"
number = 3
[apps.blog]
name = \"Blog\"
[apps.blog.tags]
Team = \"x\"
team = \"y\"
{many}"
    )));
}

#[test]
fn a_shared_role_is_of_one_account_and_shares_no_key() {
    assert_snapshot!(report(&Folder::of(
        "version = 1
workspace = \"growth\"
defaults = { region = \"us-east-1\", account = \"a\" }
accounts = { a = { id = \"111111111111\" }, b = { id = \"222222222222\" } }
streams = { clicks = { kinesis = \"clicks\" } }
[roles.shared]
trust = \"regions\"
[roles.shop]
[apps.blog]
id = \"a1\"
stream = \"clicks\"
role = \"shared\"
[apps.shop]
id = \"a2\"
account = \"b\"
stream = \"clicks\"
role = \"shared\"
[apps.typo]
id = \"a3\"
stream = \"clicks\"
role = \"shraed\"
[apps.idle]
id = \"a4\"
role = \"shared\"
"
    )));
}

#[test]
fn a_role_managed_elsewhere_is_a_role_of_the_apps_account_that_is_not_ours() {
    assert_snapshot!(of("
[apps.shop]
id = \"a1\"
stream = \"clicks\"
role = { arn = \"arn:aws:iam::123456789012:role/x\", name = \"y\" }
[apps.blog]
id = \"a2\"
stream = \"clicks\"
role = { arn = \"arn:aws:iam::210987654321:role/x\" }
[apps.news]
id = \"a3\"
stream = \"clicks\"
role = { arn = \"arn:aws:iam::123456789012:user/x\" }
[apps.ours]
id = \"a4\"
stream = \"clicks\"
[apps.claimed]
id = \"a5\"
stream = \"clicks\"
role = { arn = \"arn:aws:iam::{account_id}:role/other/pinpointeventstream-OURS\" }
"));
}

#[test]
fn two_roles_of_an_account_have_two_names_whatever_their_letter_case() {
    assert_snapshot!(of("
[apps.shop]
id = \"a1\"
stream = \"clicks\"
role = { name = \"Stream\" }
[apps.blog]
id = \"a2\"
stream = \"clicks\"
role = { name = \"stream\", path = \"/other/\" }
"));
}

#[test]
fn moved_and_forget_name_what_there_is() {
    assert_snapshot!(of("
[[moved]]
from = \"shop\"
to = \"blgo\"
[[moved]]
from = \"old\"
to = \"blog\"
[[moved]]
from = \"old\"
to = \"blog\"
[[moved]]
to = \"b g\"
[[forget]]
address = \"roles.x\"
[[forget]]
[apps.shop]
id = \"a1\"
[apps.blog]
id = \"a2\"
"));
    assert_snapshot!("single_brackets", of("[moved]\nfrom = \"a\"\nto = \"b\"\n"));
}

#[test]
fn the_safety_net_is_not_guessed() {
    assert_snapshot!(of("
[safety]
max_delete = \"101%\"
required_tags = [\"aws:x\", 3]
[notices]
end_of_suport = false
[state]
path = \"\"
"));
    for limit in ["-1", "\"30\"", "\"%\"", "\"+3%\"", "\"-3%\"", "1.5", "true", "99999999999999999999"] {
        let errors = Folder::of(format!("{BASE}[safety]\nmax_delete = {limit}\n")).errors();
        assert_eq!(errors.len(), 1, "{limit}");
    }
}

#[test]
fn a_state_is_kept_in_one_place_that_s3_would_take() {
    assert_snapshot!(of("
[state]
path = \"here.json\"
s3 = { bucket = \"growth-state\", key = \"state.json\" }
"));
    assert_snapshot!(
        "buckets_and_keys",
        of("
[state.s3]
bucket = \"s3://growth-state/state.json\"
key = \"growth//state.json\"
region = \"useast1\"
profil = \"state\"
")
    );
    assert_snapshot!("no_bucket_and_no_key", of("[state.s3]\nregion = \"{var.region}\"\nprofile = \"\"\n"));
}

#[test]
fn what_a_sweep_is_to_leave_alone_must_be_able_to_match_something() {
    assert_snapshot!(of("
[sweep]
exclude = [\"PinpointLegacy*\", \"\", 3]
no_pinpoint_in = [\"ap-*\", \"mars-*\", \"eu-west-9\"]
excluded = []
"));
}

#[test]
fn of_another_version_nothing_more_is_said() {
    assert_eq!(
        report(&Folder::of("version = 2\nworkspace = 3\nnonsense = 4\n")),
        "1:11 version 2 of the manifest is not supported\n  2 — this program reads version 1\n"
    );
}

#[test]
fn an_empty_file_is_told_how_to_begin() {
    assert_snapshot!(report(&Folder::of("")));
}

#[test]
fn what_is_no_toml_is_said_once_and_nothing_is_concluded_from_it() {
    let broken =
        format!("{BASE}[apps.shop]\nid = a1\nstream = clicks\nprotect = 3\n[streams.lake\nfirehose = \"x\"\n");
    assert_snapshot!(report(&Folder::of(broken.clone())));
    let errors = Folder::of(broken).load().unwrap_err();
    assert!(errors.only_content(), "it exits like every other mistake in a manifest");
}

#[test]
fn what_stands_twice_in_a_file_is_shown_in_both_places() {
    assert_snapshot!(of("
[apps.shop]
id = \"a1\"
stream = \"clicks\"
stream = \"lake\"
[apps.blog]
id = \"a2\"
[apps.shop]
id = \"a3\"
"));
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
