use crate::caller::{Answer, Caller, Clock, sandbox, send, settings};
use pinpoint_streams_sandbox::Sandbox;
use pinpoint_streams_sandbox::decorators::{Ended, Ending};
use serde_json::Value;

/// Status and content type, or none where nobody answered.
async fn called(caller: &Caller, method: &str, path: &str) -> Option<Answer> {
    send(&caller.client, caller.request("mobiletargeting", method, path, "{}")).await.ok()
}

async fn status(caller: &Caller, path: &str) -> Option<u16> {
    called(caller, "GET", path).await.map(|answer| answer.status)
}

#[tokio::test]
async fn event_streams_end_in_every_way_that_services_have_ended() {
    for how in Ending::all() {
        let sandbox = sandbox();
        let app = Caller::of(&sandbox).create_app("shop").await;
        let caller = Caller::through(Ended::everywhere(how).around(sandbox.http_client()));
        let path = format!("/v1/apps/{app}/eventstream");
        let expected = match how {
            Ending::Forbidden | Ending::ControlPolicy => Some(403),
            Ending::NotFound | Ending::NoSuchPath => Some(404),
            Ending::Gone | Ending::AllGone => Some(410),
            Ending::Failing => Some(503),
            Ending::Html | Ending::Empty => Some(200),
            Ending::NoName | Ending::ClosedPort => None,
        };
        for method in ["GET", "POST", "DELETE"] {
            let answer = called(&caller, method, &path).await;
            assert_eq!(answer.as_ref().map(|answer| answer.status), expected, "{how} {method}");
            assert_eq!(answer.is_some_and(|answer| answer.body.contains("<html>")), how == Ending::Html, "{how}");
        }
        // Apps go on, unless all of Pinpoint has ended or is denied.
        let is_all = matches!(how, Ending::AllGone | Ending::ControlPolicy);
        let apps = if is_all { expected } else { expected.map(|_| 200) };
        assert_eq!(status(&caller, "/v1/apps").await, apps, "{how}");
        caller.iam("ListRoles", &[]).await.ok();
    }
}

#[tokio::test]
async fn the_end_may_be_of_one_region_and_may_take_the_list_of_apps_with_it() {
    let sandbox = sandbox();
    for region in ["us-east-1", "eu-west-1"] {
        Caller::of(&sandbox).in_region(region).create_app("shop").await;
    }
    let ended = Ended::in_region("eu-west-1", Ending::Gone).without_apps();
    let caller = Caller::through(ended.around(sandbox.http_client()));
    let apps = async |region| {
        let apps = caller.in_region(region).pinpoint("GET", "/v1/apps", Value::Null).await.ok().json();
        apps["Item"].as_array().unwrap().len()
    };
    assert_eq!((apps("us-east-1").await, apps("eu-west-1").await), (1, 0));
    assert_eq!(status(&caller.in_region("eu-west-1"), "/v1/apps/a/eventstream").await, Some(410));
    assert_eq!(status(&caller.in_region("us-east-1"), "/v1/apps/a/eventstream").await, Some(404));
}

#[tokio::test]
async fn a_sandbox_can_be_made_after_the_end() {
    let mut settings = settings(&Clock::default());
    settings.ended =
        vec![Ended::in_region("eu-west-1", Ending::NoName), Ended::in_region("us-east-1", Ending::Html)];
    let sandbox = Sandbox::in_memory(settings);
    let caller = Caller::of(&sandbox);
    assert_eq!(status(&caller, "/v1/apps/a/eventstream").await, Some(200));
    assert_eq!(status(&caller.in_region("eu-west-1"), "/v1/apps").await, None);
    let resolves = sandbox.resolves();
    assert!(resolves("pinpoint.us-east-1.amazonaws.com"));
    assert!(!resolves("pinpoint.eu-west-1.amazonaws.com"), "its end took the name away");
    assert!(!resolves("pinpoint.eu-north-1.amazonaws.com"), "it never had one");
    assert!(resolves("sts.eu-west-1.amazonaws.com"));
}

#[test]
fn an_ending_is_read_by_its_name() {
    for how in Ending::all() {
        assert_eq!(how.to_string().parse(), Ok(how));
        assert_eq!(serde_json::to_value(how).unwrap(), how.to_string());
    }
    assert!("soon".parse::<Ending>().is_err());
}
