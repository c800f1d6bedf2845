//! What the resource of a change is, in one phrase.
use super::names::Names;
use pinpoint_streams_model::address::Kind;
use pinpoint_streams_model::op::RecordOp;
use pinpoint_streams_model::op::{
    AppOp, CreateApp, DeleteApp, DeleteEventStream, EventStreamOp, Op, PutEventStream,
};
use pinpoint_streams_model::plan::{Action, Change, FieldValue, Step};
use pinpoint_streams_model::policy::{Document, Effect, PrincipalClause};
use pinpoint_streams_model::recorded::Object;
use pinpoint_streams_model::role_kind::RoleKind;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// The values that tell what a resource is, from the fields of its change or else from its steps.
#[derive(Debug, Default)]
struct Known {
    name: Option<String>,
    app_id: Option<Value>,
    destination: Option<String>,
    role_arn: Option<String>,
    trust_policy: Option<Value>,
    /// Inline policies, by name.
    policies: Vec<(String, Value)>,
}

/// `app 810c… → kinesis clickstream, as role.shop`. Empty where the plan does not say.
pub(super) fn what(change: &Change, steps: &[&Step], names: &Names<'_>) -> String {
    let known = Known::of(change, steps);
    let is_whole = matches!(change.action, Action::Create | Action::Replace | Action::Delete);
    match change.kind {
        Kind::App => known.app(names),
        Kind::EventStream => known.event_stream(change, names),
        Kind::Role if is_whole => known.role(change, names),
        Kind::Role => known.name.unwrap_or_default(),
    }
}

impl Known {
    fn of(change: &Change, steps: &[&Step]) -> Known {
        let mut known = Known::default();
        for field in &change.fields {
            // What is as it will be; of what goes, what it was.
            let Some(value) = field.after.as_ref().or(field.before.as_ref()).map(FieldValue::json) else {
                continue;
            };
            let text = || value.as_str().map(str::to_owned);
            match field.path.as_str() {
                "name" => known.name = text(),
                "app_id" => known.app_id = Some(value),
                "destination" => known.destination = text(),
                "role_arn" => known.role_arn = text(),
                "trust_policy" => known.trust_policy = Some(value),
                path => {
                    if let Some(name) = path.strip_prefix("inline_policies.") {
                        known.policies.push((name.to_owned(), value));
                    }
                }
            }
        }
        steps.iter().for_each(|step| known.complete(step));
        known
    }

    fn complete(&mut self, step: &Step) {
        match &step.op {
            Op::EventStream(EventStreamOp::Put(PutEventStream { app_id, destination, role_arn, .. })) => {
                self.wired(json(app_id), destination.to_string(), role_arn.to_string());
            }
            Op::EventStream(EventStreamOp::Delete(DeleteEventStream {
                app_id, destination, role_arn, ..
            })) => {
                self.wired(json(app_id), destination.clone(), role_arn.clone());
            }
            Op::App(AppOp::Create(CreateApp { name, .. })) => self.named(name),
            Op::App(AppOp::Delete(DeleteApp { app_id, name, .. })) => {
                self.app_id.get_or_insert(json(app_id));
                self.named(name);
            }
            Op::App(AppOp::Tag { app_id, .. } | AppOp::Untag { app_id, .. }) => {
                self.app_id.get_or_insert(json(app_id));
            }
            Op::Role(op) => self.named(op.role().name.as_str()),
            Op::Record(RecordOp::Write { resource }) => match &resource.object {
                Object::App(app) => {
                    self.app_id.get_or_insert(json(&app.id));
                    self.named(&app.name);
                }
                Object::Role(role) => self.named(role.arn.name.as_str()),
                Object::EventStream(stream) => {
                    let (to, role) = (stream.destination.to_string(), stream.role_arn.to_string());
                    self.wired(json(&stream.app_id), to, role);
                }
            },
            Op::Record(RecordOp::Move { .. } | RecordOp::Forget {} | RecordOp::SetProtect { .. }) => {}
        }
    }

    fn named(&mut self, name: &str) {
        self.name.get_or_insert_with(|| name.to_owned());
    }

