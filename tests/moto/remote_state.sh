#!/usr/bin/env bash
# A state in a bucket, over HTTP against moto: two at once, a run that is killed and leaves its lock, a folder that is
# wiped, a bucket that takes no writes for a while, a bucket without versions, and archives read back from the bucket.
# A lock may be taken away once it was silent for two minutes: these are not waited for, the lock is rewritten with an
# older sign of life. moto refuses a role for its first seconds, so that a run can be met midway.
# common.sh lists what this needs and the variables that it reads.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
delay=5

serve --role-delay "$delay" --closed "$work/closed" --seed kinesis:us-east-1:clicks --seed app:us-east-1:5a0b:Shop

look() { "${standard[@]}" "$python" "$here/remote_state.py" "$@"; }
bucket=moto-state-test
key=test/moto.json

# A machine of its own: a folder that holds nothing but the manifest.
machine() {
  rm -rf "${work:?}/$1"
  mkdir "$work/$1"
  cp "$here/remote_state.toml" "$work/$1/pinpoint-streams.toml"
  cd "$work/$1"
}
start() { "${standard[@]}" "$program" apply --auto-approve >"$work/$1.out" 2>"$work/$1.err" </dev/null & }
# Until a command succeeds, within a minute.
until_it() {
  local tries
  for ((tries = 0; tries < 300; tries++)); do
    "$@" 2>/dev/null >&2 && return
    sleep 0.2
  done
  fail "within a minute there was no success with: $*"
}
nothing_to_do() {
  run 0 plan --detailed-exitcode
  says out '^No changes\.$'
}

machine alone
run 1 plan
says err "s3://$bucket/$key"
says err 'NoSuchBucket'
look bucket "$bucket" versioned
run 1 state pull
says err 'has no state'
pass "a bucket that is not there is an error that names it; one without a state is not"

# Two machines, one state.
machine one
start one
first=$!
machine two
start two
second=$!
code_one=0 code_two=0
wait "$first" || code_one=$?
wait "$second" || code_two=$?
[[ "$code_one $code_two" == "0 4" || "$code_one $code_two" == "4 0" ]] || {
  cat "$work"/{one,two}.err >&2
  fail "two at once ended with $code_one and $code_two"
}
loser=$([[ $code_one == 4 ]] && echo one || echo two)
grep -Eq "s3://$bucket/$key\.lock is held by .*, process [0-9]+, since .*lock ID" "$work/$loser.err" ||
  fail "the loser does not learn who holds the lock"
if grep -Eq 'state unlock' "$work/$loser.err"; then fail "the loser is advised to unlock a run that is alive"; fi
look once
nothing_to_do
pass "two applies at once: one winner, one refusal with exit 4 that names the winner"

machine reader
run 0 state list
says out 'role\.shared'
run 0 state pull
cp "$work/last.out" "$work/pulled.json"
run 0 state mv app.news app.journal
says out 'backed up to .*backups/.*-serial-'
run 0 state mv app.journal app.news
run 1 state push "$work/pulled.json"
says err 'has serial [0-9]+, but s3://'
pass "another machine reads and edits the state, with a backup of its own, and cannot push an older one"

run 0 destroy --auto-approve --delete-apps
look none
look archived "$bucket" "$key.archive/"
machine elsewhere
run 0 restore .pinpoint-streams/archive
says out 'role\.shop'
run 0 restore "s3://$bucket/$key.archive"
says out 'role\.shop'
pass "what is deleted was archived in the bucket first, and is found there by a machine that never saw it"

# Killed midway: the lock stays, the folder goes.
machine killed
start killed
victim=$!
until_it look begun
kill -KILL "$victim"
wait "$victim" || true
look lock "$bucket" "$key.lock" >"$work/lock" || fail "the killed run left no lock"
lock=$(<"$work/lock")
machine after
run 4 apply --auto-approve
says err "lock ID $lock"
run 4 state unlock "$lock"
says err 'last heartbeat was'
look silent "$bucket" "$key.lock" 180
run 4 apply --auto-approve
says err "state unlock $lock"
run 4 state unlock another
run 0 state unlock "$lock"
run 1 state unlock "$lock"
run 0 apply --auto-approve
look once
nothing_to_do
pass "a run killed midway and its folder wiped: unlock is refused while young, then accepted; apply converges"

# The bucket takes no writes from the middle of a run on.
run 0 destroy --auto-approve --delete-apps
machine unwritable
start unwritable
writer=$!
until_it look begun
touch "$work/closed"
code=0
wait "$writer" || code=$?
((code == 5)) || {
  cat "$work/unwritable".{out,err} >&2
  fail "an apply that could not write its state ended with $code"
}
left=(pinpoint-streams.unpushed-*.state.json)
[[ -f ${left[0]} && $(stat -c %a "${left[0]}") == 600 ]] || fail "no state was left, or not for its owner alone"
grep -q "pinpoint-streams state push ${left[0]}" "$work/unwritable.out" || fail "the push is not named"
run 1 state push "${left[0]}"
rm "$work/closed"
cp "${left[0]}" "$work/carried.json"
machine mender
run 0 state push "$work/carried.json"
says out 'Pushed serial'
run 0 state push "$work/carried.json"
says out 'already has this state'
nothing_to_do
cd "$work/unwritable"
nothing_to_do
run 0 apply --auto-approve
says out '^No changes\.$'
[[ ! -e pinpoint-streams.state.json.journal ]] || fail "the spent journal is still there"
look once
pass "a state that could not be pushed is left whole, pushed from another machine, and its journal is spent"

# Without versions.
cd "$work/mender"
run 0 destroy --auto-approve --delete-apps
look bucket moto-state-plain
run 0 --var stage=plain apply --auto-approve
says err 'warning: bucket moto-state-plain has versioning disabled'
look has moto-state-plain plain/moto.json
run 3 --var stage=plain destroy --auto-approve
says err 'aws s3api put-bucket-versioning --bucket moto-state-plain --versioning-configuration Status=Enabled'
look once
pass "a variable leads to another bucket; without versions it is a warning, and an error for what deletes"
