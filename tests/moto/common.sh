# What every test against moto begins with; to be sourced, with `here` and `work` not yet set. Gives:
#   $program  the program under test    $python  that of the venv    $work  a folder that is removed at the end
#   serve, pass, fail, run, says, now   and the environment `standard` once serve was called
#
#   PINPOINT_STREAMS=FILE   the program to run; without it, cargo builds it (CARGO_TARGET_DIR is respected)
#
# Needs python3 (3.11 or later) with venv, and on the first run the Python package index. Leaves only target/moto-venv.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=$root/target/moto-venv
python=$venv/bin/python

work=$(mktemp -d)
servers=()
# Never leaves a server behind; shows the output of the last command when something failed.
finish() {
  local code=$? server
  trap - EXIT
  for server in "${servers[@]}"; do
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  done
  if ((code != 0)); then
    for file in "$work"/last.out "$work"/last.err; do
      [[ -s $file ]] && tail -n 60 "$file" | cut -c1-400 | sed "s|^|  ${file##*.}: |" >&2
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

# Starts a moto with these options of serve.py, in an account of its own, and points `standard` to it: the standard
# environment and nothing else, no profile, no file, none of our options.
serve() {
  local server endpoint tries
  rm -f "$work/ready"
  "$python" "$here/serve.py" --ready-file "$work/ready" "$@" >"$work/server.log" 2>&1 &
  server=$!
  servers+=("$server")
  for ((tries = 0; tries < 600; tries++)); do
    [[ -e $work/ready ]] && break
    kill -0 "$server" 2>/dev/null || fail "moto did not start"
    sleep 0.1
  done
  [[ -e $work/ready ]] || fail "moto was not ready within 60 s"
  endpoint=$("$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))["endpoint"])' "$work/ready")
  standard=(
    env -i "PATH=$PATH" "HOME=$work/home" "TMPDIR=$work"
    "AWS_ENDPOINT_URL=$endpoint" AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1
  )
  mkdir -p "$work/home"
}

# Runs the program, keeps what it says, and compares its exit code.
run() {
  local wanted=$1 code=0
  shift
  "${standard[@]}" timeout 300 "$program" "$@" >"$work/last.out" 2>"$work/last.err" </dev/null || code=$?
  ((code == wanted)) || fail "pinpoint-streams $* ended with $code, not $wanted"
}
says() { grep -Eq -- "$2" "$work/last.$1" || fail "nothing on std$1 matches: $2"; }
# In milliseconds.
now() { date +%s%3N; }
