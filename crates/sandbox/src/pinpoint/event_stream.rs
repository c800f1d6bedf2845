//! PutEventStream, as strict as AWS: the role must let Pinpoint in for this app, and let it write to this stream.

use super::{Answered, Refusal};
use crate::authority::{self, Verdict};
use crate::wire::Request;
use crate::world::World;
use crate::world::iam::Role;
use crate::world::regional::Kind;
use pinpoint_streams_model::arn::{RoleArn, StreamArn, StreamService};
use serde_json::{Value, json};
use winterbaume_pinpoint::views::EventStreamView;

/// Sets an app's event stream, over whatever was there.
pub(super) fn put(world: &mut World, request: &Request) -> Answered {
    let (account, region) = (&request.account, &request.region);
    let id = request.segment(2);
    let Some(mut app) = world.account(account).regional.apps(region).remove(&id) else {
        return Err(Refusal::not_found("Application not found"));
    };
    let Some(body) = request.json() else {
        return Err(Refusal::bad_request("Invalid JSON"));
    };
    let field = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let (Some(stream), Some(role)) = (field("DestinationStreamArn"), field("RoleArn")) else {
        return Err(Refusal::bad_request("Missing required field: DestinationStreamArn and RoleArn are required"));
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

/// The one sentence for all that is wrong with role or stream: AWS does not say what, nor whether waiting helps.
/// The part that clients match on is known from the Terraform provider; the whole was not seen.
fn not_ready() -> Refusal {
    Refusal::bad_request(
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
) -> Result<(), Refusal> {
    let target: StreamArn = stream.parse().map_err(|_| not_ready())?;
    let role: RoleArn = role.parse().map_err(|_| not_ready())?;
    let in_reach = target.account().as_str() == account
        && target.region().as_str() == region
        && role.account.as_str() == account;
    let regional = &world.account(account).regional;
    let exists = match target.service() {
        StreamService::Kinesis => regional.streams(region).contains_key(target.name()),
        StreamService::Firehose => regional.delivery_streams(region).contains_key(target.name()),
    };
    let found = world.account(account).role(role.name.as_str()).cloned();
    let Some(found) = found.filter(|found| found.arn == role.to_string()) else {
        return Err(not_ready());
    };
    // From the developer guide, and not from what the program under test knows of it.
    let actions = match target.service() {
        StreamService::Kinesis => ["kinesis:DescribeStream", "kinesis:PutRecords"],
        StreamService::Firehose => ["firehose:DescribeDeliveryStream", "firehose:PutRecordBatch"],
    };
    let may = |action: &&str| authority::permits(world, account, &found, action, stream) == Verdict::Allowed;
    if in_reach
        && exists
        && is_settled(world, &found)
        && authority::trusts(&found, "pinpoint.amazonaws.com", app, account)
        && actions.iter().all(may)
    {
        Ok(())
    } else {
        Err(not_ready())
    }
}

/// Whether Pinpoint has learnt of the role's last change.
fn is_settled(world: &World, role: &Role) -> bool {
    let age = world.now().duration_since(role.changed);
    age.unsigned_abs() >= world.settings.propagation || age.is_negative()
}
