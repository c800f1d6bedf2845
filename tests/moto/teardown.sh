#!/usr/bin/env bash
# The teardown over HTTP against moto: an account of 200 roles is judged, quarantined, released, reaped, and made again
# with the AWS CLI from the archive's restore.sh; and an organization of twelve accounts is read.
# What moto is told beside, and where it is mended, stands in serve.py; what the account holds, in leftovers.py.
# common.sh lists what this needs and the variables that it reads.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

left() { "${standard[@]}" "$python" "$here/leftovers.py" "$@"; }
# Of a saved plan or a state.
member() { "$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$@"; }
apply() { run 0 apply "$1" --expect-digest "$(member "$1" plan_digest)" --approve-accounts 123456789012; }

# moto has AWS's own managed policies only if asked.
export MOTO_IAM_LOAD_MANAGED_POLICIES=true
"$python" "$here/leftovers.py" history "$work/history"
mapfile -t seeds < <("$python" "$here/leftovers.py" seeds)
serve --history "$work/history" --most-on-a-page 2 "${seeds[@]/#/--seed=}"

mkdir "$work/project"
cd "$work/project"
cp "$here/leftovers.toml" pinpoint-streams.toml
run 0 apply --auto-approve
left build "$(member pinpoint-streams.state.json lineage)"
left state infra.tfstate
left snapshot "$work/before"

sweep=(sweep --regions us-east-1,eu-west-1,ap-south-1 --terraform-state infra.tfstate)
# What was quarantined before is not the run's to release or reap.
others=(--exclude 'quarantined-*' --exclude 'tripped-*')

run 6 "${sweep[@]}" --format json
left judged "$work/last.out"
left same "$work/before"
pass "each of 200 roles gets its verdict and its purpose, and a sweep writes nothing"

run 6 "${sweep[@]}" "${others[@]}" --out quarantine.plan
apply quarantine.plan
left quarantined "$work/before" quarantine.plan
run 6 "${sweep[@]}" "${others[@]}" --release --out release.plan
apply release.plan
left same "$work/before"
pass "sweep, apply, release: the account is as before, field by field, with the same role ids"

run 6 "${sweep[@]}" "${others[@]}" --out again.plan
apply again.plan
run 6 "${sweep[@]}" "${others[@]}" --reap --after 30d --format json
left idle "$work/last.out"
reap=(--reap --after 0d --max-delete 100 --allow-detach managed --allow-detach inline --allow-detach profile)
run 6 "${sweep[@]}" "${others[@]}" "${reap[@]}" --out reap.plan
apply reap.plan
left deleted "$work/before" reap.plan
pass "sweep, apply, reap: not before its time; then they are gone, and nothing else"

# By the AWS CLI alone, each script that the reap left.
archives=(.pinpoint-streams/archive/*)
scripts=("${archives[-1]}"/*.restore.sh)
printf '%s\0' "${scripts[@]}" | "${standard[@]}" "PATH=$venv/bin:$PATH" AWS_DEFAULT_REGION=us-east-1 \
  xargs -0 -n 1 -P 4 sh >"$work/last.out" 2>"$work/last.err"
left restored "$work/before" reap.plan
pass "${#scripts[@]} restore.sh: the account is as before, but for role ids and dates"

# Twelve accounts, of which one is closed and another does not have the role.
serve
mkdir "$work/organization"
cd "$work/organization"
left organization 12
run 6 sweep --organization --role OrganizationAccountAccessRole --regions us-east-1
[[ $(head -n 1 "$work/last.out") == "read 10 of 12 accounts" ]] || fail "the first line is another"
says out 'member-1\).*SUSPENDED'
says out 'member-2\).*AccessDenied'
run 6 sweep --organization --role OrganizationAccountAccessRole --regions us-east-1 --format json
left together "$work/last.out"
pass "an organization of 12, 2 of them unreachable: read 10 of 12 accounts, one report"
