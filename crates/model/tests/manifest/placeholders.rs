//! What placeholders stand for, app by app and role by role.
use crate::folder::{BASE, Folder, report};
use pinpoint_streams_model::desired::{KeyedPart, KeyedText};
use pinpoint_streams_model::{AppIdentity, AppKey, Desired, DesiredRole, RoleKey};

fn role(desired: &Desired, key: &str) -> DesiredRole {
    desired.roles[&key.parse::<RoleKey>().expect("a key")].clone()
}

/// Two apps in two regions with two streams, that share a role with these settings.
fn sharing(settings: &str) -> Folder {
    Folder::of(format!(
        "{BASE}
[streams.lake]
firehose = \"pinpoint-events\"
[roles.shared]
{settings}
[apps.one]
id = \"a1\"
stream = \"clicks\"
role = \"shared\"
[apps.two]
id = \"a2\"
stream = \"lake\"
region = \"eu-west-1\"
role = \"shared\"
"
    ))
}

#[test]
fn only_the_roles_key_stays_open_in_its_name_and_path() {
    let settings = "role = { name = \"{app}-{region}-{role}-{workspace}\", path = \"/{account_id}/{app}/\" }";
    let text = format!("{BASE}[apps.shop]\nid = \"a1\"\nstream = \"clicks\"\n{settings}\n");
    let shop = role(&Folder::of(text).desired(), "shop");
    let literal = |text: &str| KeyedPart::Literal(text.to_owned());
    let name = [KeyedPart::Key, literal("-us-east-1-"), KeyedPart::Key, literal("-growth")];
    assert_eq!(shop.name, KeyedText(name.to_vec()));
    assert_eq!(shop.path, KeyedText(vec![literal("/000000000000/"), KeyedPart::Key, literal("/")]));
}

#[test]
fn in_an_apps_own_role_every_placeholder_has_one_value() {
    let settings = "description = \"{app} {role} {stream} {region} {account_id} {partition} {workspace} {{}}\"";
    let text = format!("{BASE}[apps.shop]\nid = \"a1\"\nstream = \"clicks\"\nrole = {{ {settings} }}\n");
    assert_eq!(
        role(&Folder::of(text).desired(), "shop").description,
        "shop shop clickstream us-east-1 000000000000 aws growth {}"
    );
}

#[test]
fn in_a_shared_role_app_and_role_are_its_key() {
    let shared = role(&sharing("name = \"x-{app}-{role}\"").desired(), "shared");
    assert_eq!(shared.name.under(&"shared".parse().unwrap()), "x-shared-shared");
}

#[test]
fn in_a_shared_roles_description_streams_and_regions_are_joined() {
    let shared = role(&sharing("description = \"{app}: {stream} in {region}\"").desired(), "shared");
    assert_eq!(shared.description, "shared: clickstream, pinpoint-events in eu-west-1, us-east-1");
}

#[test]
fn elsewhere_in_a_shared_role_they_must_agree() {
    assert_eq!(
        report(&sharing("name = \"x-{region}\"\ntags = { to = \"{stream}\" }")),
        "11:11 roles.shared.name contains {region}, which is not the same for all apps of role.shared
  {region} — one of eu-west-1, us-east-1
  10:8  shared — used by them
12:16 roles.shared.tags.to contains {stream}, which is not the same for all apps of role.shared
  {stream} — one of clickstream, pinpoint-events
  10:8  shared — used by them
"
    );
    let one_region = sharing("name = \"x-{region}\"");
    let text = format!("{BASE}[roles.r]\nname = \"x-{{region}}\"\n");
    let apps = "[apps.a]\nid = \"a1\"\nstream = \"clicks\"\nrole = \"r\"\n[apps.b]\nid = \"a2\"\nstream = \"clicks\"\nrole = \"r\"\n";
    assert!(one_region.load().is_err());
    let agreed = role(&Folder::of(format!("{text}{apps}")).desired(), "r");
    assert_eq!(agreed.name, KeyedText::literal("x-us-east-1"));
}

#[test]
fn a_permissions_boundary_is_a_name_in_the_roles_account_or_an_arn() {
    let boundary = |text: &str| {
        let defaults = format!("[role_defaults]\npermissions_boundary = \"{text}\"\n");
        let text = format!("{BASE}{defaults}[apps.shop]\nid = \"a1\"\nstream = \"clicks\"\n");
        role(&Folder::of(text).desired(), "shop").permissions_boundary.unwrap().to_string()
    };
    assert_eq!(boundary("team/boundary"), "arn:aws:iam::000000000000:policy/team/boundary");
    assert_eq!(
        boundary("arn:{partition}:iam::{account_id}:policy/{workspace}"),
        "arn:aws:iam::000000000000:policy/growth"
    );
    assert_eq!(boundary("arn:aws:iam::aws:policy/ReadOnlyAccess"), "arn:aws:iam::aws:policy/ReadOnlyAccess");
    assert_eq!(boundary("arn:aws:iam::123456789012:policy/x"), "arn:aws:iam::123456789012:policy/x");
}

#[test]
fn a_stream_may_be_named_after_each_app_that_uses_it() {
    let text = format!(
        "{BASE}[streams.each]\nkinesis = \"events-{{app}}\"\n\
         [apps.a]\nid = \"a1\"\nstream = \"each\"\n[apps.b]\nid = \"b1\"\nstream = \"each\"\n"
    );
    let desired = Folder::of(text).desired();
    let name = |key: &str| {
        let app = &desired.apps[&key.parse::<AppKey>().unwrap()];
        app.event_stream.as_ref().unwrap().target.arn.name().to_owned()
    };
    assert_eq!([name("a"), name("b")], ["events-a", "events-b"]);
}

#[test]
fn tags_of_a_later_layer_win() {
    let text = format!(
        "{BASE}[role_defaults.tags]\nteam = \"growth\"\nlevel = \"defaults\"\n\
         [apps.shop]\nname = \"Shop\"\nstream = \"clicks\"\n\
         tags = {{ level = \"app\", app = \"{{app}}\" }}\n\
         role = {{ tags = {{ level = \"role\", to = \"{{stream}}\" }} }}\n"
    );
    let desired = Folder::of(text).desired();
    let pairs = |tags: &pinpoint_streams_model::Tags| {
        tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(pairs(&role(&desired, "shop").tags), "app=shop level=role team=growth to=clickstream");
    let AppIdentity::Owned { tags, .. } = &desired.apps[&"shop".parse::<AppKey>().unwrap()].identity else {
        panic!("it has a name")
    };
    assert_eq!(pairs(tags), "app=shop level=app team=growth");
}

#[test]
fn a_mistake_in_a_text_is_blamed_on_the_placeholder_and_not_on_the_text() {
    let escaped = "[role_defaults]\nname = \"\\u0061-{ap}\"\ndescription = '{streem}'\n";
    assert_eq!(
        report(&Folder::of(format!("{BASE}{escaped}"))),
        "8:8 role_defaults.name contains `{ap}`, which is not a placeholder
  \"\\u0061-{ap}\"
  help: did you mean `app`?
9:16 role_defaults.description contains `{streem}`, which is not a placeholder
  {streem}
  help: did you mean `stream`?
"
    );
}
