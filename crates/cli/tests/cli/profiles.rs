//! Profiles: one GetCallerIdentity each and all at once, their region, and why one has no credentials.
use crate::support::{Run, Workspace};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long STS takes for an answer.
const SLOW: Duration = Duration::from_millis(500);

/// How many GetCallerIdentity calls came, and how many of them at one time.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) calls: AtomicUsize,
    running: AtomicUsize,
    most: AtomicUsize,
    /// The regions that requests are signed for.
    regions: Mutex<BTreeSet<String>>,
}

/// An endpoint in place of AWS that says whose a key is and denies all else.
fn endpoint() -> (String, Arc<Counts>) {
    endpoint_that(Rest::IsDenied, &date_now())
}

/// As every answer of AWS has it.
#[expect(clippy::disallowed_methods, reason = "another process compares it with the clock of this machine")]
fn date_now() -> String {
    jiff::Timestamp::now().strftime("Date: %a, %d %b %Y %H:%M:%S GMT\r\n").to_string()
}

/// The same, whose clock stands still at this time, as in a `Date` header.
fn endpoint_at(date: &str) -> String {
    endpoint_with(&format!("Date: {date}\r\n"))
}

/// The same with this header, or none.
fn endpoint_with(header: &str) -> String {
    endpoint_that(Rest::IsDenied, header).0
}

/// One that answers nothing else.
#[cfg(unix)]
pub(crate) fn silent_endpoint() -> (String, Arc<Counts>) {
    endpoint_that(Rest::IsNotAnswered, &date_now())
}

/// Every call but GetCallerIdentity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    IsDenied,
    #[cfg(unix)]
    IsNotAnswered,
}

/// `header` is added to each answer.
fn endpoint_that(rest: Rest, header: &str) -> (String, Arc<Counts>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let counts = Arc::new(Counts::default());
    let (shared, header): (_, Arc<str>) = (counts.clone(), header.into());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (counts, header) = (shared.clone(), header.clone());
            std::thread::spawn(move || serve(stream.unwrap(), &counts, rest, &header));
        }
    });
    (url, counts)
}

#[expect(
    clippy::disallowed_methods,
    reason = "another process waits for this answer, whose clock cannot be paused"
)]
fn serve(mut stream: TcpStream, counts: &Counts, rest: Rest, header: &str) {
    let request = request(&mut stream);
    let scope = request.split("Credential=").nth(1).unwrap_or_default();
    counts.regions.lock().unwrap().extend(scope.split('/').nth(2).map(str::to_owned));
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
        if rest != Rest::IsDenied {
            loop {
                std::thread::park();
            }
        }
        let error = "<Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message>";
        ("403 Forbidden", format!("<ErrorResponse><Error>{error}</Error></ErrorResponse>"))
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\nConnection: close\r\n{header}\r\n"
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

/// What the credentials and the environment lead to is the default of its questions.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn init_on_a_terminal_proposes_the_account_of_the_credentials_and_the_region() {
    use crate::signals::terminal::Terminal;
    let workspace = Workspace::empty();
    let mut command = workspace.command("init");
    command.env("AWS_ENDPOINT_URL", endpoint().0).env("AWS_REGION", "eu-west-1");
    command.env("AWS_ACCESS_KEY_ID", "AKIAEXAM123456789012").env("AWS_SECRET_ACCESS_KEY", "none");
    command.env("CI", "true").env("NO_COLOR", "1");
    let (mut terminal, mut command) = Terminal::with(&command, &workspace);
    let mut process = command.spawn().unwrap();
    for question in ["Account ID [123456789012]: ", "Region [eu-west-1]: ", " that exists [none yet]: "] {
        terminal.shows(question);
        terminal.types(b"\n");
    }
    assert_eq!(process.wait().unwrap().code(), Some(0), "{}", terminal.text());
    let manifest = workspace.read("pinpoint-streams.toml");
    for expected in ["\nid      = \"123456789012\"\n", "\nregion = \"eu-west-1\""] {
        assert!(manifest.contains(expected), "{manifest}");
    }
}

