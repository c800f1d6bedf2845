//! The permissions that a request needs: actions, resources and condition context.
//!
//! Source: Service Authorization Reference of IAM and of Amazon Pinpoint (service prefix `mobiletargeting`), which
//! say that CreateRole and CreateApp with tags also need the permission to tag, and PutEventStream iam:PassRole to
//! `mobiletargeting.amazonaws.com`.
use crate::contents::{AccountContents, Contents, RoleContents};
use crate::wire::Request;
use pinpoint_streams_model::live::question::Service;
use std::collections::BTreeMap;

type Context = BTreeMap<String, String>;

/// The service that PutEventStream passes a role to.
const PASSED_TO: &str = "mobiletargeting.amazonaws.com";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) context: Context,
}

pub(super) fn needs(request: &Request, contents: &Contents) -> Vec<Need> {
    let name = request.operation.name.as_ref();
    let nothing = AccountContents::default();
    let account = contents.accounts.get(&request.account).unwrap_or(&nothing);
    let needs = Needs { request, account };
    let anything = |prefix: &str| vec![need(prefix, name, "*".to_owned(), Context::new())];
    match request.operation.service {
        Some(Service::Iam) => needs.iam(name),
        Some(Service::Pinpoint) => needs.pinpoint(name),
        Some(Service::Kinesis) => {
            let stream = or(needs.text("StreamARN"), &needs.text("ResourceARN"));
            vec![need("kinesis", name, stream, Context::new())]
        }
        Some(Service::Firehose) => {
            let stream = format!("deliverystream/{}", needs.text("DeliveryStreamName"));
            vec![need("firehose", name, needs.regional_arn("firehose", &stream), Context::new())]
        }
        // Source: STS API reference, GetCallerIdentity: "No permissions are required".
        Some(Service::Sts) if name == "GetCallerIdentity" => Vec::new(),
        Some(Service::Sts) => vec![need("sts", name, needs.parameter("RoleArn"), Context::new())],
        Some(Service::CloudFormation) => anything("cloudformation"),
        Some(Service::Organizations) => anything("organizations"),
        Some(Service::Account) => anything("account"),
        Some(Service::Config) => anything("config"),
        Some(Service::CloudTrail) => anything("cloudtrail"),
        // Source: Access Analyzer API reference, ListFindingsV2: both versions use `access-analyzer:ListFindings`.
        Some(Service::AccessAnalyzer) if name == "ListFindingsV2" => {
            vec![need("access-analyzer", "ListFindings", "*".to_owned(), Context::new())]
        }
        Some(Service::AccessAnalyzer) => anything("access-analyzer"),
        Some(Service::Ses) => match name {
            "GetEmailIdentityPolicies" => needs.named("ses", name, "identity/", 3),
            "GetConfigurationSetEventDestinations" => needs.named("ses", name, "configuration-set/", 3),
            _ => anything("ses"),
        },
        Some(Service::Lambda) if name == "GetPolicy" => needs.named("lambda", name, "function:", 2),
        Some(Service::Lambda) => anything("lambda"),
        Some(Service::CloudWatch) => anything("cloudwatch"),
        Some(Service::Kms) => vec![need("kms", name, needs.text("KeyId"), Context::new())],
        Some(Service::S3) | None => anything("unknown"),
    }
}

fn need(prefix: &str, name: &str, resource: String, context: Context) -> Need {
    Need { action: format!("{prefix}:{name}"), resource, context }
}

struct Needs<'a> {
    request: &'a Request,
    account: &'a AccountContents,
}

