# What the tests in Bash begin with; to be sourced with `here` set to the folder of the test. Gives:
#   $root  $program, the program under test  $work, a folder that is removed at the end
#   lay_venv, pass, fail, now, and `servers`: processes that are ended at the end
#
#   PINPOINT_STREAMS=FILE   the program to run; without it, cargo builds it (CARGO_TARGET_DIR is respected)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
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
    [[ -s $work/server.log ]] && tail -n 20 "$work/server.log" | sed 's|^|  server: |' >&2
    echo "FAIL: ${here#"$root"/}" >&2
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
# In milliseconds.
now() { date +%s%3N; }

program=${PINPOINT_STREAMS:-}
if [[ -z $program ]]; then
  target=${CARGO_TARGET_DIR:-$root/target}
  (cd "$root" && cargo build --quiet --package pinpoint-streams)
  program=$(cd "$root" && cd "$target" && pwd)/debug/pinpoint-streams
fi
program=$(realpath "$program")

# Lays target/NAME-venv with what $here/requirements.txt pins, anew only when that, or Python, is another; sets $venv and
# $python. Needs python3 (3.11 or later) with venv, and to install something the Python package index.
lay_venv() {
  local pinned
  venv=$root/target/$1-venv
  python=$venv/bin/python
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "python3 is older than 3.11"
  pinned=$({ python3 --version && cat "$here/requirements.txt"; } | sha256sum)
  [[ $(cat "$venv/pinned" 2>/dev/null) == "$pinned" ]] && return
  echo "installing $1 into ${venv#"$root"/}"
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
  echo "$pinned" >"$venv/pinned"
}
