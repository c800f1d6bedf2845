#!/bin/sh
# Writes every kind of page to look at in a browser, made from the embedded account, without a network:
#   plan-12.html    a plan of 12 changes, with each action that a manifest can ask for
#   plan-1200.html  a plan of 1,200 changes
#   state.html      the state before that plan
#   verify.html     event streams that work and that do not
#   sweep.html      a sweep of three accounts with 201 roles that trust Pinpoint, 48 of them quarantined
#   report.html     the report of the run that quarantined them
#   residue.html    what else names Pinpoint
#
# Usage: pages.sh DIRECTORY [plan_of_twelve | plan_of_1200 | sweep_of_201 | residue]...
# Without names, all are made.
# PINPOINT_STREAMS names the program; without it, the one that `cargo build` leaves.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
program=${PINPOINT_STREAMS:-$root/target/debug/pinpoint-streams}
mkdir -p "$1"
out=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() { "$program" --sandbox "$@"; }

# Runs a command that reports by its exit code that there is something.
found() {
  code=0
  run "$@" || code=$?
  case $code in 2 | 6) ;; *) return "$code" ;; esac
}

# The beginning of a manifest: two accounts, two streams.
head_of() {
  cat <<END
version = 1
workspace = "$1"

[defaults]
account = "main"
region = "us-east-1"

[accounts.main]
id = "123456789012"

[accounts.growth]
id = "210987654321"

[streams.clickstream]
kinesis = "clickstream"

[streams.archive]
kinesis = "archive"

END
}

# An app with an event stream: key, stream, tag. More lines of it may follow.
app() {
  printf '[apps.%s]\nname = "App %s"\nstream = "%s"\ntags = { team = "%s" }\n' "$1" "$1" "$2" "$3"
}

# As many in each of five places, since an account may have 100 apps in a region: prefix, number, stream, tag.
apps() {
  for place in main/us-east-1 main/us-west-2 main/eu-west-1 main/ap-south-1 growth/eu-central-1; do
    number=0
    while [ "$number" -lt "$2" ]; do
      app "$1-${place#*/}-$number" "$3" "$4"
      printf 'account = "%s"\nregion = "%s"\n\n' "${place%/*}" "${place#*/}"
      number=$((number + 1))
    done
  done
}

# Begins an empty project.
project() {
  mkdir "$work/$1"
  cd "$work/$1"
}

plan_of_twelve() {
  project twelve
  {
    head_of growth
    app shop clickstream growth
    app old clickstream growth
    printf '[apps.checkout]\nid = "810c7aab86d42fb2b56c8c966example"\nstream = "archive"\n\n'
    printf '[apps.mail]\nname = "Mail"\n'
  } >pinpoint-streams.toml
  run apply --auto-approve -q
  {
    head_of growth
    app shop archive commerce
    app news clickstream growth
    printf '[apps.checkout]\nid = "810c7aab86d42fb2b56c8c966example"\nstream = "archive"\n'
    printf 'role = { name = "CheckoutEvents" }\n\n'
    printf '[[forget]]\naddress = "app.mail"\n'
  } >pinpoint-streams.toml
  run plan --delete-apps --format html -q >"$out/plan-12.html"
  found verify --format html -q >"$out/verify.html"
}

plan_of_1200() {
  project many
  {
    head_of large
    apps kept 8 clickstream growth
    apps old 4 clickstream growth
  } >pinpoint-streams.toml
  run apply --auto-approve -q
  run show --format html >"$out/state.html"
  {
    head_of large
    apps kept 8 archive commerce
    apps new 68 clickstream growth
  } >pinpoint-streams.toml
  run plan --delete-apps --allow-mass-delete --format html -q >"$out/plan-1200.html"
}

sweep_of_201() {
  project leftovers
  head_of leftovers >pinpoint-streams.toml
  printf '[accounts.audit]\nid = "345678901234"\n' >>pinpoint-streams.toml
  for account in 123456789012 210987654321 345678901234; do
    sed "s/123456789012/$account/g" "$root/examples/leftovers.json" >seed.json
    run sandbox seed seed.json -q
  done
  found sweep --accounts main --out quarantine.plan -q
  digest=$(sed -n 's/.*"plan_digest": "\(.*\)".*/\1/p' quarantine.plan)
  run apply quarantine.plan -q --expect-digest "$digest" --approve-accounts 123456789012
  found sweep --format html -q >"$out/sweep.html"
  run report --format html >"$out/report.html"
}

residue() {
  project residue
  run sandbox seed "$root/examples/residue.json" -q
  found sweep --residue --format html -q >"$out/residue.html"
}

shift
[ $# -gt 0 ] || set -- plan_of_twelve plan_of_1200 sweep_of_201 residue
for made; do
  "$made" >/dev/null
done
