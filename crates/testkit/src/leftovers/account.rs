//! One account of two hundred roles, of every kind that a sweep has to tell apart.
//!
//! Pinpoint answers in us-east-1 and eu-west-1, where event streams are left; in ap-south-1 there is an app and no
//! event stream, so that nothing is proven there; ca-central-1 is not read; of all other regions the manifest says
//! that Pinpoint was never used there.
use super::{LeftoverApp, LeftoverRole, Leftovers, ROLE_ID};
use crate::{app_id, parsed};
use jiff::Timestamp;
use pinpoint_streams_model::arn::{AppArn, PolicyArn, RoleArn};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::LastUsed;
use pinpoint_streams_model::ownership::{self, Tags};
use pinpoint_streams_model::role_kind::Purpose;
use pinpoint_streams_model::sweep::{QUARANTINE_POLICY, QUARANTINED_AT, QUARANTINED_BY, QUARANTINED_ID, Verdict};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

const ACCOUNT: &str = "123456789012";
const PINPOINT: &str = "pinpoint.amazonaws.com";
const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];
const ALL: usize = 200;

/// The account. Its sweep is of the regions us-east-1, eu-west-1 and ap-south-1, by the workspace `growth`.
pub fn two_hundred_roles() -> Leftovers {
    static MADE: OnceLock<Leftovers> = OnceLock::new();
    MADE.get_or_init(make).clone()
}

fn make() -> Leftovers {
    let mut made = Maker::default();
    made.in_use();
    made.obsolete();
    made.unknown();
    made.for_something_else();
    made.managed();
    made.quarantined();
    made.hung_with();
    made.not_pinpoints();
    let Maker { roles, apps } = made;
    Leftovers {
        account: account(),
        roles,
        apps,
        streams: REGIONS.iter().map(|region| parsed(&stream(region))).collect(),
        policies: BTreeMap::from([
            (read_s3(), policy(json!(["s3:Get*", "s3:List*"]), json!("*"))),
            (logs(), policy(json!("logs:*"), json!("*"))),
        ]),
    }
}

fn account() -> AccountId {
    parsed(ACCOUNT)
}

fn read_s3() -> PolicyArn {
    parsed("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
}

fn logs() -> PolicyArn {
    parsed("arn:aws:iam::123456789012:policy/team-logs")
}

fn time(text: &str) -> Timestamp {
    parsed(text)
}

fn stream(region: &str) -> String {
    format!("arn:aws:kinesis:{region}:{ACCOUNT}:stream/clicks")
}

fn app(region: &str, name: &str) -> AppArn {
    // An id is filled up with zeros: the `x` keeps `shop-1` and `shop-10` apart.
    AppArn { region: parsed(region), account: account(), id: app_id(&format!("{name}x")) }
}

fn statement(principal: Value, condition: Value) -> Value {
    let mut one = json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
    if condition != json!({}) {
        one["Condition"] = condition;
    }
    one
}

fn trust(principal: Value, condition: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [statement(principal, condition)]}).to_string()
}

fn service(name: &str) -> Value {
    json!({"Service": name})
}

/// The trust policy of the developer guide.
fn trusting(source: impl ToString) -> String {
    let condition = json!({"StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": source.to_string()}});
    trust(service(PINPOINT), condition)
}

fn policy(action: Value, resource: Value) -> String {
    let one = json!({"Effect": "Allow", "Action": action, "Resource": resource});
    json!({"Version": "2012-10-17", "Statement": one}).to_string()
}

#[derive(Default)]
struct Maker {
    roles: Vec<LeftoverRole>,
    apps: Vec<LeftoverApp>,
}

impl Maker {
    /// So many roles of a kind: leftover event-stream roles of an app that is gone, but for what `change` changes.
    fn many(
        &mut self,
        count: usize,
        kind: &'static str,
        verdict: Verdict,
        mut change: impl FnMut(&mut LeftoverRole, &str, &str),
    ) {
        for n in 1..=count {
            let (name, region) = (format!("{}-{n}", kind.replace(' ', "-")), REGIONS[n % REGIONS.len()]);
            let mut role = LeftoverRole {
                kind,
                verdict: Some(verdict),
                purpose: Purpose::EventStream,
                arn: parsed(&format!("arn:aws:iam::{ACCOUNT}:role/{name}")),
                trust: trusting(app(region, &format!("gone-{name}"))),
                inline: BTreeMap::new(),
                attached: BTreeSet::new(),
                instance_profile: None,
                boundary: None,
                description: format!("{kind}, the {n}th"),
                tags: Tags::from([("team".to_owned(), "growth".to_owned())]),
                created: time("2024-03-01T12:00:00Z"),
                last_used: LastUsed::Never { within_days: 400 },
                template: None,
                stack: None,
                terraform: None,
                recorded: false,
            };
            role.grant(json!(["kinesis:PutRecords", "kinesis:DescribeStream"]), json!(stream(region)));
            change(&mut role, &name, region);
            self.roles.push(role);
        }
    }

