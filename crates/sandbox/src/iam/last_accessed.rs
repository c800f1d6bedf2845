//! Last accessed data: the services that a role's policies name, each with the role's last use.
use super::Call;
use crate::query::{Outcome, QueryError};
use crate::world::iam::Role;
use crate::xml::Xml;
use serde_json::Value;
use std::collections::BTreeSet;

impl Call<'_> {
    pub(super) fn generate_service_last_accessed_details(&mut self) -> Outcome {
        let arn = self.form.required("Arn")?.to_owned();
        let name = arn.rsplit('/').next().unwrap_or_default();
        let account = self.world.account(self.account);
        if account.role(name).is_none_or(|role| role.arn != arn) {
            return Err(QueryError::no_such(format!("ARN {arn} does not exist.")));
        }
        let (job, name) = (self.world.ids.request(), name.to_owned());
        self.world.account(self.account).sources.jobs.insert(job.clone(), (name, 0));
        let mut xml = Xml::default();
        xml.text("JobId", &job);
        Ok(Some(xml))
    }

    /// The first answer is that the job is in progress.
    pub(super) fn get_service_last_accessed_details(&mut self) -> Outcome {
        let job = self.form.required("JobId")?.to_owned();
        let now = self.world.now();
        let sources = &mut self.world.account(self.account).sources;
        let found = sources.jobs.get_mut(&job);
        let (name, asked) = found.ok_or_else(|| QueryError::no_such(format!("Job {job} does not exist.")))?;
        *asked += 1;
        let (name, is_complete) = (name.clone(), *asked > 1);
        let role = self.world.account(self.account).role(&name).cloned();
        let mut services = BTreeSet::new();
        if let Some(role) = &role {
            let attached = role.attached.iter().filter_map(|arn| self.world.managed_document(self.account, arn));
            for document in role.inline.values().map(String::as_str).chain(attached) {
                named(&serde_json::from_str(document).unwrap_or_default(), &mut services);
            }
        }
        let mut xml = Xml::default();
        xml.text("JobStatus", if is_complete { "COMPLETED" } else { "IN_PROGRESS" });
        xml.text("JobType", "SERVICE_LEVEL");
        xml.time("JobCreationDate", now);
        xml.time("JobCompletionDate", now);
        let services: Vec<String> = services.into_iter().filter(|_| is_complete).collect();
        xml.list("ServicesLastAccessed", &services, |xml, service| entry(xml, service, role.as_ref()));
        xml.text("IsTruncated", "false");
        Ok(Some(xml))
    }
}

fn entry(xml: &mut Xml, service: &str, role: Option<&Role>) {
    xml.text("ServiceName", service);
    xml.text("ServiceNamespace", service);
    if let Some(last) = role.and_then(|role| role.last_used.as_ref()) {
        xml.time("LastAuthenticated", last.at);
        xml.text("LastAuthenticatedRegion", &last.region);
    }
}

fn named(document: &Value, services: &mut BTreeSet<String>) {
    match document {
        Value::Object(members) => {
            for (name, value) in members {
                match name.as_str() {
                    "Action" => actions(value, services),
                    _ => named(value, services),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| named(value, services)),
        _ => {}
    }
}

fn actions(value: &Value, services: &mut BTreeSet<String>) {
    let texts = value.as_array().map_or_else(|| vec![value], |values| values.iter().collect());
    let services_of =
        texts.into_iter().filter_map(|action| Some(action.as_str()?.split_once(':')?.0.to_lowercase()));
    services.extend(services_of);
}
