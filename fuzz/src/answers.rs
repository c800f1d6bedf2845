//! Runs a call of the adapter and checks what becomes of the responses: nothing panics or runs on, what is kept is read
//! again as it was, absence and refusal rest on responses that say so, and an answer is about what was asked for.
pub use crate::calls::Group;
use crate::calls::{Call, calls, parsed};
use crate::script::{Reply, Script};
use crate::subject;
use pinpoint_streams_aws::{AccountCredentials, Aws, ConnectOptions, SharedHttpClient};
use pinpoint_streams_executor::cloud::{CloudError, ReadCloud, WriteCloud, Written, traced};
use pinpoint_streams_model::live::{Answer, Live, Question, Read};
use pinpoint_streams_model::op::{Op, Output, Resolved};
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::region::Partition;
use pinpoint_streams_store::bundle::Kept;
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::sync::{Arc, OnceLock};
use tokio::runtime::{Builder, Runtime};

/// The most requests of one call. Pages come from the input; waits for a report or a new role last two to five minutes.
const MOST_REQUESTS: usize = 70_000;

struct World {
    runtime: Runtime,
    script: Script,
    aws: Aws,
    calls: Vec<Call>,
    /// Prints each call and its outcome, to look into an input: `FUZZ_SHOW=1 TARGET FILE`.
    shows: bool,
}

/// A runtime whose clock goes ahead where nothing else is to be done, so that no wait takes time.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime")
}

pub(crate) fn options(script: &Script) -> ConnectOptions {
    let mut options = ConnectOptions::new(parsed("growth"), Some(parsed("run-7")));
    options.http_client = Some(SharedHttpClient::new(script.clone()));
    options.static_credentials = Some(Arc::new(|_| "AKIDFUZZ".to_owned()));
    // A broken connection is followed by the question whether the service has ended.
    options.resolves = Some(Arc::new(|host| !host.starts_with("pinpoint.")));
    options
}

impl World {
    fn new(group: Group) -> World {
        must_be_complete();
        let (runtime, script) = (runtime(), Script::default());
        let accounts = BTreeMap::from([(parsed("main"), AccountCredentials::chain(Partition::Aws))]);
        script.play(b"");
        let aws = runtime.block_on(Aws::connect(&accounts, options(&script))).expect("STS answers");
        let shows = env::var_os("FUZZ_SHOW").is_some();
        World { runtime, script, aws, calls: calls(group), shows }
    }
}

/// Every question is in some group, but for the caller's account, which is asked for while connecting.
fn must_be_complete() {
    let groups = [
        Group::Iam,
        Group::Pinpoint,
        Group::Streams,
        Group::CloudFormation,
        Group::Config,
        Group::CloudTrail,
        Group::AccessAnalyzer,
        Group::Ses,
        Group::Lambda,
        Group::CloudWatch,
        Group::Organizations,
    ];
    let asked: BTreeSet<&str> = groups
        .into_iter()
        .flat_map(calls)
        .filter_map(|call| if let Call::Read(question) = call { Some(question.name()) } else { None })
        .collect();
    let missing: Vec<_> = Question::NAMES.iter().filter(|name| !asked.contains(*name)).collect();
    assert_eq!(missing, [&"Caller"], "no target asks these");
}

/// Runs the call that the first byte selects, with the rest as responses.
pub fn fuzz(group: Group, input: &[u8]) {
    static WORLD: OnceLock<World> = OnceLock::new();
    let World { runtime, script, aws, calls, shows } = WORLD.get_or_init(|| World::new(group));
    let Some((selector, replies)) = input.split_first() else { return };
    let call = &calls[usize::from(selector.wrapping_sub(b'A')) % calls.len()];
    script.play(replies);
    match call {
        Call::Read(question) => {
            let (answer, request_ids) = runtime.block_on(traced(aws.read(question)));
            if *shows {
                eprintln!("{question:?}\n{answer:?}");
            }
            check_read(question, answer, request_ids, &script.served());
        }
        Call::Write(op) => {
            let outcome = runtime.block_on(aws.write(op));
            if *shows {
                eprintln!("{op:?}\n{outcome:?}");
            }
            check_write(op, outcome, &script.served());
        }
        Call::OrganizationAccounts => match runtime.block_on(aws.organization_accounts()) {
            Ok(accounts) => {
                let ids: Vec<_> = accounts.iter().map(|account| &account.id).collect();
                assert!(ids.is_sorted_by(|a, b| a < b), "each account is there once, in order: {ids:?}");
                let _ = accounts.iter().map(|account| account.state.to_string()).collect::<Vec<_>>();
            }
            Err(error) => show(error),
        },
    }
    assert!(script.calls() <= MOST_REQUESTS, "{} requests", script.calls());
}

