//! What good manifests ask for.
use crate::folder::{BASE, Folder};
use pinpoint_streams_model::desired::MaxDelete;
use pinpoint_streams_model::manifest::{AccountSpec, Fault, Overrides, StateAt};
use pinpoint_streams_model::{
    AccountAlias, AccountId, AppIdentity, AppKey, Desired, DesiredApp, DesiredRole, RoleKey, RoleRef, TrustScope,
};
use std::collections::{BTreeMap, BTreeSet};

fn full() -> Folder {
    Folder::of(include_str!("fixtures/full.toml"))
        .with("apps/new.toml", include_str!("fixtures/full-included.toml"))
}

fn alias(text: &str) -> AccountAlias {
    text.parse().expect("an alias")
}

fn app<'d>(desired: &'d Desired, key: &str) -> &'d DesiredApp {
    &desired.apps[&key.parse::<AppKey>().expect("a key")]
}

fn role<'d>(desired: &'d Desired, key: &str) -> &'d DesiredRole {
    &desired.roles[&key.parse::<RoleKey>().expect("a key")]
}

#[test]
fn the_manifest_of_the_documents_asks_for_this() {
    insta::assert_json_snapshot!(full().desired());
}

#[test]
fn the_manifest_of_the_documents_has_nothing_to_warn_of() {
    assert_eq!(full().warnings(), []);
}

#[test]
fn a_manifest_tells_what_a_command_needs_before_it_resolves_anything() {
    let manifest = full().load().unwrap();
    assert_eq!(manifest.workspace().as_str(), "growth");
    assert_eq!(manifest.state(), Some(&StateAt::File("pinpoint-streams.state.json".to_owned())));
    assert_eq!(manifest.safety().max_delete, MaxDelete::Count(20));
    assert!(manifest.notices().end_of_support);
    let set = |text: &str| BTreeSet::from([text.to_owned()]);
    assert_eq!(manifest.sweep().exclude, set("PinpointLegacy*"));
    assert_eq!(manifest.sweep().no_pinpoint_in, set("ap-*"));
    let main = AccountSpec {
        id: Some("123456789012".parse().unwrap()),
        profile: Some("growth-prod".to_owned()),
        ..AccountSpec::default()
    };
    assert_eq!(manifest.accounts(), BTreeMap::from([(alias("main"), main)]));
    let regions = ["us-east-1", "eu-west-1"].map(|region| region.parse().unwrap());
    assert_eq!(manifest.regions(), BTreeMap::from([(alias("main"), BTreeSet::from(regions))]));
}

#[test]
fn the_smallest_manifest_for_one_app_needs_no_more_than_this() {
    let folder = Folder::of(format!("{BASE}[apps.shop]\nid = \"a1\"\nstream = \"clicks\"\n"));
    insta::assert_json_snapshot!(folder.desired());
    let manifest = folder.load().unwrap();
    assert_eq!(manifest.accounts(), BTreeMap::from([(alias("default"), AccountSpec::default())]));
    assert_eq!(manifest.state(), None);
}

#[test]
fn without_accounts_everything_is_in_the_callers_own() {
    let folder = Folder::of(format!("{BASE}[apps.shop]\nid = \"a1\"\nstream = \"clicks\"\n"));
    let manifest = folder.load().unwrap();
    let caller: AccountId = "210987654321".parse().unwrap();
    let desired = manifest.resolve(&BTreeMap::from([(alias("default"), caller.clone())])).unwrap();
    assert_eq!(app(&desired, "shop").account, caller);
    let target = &app(&desired, "shop").event_stream.as_ref().unwrap().target;
    assert_eq!(target.arn.to_string(), "arn:aws:kinesis:us-east-1:210987654321:stream/clickstream");

    let errors = manifest.resolve(&BTreeMap::new()).unwrap_err();
    assert_eq!(errors.errors[0].fault, Fault::Usage);
}

