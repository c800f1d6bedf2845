//! Completion in real shells. A shell that is not installed is not tested, and that is said.
use crate::support::{STATE, Workspace};
use std::path::Path;
use std::process::{Command, Stdio};

/// A command that runs a script in a shell; `None` if the shell is not installed.
fn running(name: &str, args: &[&str], script: &str, workspace: &Workspace) -> Option<Command> {
    let mut command = shell(name, args, workspace)?;
    command.arg("-c").arg(script);
    Some(command)
}

/// A shell with the program on the path; `None` if it is not installed.
#[expect(clippy::disallowed_methods, reason = "a shell needs the path of its commands")]
fn shell(name: &str, args: &[&str], workspace: &Workspace) -> Option<Command> {
    if Command::new(name).arg("-c").arg("exit 0").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        print_skipped(name);
        return None;
    }
    let program = Path::new(env!("CARGO_BIN_EXE_pinpoint-streams")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(name);
    command.args(args).current_dir(workspace.path(""));
    command.env_clear().env("PATH", format!("{}:{path}", program.display())).env("HOME", workspace.path(""));
    command.env("TERM", "dumb").env("AWS_EC2_METADATA_DISABLED", "true");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Some(command)
}

#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn print_skipped(name: &str) {
    eprintln!("skipped: {name} is not installed");
}

fn lines(mut command: Command) -> Vec<String> {
    let output = command.output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}\n{stderr}");
    stdout.lines().map(str::to_owned).collect()
}

/// What bash offers after these words; the last is completed.
fn in_bash(words: &[&str], workspace: &Workspace) -> Vec<String> {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let last = words.last().unwrap();
    let before = words[words.len() - 2];
    let script = format!(
        "source <(pinpoint-streams completions bash)
         COMP_WORDS=({words}); COMP_CWORD={last_at}; COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; COMP_TYPE=9
         function=$(complete -p pinpoint-streams | sed 's/.*-F \\([^ ]*\\).*/\\1/')
         $function pinpoint-streams '{last}' '{before}'
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words = quoted.join(" "),
        last_at = words.len() - 1,
        line = words.join(" "),
    );
    let command = running("bash", &["--norc", "--noprofile"], &script, workspace).expect("bash is always there");
    lines(command).into_iter().filter(|line| !line.is_empty()).collect()
}

/// A person who types in bash, where readline breaks words and puts in what is offered.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn bash_completes_the_value_of_a_flag_after_its_equals_sign() {
    use crate::signals::terminal::Terminal;
    let workspace = workspace();
    let setup =
        "PS1='ready> '; bind 'set enable-bracketed-paste off'; source <(pinpoint-streams completions bash)";
    workspace.write("bashrc", setup);
    let bash = shell("bash", &["--noprofile", "--rcfile", "bashrc", "-i"], &workspace);
    let (mut terminal, mut bash) = Terminal::with(&bash.expect("bash is always there"), &workspace);
    let mut process = bash.spawn().unwrap();
    terminal.shows("ready> ");
    let runs = std::fs::read_dir(workspace.path(".pinpoint-streams/sandbox/runs")).unwrap();
    let log = runs.map(|log| log.unwrap().file_name().into_string().unwrap()).next().unwrap();
    let run = &log[log.len() - "0123456789ab.ndjson".len()..][..12];
    for (typed, completed) in [
        ("plan --target=role.s", "plan --target=role.shop "),
        ("plan --target='role.s", "plan --target='role.shop' "),
        ("sweep --profile=gr", "sweep --profile=growth-prod "),
        ("--config=pinpoint-streams.toml plan --accounts=ma", "plan --accounts=main "),
        ("apply --auto-approve=s", "apply --auto-approve=safe "),
        ("--sandbox report --run=", &format!("report --run={run} ")),
    ] {
        terminal.types(format!("pinpoint-streams {typed}\t|\x15").as_bytes());
        terminal.shows(&format!("{completed}|"));
    }
    terminal.types(b"exit\n");
    assert!(process.wait().unwrap().success());
}

