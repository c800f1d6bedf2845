//! Profiles are asked whose they are once each, and all at once.
use crate::support::Workspace;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How long STS takes for an answer.
const SLOW: Duration = Duration::from_millis(500);

/// How many GetCallerIdentity calls came, and how many of them at one time.
#[derive(Debug, Default)]
struct Counts {
    calls: AtomicUsize,
    running: AtomicUsize,
    most: AtomicUsize,
}

/// An endpoint in place of AWS that says whose a key is and denies all else.
fn endpoint() -> (String, Arc<Counts>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let counts = Arc::new(Counts::default());
    let shared = counts.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let counts = shared.clone();
            std::thread::spawn(move || serve(stream.unwrap(), &counts));
        }
    });
    (url, counts)
}

#[expect(
    clippy::disallowed_methods,
    reason = "another process waits for this answer, whose clock cannot be paused"
)]
fn serve(mut stream: TcpStream, counts: &Counts) {
    let request = request(&mut stream);
    let (status, body) = if request.contains("Action=GetCallerIdentity") {
        counts.calls.fetch_add(1, Ordering::SeqCst);
        let running = counts.running.fetch_add(1, Ordering::SeqCst) + 1;
        counts.most.fetch_max(running, Ordering::SeqCst);
        std::thread::sleep(SLOW);
        counts.running.fetch_sub(1, Ordering::SeqCst);
        // The last twelve characters of the key are its account.
        let key = request.split("Credential=").nth(1).unwrap().split('/').next().unwrap();
        let account = &key[key.len() - 12..];
        let identity =
            format!("<Arn>arn:aws:iam::{account}:user/ana</Arn><UserId>U</UserId><Account>{account}</Account>");
        (
            "200 OK",
            format!(
                "<GetCallerIdentityResponse><GetCallerIdentityResult>{identity}</GetCallerIdentityResult></GetCallerIdentityResponse>"
            ),
        )
    } else {
        let error = "<Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message>";
        ("403 Forbidden", format!("<ErrorResponse><Error>{error}</Error></ErrorResponse>"))
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

fn request(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut bytes = [0; 4096];
    loop {
        let read = stream.read(&mut bytes).unwrap_or(0);
        text.push_str(&String::from_utf8_lossy(&bytes[..read]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            if read == 0 {
                return text;
            }
            continue;
        };
        let length = head
            .to_ascii_lowercase()
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.split("\r\n").next().and_then(|number| number.trim().parse().ok()));
        if read == 0 || body.len() >= length.unwrap_or(0) {
            return text;
        }
    }
}

#[test]
fn each_profile_is_asked_once_whose_it_is_and_all_at_the_same_time() {
    let workspace = Workspace::empty();
    let profiles = ["a", "b", "c"];
    let keys: String = (1..)
        .zip(profiles)
        .map(|(number, name)| {
            format!("[{name}]\naws_access_key_id = AKIA{number:012}\naws_secret_access_key = none\n")
        })
        .collect();
    workspace.write("credentials", &keys);
    let file = workspace.path("credentials").display().to_string();
    let (url, counts) = endpoint();
    let variables = [("AWS_ENDPOINT_URL", url.as_str()), ("AWS_SHARED_CREDENTIALS_FILE", file.as_str())];
    let run =
        workspace.run_for_real("discover --profile a --profile b --profile c --regions us-east-1", &variables);
    // The roles may not be read.
    let run = run.code(6);
    assert_eq!(counts.calls.load(Ordering::SeqCst), profiles.len(), "{run}");
    assert_eq!(counts.most.load(Ordering::SeqCst), profiles.len(), "{run}");
}
