#!/usr/bin/env bash
# The second emulator: the real program over HTTP against moto, from the first apply to the last delete.
# moto is mended where it differs from AWS (serve.py says where) and refuses a role for its first three seconds.
#
#   PINPOINT_STREAMS=FILE   the program to run; without it, cargo builds it (CARGO_TARGET_DIR is heeded)
#
# Needs python3 (3.11 or later) with venv, and on the first run the Python package index. Leaves only target/moto-venv.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=$root/target/moto-venv
delay=3

work=$(mktemp -d)
server=
# Never leaves the server behind; shows what the last command said when something failed.
finish() {
  local code=$?
  trap - EXIT
  if [[ -n $server ]]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  if ((code != 0)); then
    for file in "$work"/said.out "$work"/said.err; do
      [[ -s $file ]] && sed "s|^|  ${file##*.}: |" "$file" >&2
    done
    [[ -s $work/server.log ]] && tail -n 20 "$work/server.log" | sed 's|^|  moto: |' >&2
    echo "FAIL: tests/moto" >&2
  fi
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

pass() { echo "PASS: $*"; }
fail() {
  echo "FAIL: $*" >&2
  exit 1
}

# The program under test.
program=${PINPOINT_STREAMS:-}
if [[ -z $program ]]; then
  target=${CARGO_TARGET_DIR:-$root/target}
  (cd "$root" && cargo build --quiet --package pinpoint-streams)
  program=$(cd "$root" && cd "$target" && pwd)/debug/pinpoint-streams
fi
program=$(realpath "$program")

# moto, in a venv of its own, laid anew only when what is pinned, or Python, is another.
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "python3 is older than 3.11"
pinned=$({ python3 --version && cat "$here/requirements.txt"; } | sha256sum)
if [[ $(cat "$venv/pinned" 2>/dev/null) != "$pinned" ]]; then
  echo "installing moto into ${venv#"$root"/}"
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
  echo "$pinned" >"$venv/pinned"
fi

"$venv/bin/python" "$here/serve.py" --ready-file "$work/ready" --role-delay "$delay" --most-on-a-page 2 \
  --seed kinesis:us-east-1:clicks --seed kinesis:us-east-1:others --seed kinesis:eu-west-1:clicks \
  --seed firehose:eu-west-1:lake:arn:aws:kms:eu-west-1:123456789012:key/1f0c2d3e-0000-4000-8000-000000000001 \
  --seed app:us-east-1:5a0b:Shop --seed app:us-east-1:6b1c:News --seed app:us-east-1:8d3e:Stranger \
  --seed app:eu-west-1:7c2d:Mail >"$work/server.log" 2>&1 &
server=$!
for ((tries = 0; tries < 300; tries++)); do
  [[ -e $work/ready ]] && break
  kill -0 "$server" 2>/dev/null || fail "moto did not start"
  sleep 0.1
done
[[ -e $work/ready ]] || fail "moto was not ready within 30 s"
endpoint=$("$venv/bin/python" -c 'import json, sys; print(json.load(open(sys.argv[1]))["endpoint"])' "$work/ready")

# The standard environment and nothing else: no profile, no file, no option of ours.
standard=(
  env -i "PATH=$PATH" "HOME=$work/home" "TMPDIR=$work"
  "AWS_ENDPOINT_URL=$endpoint" AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1
)
mkdir "$work/home" "$work/project"
cp "$here/manifest.toml" "$work/project/pinpoint-streams.toml"
cd "$work/project"

check() { "${standard[@]}" "$venv/bin/python" "$here/check.py" "$@"; }

# Runs the program, keeps what it says, and compares its exit code.
run() {
  local wanted=$1 code=0
  shift
  "${standard[@]}" timeout 120 "$program" "$@" >"$work/said.out" 2>"$work/said.err" </dev/null || code=$?
  ((code == wanted)) || fail "pinpoint-streams $* ended with $code, not $wanted"
}
says() { grep -Eq -- "$2" "$work/said.$1" || fail "nothing on std$1 matches: $2"; }
nothing_to_do() {
  run 0 plan --detailed-exitcode
  says out '^No changes\.$'
}
# In milliseconds.
now() { date +%s%3N; }

check mends
pass "moto is mended"

check strangers
check snapshot "$work/before"

began=$(now)
run 0 apply --auto-approve
took=$(($(now) - began))
says err 'event_stream\.[a-z]+ put_event_stream waits \([0-9.]+s\): .*role'
if grep -Eq $'\e' "$work/said.err" "$work/said.out"; then fail "escape codes without a terminal"; fi
((took >= delay * 1000)) || fail "the first apply took $took ms, less than the role's $delay s"
check applied
pass "apply waits for the role ($took ms), says why, succeeds:" "$(grep -Em1 ' waits ' "$work/said.err")"

run 0 apply --auto-approve
says out '^No changes\.$'
nothing_to_do
pass "a second apply has nothing to do, nor has plan --detailed-exitcode"

for drift in an-action-less a-condition-less pointed-elsewhere stream-deleted tags-gone role-deleted; do
  check disturb "$drift"
  run 2 plan --detailed-exitcode --format json
  check named "$drift" "$work/said.out"
  run 0 apply --auto-approve
  check applied
  nothing_to_do
  pass "$drift: plan names it, apply mends it, plan is empty"
done

run 0 destroy --auto-approve --delete-apps
check same "$work/before"
run 0 state list
[[ ! -s $work/said.out ]] || fail "destroy left something in the state"
pass "destroy leaves nothing of ours, and everything else as it was"