    fn app(&mut self, arn: AppArn, event_stream: Option<(String, String)>) {
        if !self.apps.iter().any(|known| known.arn == arn) {
            self.apps.push(LeftoverApp { name: arn.id.to_string(), arn, event_stream });
        }
    }

    fn in_use(&mut self) {
        let mut apps = Vec::new();
        self.many(12, "in use", Verdict::InUse, |role, name, region| {
            role.trust = trusting(app(region, name));
            role.last_used = LastUsed::At(time("2026-10-29T08:00:00Z"), Some(parsed(region)));
            apps.push((app(region, name), Some((stream(region), role.arn.to_string()))));
        });
        self.many(3, "in use region wide", Verdict::InUse, |role, name, region| {
            role.trust = trusting(AppArn::with_id(&parsed(region), &account(), "*"));
            apps.push((app(region, name), Some((stream(region), in_capitals(&role.arn)))));
        });
        self.many(6, "alive", Verdict::Alive, |role, _, region| {
            role.last_used = LastUsed::At(time("2026-11-10T08:00:00Z"), Some(parsed(region)));
        });
        apps.into_iter().for_each(|(arn, event_stream)| self.app(arn, event_stream));
    }

    fn obsolete(&mut self) {
        let mut apps = Vec::new();
        self.many(30, "obsolete", Verdict::Obsolete, |_, _, _| {});
        self.many(6, "obsolete firehose", Verdict::Obsolete, |role, _, region| {
            let arn = format!("arn:aws:firehose:{region}:{ACCOUNT}:deliverystream/lake");
            role.grant(json!(["firehose:PutRecordBatch", "firehose:DescribeDeliveryStream"]), json!(arn));
        });
        self.many(4, "obsolete app idle", Verdict::Obsolete, |role, name, region| {
            role.trust = trusting(app(region, name));
            apps.push((app(region, name), None));
        });
        self.many(2, "obsolete app elsewhere", Verdict::Obsolete, |role, _, region| {
            let other = if region == "us-east-1" { "in-use-2" } else { "in-use-1" };
            role.trust = trusting(app(region, other));
        });
        self.many(6, "obsolete used long ago", Verdict::Obsolete, |role, _, region| {
            role.last_used = LastUsed::At(time("2026-05-01T08:00:00Z"), Some(parsed(region)));
        });
        self.many(3, "obsolete kinesis star", Verdict::Obsolete, |role, _, _| {
            role.grant(json!("kinesis:*"), json!("*"))
        });
        self.many(1, "obsolete odd letters", Verdict::Obsolete, |role, _, _| {
            role.grant(json!("KINESIS:putRecord?"), json!("arn:aws:kinesis:*:*:*/*"));
        });
        self.many(1, "obsolete not action", Verdict::Obsolete, |role, _, region| {
            let one = json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": stream(region)});
            role.put("permissions", json!({"Version": "2012-10-17", "Statement": one}).to_string());
        });
        self.many(3, "obsolete regional", Verdict::Obsolete, |role, name, region| {
            let condition =
                json!({"ArnEquals": {"AWS:sourcearn": app(region, &format!("gone-{name}")).to_string()}});
            role.trust = trust(service(&format!("pinpoint.{region}.amazonaws.com")), condition);
        });
        self.many(3, "obsolete region wide", Verdict::Obsolete, |role, _, region| {
            role.trust = trusting(AppArn::with_id(&parsed(region), &account(), "*"));
        });
        self.many(2, "obsolete external id", Verdict::Obsolete, |role, name, region| {
            let condition = json!({"StringEquals": {"sts:ExternalId": ACCOUNT},
                "ArnLike": {"aws:SourceArn": app(region, &format!("gone-{name}")).to_string()}});
            role.trust = trust(service(PINPOINT), condition);
        });
        self.many(3, "too young", Verdict::Obsolete, |role, _, _| role.created = time("2026-11-20T09:00:00Z"));
        apps.into_iter().for_each(|(arn, event_stream)| self.app(arn, event_stream));
    }