/// A workspace with a manifest, a state, archives, runs and profiles.
fn workspace() -> Workspace {
    let workspace = Workspace::applied();
    workspace.write(".aws/config", "[default]\nregion = us-east-1\n[profile growth-prod]\nregion = us-east-1\n");
    workspace.write(".pinpoint-streams/sandbox/archive/20261123T111256Z-7b8c988bcfc5/role.shop.json", "{}");
    let state = workspace.read(STATE);
    // Recorded, and no longer declared.
    workspace.edit("pinpoint-streams.toml", "[apps.blog]", "[apps.journal]");
    assert!(state.contains("app.blog"));
    workspace
}

#[test]
fn bash_completes_below_the_first_level_and_knows_the_workspace() {
    let workspace = workspace();
    let offered = |words: &[&str]| in_bash(words, &workspace);
    assert!(offered(&["pinpoint-streams", "pl"]).contains(&"plan".to_owned()));
    assert_eq!(offered(&["pinpoint-streams", "state", "mv", "--conf"]), ["--config"]);
    assert!(offered(&["pinpoint-streams", "state", ""]).contains(&"recover".to_owned()));
    assert!(offered(&["pinpoint-streams", "sandbox", "se"]).contains(&"seed".to_owned()));
    let addresses = offered(&["pinpoint-streams", "--sandbox", "state", "show", "app."]);
    assert_eq!(addresses, ["app.blog", "app.journal", "app.shop"], "from the manifest and the state");
    assert_eq!(offered(&["pinpoint-streams", "plan", "--target", "role.s"]), ["role.shop"]);
    assert_eq!(offered(&["pinpoint-streams", "sweep", "--profile", "gr"]), ["growth-prod"]);
    assert_eq!(offered(&["pinpoint-streams", "plan", "--accounts", "ma"]), ["main"]);
    assert_eq!(offered(&["pinpoint-streams", "completions", "z"]), ["zsh"]);
    let archives = offered(&["pinpoint-streams", "--sandbox", "restore", ".pin"]);
    let archive = ".pinpoint-streams/sandbox/archive/20261123T111256Z-7b8c988bcfc5".to_owned();
    assert!(archives.contains(&archive), "{archives:?}");
    let runs = offered(&["pinpoint-streams", "--sandbox", "report", "--run", ""]);
    assert!(!runs.is_empty() && runs.iter().all(|run| run.len() == 12), "{runs:?}");
}

#[test]
fn zsh_completes_flags_and_addresses() {
    let workspace = workspace();
    // The function is called as the completion system does, with the candidates caught.
    let script = "autoload -Uz compinit && compinit -u -d ./zcompdump
        source <(pinpoint-streams completions zsh)
        _describe() { local name=${@[-1]}; print -l -- ${(P)name} }
        completed() { words=(pinpoint-streams $@); CURRENT=$#words; _clap_dynamic_completer_pinpoint_streams }
        completed plan --target role.s
        completed plan --target=role.s";
    let Some(command) = running("zsh", &["-f"], script, &workspace) else { return };
    let offered = lines(command);
    assert!(offered.iter().any(|line| line.starts_with("role.shop")), "{offered:?}");
    assert!(offered.iter().any(|line| line.starts_with("--target=role.shop")), "{offered:?}");
}

#[test]
fn fish_completes_flags_and_addresses() {
    let workspace = workspace();
    let script = "pinpoint-streams completions fish | source
        complete -C 'pinpoint-streams plan --target role.s'
        complete -C 'pinpoint-streams plan --target=role.s'
        complete -C 'pinpoint-streams state m'
        complete -C 'pinpoint-streams plan --detailed'";
    let Some(command) = running("fish", &["--no-config"], script, &workspace) else { return };
    let offered = lines(command);
    for expected in ["role.shop", "--target=role.shop", "mv", "--detailed-exitcode"] {
        assert!(offered.iter().any(|line| line.starts_with(expected)), "{expected}: {offered:?}");
    }
}
