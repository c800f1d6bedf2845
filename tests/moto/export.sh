#!/usr/bin/env bash
# The way out: what `export aws-cli` writes gives the same live state as an apply, and a plan of it only adopts.
# common.sh lists what this needs and the variables that it reads.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

serve --role-delay 3 \
  --seed kinesis:us-east-1:clicks --seed kinesis:eu-west-1:clicks \
  --seed firehose:eu-west-1:lake:arn:aws:kms:eu-west-1:123456789012:key/1f0c2d3e-0000-4000-8000-000000000001 \
  --seed app:us-east-1:5a0b:Shop --seed app:us-east-1:6b1c:News --seed app:eu-west-1:7c2d:Mail
by_hand() { "${standard[@]}" "PATH=$venv/bin:$PATH" AWS_DEFAULT_REGION=us-east-1 AWS_PAGER= "$@"; }
check() { "${standard[@]}" "$python" "$here/check.py" "$@"; }

mkdir "$work/project" "$work/again"
cp "$here/manifest.toml" "$work/project/pinpoint-streams.toml"
cp "$here/manifest.toml" "$work/again/pinpoint-streams.toml"
cd "$work/project"
run 0 apply --auto-approve
check snapshot "$work/applied"
run 0 destroy --auto-approve --delete-apps

cd "$work/again"
run 0 export aws-cli --out build.sh
by_hand sh build.sh >/dev/null 2>"$work/build.err" || {
  cat "$work/build.err"
  fail "the exported script fails"
}
check alike "$work/applied"
pass "the exported script gives what an apply gives, tags of ownership aside"

run 0 plan --adopt --format json
"$python" - "$work/last.out" <<'PYTHON'
import json, sys

changes = json.load(open(sys.argv[1]))["changes"]
actions = {change["address"]: change["action"] for change in changes}
fields = {field["path"] for change in changes for field in change["fields"]}
assert len(actions) == 8 and set(actions.values()) == {"adopt"}, actions
assert all(path.startswith("tags.pinpoint-streams:") for path in fields), fields
PYTHON
run 0 apply --adopt --auto-approve
run 0 plan --detailed-exitcode
pass "a plan of it shows nothing but Adopt, and after that nothing to do"

by_hand sh build.sh >/dev/null 2>"$work/build.err" && fail "the script creates what exists"
grep -q EntityAlreadyExists "$work/build.err" || fail "another error than that the role exists"
pass "where the roles exist the script stops at the first of them"