    fn unknown(&mut self) {
        self.many(3, "everything", Verdict::Unknown, |role, _, _| {
            role.trust = trust(service(PINPOINT), json!({}))
        });
        self.many(2, "everything regional", Verdict::Unknown, |role, _, region| {
            role.trust = trust(service(&format!("pinpoint.{region}.amazonaws.com")), json!({}));
        });
        self.many(2, "no control", Verdict::Unknown, |role, _, _| {
            role.trust = trusting(AppArn::with_id(&parsed("ap-south-1"), &account(), "*"));
        });
        self.many(1, "unread region", Verdict::Unknown, |role, name, _| {
            role.trust = trusting(app("ca-central-1", name))
        });
        self.many(1, "unread account", Verdict::Unknown, |role, name, region| {
            let other = AppArn { account: parsed("999999999999"), ..app(region, name) };
            let condition = json!({"ArnLike": {"aws:SourceArn": other.to_string()}});
            role.trust = trust(service(PINPOINT), condition);
        });
        self.app(app("ap-south-1", "idle"), None);
    }

    fn for_something_else(&mut self) {
        let mut other = |count, kind, purpose, grants: &dyn Fn(&mut LeftoverRole)| {
            self.many(count, kind, Verdict::NotOurs, |role, _, _| {
                role.purpose = purpose;
                role.inline.clear();
                grants(role);
            });
        };
        other(5, "import", Purpose::Import, &|role| role.attached.extend([read_s3()]));
        other(3, "export", Purpose::Export, &|role| {
            role.grant(json!(["s3:PutObject", "s3:GetObject"]), json!("arn:aws:s3:::bucket/*"))
        });
        other(3, "recommender", Purpose::Recommender, &|role| {
            role.grant(json!(["personalize:GetRecommendations", "personalize:DescribeCampaign"]), json!("*"));
        });
        other(3, "email", Purpose::Email, &|role| {
            role.grant(json!(["ses:SendEmail", "ses:SendRawEmail"]), json!("*"))
        });
        other(1, "administrator", Purpose::Unclear, &|role| role.grant(json!("*"), json!("*")));
        other(1, "without permissions", Purpose::Unclear, &|_| {});
        other(1, "denied streams", Purpose::Unclear, &|role| {
            let all = json!([{"Effect": "Allow", "Action": "kinesis:*", "Resource": "*"},
                {"Effect": "Deny", "Action": "*", "Resource": "*"}]);
            role.put("permissions", json!({"Version": "2012-10-17", "Statement": all}).to_string());
        });
        self.many(4, "shared", Verdict::NotOurs, |role, _, _| {
            role.trust = trust(json!({"Service": [PINPOINT, "lambda.amazonaws.com"]}), json!({}));
        });
        self.many(2, "deleted principal", Verdict::NotOurs, |role, _, _| {
            let two = [
                statement(service(PINPOINT), json!({})),
                statement(json!({"AWS": "AROAEXAMPLEDELETED000"}), json!({})),
            ];
            role.trust = json!({"Version": "2012-10-17", "Statement": two}).to_string();
        });
        self.many(1, "other source", Verdict::NotOurs, |role, _, _| {
            role.trust = trusting("arn:aws:social-messaging:us-east-1:123456789012:waba/one");
        });
        self.many(1, "service linked to pinpoint", Verdict::NotOurs, |role, name, _| {
            role.arn = parsed(&format!("arn:aws:iam::{ACCOUNT}:role/aws-service-role/{PINPOINT}/{name}"));
            role.purpose = Purpose::Unclear;
        });
    }