impl Needs<'_> {
    fn iam(&self, name: &str) -> Vec<Need> {
        let role = self.parameter("RoleName");
        let known = self.account.roles.iter().find(|known| known.name.eq_ignore_ascii_case(&role));
        let mut context = self.tags_of_the_query();
        if let Some(RoleContents { tags, permissions_boundary, .. }) = known {
            context.extend(resource_tags(tags));
            context.extend(permissions_boundary.clone().map(|arn| ("iam:PermissionsBoundary".to_owned(), arn)));
        }
        let policy = self.parameter("PolicyArn");
        let profile = self.parameter("InstanceProfileName");
        let boundary = self.parameter("PermissionsBoundary");
        if !boundary.is_empty() {
            context.insert("iam:PermissionsBoundary".to_owned(), boundary);
        }
        let role_arn = match known {
            Some(known) => known.arn.clone(),
            None => self.global_arn(&format!("role{}{role}", or(self.parameter("Path"), "/"))),
        };
        if !profile.is_empty() {
            let mut needs =
                vec![need("iam", name, self.global_arn(&format!("instance-profile/{profile}")), context)];
            if name == "AddRoleToInstanceProfile" {
                needs.push(pass(role_arn, "ec2.amazonaws.com"));
            }
            return needs;
        }
        let resource = match (role.is_empty(), policy.is_empty()) {
            (false, _) => role_arn,
            (true, false) => policy.clone(),
            (true, true) => or(self.parameter("Arn"), &or(self.parameter("PolicySourceArn"), "*")),
        };
        if !policy.is_empty() {
            context.insert("iam:PolicyARN".to_owned(), policy);
        }
        let mut needs = vec![need("iam", name, resource.clone(), context.clone())];
        if name == "CreateRole" && context.keys().any(|key| key.starts_with("aws:RequestTag/")) {
            needs.push(need("iam", "TagRole", resource, context));
        }
        needs
    }

    /// A resource whose name is a segment of the path.
    fn named(&self, service: &str, action: &str, kind: &str, segment: usize) -> Vec<Need> {
        let resource = self.regional_arn(service, &format!("{kind}{}", self.request.segment(segment)));
        vec![need(service, action, resource, Context::new())]
    }

    fn pinpoint(&self, name: &str) -> Vec<Need> {
        let resource = match name {
            "ListTagsForResource" | "TagResource" | "UntagResource" => self.request.segment(2),
            _ => {
                let path = self.request.path.trim_matches('/');
                self.regional_arn("mobiletargeting", path.strip_prefix("v1/").unwrap_or(path))
            }
        };
        let mut context: Context = self.tags_of_the_body();
        let apps = self.account.regions.get(&self.request.region).into_iter().flat_map(|region| &region.apps);
        let app = apps.into_iter().find(|app| resource.ends_with(&format!("apps/{}", app.id)));
        context.extend(app.into_iter().flat_map(|app| resource_tags(&app.tags)));
        let mut needs = vec![need("mobiletargeting", name, resource.clone(), context.clone())];
        if name == "CreateApp" && !context.is_empty() {
            needs.push(need("mobiletargeting", "TagResource", format!("{resource}/new"), context));
        }
        if name == "PutEventStream" {
            needs.push(pass(self.text("RoleArn"), PASSED_TO));
        }
        needs
    }

    /// A parameter of the Query protocol; empty if missing.
    fn parameter(&self, name: &str) -> String {
        let mut pairs = form_urlencoded::parse(&self.request.body);
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    /// A string in a JSON body; empty if missing.
    fn text(&self, name: &str) -> String {
        let body = self.request.json().unwrap_or_default();
        body.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
    }

    /// `Tags.member.1.Key` and `Tags.member.1.Value`.
    fn tags_of_the_query(&self) -> Context {
        let tags =
            (1..).map(|n| self.parameter(&format!("Tags.member.{n}.Key"))).take_while(|key| !key.is_empty());
        let value = |n: usize| self.parameter(&format!("Tags.member.{n}.Value"));
        tags.zip(1..).map(|(key, n)| (format!("aws:RequestTag/{key}"), value(n))).collect()
    }

    fn tags_of_the_body(&self) -> Context {
        let body = self.request.json().unwrap_or_default();
        let tags = body.get("tags").and_then(|tags| tags.as_object()).cloned().unwrap_or_default();
        let text = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        tags.into_iter().map(|(key, value)| (format!("aws:RequestTag/{key}"), text(value))).collect()
    }

    fn partition(&self) -> String {
        or(self.account.partition.clone(), "aws")
    }

    fn global_arn(&self, rest: &str) -> String {
        format!("arn:{}:iam::{}:{rest}", self.partition(), self.request.account)
    }

    fn regional_arn(&self, service: &str, rest: &str) -> String {
        let Request { region, account, .. } = self.request;
        format!("arn:{}:{service}:{region}:{account}:{rest}", self.partition())
    }
}

fn pass(role: String, service: &str) -> Need {
    let context = Context::from([("iam:PassedToService".to_owned(), service.to_owned())]);
    need("iam", "PassRole", role, context)
}

fn resource_tags(tags: &BTreeMap<String, String>) -> impl Iterator<Item = (String, String)> {
    tags.iter().map(|(key, value)| (format!("aws:ResourceTag/{key}"), value.clone()))
}

fn or(text: String, default: &str) -> String {
    if text.is_empty() { default.to_owned() } else { text }
}
