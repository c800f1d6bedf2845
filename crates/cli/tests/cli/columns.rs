//! What a person reads fits a terminal of eighty columns. Only a line of one word, such as an ARN or a command to copy, may be
//! longer, because it must stay whole.
use crate::support::Workspace;
use crate::sweep::few;

const COLUMNS: usize = 80;

/// Addresses, names and streams that leave little room beside them.
const LONG_NAMES: &str = r#"version = 1
workspace = "growth-analytics"

[defaults]
account = "main"
region = "us-east-1"

[accounts.main]
id = "123456789012"

[accounts.europe]
id = "210987654321"

[streams.clickstream]
kinesis = "clickstream-of-the-growth-team-production"

[streams.lake]
firehose = "delivery-to-the-analytics-lake"

[apps.shop-checkout-and-payments]
id = "810c7aab86d42fb2b56c8c966example"
stream = "clickstream"

[apps.blog]
name = "Blog"
stream = "lake"
tags = { site = "blog" }

[apps.customer-loyalty-programme-europe]
name = "Loyalty programme"
stream = "clickstream"
role = { name = "customer-loyalty-programme-europe-pinpoint" }

[apps.shop-europe]
account = "europe"
region = "eu-west-1"
name = "Shop"
stream = "clickstream"
"#;

const WEAK_POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
  "Principal": {"Service": ["pinpoint.amazonaws.com", "lambda.amazonaws.com"]}}]}"#;

