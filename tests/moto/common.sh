# What every test against moto begins with; to be sourced. Gives what ../common.sh gives, and
#   $python, that of the venv with moto    serve, run, says    and the environment `standard` once serve was called
#
# Needs python3 (3.11 or later) with venv, and on the first run the Python package index. Leaves only target/moto-venv.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../common.sh"
lay_venv moto

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