/// `discover` with these configuration files. STS denies AssumeRole.
fn discover(config: &str, flags: &str, variables: &[(&str, &str)]) -> (Run, BTreeSet<String>) {
    let workspace = Workspace::empty();
    workspace.write("config", config);
    let file = workspace.path("config").display().to_string();
    let (url, counts) = endpoint();
    let variables: Vec<(&str, &str)> = [("AWS_ENDPOINT_URL", url.as_str()), ("AWS_CONFIG_FILE", file.as_str())]
        .into_iter()
        .chain(variables.iter().copied())
        .collect();
    let run = workspace.run_for_real(&format!("discover {flags}"), &variables);
    let regions = counts.regions.lock().unwrap().clone();
    (run, regions)
}

#[test]
fn a_profile_without_credentials_is_named_with_the_cause_and_what_to_do() {
    let config = "
[profile base]
aws_access_key_id = AKIA000000000001
aws_secret_access_key = none
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/Deploy
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/ana
[profile denied]
role_arn = arn:aws:iam::123456789012:role/Deploy
source_profile = base
[profile dangling]
role_arn = arn:aws:iam::123456789012:role/Deploy
source_profile = gone
[profile process]
credential_process = sh -c 'echo the vault is locked >&2; exit 3'
[profile behind-process]
role_arn = arn:aws:iam::123456789012:role/Deploy
source_profile = process
[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Audit
[profile web]
role_arn = arn:aws:iam::123456789012:role/Deploy
web_identity_token_file = /nonexistent/token
[profile empty]
region = eu-west-1
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.awsapps.com/start
";
    for (name, cause, hint) in [
        (
            "mfa",
            "`mfa_serial = arn:aws:iam::123456789012:mfa/ana` requires a code: no",
            "export-credentials --profile mfa",
        ),
        ("denied", "AssumeRole of arn:aws:iam::123456789012:role/Deploy was denied: no", "trust policy"),
        ("dangling", "`source_profile = gone` of profile `dangling` does not exist", "check profile `dangling`"),
        (
            "process",
            "`credential_process` failed: external process exited with code exit status: 3. Stderr: the vault is locked",
            "the command of `credential_process`",
        ),
        ("behind-process", "Stderr: the vault is locked", "the command of `credential_process`"),
        ("sso", "no SSO session: ", "log in with `aws sso login --profile sso`"),
        ("web", "/nonexistent/token", "check the token file"),
        ("empty", "it sets no credentials", "aws configure sso --profile empty"),
    ] {
        for (flags, variables) in
            [(format!("--profile {name}"), vec![]), (String::new(), vec![("AWS_PROFILE", name)])]
        {
            let (run, _) = discover(config, &flags, &variables);
            let output = run.to_string();
            assert!(output.contains(&format!("profile `{name}`: ")), "{name}: {output}");
            assert!(output.contains(cause), "{name}: {output}");
            assert!(output.contains(hint), "{name}: {output}");
        }
    }
}

#[test]
fn a_web_identity_of_the_environment_is_explained_without_a_profile() {
    let variables = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token"),
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/Deploy"),
    ];
    let (run, _) = discover("", "", &variables);
    let output = run.to_string();
    assert!(output.contains("no credentials for the web identity token in /nonexistent/token: "), "{output}");
    assert!(output.contains("AWS_WEB_IDENTITY_TOKEN_FILE"), "{output}");
}

#[test]
fn the_partition_is_that_of_the_profiles_region_or_of_the_environments() {
    const KEYS: &str = "aws_access_key_id = AKIA000000000001\naws_secret_access_key = none\n";
    let gov = format!("[profile gov]\nregion = us-gov-east-1\n{KEYS}");
    let without = format!("[profile plain]\n{KEYS}");
    for (config, flags, variables) in [
        (&gov, "--profile gov", vec![("AWS_REGION", "us-east-1")]),
        (&gov, "", vec![("AWS_PROFILE", "gov")]),
        (&without, "--profile plain", vec![("AWS_REGION", "us-gov-west-1")]),
        (&without, "", vec![("AWS_PROFILE", "plain"), ("AWS_REGION", "us-gov-west-1")]),
    ] {
        let (run, regions) = discover(config, flags, &variables);
        assert!(!regions.is_empty(), "{run}");
        assert!(regions.iter().all(|region| region.starts_with("us-gov-")), "{regions:?} {run}");
    }
}

