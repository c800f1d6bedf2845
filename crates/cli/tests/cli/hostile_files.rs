//! Files that are not what they seem: links, pipes, devices, folders that lead elsewhere, files without an end.
#![cfg(unix)]
use crate::support::{Run, SHOP_AND_BLOG, STATE, Workspace};
use std::fs::{self, File};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Stdio;

const OWN: &str = ".pinpoint-streams/sandbox";

#[track_caller]
fn refused(run: &Run, why: &str) {
    assert!(run.code == 1 && run.stderr.contains(why), "{why}: {run}");
}

fn make_pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn a_folder_of_ours_that_is_a_link_is_not_followed() {
    for name in [".pinpoint-streams", OWN, ".pinpoint-streams/sandbox/archive", ".pinpoint-streams/sandbox/runs"] {
        let workspace = Workspace::new(SHOP_AND_BLOG);
        let elsewhere = tempfile::tempdir().unwrap();
        let link = workspace.path(name);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(elsewhere.path(), &link).unwrap();
        for line in ["apply --auto-approve", "plan", "report", "sandbox reset", "sandbox seed"] {
            refused(&workspace.run(line), "is a symbolic link, which is not followed");
        }
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0, "{name}");
    }
}

#[test]
fn a_state_journal_or_lock_that_is_a_link_is_refused_before_anything_is_done() {
    for (file, lines) in [
        ("", &["apply --auto-approve", "plan", "state list", "show"][..]),
        (".journal", &["apply --auto-approve", "plan"]),
        (".lock", &["apply --auto-approve", "state rm role.shop"]),
    ] {
        let workspace = Workspace::applied();
        let (path, target) = (workspace.path(&format!("{STATE}{file}")), workspace.path("target"));
        if path.exists() {
            fs::rename(&path, &target).unwrap();
        } else {
            fs::write(&target, "keep").unwrap();
        }
        symlink(&target, &path).unwrap();
        let before = fs::read(&target).unwrap();
        workspace.edit("pinpoint-streams.toml", "site = \"blog\"", "site = \"journal\"");
        for line in lines {
            refused(&workspace.run(line), "caused by: it is a symbolic link");
        }
        assert_eq!(fs::read(&target).unwrap(), before);
        assert!(path.is_symlink());
    }
}

#[test]
fn a_lock_with_another_name_is_not_written() {
    let workspace = Workspace::applied();
    let lock = workspace.path(&format!("{STATE}.lock"));
    fs::remove_file(&lock).unwrap();
    workspace.write("precious", "keep");
    fs::hard_link(workspace.path("precious"), &lock).unwrap();
    refused(&workspace.run("apply --auto-approve"), "another hard link");
    assert_eq!(workspace.read("precious"), "keep");
}

#[test]
fn what_is_written_is_its_owners_alone_whatever_the_umask() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let exe = env!("CARGO_BIN_EXE_pinpoint-streams");
    let script = format!(
        "umask 0; {exe} --sandbox apply --auto-approve -q && {exe} --sandbox plan --destroy --out p.plan -q && \
         {exe} --sandbox destroy --auto-approve -q; {exe} --sandbox sandbox end gone -q >/dev/null 2>&1; true"
    );
    let mut shell = std::process::Command::new("sh");
    let run = shell.arg("-c").arg(script).current_dir(workspace.path("")).stdin(Stdio::null()).output().unwrap();
    assert!(run.status.success(), "{run:?}");
    let mut seen = Vec::new();
    modes(&workspace.path(".pinpoint-streams"), &mut seen);
    assert!(seen.iter().any(|(path, _)| path.ends_with(".restore.sh")), "{seen:?}");
    assert!(seen.iter().any(|(path, _)| path.ends_with(".ndjson")), "{seen:?}");
    assert!(seen.len() > 8, "{seen:?}");
    for (path, mode) in &seen {
        let allowed = if Path::new(path).is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode & 0o777, allowed, "{path}");
    }
    assert_eq!(fs::metadata(workspace.path("p.plan")).unwrap().permissions().mode() & 0o777, 0o600);
}

