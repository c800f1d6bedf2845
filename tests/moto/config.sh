#!/usr/bin/env bash
# AWS Config as a source of evidence, against moto's: recorders and their status, aggregators, and results of queries in
# the form that moto gives them back. moto does not run queries (the results are made up here), has no history of Pinpoint's
# resources and no SelectAggregateResourceConfig: the last is a refusal, which must be shown and prove nothing.
# common.sh lists what this needs and the variables that it reads.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# moto takes UTC for the local time.
export TZ=UTC
echo '{}' >"$work/selected"
serve --selected "$work/selected" --seed kinesis:us-east-1:clicks --seed app:us-east-1:5a0b:Shop
by_hand() { "${standard[@]}" "PATH=$venv/bin:$PATH" AWS_DEFAULT_REGION=us-east-1 AWS_PAGER= aws "$@"; }

mkdir "$work/project"
cd "$work/project"
cat >trust.json <<'JSON'
{ "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Principal": { "Service": "pinpoint.amazonaws.com" },
  "Action": "sts:AssumeRole", "Condition": { "StringEquals": { "aws:SourceAccount": "123456789012" },
  "ArnLike": { "aws:SourceArn": "arn:aws:mobiletargeting:us-east-1:123456789012:apps/5a0b" } } } ] }
JSON
cat >permissions.json <<'JSON'
{ "Version": "2012-10-17", "Statement": { "Action": [ "kinesis:PutRecords", "kinesis:DescribeStream" ],
  "Effect": "Allow", "Resource": [ "arn:aws:kinesis:us-east-1:123456789012:stream/clicks" ] } }
JSON
role() {
  by_hand iam create-role --role-name "$1" --assume-role-policy-document file://trust.json >/dev/null
  by_hand iam put-role-policy --role-name "$1" --policy-name Write --policy-document file://permissions.json
}
# judged EXIT NAME VERDICT FACT: the verdict on a role, and a kind of fact that it names.
judged() {
  run "$1" sweep --regions us-east-1 --sources config --format json
  "$python" - "$work/last.out" "${@:2}" <<'PYTHON'
import json, sys

file, name, verdict, kind = sys.argv[1:]
document = json.load(open(file))
finding = next(found for found in document["findings"] if found["role"].endswith(f"/{name}"))
kinds = [evidence["fact"]["kind"] for evidence in finding["evidence"]]
assert finding["verdict"] == verdict and kind in kinds, json.dumps(finding, indent=1)
PYTHON
}
# How often AWS Config could not be read in the last sweep, and the operation that failed.
unread() {
  "$python" - "$work/last.out" <<'PYTHON'
import json, sys

warnings = json.load(open(sys.argv[1]))["plan"]["warnings"]
facts = [warning["fact"] for warning in warnings if warning["fact"]["kind"] == "source_not_read"]
print(" ".join(f"{fact['source']} {fact['why']['operation']} {fact['why']['kind']}" for fact in facts))
PYTHON
}
recorder() {
  by_hand configservice put-configuration-recorder \
    --configuration-recorder name=default,roleARN=arn:aws:iam::123456789012:role/Config --recording-group "$1"
}
# What AWS Config holds for us-east-1: an event stream in this region that names this role.
held() {
  "$python" - "$work/selected" "$@" <<'PYTHON'
import json, sys

file, region, role = sys.argv[1:]
configuration = {
    "ApplicationId": "5a0b",
    "DestinationStreamArn": "arn:aws:kinesis:us-east-1:123456789012:stream/clicks",
    "RoleArn": f"arn:aws:iam::123456789012:role/{role}",
}
result = {
    "accountId": "123456789012",
    "awsRegion": region,
    "resourceId": "5a0b",
    "configurationItemCaptureTime": "2026-11-01T00:00:00.000Z",
    "configuration": configuration,
}
json.dump({"us-east-1": [json.dumps(result)]}, open(file, "w"))
PYTHON
}

role Earlier
judged 6 Earlier unknown no_positive_control
[[ -z $(unread) ]] || fail "a region without a recorder is a failure"
pass "without a recorder AWS Config proves nothing, and is no failure"

recorder allSupported=true
judged 6 Earlier unknown no_positive_control
by_hand configservice put-delivery-channel --delivery-channel name=default,s3BucketName=config 2>/dev/null || {
  by_hand s3api create-bucket --bucket config >/dev/null
  by_hand configservice put-delivery-channel --delivery-channel name=default,s3BucketName=config
}
by_hand configservice start-configuration-recorder --configuration-recorder-name default
sleep 2
role Later
judged 6 Later obsolete not_in_config
judged 6 Earlier unknown no_positive_control
pass "a recorder that runs shows that nothing uses a role which was created later, and says nothing of an earlier one"

recorder allSupported=false,resourceTypes=AWS::S3::Bucket
judged 6 Later unknown no_positive_control
recorder allSupported=true
by_hand configservice stop-configuration-recorder --configuration-recorder-name default
judged 6 Later unknown no_positive_control
pass "a recorder of other types, or one that is stopped, proves nothing"

held us-east-1 Later
judged 6 Later in_use named_in_config
by_hand configservice start-configuration-recorder --configuration-recorder-name default
judged 6 Later in_use named_in_config
[[ -z $(unread) ]] || fail "what moto answers could not be read: $(unread)"
pass "what AWS Config holds is use, also after its recorder was stopped"

held eu-west-1 Later
judged 6 Later unknown no_positive_control
[[ $(unread) == "config SelectResourceConfig unintelligible" ]] || fail "an item of another region: $(unread)"
echo '{"us-east-1": ["no JSON"]}' >"$work/selected"
judged 6 Later unknown no_positive_control
[[ $(unread) == "config SelectResourceConfig unintelligible" ]] || fail "an item that is no JSON: $(unread)"
pass "an item of another region, or one that is no JSON, is refused and proves nothing"

echo '{}' >"$work/selected"
by_hand configservice put-configuration-aggregator --configuration-aggregator-name all \
  --account-aggregation-sources '[{"AccountIds":["123456789012"],"AllAwsRegions":true}]' >/dev/null
judged 6 Earlier unknown no_positive_control
[[ $(unread) == "config SelectAggregateResourceConfig "* ]] || fail "moto has no such call: $(unread)"
pass "an aggregator is found; the query that moto lacks is shown as not read"
