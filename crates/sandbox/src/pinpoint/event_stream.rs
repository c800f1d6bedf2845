//! PutEventStream with AWS's validation: Pinpoint must be able to assume the role for this app, and the role must be
//! allowed to write to the stream.
use super::{Outcome, PinpointError};
use crate::authority::{self, Verdict};
use crate::wire::Request;
use crate::world::World;
use crate::world::iam::Role;
use crate::world::regional::Kind;
use pinpoint_streams_model::arn::{RoleArn, StreamArn, StreamService};
use serde_json::{Value, json};
use winterbaume_pinpoint::views::EventStreamView;

pub(super) fn put(world: &mut World, request: &Request) -> Outcome {
    let (account, region) = (&request.account, &request.region);
    let id = request.segment(2);
    let Some(mut app) = world.account(account).regional.apps(region).remove(&id) else {
        return Err(PinpointError::not_found("Application not found"));
    };
    let Some(body) = request.json() else {
        return Err(PinpointError::bad_request("Invalid JSON"));
    };
    let field = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let (Some(stream), Some(role)) = (field("DestinationStreamArn"), field("RoleArn")) else {
        return Err(PinpointError::bad_request(
            "Missing required field: DestinationStreamArn and RoleArn are required",
        ));
    };
    check(world, account, region, &app.arn, &stream, &role)?;
    let changed = super::time(world.now());
    let reply = json!({
        "ApplicationId": id,
        "DestinationStreamArn": stream,
        "RoleArn": role,
        "LastModifiedDate": changed,
    });
    app.event_stream = Some(EventStreamView {
        application_id: id.clone(),
        destination_stream_arn: stream,
        role_arn: role,
        last_modified_date: changed,
    });
    world.change_region(account, region, Kind::Pinpoint, Some(&id), |regional| {
        regional.put_app(region, app);
    });
    Ok((200, reply.to_string()))
}

/// AWS returns one message for every problem with the role or the stream, including propagation delay. The part that
/// clients match on is known from the Terraform provider; the rest is not verified.
fn validation_failed() -> PinpointError {
    PinpointError::bad_request(
        "Destination stream validation failed. Please make sure the IAM Role is configured correctly and that the stream exists.",
    )
}

fn check(
    world: &mut World,
    account: &str,
    region: &str,
    app: &str,
    stream: &str,
    role: &str,
) -> Result<(), PinpointError> {
    let target: StreamArn = stream.parse().map_err(|_| validation_failed())?;
    let role: RoleArn = role.parse().map_err(|_| validation_failed())?;
    let same_account_and_region = target.account().as_str() == account
        && target.region().as_str() == region
        && role.account.as_str() == account;
    let regional = &world.account(account).regional;
    let exists = match target.service() {
        StreamService::Kinesis => regional.streams(region).contains_key(target.name()),
        StreamService::Firehose => regional.delivery_streams(region).contains_key(target.name()),
    };
    let found = world.account(account).role(role.name.as_str()).cloned();
    let Some(found) = found.filter(|found| found.arn == role.to_string()) else {
        return Err(validation_failed());
    };
    // From the developer guide, independently of the model's role kinds, which this check verifies.
    let actions = match target.service() {
        StreamService::Kinesis => ["kinesis:DescribeStream", "kinesis:PutRecords"],
        StreamService::Firehose => ["firehose:DescribeDeliveryStream", "firehose:PutRecordBatch"],
    };
    let may = |action: &&str| authority::permits(world, account, &found, action, stream) == Verdict::Allowed;
    if same_account_and_region
        && exists
        && has_propagated(world, &found)
        && authority::trusts(&found, "pinpoint.amazonaws.com", app, account)
        && actions.iter().all(may)
    {
        Ok(())
    } else {
        Err(validation_failed())
    }
}

fn has_propagated(world: &World, role: &Role) -> bool {
    let age = world.now().duration_since(role.changed);
    age.unsigned_abs() >= world.settings.propagation || age.is_negative()
}