#[test]
fn a_file_of_trusted_certificates_that_cannot_be_used_is_named() {
    let plain = "[profile plain]\naws_access_key_id = AKIA000000000001\naws_secret_access_key = none\n";
    let with_bundle = format!("{plain}ca_bundle = /nonexistent/corp.pem\n");
    for (config, variables, cause) in [
        (
            plain,
            vec![("AWS_CA_BUNDLE", "/nonexistent/corp.pem")],
            "/nonexistent/corp.pem cannot be used: No such file",
        ),
        (with_bundle.as_str(), vec![], "/nonexistent/corp.pem cannot be used: No such file"),
        (
            plain,
            vec![("AWS_CA_BUNDLE", "config")],
            "config cannot be used: it contains no certificate in PEM format",
        ),
    ] {
        let (run, regions) = discover(config, "--profile plain", &variables);
        let output = run.to_string();
        assert!(output.contains(cause) && output.contains("check AWS_CA_BUNDLE"), "{output}");
        assert!(regions.is_empty(), "{output}");
    }
}

/// A corporate network has both.
#[test]
fn the_proxy_of_the_environment_is_used_with_the_systems_certificates_and_with_a_bundle() {
    let bundle = concat!(env!("CARGO_MANIFEST_DIR"), "/../aws/src/trust_store/ca.pem");
    for certificates in [None, Some(("AWS_CA_BUNDLE", bundle))] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = format!("http://{address}");
        let asked = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 256];
            let read = stream.read(&mut request).unwrap();
            String::from_utf8_lossy(&request[..read]).into_owned()
        });
        let key = [("AWS_ACCESS_KEY_ID", "AKIA123456789012"), ("AWS_SECRET_ACCESS_KEY", "none")];
        let variables: Vec<_> =
            key.into_iter().chain([("HTTPS_PROXY", proxy.as_str())]).chain(certificates).collect();
        Workspace::empty().run_for_real("sweep --regions us-east-1", &variables).code(1);
        // Ends the wait of a proxy that nobody asked.
        drop(TcpStream::connect(address));
        let asked = asked.join().unwrap();
        assert!(asked.starts_with("CONNECT sts.us-east-1.amazonaws.com:443"), "{certificates:?}: {asked}");
    }
}

#[test]
fn a_clock_that_differs_from_that_of_aws_by_minutes_stops_what_measures_ages() {
    let workspace = Workspace::empty();
    let url = endpoint_at("Mon, 01 Jun 2026 09:00:00 GMT");
    let key = ("AWS_ACCESS_KEY_ID", "AKIA123456789012");
    let variables = [("AWS_ENDPOINT_URL", url.as_str()), key, ("AWS_SECRET_ACCESS_KEY", "none")];
    for line in ["sweep", "sweep --residue", "evidence capture --out kept.evidence"] {
        let run = workspace.run_for_real(&format!("{line} --regions us-east-1"), &variables).code(1);
        assert!(run.stderr.contains("that of AWS 2026-06-01T09:00:00Z"), "{run}");
        assert!(run.stderr.contains("correct the clock"), "{run}");
    }
    assert!(!workspace.path("kept.evidence").exists());
    for header in ["", "Date: Mon, 99 Jun 2026\r\n"] {
        let (id, url) = (key, endpoint_with(header));
        let variables = [("AWS_ENDPOINT_URL", url.as_str()), id, ("AWS_SECRET_ACCESS_KEY", "none")];
        let run = workspace.run_for_real("sweep --regions us-east-1", &variables).code(1);
        assert!(run.stderr.contains("no response from AWS had a `Date` header"), "{run}");
    }
    // Nothing is measured here.
    workspace.run_for_real("discover --regions us-east-1", &variables).code(6);
}
