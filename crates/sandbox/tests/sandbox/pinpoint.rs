use crate::caller::{ACCOUNT, Caller, sandbox, send};
use serde_json::{Value, json};

#[tokio::test]
async fn an_app_comes_back_as_it_was_made() {
    let caller = Caller::of(&sandbox());
    let body = json!({ "Name": "Blog", "tags": { "site": "blog" } });
    let made = caller.pinpoint("POST", "/v1/apps", body).await.ok().json();
    let id = made["Id"].as_str().unwrap();
    assert_eq!(made["Arn"], format!("arn:aws:mobiletargeting:us-east-1:{ACCOUNT}:apps/{id}"));
    assert_eq!(made["CreationDate"], "2026-11-23T09:30:00.000Z");
    let read = caller.pinpoint("GET", &format!("/v1/apps/{id}"), Value::Null).await.ok().json();
    assert_eq!(read["Name"], "Blog");
    assert_eq!(read["Arn"], made["Arn"]);
    assert_eq!(read["tags"]["site"], "blog");
    assert_eq!(read, made);
    let listed = caller.pinpoint("GET", "/v1/apps", Value::Null).await.ok().json();
    assert_eq!(listed["Item"][0], made);
}

#[tokio::test]
async fn a_missing_app_is_not_found_in_pinpoints_own_form() {
    let caller = Caller::of(&sandbox());
    let paths = ["/v1/apps/none", "/v1/apps/none/eventstream", "/v1/apps/none/channels"];
    for path in paths {
        let answer = caller.pinpoint("GET", path, Value::Null).await;
        assert_eq!(answer.error(), (404, "NotFoundException".to_owned()), "{path}");
        assert!(answer.json()["Message"].is_string());
        assert!(answer.json()["RequestID"].is_string());
    }
}

#[tokio::test]
async fn apps_are_listed_in_pages() {
    let caller = Caller::of(&sandbox());
    for n in 0..5 {
        caller.create_app(&format!("App{n}")).await;
    }
    let mut ids = Vec::new();
    let mut token = String::new();
    let mut pages = 0;
    loop {
        let path = format!("/v1/apps?page-size=2&token={token}");
        let page = caller.pinpoint("GET", &path, Value::Null).await.ok().json();
        let items = page["Item"].as_array().unwrap();
        ids.extend(items.iter().map(|app| app["Id"].as_str().unwrap().to_owned()));
        pages += 1;
        match page["NextToken"].as_str() {
            Some(next) => token = next.to_owned(),
            None => break,
        }
    }
    ids.sort();
    ids.dedup();
    assert_eq!((pages, ids.len()), (3, 5));
}

#[tokio::test]
async fn a_region_has_no_more_than_a_hundred_apps() {
    let caller = Caller::of(&sandbox());
    for n in 0..100 {
        caller.create_app(&format!("App{n}")).await;
    }
    let body = json!({ "Name": "one too many" });
    let answer = caller.pinpoint("POST", "/v1/apps", body).await;
    assert_eq!(answer.error().0, 400);
    caller.in_region("eu-west-1").create_app("elsewhere").await;
}

#[tokio::test]
async fn tags_are_added_read_and_taken_off() {
    let caller = Caller::of(&sandbox());
    let id = caller.create_app("Blog").await;
    let path = format!("/v1/tags/arn%3Aaws%3Amobiletargeting%3Aus-east-1%3A{ACCOUNT}%3Aapps%2F{id}");
    let tags = json!({ "tags": { "a": "1", "b": "2" } });
    caller.pinpoint("POST", &path, tags).await.ok();
    caller.pinpoint("DELETE", &format!("{path}?tagKeys=a"), Value::Null).await.ok();
    let read = caller.pinpoint("GET", &path, Value::Null).await.ok().json();
    assert_eq!(read["tags"], json!({ "b": "2" }));
    let many: serde_json::Map<String, Value> = (0..50).map(|n| (format!("k{n}"), "".into())).collect();
    let answer = caller.pinpoint("POST", &path, json!({ "tags": many })).await;
    assert_eq!(answer.error(), (400, "BadRequestException".to_owned()));
}

#[tokio::test]
async fn another_accounts_app_is_in_its_arn_and_nowhere_else() {
    let main = Caller::of(&sandbox());
    let other = main.in_account("210987654321");
    let id = other.create_app("Blog").await;
    let path = format!("/v1/apps/{id}");
    let read = other.pinpoint("GET", &path, Value::Null).await.ok().json();
    assert_eq!(read["Arn"], format!("arn:aws:mobiletargeting:us-east-1:210987654321:apps/{id}"));
    assert_eq!(main.pinpoint("GET", &path, Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_deleted_app_is_gone() {
    let caller = Caller::of(&sandbox());
    let id = caller.create_app("Blog").await;
    let path = format!("/v1/apps/{id}");
    caller.pinpoint("DELETE", &path, Value::Null).await.ok();
    assert_eq!(caller.pinpoint("GET", &path, Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_region_without_pinpoint_has_no_name() {
    let caller = Caller::of(&sandbox()).in_region("eu-west-3");
    let request = caller.request("mobiletargeting", "GET", "/v1/apps", "");
    let error = send(&caller.client, request).await.unwrap_err();
    assert!(error.is_io());
}

#[tokio::test]
async fn a_key_of_no_account_is_refused() {
    let mut caller = Caller::of(&sandbox());
    caller.account = "12";
    let answer = caller.pinpoint("GET", "/v1/apps", Value::Null).await;
    assert_eq!(answer.error(), (403, "UnrecognizedClientException".to_owned()));
    let answer = caller.iam("ListRoles", &[]).await;
    assert_eq!(answer.error(), (403, "InvalidClientTokenId".to_owned()));
}

#[tokio::test]
async fn an_email_channel_is_among_the_channels() {
    let caller = Caller::of(&sandbox());
    let id = caller.create_app("Blog").await;
    let channels = format!("/v1/apps/{id}/channels");
    let none = caller.pinpoint("GET", &channels, Value::Null).await.ok().json();
    assert_eq!(none, json!({ "Channels": {} }));
    let email =
        json!({ "FromAddress": "a@example.com", "Identity": "arn:aws:ses:us-east-1:123456789012:identity/a" });
    caller.pinpoint("PUT", &format!("{channels}/email"), email).await.ok();
    let one = caller.pinpoint("GET", &channels, Value::Null).await.ok().json();
    assert_eq!(one["Channels"]["EMAIL"]["Enabled"], true);
}
