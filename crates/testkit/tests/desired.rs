//! What is built is what a manifest that says the same asks for.
use pinpoint_streams_model::desired::{Desired, TrustScope};
use pinpoint_streams_model::manifest::{Manifest, OneFile, Overrides};
use pinpoint_streams_testkit::desired::{ACCOUNT, DesiredBuilder};
use pinpoint_streams_testkit::{desired, parsed};
use std::collections::BTreeMap;

/// As `text` asks for it, with the caller in [`ACCOUNT`]. The builder gives apps their ids where the text has `ID`.
#[track_caller]
fn asked_for(text: &str) -> Desired {
    let text = format!("version = 1\nworkspace = \"growth\"\ndefaults.region = \"us-east-1\"\n{text}");
    let manifest =
        Manifest::load("test.toml", text, &OneFile, &Overrides::default()).expect("the test's text is a manifest");
    Desired::clone(
        &manifest.resolve(&BTreeMap::from([(parsed("default"), parsed(ACCOUNT))])).expect("it can be resolved"),
    )
}

#[track_caller]
fn same(text: &str, built: DesiredBuilder) {
    assert_eq!(asked_for(text), built.build());
}

#[test]
fn an_app_with_a_role_of_its_own() {
    same(
        r#"
        [streams.clicks]
        kinesis = "clicks"
        [apps.shop]
        id = "shop0000000000000000000000000000"
        stream = "clicks"
        "#,
        desired().app("shop", |app| app.kinesis("clicks")),
    );
}

#[test]
fn a_created_app_with_tags_of_its_own_and_of_its_role() {
    same(
        r#"
        [streams.lake]
        firehose = "lake"
        kms_key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd"
        [apps.blog]
        name = "Blog"
        region = "eu-west-1"
        stream = "lake"
        protect = true
        adopt = true
        tags = { site = "blog", team = "app" }
        role = { name = "Blog", max_session_duration = 7200, tags = { team = "role" } }
        [apps.alone]
        name = "Alone"
        tags = { site = "alone" }
        "#,
        desired()
            .app("blog", |app| {
                let app = app.created("Blog").region("eu-west-1").firehose("lake").kms_key("1234abcd");
                app.tag("site", "blog")
                    .tag("team", "app")
                    .protect()
                    .adopt()
                    .own_role(|role| role.name("Blog").max_session_duration(7200).tag("team", "role"))
            })
            .app("alone", |app| app.created("Alone").tag("site", "alone")),
    );
}

#[test]
fn a_shared_role_and_one_managed_elsewhere() {
    same(
        r#"
        [streams.clicks]
        kinesis = "clicks"
        [streams.lake]
        firehose = "lake"
        [roles.shared]
        trust = "region"
        permissions_boundary = "boundary"
        [apps.shop]
        id = "shop0000000000000000000000000000"
        stream = "clicks"
        role = "shared"
        [apps.blog]
        id = "blog0000000000000000000000000000"
        region = "eu-west-1"
        stream = "lake"
        role = "shared"
        adopt = true
        [apps.wiki]
        id = "wiki0000000000000000000000000000"
        stream = "lake"
        role = { arn = "arn:aws:iam::123456789012:role/Elsewhere" }
        "#,
        desired()
            .shared_role("shared", |role| {
                role.trust(TrustScope::Region).permissions_boundary("arn:aws:iam::123456789012:policy/boundary")
            })
            .app("shop", |app| app.kinesis("clicks").role("shared"))
            .app("blog", |app| app.region("eu-west-1").firehose("lake").role("shared").adopt())
            .app("wiki", |app| app.firehose("lake").role_elsewhere("arn:aws:iam::123456789012:role/Elsewhere")),
    );
}
