#!/usr/bin/env bash
# An account set up by hand, with the AWS CLI, as AWS's own document says; then found, adopted, and left as it is.
# common.sh lists what this needs and the variables that it reads.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

app=810c7aab86d42fb2b56c8c966example
serve --seed "kinesis:us-east-1:clickstream" --seed "app:us-east-1:$app:Shop"
by_hand() { "${standard[@]}" "PATH=$venv/bin:$PATH" AWS_DEFAULT_REGION=us-east-1 AWS_PAGER= aws "$@"; }
# All that matters of the role and the event stream, but for tags.
as_it_is() {
  by_hand iam get-role --role-name PinpointEventStreamRole --query 'Role.[RoleId,Arn,AssumeRolePolicyDocument]'
  by_hand iam get-role-policy --role-name PinpointEventStreamRole --policy-name PinpointEventStreamPermissionsPolicy
  by_hand pinpoint get-event-stream --application-id "$app"
}

mkdir "$work/project"
cd "$work/project"
cat >trust.json <<JSON
{ "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Principal": { "Service": "pinpoint.amazonaws.com" },
  "Action": "sts:AssumeRole", "Condition": { "StringEquals": { "aws:SourceAccount": "123456789012" },
  "ArnLike": { "aws:SourceArn": "arn:aws:mobiletargeting:us-east-1:123456789012:apps/$app" } } } ] }
JSON
cat >permissions.json <<'JSON'
{ "Version": "2012-10-17", "Statement": { "Action": [ "kinesis:PutRecords", "kinesis:DescribeStream" ],
  "Effect": "Allow", "Resource": [ "arn:aws:kinesis:us-east-1:123456789012:stream/clickstream" ] } }
JSON
by_hand iam create-role --role-name PinpointEventStreamRole \
  --assume-role-policy-document file://trust.json >/dev/null
by_hand iam put-role-policy --role-name PinpointEventStreamRole \
  --policy-name PinpointEventStreamPermissionsPolicy --policy-document file://permissions.json
by_hand pinpoint put-event-stream --application-id "$app" --write-event-stream \
  "DestinationStreamArn=arn:aws:kinesis:us-east-1:123456789012:stream/clickstream,RoleArn=arn:aws:iam::123456789012:role/PinpointEventStreamRole" >/dev/null
as_it_is >"$work/before"

run 0 discover --regions us-east-1 --workspace growth --out pinpoint-streams.toml
sed 's/^/  | /' pinpoint-streams.toml
run 0 plan --adopt --format json
"$python" - "$work/last.out" <<'PYTHON'
import json, sys

changes = json.load(open(sys.argv[1]))["changes"]
actions = {change["address"]: change["action"] for change in changes}
assert len(actions) == 2 and set(actions.values()) == {"adopt"}, actions
PYTHON
pass "what was set up by hand is found, and a plan of it shows nothing but Adopt"

run 0 apply --adopt --auto-approve
run 0 plan
says out '^No changes\.$'
as_it_is >"$work/after"
diff "$work/before" "$work/after" || fail "adoption wrote to more than tags"
pass "once it is adopted nothing is left to do, and neither role nor event stream was written to, tags aside"