#[test]
fn a_caller_of_another_account_than_the_arns_is_found_where_its_id_is_known() {
    let stream = "[streams.far]\nkinesis = \"arn:aws:kinesis:{region}:123456789012:stream/{app}\"\n";
    let folder = Folder::of(format!("{BASE}{stream}[apps.shop]\nid = \"a1\"\nstream = \"far\"\n"));
    let manifest = folder.load().unwrap();
    assert_eq!(manifest.offline().accounts[&alias("default")].as_str(), "123456789012");
    let caller = BTreeMap::from([(alias("default"), "210987654321".parse().unwrap())]);
    let errors = manifest.resolve(&caller).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "pinpoint-streams.toml:11:10: streams.far is in account 123456789012, but apps.shop in account 210987654321"
    );
    assert!(errors.only_content());
}

#[test]
fn one_declared_account_is_that_of_every_app() {
    let text = format!("{BASE}[accounts.main]\nid = \"123456789012\"\n[apps.shop]\nname = \"Shop\"\n");
    let desired = Folder::of(text).desired();
    assert_eq!(app(&desired, "shop").account.as_str(), "123456789012");
    assert_eq!(app(&desired, "shop").event_stream, None);
    assert!(desired.roles.is_empty(), "an app without a stream has no role");
}

#[test]
fn an_account_is_entered_by_a_role_of_its_own() {
    let account = "[accounts.main]
id = \"123456789012\"
assume_role = \"arn:aws:iam::123456789012:role/deploy-{var.stage}\"
external_id = \"{workspace}\"
session_name = \"pinpoint\"
[variables]
stage = \"dev\"
";
    let manifest = Folder::of(format!("{BASE}{account}")).load().unwrap();
    let spec = &manifest.accounts()[&alias("main")];
    assert_eq!(spec.assume_role.as_ref().unwrap().name.as_str(), "deploy-dev");
    assert_eq!(spec.external_id.as_deref(), Some("growth"));
}

#[test]
fn a_shared_role_is_the_sum_of_its_apps() {
    let text = format!(
        "{BASE}
[streams.lake]
firehose = \"lake\"
[roles.shared]
trust = \"region\"
[apps.one]
id = \"a1\"
stream = \"clicks\"
role = \"shared\"
protect = true
adopt = true
[apps.two]
id = \"a2\"
stream = \"lake\"
role = \"shared\"
region = \"eu-west-1\"
"
    );
    let desired = Folder::of(text).desired();
    let shared = role(&desired, "shared");
    assert_eq!(desired.roles.len(), 1);
    assert_eq!(shared.trust, TrustScope::Region);
    assert_eq!(shared.apps.len(), 2);
    let targets: Vec<String> = shared.targets.iter().map(|target| target.arn.to_string()).collect();
    assert_eq!(
        targets,
        [
            "arn:aws:kinesis:us-east-1:000000000000:stream/clickstream",
            "arn:aws:firehose:eu-west-1:000000000000:deliverystream/lake",
        ]
    );
    assert!(shared.protect, "one of its apps is protected");
    assert!(!shared.adopt, "one of its apps does not ask for adoption");
}

#[test]
fn a_role_managed_elsewhere_is_named_and_not_managed() {
    let role = "role = { arn = \"arn:aws:iam::{account_id}:role/stream-{app}\" }\n";
    let desired = Folder::of(format!("{BASE}[apps.shop]\nid = \"a1\"\nstream = \"clicks\"\n{role}")).desired();
    assert!(desired.roles.is_empty());
    let event_stream = app(&desired, "shop").event_stream.as_ref().unwrap();
    let RoleRef::Elsewhere(arn) = &event_stream.role else { panic!("{:?}", event_stream.role) };
    assert_eq!(arn.to_string(), "arn:aws:iam::000000000000:role/stream-shop");
}

