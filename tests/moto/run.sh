#!/usr/bin/env bash
# The second emulator: the real program over HTTP against moto, from the first apply to the last delete.
# moto is mended where it differs from AWS (serve.py says where) and refuses a role for its first three seconds.
# common.sh lists what this needs and the variables that it reads.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
delay=3

serve --role-delay "$delay" --most-on-a-page 2 \
  --seed kinesis:us-east-1:clicks --seed kinesis:us-east-1:others --seed kinesis:eu-west-1:clicks \
  --seed firehose:eu-west-1:lake:arn:aws:kms:eu-west-1:123456789012:key/1f0c2d3e-0000-4000-8000-000000000001 \
  --seed app:us-east-1:5a0b:Shop --seed app:us-east-1:6b1c:News --seed app:us-east-1:8d3e:Stranger \
  --seed app:eu-west-1:7c2d:Mail

mkdir "$work/project"
cp "$here/manifest.toml" "$work/project/pinpoint-streams.toml"
cd "$work/project"

check() { "${standard[@]}" "$python" "$here/check.py" "$@"; }

nothing_to_do() {
  run 0 plan --detailed-exitcode
  says out '^No changes\.$'
}

check mends
pass "moto is mended"

check strangers
check snapshot "$work/before"

began=$(now)
run 0 apply --auto-approve --events
took=$(($(now) - began))
says out '"type":"step_waiting".*"reason":"[^"]*role'
if grep -Eq $'\e' "$work/last.err" "$work/last.out"; then fail "escape codes without a terminal"; fi
((took >= delay * 1000)) || fail "the first apply took $took ms, less than the role's $delay s"
check applied
pass "apply waits for the role ($took ms), says why, succeeds"

run 0 apply --auto-approve
says out '^No changes\.$'
nothing_to_do
pass "a second apply has nothing to do, nor has plan --detailed-exitcode"

for drift in an-action-less a-condition-less pointed-elsewhere stream-deleted tags-gone role-deleted; do
  check disturb "$drift"
  run 2 plan --detailed-exitcode --format json
  check named "$drift" "$work/last.out"
  run 0 apply --auto-approve
  check applied
  nothing_to_do
  pass "$drift: plan names it, apply mends it, plan is empty"
done

run 0 destroy --auto-approve --delete-apps
check same "$work/before"
run 0 state list
[[ ! -s $work/last.out ]] || fail "destroy left something in the state"
pass "destroy leaves none of our resources, and everything else as it was"
