//! The fields of a recorded resource, the same for text and pages. Nothing here is escaped.
use pinpoint_streams_model::recorded::{AppRecord, EventStreamRecord, Object, Resource, RoleRecord};

pub(super) enum Value {
    Line(String),
    /// A policy in canonical form.
    Document(Vec<String>),
}

pub(super) fn fields(resource: &Resource) -> Vec<(String, Value)> {
    let Resource { account: _, origin: _, protect: _, named_under, changed_at, object } = resource;
    let line = |name: &str, value: &str| (name.to_owned(), Value::Line(value.to_owned()));
    let tag = |(key, value): (&String, &String)| line(&format!("tags.{key}"), value);
    let mut fields = vec![line("named_under", named_under), line("changed_at", &changed_at.to_string())];
    match object {
        Object::App(AppRecord { region: _, id, name, tags }) => {
            fields.extend([line("id", id.as_str()), line("name", name)]);
            fields.extend(tags.iter().map(tag));
        }
        Object::EventStream(EventStreamRecord { region: _, app_id, destination, role_arn }) => {
            fields.extend([
                line("app_id", app_id.as_str()),
                line("destination", &destination.to_string()),
                line("role_arn", &role_arn.to_string()),
            ]);
        }
        Object::Role(RoleRecord {
            arn,
            id,
            trust_policy,
            inline_policies,
            description,
            max_session_duration,
            permissions_boundary,
            tags,
        }) => {
            fields.extend([
                line("arn", &arn.to_string()),
                line("id", id.as_str()),
                line("description", description),
                line("max_session_duration", &max_session_duration.to_string()),
                line("permissions_boundary", permissions_boundary.as_ref().map_or("none", |arn| arn.as_str())),
            ]);
            fields.extend(tags.iter().map(tag));
            let named = inline_policies.iter().map(|(name, policy)| (format!("inline_policies.{name}"), policy));
            let policies = [("trust_policy".to_owned(), trust_policy)].into_iter().chain(named);
            fields.extend(policies.map(|(name, policy)| {
                (name, Value::Document(policy.canonical_json().lines().map(str::to_owned).collect()))
            }));
        }
    }
    fields
}