    fn managed(&mut self) {
        let tags = |workspace: &str, lineage: &str, name: &str| {
            let address = parsed(&format!("role.{name}"));
            ownership::tags(&parsed(workspace), &parsed(lineage), &address, ownership::Origin::Created)
        };
        self.many(5, "in a stack", Verdict::ManagedElsewhere, |role, name, region| {
            role.stack = Some((parsed(region), format!("stack-of-{name}")));
        });
        self.many(4, "in terraform", Verdict::ManagedElsewhere, |role, _, _| {
            role.terraform = Some("infra.tfstate".to_owned())
        });
        self.many(2, "from a template", Verdict::ManagedElsewhere, |role, _, _| {
            role.template = Some("analytics".to_owned())
        });
        self.many(2, "recorded", Verdict::Managed, |role, name, _| {
            role.recorded = true;
            role.tags.extend(tags("growth", "1f0c9a52", name));
        });
        self.many(2, "lost by the state", Verdict::Managed, |role, name, _| {
            role.tags.extend(tags("growth", "1f0c9a52", name))
        });
        self.many(3, "of another workspace", Verdict::Managed, |role, name, _| {
            role.tags.extend(tags("retail", "2e1d", name))
        });
        self.many(2, "of another lineage", Verdict::Managed, |role, name, _| {
            role.tags.extend(tags("growth", "77aa", name))
        });
    }

    fn quarantined(&mut self) {
        let lock = |role: &mut LeftoverRole| {
            role.put(
                QUARANTINE_POLICY,
                json!({"Version": "2012-10-17",
                "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}})
                .to_string(),
            );
            role.tags.insert(QUARANTINED_AT.to_owned(), "2026-11-01T06:00:00Z".to_owned());
            role.tags.insert(QUARANTINED_BY.to_owned(), "run-1".to_owned());
            role.tags.insert(QUARANTINED_ID.to_owned(), ROLE_ID.to_owned());
        };
        self.many(4, "quarantined", Verdict::Quarantined, |role, _, _| lock(role));
        self.many(2, "tripped", Verdict::Tripped, |role, _, region| {
            lock(role);
            role.last_used = LastUsed::At(time("2026-11-05T06:00:00Z"), Some(parsed(region)));
        });
    }

    fn hung_with(&mut self) {
        self.many(2, "with a foreign policy", Verdict::Obsolete, |role, _, _| role.attached.extend([logs()]));
        self.many(2, "with a foreign inline policy", Verdict::Obsolete, |role, _, _| {
            role.put("team-logs", policy(json!("logs:*"), json!("*")));
        });
        self.many(2, "in an instance profile", Verdict::Obsolete, |role, name, _| {
            role.instance_profile = Some(format!("web-{name}"))
        });
        self.many(1, "with a boundary", Verdict::Obsolete, |role, _, _| role.boundary = Some(logs()));
    }

    /// The rest of the account: roles that have nothing to do with Pinpoint, whatever they are called.
    fn not_pinpoints(&mut self) {
        let mut plain = |count, kind, path: &str, principal: Value| {
            self.many(count, kind, Verdict::NotOurs, |role, name, _| {
                role.verdict = None;
                role.arn = parsed(&format!("arn:aws:iam::{ACCOUNT}:role{path}{name}"));
                role.trust = trust(principal.clone(), json!({}));
            });
        };
        plain(8, "sms voice", "/", service("sms-voice.amazonaws.com"));
        plain(3, "PinpointEventStreamRole of SES", "/", service("ses.amazonaws.com"));
        plain(
            4,
            "single sign on",
            "/aws-reserved/sso.amazonaws.com/",
            json!({"Federated": "arn:aws:iam::123456789012:saml-provider/sso"}),
        );
        plain(5, "service linked", "/aws-service-role/support.amazonaws.com/", service("support.amazonaws.com"));
        plain(1, "trusting everyone", "/", json!("*"));
        plain(6, "cross account", "/", json!({"AWS": "999999999999"}));
        let rest = ALL - self.roles.len();
        let mut plain = |count, kind, principal| {
            self.many(count, kind, Verdict::NotOurs, |role, _, _| {
                role.verdict = None;
                role.trust = trust(service(principal), json!({}));
            });
        };
        plain(rest / 2, "lambda", "lambda.amazonaws.com");
        plain(rest - rest / 2, "ec2", "ec2.amazonaws.com");
    }
}

impl LeftoverRole {
    fn put(&mut self, name: &str, document: String) {
        self.inline.insert(parsed(name), document);
    }

    fn grant(&mut self, action: Value, resource: Value) {
        self.put("permissions", policy(action, resource));
    }
}

/// An event stream may name a role in other letters than IAM has it.
fn in_capitals(role: &RoleArn) -> String {
    let RoleArn { partition, account, path, name } = role;
    format!("arn:{partition}:iam::{account}:role{path}{}", name.as_str().to_uppercase())
}