#[test]
fn a_variable_comes_from_the_command_line_then_the_environment_then_the_manifest() {
    let text = format!(
        "{BASE}[variables]\na = \"manifest\"\nb = \"manifest\"\nc = \"manifest\"\n\
         [apps.shop]\nname = \"{{var.a}} {{var.b}} {{var.c}}\"\n"
    );
    let mut folder = Folder::of(text);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    folder.overrides = Overrides {
        command_line: BTreeMap::from([pair("a", "line")]),
        environment: BTreeMap::from([pair("a", "environment"), pair("b", "environment"), pair("x", "ignored")]),
    };
    let desired = folder.desired();
    let AppIdentity::Owned { name, .. } = &app(&desired, "shop").identity else { panic!("it has a name") };
    assert_eq!(name, "line environment manifest");
}

#[test]
fn a_variable_may_stand_in_workspace_state_and_references() {
    let text = "version = 1
workspace = \"growth-{var.stage}\"
[variables]
stage = \"prod\"
region = \"eu-west-1\"
[state]
path = \"{workspace}/{var.stage}.json\"
[streams.prod]
kinesis = \"clicks-{var.stage}\"
[apps.shop]
id = \"a1\"
region = \"{var.region}\"
stream = \"{var.stage}\"
";
    let folder = Folder::of(text);
    let manifest = folder.load().unwrap();
    assert_eq!(manifest.workspace().as_str(), "growth-prod");
    assert_eq!(manifest.state(), Some(&StateAt::File("growth-prod/prod.json".to_owned())));
    let target = app(&folder.desired(), "shop").event_stream.clone().unwrap().target;
    assert_eq!(target.arn.to_string(), "arn:aws:kinesis:eu-west-1:000000000000:stream/clicks-prod");
}

#[test]
fn a_variable_may_stand_in_every_setting_of_the_states_bucket() {
    let text = format!(
        "{BASE}[variables]\nstage = \"dev\"\nregion = \"eu-central-1\"\n\
         [state.s3]\nbucket = \"{{workspace}}-{{var.stage}}\"\nkey = \"{{var.stage}}/{{workspace}}.json\"\n\
         region = \"{{var.region}}\"\nprofile = \"state-{{var.stage}}\"\n"
    );
    let mut folder = Folder::of(text);
    folder.overrides.command_line.insert("stage".to_owned(), "prod".to_owned());
    folder.overrides.environment.insert("region".to_owned(), "eu-west-3".to_owned());
    let manifest = folder.load().unwrap();
    let Some(StateAt::S3(s3)) = manifest.state() else { panic!("it is in a bucket") };
    assert_eq!(s3.to_string(), "s3://growth-prod/prod/growth.json");
    assert_eq!(s3.region.as_ref().map(ToString::to_string), Some("eu-west-3".to_owned()));
    assert_eq!(s3.profile.as_deref(), Some("state-prod"));
}

#[test]
fn a_states_bucket_needs_neither_region_nor_profile() {
    let state = "state = { s3 = { bucket = \"growth-state\", key = \"state.json\" } }\n";
    let manifest = Folder::of(format!("{state}{BASE}")).load().unwrap();
    let Some(StateAt::S3(s3)) = manifest.state() else { panic!("it is in a bucket") };
    assert_eq!((&s3.region, &s3.profile), (&None, &None));
    assert_eq!((s3.encrypt, &s3.kms_key_id), (false, &None));
}

