//! Amazon SES, API version 2: what its identities and configuration sets grant and send to Pinpoint.
//! Source: botocore 1.44.5, `sesv2/2019-09-27/service-2.json`.
use crate::classify::{ApiOperation, CloudError, Service, misread, unless_absent};
use crate::pages::{self, Page};
use crate::service::JsonClient;
use crate::service::json::{Request, segment};
use pinpoint_streams_model::live::residue::{
    ConfigurationSets, EmailIdentities, IdentityPolicies, PinpointDestination, PinpointDestinations,
};
use pinpoint_streams_model::policy::Document;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;
use std::collections::BTreeMap;

pub(crate) const IDENTITIES: ApiOperation = ApiOperation::new(Service::Ses, "ListEmailIdentities");
pub(crate) const POLICIES: ApiOperation = ApiOperation::new(Service::Ses, "GetEmailIdentityPolicies");
pub(crate) const SETS: ApiOperation = ApiOperation::new(Service::Ses, "ListConfigurationSets");
pub(crate) const DESTINATIONS: ApiOperation =
    ApiOperation::new(Service::Ses, "GetConfigurationSetEventDestinations");
/// The largest page of identities. The documentation has none for configuration sets.
const PAGE: usize = 1000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identities {
    email_identities: Vec<Identity>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identity {
    identity_name: String,
}

pub(crate) async fn identities(ses: &JsonClient) -> Result<EmailIdentities, CloudError> {
    let all = pages::all(IDENTITIES, |token| async move {
        let request = Request::post("/v2/email/list-identities", json!({ "PageSize": PAGE, "NextToken": token }));
        let Identities { email_identities, next_token } = ses.call(IDENTITIES, request).await?;
        Ok(Page { items: email_identities, next: next_token })
    });
    Ok(EmailIdentities(all.await?.into_iter().map(|identity| identity.identity_name).collect()))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policies {
    policies: BTreeMap<String, String>,
}

/// None if the identity does not exist.
pub(crate) async fn policies(ses: &JsonClient, identity: &str) -> Result<Option<IdentityPolicies>, CloudError> {
    let path = format!("/v2/email/identities/{}/policies", segment(identity));
    let Some(Policies { policies }) = unless_absent(ses.call(POLICIES, Request::get(&path, &[])).await)? else {
        return Ok(None);
    };
    let policies = policies.into_iter().map(|(name, text)| {
        let document = Document::from_json(&text);
        Ok((name, document.map_err(|error| misread(POLICIES, error))?))
    });
    Ok(Some(IdentityPolicies(policies.collect::<Result<_, CloudError>>()?)))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sets {
    configuration_sets: Vec<String>,
    next_token: Option<String>,
}

pub(crate) async fn configuration_sets(ses: &JsonClient) -> Result<ConfigurationSets, CloudError> {
    let all = pages::all(SETS, |token| async move {
        let request = Request::post("/v2/email/list-configuration-sets", json!({ "NextToken": token }));
        let Sets { configuration_sets, next_token } = ses.call(SETS, request).await?;
        Ok(Page { items: configuration_sets, next: next_token })
    });
    Ok(ConfigurationSets(all.await?.into_iter().collect()))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Destinations {
    event_destinations: Vec<Destination>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    name: String,
    #[serde(default)]
    enabled: bool,
    #[serde(rename = "MatchingEventTypes")]
    _matching_event_types: Vec<IgnoredAny>,
    pinpoint_destination: Option<ToPinpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ToPinpoint {
    application_arn: Option<String>,
}

/// None if the configuration set does not exist.
pub(crate) async fn pinpoint_destinations(
    ses: &JsonClient,
    set: &str,
) -> Result<Option<PinpointDestinations>, CloudError> {
    let path = format!("/v2/email/configuration-sets/{}/event-destinations", segment(set));
    let answer = unless_absent(ses.call(DESTINATIONS, Request::get(&path, &[])).await)?;
    let Some(Destinations { event_destinations }) = answer else { return Ok(None) };
    let to_pinpoint = event_destinations.into_iter().filter_map(|destination| {
        let Destination { name, enabled, _matching_event_types: _, pinpoint_destination } = destination;
        Some((name, PinpointDestination { enabled, app_arn: pinpoint_destination?.application_arn }))
    });
    Ok(Some(PinpointDestinations(to_pinpoint.collect())))
}