const TERRAFORM_STATE: &str = r#"{"version": 4, "terraform_version": "1.9.0", "serial": 7, "lineage": "3f2a", "outputs": {},
  "resources": [{"mode": "managed", "type": "aws_iam_role", "name": "shop_checkout_and_payments_of_the_growth_team",
    "provider": "provider[\"aws\"]", "instances": [{"schema_version": 0, "attributes": {"id": "shop", "name": "shop",
    "arn": "arn:aws:iam::123456789012:role/shop", "assume_role_policy": "{\"Version\":\"2012-10-17\",\"Statement\":
    [{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"pinpoint.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}}]}]}"#;

/// Both streams of a command fit; returns what it printed.
#[track_caller]
fn fits(workspace: &Workspace, line: &str) -> String {
    let mut command = workspace.command(&format!("--sandbox {line}"));
    let output = command.env("COLUMNS", COLUMNS.to_string()).output().unwrap();
    let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let wide: Vec<&str> =
        printed.lines().filter(|line| line.chars().count() > COLUMNS && !is_one_word(line)).collect();
    assert!(wide.is_empty(), "$ pinpoint-streams {line}\n{}\n--- of\n{printed}", wide.join("\n"));
    printed
}

/// Whether the line is one word after a sign or a label. Code and quoted text are words.
fn is_one_word(line: &str) -> bool {
    let (mut words, mut quote) = (vec![String::new()], None);
    for character in line.trim().chars() {
        match quote {
            None if character == ' ' => words.push(String::new()),
            _ => {
                let last = words.last_mut().unwrap();
                last.push(character);
                if ['`', '"'].contains(&character) && quote.is_none_or(|open| open == character) {
                    quote = if quote.is_some() { None } else { Some(character) };
                }
            }
        }
    }
    let is_mark = |word: &String| word.chars().count() <= 1 || word.ends_with(':');
    words.iter().skip_while(|word| is_mark(word)).count() == 1
}

#[test]
fn one_word_is_a_name_or_code_after_a_sign() {
    for line in ["  arn:aws:iam::1:role/r", "- \"known after app.blog\"", "    write: `ps apply --out f`."] {
        assert!(is_one_word(line), "{line}");
    }
    assert!(!is_one_word("run `ps apply` now"));
}

#[test]
fn a_workspace_with_long_names() {
    let workspace = Workspace::new(LONG_NAMES);
    for line in
        ["init", "validate", "plan", "plan --diff", "show", "state list", "status", "report", "restore", "undo -y"]
    {
        fits(&workspace, line);
    }
    workspace.run("apply --auto-approve -q").code(0);
    let loyalty = "customer-loyalty-programme-europe";
    for line in [
        "plan",
        "plan --drift",
        "plan --destroy --delete-apps --diff",
        "plan --target role.none",
        "plan --out shop.plan",
        "show",
        "show shop.plan",
        "show none.plan",
        "state list",
        "state list --format yaml",
        "state show role.none",
        "state unlock 3f2a",
        "state recover",
        "status",
        "verify",
        "report",
        "report none",
        "restore none",
        "policy diff role.blog role.shop-checkout-and-payments",
        "policy lint role.blog",
        "sweep",
        "sweep -v",
        "sweep --reap",
        "discover --out found.toml",
        "discover --out found.toml",
        "evidence capture --out a.evidence",
        "evidence show a.evidence",
        "evidence show none.evidence",
        "sandbox show",
        "apply",
        "destroy",
        "import",
        "plan -target=role.blog",
        "apply shop.plan --events --format json",
    ] {
        fits(&workspace, line);
    }
    for kind in ["app", "role", "event_stream"] {
        let shown = fits(&workspace, &format!("state show {kind}.{loyalty}"));
        assert!(shown.contains(&format!("{kind}.{loyalty}")), "{shown}");
    }
    workspace.write("weak.json", WEAK_POLICY);
    workspace.write("terraform.tfstate", &TERRAFORM_STATE.replace('\n', " "));
    fits(&workspace, "policy lint weak.json");
    fits(&workspace, "export release --terraform-state terraform.tfstate");
    workspace.edit(
        "pinpoint-streams.toml",
        "name = \"Loyalty programme\"",
        "name = \"Loyalty programme of Europe\"",
    );
    fits(&workspace, "apply --auto-approve=safe");
    fits(&workspace, "apply --auto-approve");
    fits(&workspace, "apply shop.plan --auto-approve");
    fits(&workspace, "destroy --auto-approve");
    let run = last_run(&workspace);
    for line in [
        "status".to_owned(),
        "report".to_owned(),
        format!("report {run}"),
        "restore".to_owned(),
        "restore -v".to_owned(),
        format!("restore {run}"),
        format!("undo {run} -y"),
        format!("state mv role.blog role.{loyalty}-{loyalty}"),
        format!("state rm role.{loyalty}-{loyalty}"),
    ] {
        fits(&workspace, &line);
    }
    workspace.edit(
        "pinpoint-streams.toml",
        "stream = \"lake\"",
        "stream = \"lakes-of-the-growth-team-and-others\"",
    );
    fits(&workspace, "validate");
}

fn last_run(workspace: &Workspace) -> String {
    let report = workspace.run("report").code(0);
    let row = report.stdout.lines().nth(1).unwrap();
    row.split_whitespace().nth(2).unwrap().to_owned()
}

/// Of a terminal, without the variable.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn a_sweep_on_a_terminal_is_no_wider_than_it() {
    use crate::signals::terminal::Terminal;
    let workspace = few();
    let mut command = workspace.command("--sandbox sweep -v");
    // Without bars and colours, each line is what a person sees.
    command.env("CI", "true").env("NO_COLOR", "1");
    let (terminal, mut command) = Terminal::with(&command, &workspace);
    let mut process = command.spawn().unwrap();
    terminal.shows("Nothing was done.");
    assert_eq!(process.wait().unwrap().code(), Some(2), "{}", terminal.text());
    let text = terminal.text();
    let wide: Vec<&str> =
        text.lines().filter(|line| line.chars().count() > COLUMNS && !is_one_word(line)).collect();
    assert!(wide.is_empty() && text.contains("3 obsolete"), "{}\n--- of\n{text}", wide.join("\n"));
}

#[test]
fn leftover_roles() {
    let workspace = few();
    for line in
        ["sweep", "sweep -v", "sweep --out q.plan", "show q.plan", "sweep --apply", "sweep --residue", "status"]
    {
        fits(&workspace, line);
    }
    crate::sweep::apply(&workspace, "q.plan").code(0);
    for line in ["status", "report", "sweep", "sweep --release", "sweep --reap --after 0d"] {
        fits(&workspace, line);
    }
}