fn modes(path: &Path, seen: &mut Vec<(String, u32)>) {
    seen.push((path.display().to_string(), fs::symlink_metadata(path).unwrap().permissions().mode()));
    if path.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| modes(&entry.unwrap().path(), seen));
    }
}

#[test]
fn an_embedded_account_that_is_a_link_is_not_replaced() {
    let workspace = Workspace::applied();
    let world = workspace.path(".pinpoint-streams/sandbox/aws/world.jsonl");
    for target in ["aside", "nowhere"] {
        let _ = fs::rename(&world, workspace.path("aside"));
        symlink(workspace.path(target), &world).unwrap();
        for line in ["plan", "sandbox show", "sandbox seed", "apply --auto-approve"] {
            refused(&workspace.run(line), "aws/world.jsonl");
        }
        assert!(world.is_symlink(), "{target}");
        fs::remove_file(&world).unwrap();
    }
}

#[test]
fn a_seed_with_ids_that_aws_would_not_give_is_refused() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let app = r#"{"region": "us-east-1", "id": "a1", "name": "Shop"}"#;
    let seed = format!(r#"{{"accounts": [{{"id": "123456789012", "partition": "aws", "apps": [{app}]}}]}}"#);
    for (from, to) in [("123456789012", "../../planted"), ("us-east-1", "../us-east-1"), ("a1", "a/1"), ("a1", "")]
    {
        workspace.write("seed.json", &seed.replacen(&format!("\"{from}\""), &format!("\"{to}\""), 1));
        refused(&workspace.run("sandbox seed seed.json"), "is not a seed file for the sandbox");
        workspace.run("sandbox show").code(0);
    }
    workspace.write("seed.json", &seed);
    workspace.run("sandbox seed seed.json").code(0);
}

#[test]
fn no_command_waits_for_a_pipe_without_a_writer() {
    let workspace = Workspace::applied();
    make_pipe(&workspace.path("pipe"));
    workspace.write("policy.json", "{}");
    refused(&workspace.run("--config pipe plan"), "caused by: it is not a regular file");
    refused(&workspace.run("show pipe"), "is not a saved plan");
    refused(&workspace.run("apply pipe --auto-approve"), "is not a saved plan");
    refused(&workspace.run("policy diff pipe policy.json"), "is not a policy document");
    refused(&workspace.run("sandbox seed pipe"), "is not a seed file");
    refused(&workspace.run("restore pipe"), "not a regular file");
    refused(&workspace.run("sweep --terraform-state pipe"), "is not a Terraform state file");
    refused(&workspace.run("plan --out pipe"), "caused by: it is not a regular file");
    assert!(fs::metadata(workspace.path("pipe")).unwrap().file_type().is_fifo());
    fs::remove_file(workspace.path(STATE)).unwrap();
    make_pipe(&workspace.path(STATE));
    refused(&workspace.run("plan"), "caused by: it is not a regular file");
}

#[test]
fn a_file_without_an_end_eats_no_memory() {
    let workspace = Workspace::applied();
    workspace.write("policy.json", "{}");
    symlink("/dev/zero", workspace.path("zero")).unwrap();
    for line in [
        "--config zero plan",
        "show zero",
        "apply zero --auto-approve",
        "policy diff zero policy.json",
        "sandbox seed zero",
        "sweep --terraform-state zero",
    ] {
        refused(&workspace.run(line), "caused by: it is not a regular file");
    }
    refused(&workspace.run("restore zero"), "caused by: it is a symbolic link");
}