fn show(error: CloudError) {
    let _ = format!("{error} {error:?}");
    let unreadable = error.unreadable();
    let again = CloudError::unread(unreadable.clone()).unreadable();
    assert_eq!(again, unreadable);
}

fn check_read(question: &Question, answer: Read<Answer>, request_ids: Vec<String>, served: &[Reply]) {
    let at = parsed("2026-11-23T09:00:00Z");
    let kept = Kept { at, question: question.clone(), answer, request_ids };
    let json = serde_json::to_vec(&kept).expect("an answer can be written");
    let again: Kept = serde_json::from_slice(&json).expect("what is written can be read");
    assert_eq!(again, kept);

    let mut live = Live::default();
    live.record(question.clone(), kept.answer.clone());
    assert_eq!(live.answer(question).as_ref(), Some(&kept.answer));

    match &kept.answer {
        Read::Present(answer) => {
            subject::check(question, answer, served);
            documents(answer).into_iter().for_each(check_document);
        }
        // The service said so, or left it out of a list.
        Read::Absent => {
            let is_left_out = matches!(question, Question::ConfigRecorder(_) | Question::UnusedRoles(_));
            assert!(is_left_out || served.iter().any(is_refusal), "absent by {served:?}");
        }
        Read::Unreadable(why) => {
            let _ = (why.to_string(), why.is_denied_by_organization());
        }
    }
}

fn check_write(op: &Op<Resolved>, outcome: Result<Written, CloudError>, served: &[Reply]) {
    match outcome {
        Ok(written) => {
            let json = serde_json::to_vec(&written.output).expect("an output can be written");
            let again: Output = serde_json::from_slice(&json).expect("what is written can be read");
            assert_eq!(again, written.output);
            assert!(served.iter().any(is_success), "written by {served:?}");
            subject::check_written(op, &written.output, served);
        }
        Err(error) => {
            let may_be_done = served.iter().any(|reply| !is_refusal(reply) && *reply != Reply::Refused);
            // Here the resolver says so, not the connection: a lost connection stands for a name that is gone.
            let has_no_name = error.code == "NoDnsName";
            assert!(!error.definitely_refused || has_no_name || !may_be_done, "{error:?} by {served:?}");
            show(error);
        }
    }
}

fn is_success(reply: &Reply) -> bool {
    matches!(reply, Reply::Http { status: 200..300, .. })
}

/// Whether the service did not carry out the request.
fn is_refusal(reply: &Reply) -> bool {
    matches!(reply, Reply::Http { status: 400..500, .. })
}

fn check_document(document: &Document) {
    let text = document.to_json();
    let again = Document::from_json(&text).expect("what is written can be read");
    assert_eq!(again, *document);
    assert_eq!(again.to_json(), text);
    assert_eq!(document.canonical().canonical(), document.canonical());
    let _ = document.size();
}

fn documents(answer: &Answer) -> Vec<&Document> {
    match answer {
        Answer::Role(role) => of_role(role),
        Answer::RoleInPart(part) => of_role(&part.role),
        Answer::Roles(roles) => roles.values().filter_map(Read::present).flat_map(of_role).collect(),
        Answer::RoleList(roles) => {
            roles.values().filter_map(Read::present).map(|role| &role.trust_policy).collect()
        }
        Answer::PolicyDocument(document) => vec![document],
        Answer::IdentityPolicies(policies) => policies.0.values().collect(),
        Answer::FunctionPolicy(policy) => vec![&policy.0],
        _ => Vec::new(),
    }
}

fn of_role(role: &pinpoint_streams_model::live::LiveRole) -> Vec<&Document> {
    std::iter::once(&role.trust_policy).chain(role.inline_policies.values()).collect()
}
