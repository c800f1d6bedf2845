//! Lists: to their last page, and no further.
use crate::canned::{Canned, Reply, account, place};
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_testkit::Reads;

fn page(ids: &[&str], next: Option<&str>) -> Reply {
    let item =
        |id: &&str| format!(r#"{{"Id":"{id}","Arn":"arn","Name":"App","CreationDate":"2026-11-23T00:00:00Z"}}"#);
    let items: Vec<String> = ids.iter().map(item).collect();
    let next = next.map(|token| format!(r#","NextToken":"{token}""#)).unwrap_or_default();
    Reply::json(200, format!(r#"{{"Item":[{}]{next}}}"#, items.join(",")))
}

#[tokio::test(start_paused = true)]
async fn three_pages_are_read_an_empty_one_among_them() {
    let canned = Canned::new()
        .on("/v1/apps?page-size=100", page(&["a1"], Some("t1")))
        .on("token=t1", page(&[], Some("t2")))
        .on("token=t2", page(&["a2", "a3"], None));
    let apps = canned.aws().await.apps(&place()).await.unwrap();
    assert_eq!(apps.keys().map(ToString::to_string).collect::<Vec<_>>(), ["a1", "a2", "a3"]);
    assert_eq!(canned.sent("/v1/apps").len(), 3);
    assert!(canned.sent("token=t2")[0].uri.contains("page-size=100"));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_comes_back_ends_the_read_with_an_error() {
    let canned = Canned::new()
        .on("/v1/apps", page(&["a1"], Some("t1")))
        .on("token=t1", page(&["a2"], Some("t2")))
        .on("token=t2", page(&["a3"], Some("t1")));
    let error = canned.aws().await.apps(&place()).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (FailureKind::Unintelligible, "RepeatedToken"));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_cut_short_without_a_marker_is_an_error() {
    let cut = "<IsTruncated>true</IsTruncated><RoleDetailList/>";
    let canned = Canned::new()
        .on("Action=GetAccountAuthorizationDetails", Reply::xml("GetAccountAuthorizationDetails", cut))
        .on("Action=ListRoles", Reply::xml("ListRoles", "<IsTruncated>false</IsTruncated><Roles></Roles>"));
    let error = canned.aws().await.all_roles(&account()).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (FailureKind::Unintelligible, "MarkerMissing"));
}

#[tokio::test(start_paused = true)]
async fn a_first_page_that_is_throttled_surfaces_and_a_later_one_is_sent_again() {
    let throttled = || Reply::error(429, "TooManyRequestsException", r#"{"Message":"Too many requests"}"#);
    let canned = Canned::new().on("/v1/apps", throttled());
    let error = canned.aws().await.apps(&place()).await.unwrap_err();
    assert_eq!((error.kind, canned.sent("/v1/apps").len()), (FailureKind::Throttled, 1));

    let canned = Canned::new()
        .on("/v1/apps", page(&["a1"], Some("t1")))
        .on_each("token=t1", [throttled(), throttled(), page(&["a2"], None)]);
    assert_eq!(canned.aws().await.apps(&place()).await.unwrap().len(), 2);
    assert_eq!(canned.sent("token=t1").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_app_that_moves_to_the_next_page_while_pages_are_read_is_there_once() {
    let canned = Canned::new()
        .on("/v1/apps?page-size=100", page(&["a1", "a2"], Some("t1")))
        .on("token=t1", page(&["a2", "a3"], None));
    let apps = canned.aws().await.apps(&place()).await.unwrap();
    assert_eq!(apps.keys().map(ToString::to_string).collect::<Vec<_>>(), ["a1", "a2", "a3"]);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_goes_on_for_ever_ends_with_an_error() {
    let pages = (0..6000).map(|number| page(&[], Some(&format!("t{number}"))));
    let canned = Canned::new().on_each("/v1/apps", pages);
    let error = canned.aws().await.apps(&place()).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (FailureKind::Unintelligible, "EndlessList"));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_no_url_can_hold_is_an_error() {
    let canned = Canned::new().on("/v1/apps", page(&["a1"], Some(&"t".repeat(65_535))));
    let error = canned.aws().await.apps(&place()).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (FailureKind::Unintelligible, "TokenTooLong"));
}

/// The SDK takes a list that is missing for an empty one.
#[tokio::test(start_paused = true)]
async fn a_list_of_iam_without_its_elements_is_no_list() {
    for roles in ["", "<Roles></Roles>", "<IsTruncated>false</IsTruncated>"] {
        let canned = Canned::new().on("Action=ListRoles", Reply::xml("ListRoles", roles));
        let error = canned.aws().await.role_list(&account()).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Unintelligible, "{roles}");
    }
    let whole = "<IsTruncated>false</IsTruncated><Roles/>";
    let canned = Canned::new().on("Action=ListRoles", Reply::xml("ListRoles", whole));
    assert!(canned.aws().await.role_list(&account()).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_too_large_is_not_read() {
    let large = page(&["a1"], None);
    let Reply::Http { status, headers, body } = large else { unreachable!() };
    let large = Reply::Http { status, headers, body: body + &" ".repeat(128 << 20) };
    let error = Canned::new().on("/v1/apps", large).aws().await.apps(&place()).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Unintelligible, "{error}");
}