#[test]
fn a_file_that_is_too_large_is_refused_without_being_read() {
    let workspace = Workspace::applied();
    workspace.write("policy.json", "{}");
    File::create(workspace.path("large")).unwrap().set_len(1 << 40).unwrap();
    for (line, limit) in [
        ("--config large plan", "16 MiB"),
        ("show large", "512 MiB"),
        ("policy diff large policy.json", "1 MiB"),
        ("sandbox seed large", "64 MiB"),
        ("sweep --terraform-state large", "512 MiB"),
        ("restore large", "16 MiB"),
    ] {
        let run = workspace.run(line);
        refused(&run, &format!("caused by: it is larger than {limit}"));
        assert!(run.stderr.contains("check that this is the intended file"), "{run}");
    }
    fs::rename(workspace.path("large"), workspace.path(STATE)).unwrap();
    refused(&workspace.run("plan"), "caused by: it is larger than 512 MiB");
}

#[test]
fn a_policy_comes_through_a_pipe_as_well_as_from_a_file() {
    let workspace = Workspace::empty();
    workspace.write("policy.json", r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#);
    let script =
        format!("cat policy.json | {} policy diff /dev/stdin policy.json", env!("CARGO_BIN_EXE_pinpoint-streams"));
    let run =
        std::process::Command::new("sh").arg("-c").arg(script).current_dir(workspace.path("")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&run.stdout), "The policies are equivalent.\n", "{run:?}");
}

#[test]
fn a_manifest_that_is_not_a_file_is_not_passed_over() {
    type Plant = fn(&Path);
    let plants: [(&str, Plant); 4] = [
        ("pipe", make_pipe),
        ("folder", |path| fs::create_dir(path).unwrap()),
        ("link that leads nowhere", |path| symlink("nowhere", path).unwrap()),
        ("device", |path| symlink("/dev/zero", path).unwrap()),
    ];
    for (what, plant) in plants {
        let workspace = Workspace::new(SHOP_AND_BLOG);
        fs::create_dir(workspace.path("below")).unwrap();
        plant(&workspace.path("below/pinpoint-streams.toml"));
        for line in ["plan", "apply --auto-approve", "sweep", "report", "sandbox show"] {
            let mut command = workspace.command(&format!("--sandbox {line}"));
            let output = command.current_dir(workspace.path("below")).output().unwrap();
            let run = workspace.ran(line, output);
            assert!(run.code != 0 || line == "sandbox show", "{what}: {run}");
            assert!(run.code == 0 || run.stderr.contains("pinpoint-streams.toml"), "{what}: {run}");
        }
        assert!(!workspace.path(STATE).exists(), "the manifest of the folder above was applied");
    }
}

/// As in a folder of `/tmp`.
#[test]
fn a_manifest_of_another_user_in_a_parent_folder_is_not_used() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    fs::create_dir(workspace.path("below")).unwrap();
    let manifest = workspace.path("pinpoint-streams.toml");
    // Only root can give files away.
    if std::os::unix::fs::chown(&manifest, Some(65_534), None).is_err() {
        return;
    }
    let below = |line: &str| {
        let mut command = workspace.command(&format!("--sandbox {line}"));
        let output = command.current_dir(workspace.path("below")).output().unwrap();
        workspace.ran(line, output)
    };
    for line in ["plan", "apply --auto-approve", "sweep"] {
        let refused = below(line).code(1);
        assert!(refused.stderr.contains("belongs to user 65534"), "{refused}");
        assert!(refused.stderr.contains("--config "), "{refused}");
    }
    assert!(!workspace.path(STATE).exists());
    // One that is named, and one's own folder's.
    below("--config ../pinpoint-streams.toml plan").code(0);
    workspace.run("plan").code(0);
}

#[test]
fn a_link_in_the_place_of_a_new_manifest_is_not_written_through() {
    let workspace = Workspace::empty();
    let target = workspace.path("target");
    symlink(&target, workspace.path("pinpoint-streams.toml")).unwrap();
    refused(&workspace.run_for_real("init", &[]), "already exists");
    assert!(!target.exists());
}

#[test]
fn what_was_typed_cannot_steer_the_terminal() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let mut command = workspace.command("--sandbox plan");
    let output = command.args(["--replace", "role.\u{1b}]0;x\u{7}\u{202e}"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!said.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{said:?}");
    assert_eq!(output.status.code(), Some(1));
}