    fn wired(&mut self, app_id: Value, destination: String, role_arn: String) {
        self.app_id.get_or_insert(app_id);
        self.destination.get_or_insert(destination);
        self.role_arn.get_or_insert(role_arn);
    }

    fn app(&self, names: &Names<'_>) -> String {
        let id = self.app_id.as_ref().map(|id| names.app(id));
        let name = self.name.as_ref().map(|name| format!("\"{name}\""));
        let parts: Vec<String> = id.into_iter().chain(name).collect();
        match (parts.is_empty(), &self.app_id) {
            (true, _) => String::new(),
            (false, None) => format!("app {}", parts.join(" ")),
            (false, Some(_)) => parts.join(" "),
        }
    }

    fn event_stream(&self, change: &Change, names: &Names<'_>) -> String {
        let app = self.app_id.as_ref().map(|id| names.app(id));
        let to = self.destination.as_ref().map(|arn| format!("→ {}", names.stream(arn, &change.account)));
        let wired = app.into_iter().chain(to).collect::<Vec<_>>().join(" ");
        let role = self.role_arn.as_ref().map(|arn| format!("as {}", names.role(arn, &change.account)));
        [Some(wired).filter(|text| !text.is_empty()), role].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn role(&self, change: &Change, names: &Names<'_>) -> String {
        let trust = self.trust_policy.as_ref().and_then(|value| names.unknowns.policy(value));
        let mut parts: Vec<String> = trust.map(|trust| who_assumes(&trust, change, names)).into_iter().collect();
        let (mut streams, mut others) = (Vec::new(), Vec::new());
        for (name, value) in &self.policies {
            let document = names.unknowns.policy(value);
            let known = document.and_then(|document| RoleKind::all().find_map(|kind| kind.streams_of(&document)));
            match known {
                Some(arns) => streams.extend(arns.iter().map(|arn| names.stream(arn, &change.account))),
                None => others.push(name.as_str()),
            }
        }
        parts.extend((!streams.is_empty()).then(|| format!("may put records to {}", few(&streams, " and "))));
        parts.extend((!others.is_empty()).then(|| format!("with inline policy {}", others.join(", "))));
        let name = self.name.clone().unwrap_or_default();
        match (name.is_empty(), parts.is_empty()) {
            (_, true) => name,
            (true, false) => parts.join(", "),
            (false, false) => format!("{name}: {}", parts.join(", ")),
        }
    }
}

fn who_assumes(trust: &Document, change: &Change, names: &Names<'_>) -> String {
    let sources =
        RoleKind::all().find_map(|kind| Some((kind.service(), kind.sources_of(trust, &change.account)?)));
    if let Some((service, sources)) = sources {
        return match sources.is_empty() {
            true => "no app may assume it yet".to_owned(),
            false => {
                let apps: Vec<String> = sources.iter().map(|arn| names.source(arn)).collect();
                format!("{service} {} may assume it", few(&apps, " and "))
            }
        };
    }
    let allows = trust.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let who: BTreeSet<String> = allows
        .flat_map(|statement| match &statement.principal {
            Some(PrincipalClause::Principal(set)) => set.iter().map(|one| one.as_str().to_owned()).collect(),
            Some(PrincipalClause::NotPrincipal(_)) => vec!["all principals but some".to_owned()],
            None => Vec::new(),
        })
        .collect();
    match who.is_empty() {
        true => "no principal may assume it".to_owned(),
        false => format!("{} may assume it", few(&who.into_iter().collect::<Vec<_>>(), " and ")),
    }
}

/// The first three, and how many more there are.
pub(crate) fn few(all: &[String], and: &str) -> String {
    const SHOWN: usize = 3;
    match all {
        [] => String::new(),
        [only] => only.clone(),
        _ if all.len() > SHOWN + 1 => format!("{}{and}{} more", all[..SHOWN].join(", "), all.len() - SHOWN),
        [first @ .., last] => format!("{}{and}{last}", first.join(", ")),
    }
}

fn json(value: &impl Serialize) -> Value {
    // Our own types always have a JSON form.
    serde_json::to_value(value).unwrap_or_default()
}
