//! Names that grow with what is put in, and descriptions.
use crate::folder::{BASE, Folder, report};

#[test]
fn a_name_that_is_too_long_once_filled_is_shown_as_it_would_be() {
    let key = "a".repeat(50);
    let text = format!("{BASE}[apps.{key}]\nid = \"a1\"\nstream = \"clicks\"\n");
    assert_eq!(
        report(&Folder::of(text)),
        format!(
            "7:7 the default name gives a name of 70 characters, IAM allows 64
  {key} — `PinpointEventStream-{key}`
  help: give role.{key} a shorter name
"
        )
    );
}

#[test]
fn a_name_of_sixty_four_characters_fits() {
    let key = "a".repeat(44);
    Folder::of(format!("{BASE}[apps.{key}]\nid = \"a1\"\nstream = \"clicks\"\n")).desired();
}

#[test]
fn a_mistake_in_the_defaults_is_one_mistake_however_many_apps_there_are() {
    let apps: String = (0..50).map(|n| format!("[apps.a{n}]\nid = \"a{n}\"\nstream = \"clicks\"\n")).collect();
    let text = format!("{BASE}[role_defaults]\npath = \"nowhere\"\n{apps}");
    assert_eq!(Folder::of(text).errors().len(), 1);
}

#[test]
fn a_description_that_is_too_long_once_joined_is_refused() {
    let streams: String =
        (0..20).map(|n| format!("s{n} = {{ kinesis = \"{}\" }}\n", format!("{n:03}").repeat(20))).collect();
    let apps: String =
        (0..20).map(|n| format!("a{n} = {{ id = \"a{n}\", stream = \"s{n}\", role = \"shared\" }}\n")).collect();
    let base = BASE.replace("[streams.clicks]\nkinesis = \"clickstream\"\n", "");
    let text = format!("{base}[streams]\n{streams}[apps]\n{apps}[roles.shared]\n");
    let errors = Folder::of(text).errors();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].message.starts_with("the default description gives a text of 12"), "{errors:?}");
    assert_eq!(errors[0].blamed, "shared");
}
