#!/usr/bin/env bash
# The states of Terraform and OpenTofu that hold roles, read from a bucket: what `sweep --terraform-state s3://…` takes and
# what it refuses.
# common.sh lists what this needs and the variables that it reads.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
serve --unread denied.tfstate --seed kinesis:us-east-1:clicks --seed app:us-east-1:5a0b:Shop
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
for name in Three Four; do
  by_hand iam create-role --role-name "$name" --assume-role-policy-document file://trust.json >/dev/null
  by_hand iam put-role-policy --role-name "$name" --policy-name Write --policy-document file://permissions.json
done
arn=arn:aws:iam::123456789012:role
attributes() { echo "{\"arn\": \"$arn/$1\", \"name\": \"$1\"}"; }
three="{\"version\": 3, \"terraform_version\": \"0.11.14\", \"serial\": 1, \"modules\": [{\"path\": [\"root\"], \"resources\":
  {\"aws_iam_role.one\": {\"type\": \"aws_iam_role\", \"primary\": {\"id\": \"Three\", \"attributes\": $(attributes Three)}}}}]}"
four="{\"version\": 4, \"terraform_version\": \"1.9.8\", \"serial\": 1, \"lineage\": \"l\", \"outputs\": {}, \"resources\":
  [{\"mode\": \"managed\", \"type\": \"aws_iam_role\", \"name\": \"one\", \"instances\": [{\"attributes\": $(attributes Four)}]}]}"
encrypted='{"serial": 1, "lineage": "l", "meta": {}, "encrypted_data": "bm90aGluZw==", "encryption_version": "v0"}'

by_hand s3api create-bucket --bucket states >/dev/null
put_file() {
  cat >"$work/body"
  by_hand s3api put-object --bucket states --key "$1" --body "$work/body" >/dev/null
}
printf '\xef\xbb\xbf%s' "$three" | put_file three.tfstate
printf '\xef\xbb\xbf%s' "$four" | put_file env/prod/four.tfstate
printf '%s' "$four" | iconv -f UTF-8 -t UTF-16 | put_file wide.tfstate
printf '%s' "$encrypted" | put_file encrypted.tfstate
printf '%s' "${four/\"version\": 4/\"version\": 2}" | put_file two.tfstate
printf '%s' "$four" | put_file denied.tfstate
printf '' | put_file empty.tfstate

swept() { run "$1" sweep --regions us-east-1 "${@:2}"; }
swept 6 --format json
"$python" -c 'import json, sys; assert [found["verdict"] for found in json.load(open(sys.argv[1]))["findings"]] == ["unknown"] * 2' \
  "$work/last.out"
swept 0 --terraform-state s3://states/three.tfstate --terraform-state s3://states/env/prod/four.tfstate --format json
says err '^s3://states/three\.tfstate: 1 role \(Terraform state, format 3\)$'
says err '^s3://states/env/prod/four\.tfstate: 1 role \(Terraform state, format 4\)$'
"$python" - "$work/last.out" <<'PYTHON'
import json, sys

found = {finding["role"].split("/")[-1]: finding for finding in json.load(open(sys.argv[1]))["findings"]}
for name, file in (("Three", "s3://states/three.tfstate"), ("Four", "s3://states/env/prod/four.tfstate")):
    assert found[name]["verdict"] == "managed_elsewhere", found[name]
    assert found[name]["evidence"][0]["fact"] == {"kind": "held_by_terraform", "file": file}, found[name]
PYTHON
swept 6 --terraform-state s3://states/wide.tfstate
says err '^s3://states/wide\.tfstate: 1 role \(Terraform state, format 4\)$'
pass "states of formats 3 and 4 with a byte order mark are read from the bucket, and each role names its file"

# refused ADDRESS MESSAGE
refused() {
  swept 1 --terraform-state "$1"
  says err "$2"
  [[ ! -s $work/last.out ]] || fail "a verdict without the state $1"
}
refused s3://states/encrypted.tfstate '^error\[PS[0-9]+\]: s3://states/encrypted\.tfstate is an encrypted OpenTofu state file'
says err 'tofu state pull'
refused s3://states/two.tfstate 's3://states/two\.tfstate is a Terraform state file of format 2, not 3 or 4'
refused s3://states/empty.tfstate 's3://states/empty\.tfstate is not a Terraform state file'
refused s3://states/none.tfstate 'there is no object s3://states/none\.tfstate'
refused s3://states/env/prod 'there is no object s3://states/env/prod'
refused s3://states 's3://states is not an S3 URL with a key'
refused s3://nowhere/three.tfstate 'NoSuchBucket'
says err 's3://nowhere/three\.tfstate'
refused s3://states/denied.tfstate 'AccessDenied'
says err 's3://states/denied\.tfstate'
pass "an encrypted state, another format, a missing object or bucket and a denied read are errors that name the address"