#[test]
fn a_states_bucket_takes_an_encryption_and_a_key_implies_it() {
    let key = "alias/state";
    for (settings, expected) in [
        ("encrypt = true", Ok((true, None))),
        ("encrypt = false", Ok((false, None))),
        ("kms_key_id = \"alias/state\"", Ok((true, Some(key)))),
        ("encrypt = true, kms_key_id = \"alias/state\"", Ok((true, Some(key)))),
        ("encrypt = false, kms_key_id = \"alias/state\"", Err("state.s3.encrypt is false")),
        ("kms_key_id = \"\"", Err("state.s3.kms_key_id")),
        ("encrypt = \"yes\"", Err("state.s3.encrypt")),
    ] {
        let state =
            format!("state = {{ s3 = {{ bucket = \"growth-state\", key = \"state.json\", {settings} }} }}\n");
        match (Folder::of(format!("{state}{BASE}")).load(), expected) {
            (Ok(manifest), Ok(expected)) => {
                let Some(StateAt::S3(s3)) = manifest.state() else { panic!("it is in a bucket") };
                assert_eq!((s3.encrypt, s3.kms_key_id.as_deref()), expected, "{settings}");
            }
            (Err(errors), Err(start)) => {
                let messages: Vec<&str> = errors.errors.iter().map(|error| error.message.as_str()).collect();
                assert!(messages.len() == 1 && messages[0].starts_with(start), "{settings}: {messages:?}");
            }
            (loaded, _) => panic!("{settings}: {:?}", loaded.map(|_| ())),
        }
    }
}

#[test]
fn a_var_that_the_manifest_does_not_declare_is_an_error_of_the_command_line() {
    let mut folder = Folder::of(format!("{BASE}[variables]\nstage = \"dev\"\n"));
    folder.overrides.command_line.insert("stgae".to_owned(), "prod".to_owned());
    let errors = folder.load().unwrap_err();
    assert_eq!(errors.errors.len(), 1);
    assert_eq!(errors.errors[0].fault, Fault::Usage);
    assert_eq!(errors.to_string(), "--var `stgae` is not among [variables]");
    assert_eq!(errors.errors[0].help.as_deref(), Some("did you mean `stage`?"));
}

#[test]
fn what_is_allowed_but_looks_like_a_mistake_is_warned_of() {
    let text = format!(
        "{BASE}
[streams.unused]
kinesis = \"x\"
[roles.unused]
[roles.shared]
[apps.bare]
id = \"a1\"
tags = {{ team = \"x\" }}
[apps.shop]
id = \"a2\"
stream = \"clicks\"
role = \"shared\"
tags = {{ team = \"x\" }}
"
    );
    let warnings = Folder::of(text).warnings();
    let messages: Vec<&str> = warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "streams.unused is not used by any app",
            "roles.unused is not used by any app and is not created",
            "apps.bare exists and has no stream: nothing of it is managed",
            "apps.bare.tags have no effect",
            "apps.shop.tags have no effect",
        ]
    );
}

#[test]
fn a_forget_block_of_what_is_still_declared_is_warned_of() {
    let apps = "[apps.shop]\nid = \"a1\"\nstream = \"clicks\"\n[apps.blog]\nname = \"Blog\"\n";
    let forget = |address: &str| {
        let text = format!("{BASE}{apps}[[forget]]\naddress = \"{address}\"\n");
        Folder::of(text).warnings().into_iter().map(|warning| warning.message).collect::<Vec<_>>()
    };
    for declared in ["role.shop", "event_stream.shop", "app.blog"] {
        let words = format!("{declared} is declared, so it is forgotten only if it no longer exists in AWS");
        assert!(forget(declared).contains(&words), "{declared}");
    }
    // An app with an `id` is not managed itself.
    for other in ["app.shop", "role.blog", "event_stream.blog", "app.gone", "iam.123456789012/Old"] {
        assert!(!forget(other).iter().any(|words| words.starts_with(other)), "{other}");
    }
}

#[test]
fn comments_and_order_make_no_difference_to_what_is_asked_for() {
    let a = format!("{BASE}[apps.a]\nid = \"a1\"\n[apps.b]\nid = \"b1\"\n");
    let b = format!("{BASE}# b first\n[apps.b]\nid = \"b1\"\n[apps]\na.id = \"a1\"\n");
    assert_eq!(Folder::of(a).desired(), Folder::of(b).desired());
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_no_mistakes() {
    let text = format!("\u{feff}{}", BASE.replace('\n', "\r\n"));
    assert_eq!(Folder::of(text).desired(), Folder::of(BASE).desired());
}
