#!/usr/bin/env bash
# Bad weather over HTTP: moto refuses 30 % of the program's calls (two thirds of them as a service throttles, one third
# with 503) and loses the answers of 5 % after the work was done; serve.py says how. A hundred apps with roles of their
# own are made, each exactly once; then all of it is taken away again. What is there, boto3 sees, which is spared.
# common.sh lists what this needs and the variables that it reads.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

flaky() { "${standard[@]}" "$python" "$here/flaky.py" "$@"; }

serve --refuse 0.3 --lose 0.05 --luck "${LUCK:-4}" --most-on-a-page 40 \
  --seed kinesis:us-east-1:clicks --seed kinesis:eu-west-1:clicks

mkdir "$work/project"
cd "$work/project"
"$python" "$here/flaky.py" manifest >pinpoint-streams.toml
flaky strangers

began=$(now)
run 0 apply --auto-approve
flaky there
pass "100 apps, 100 roles and 100 event streams, each exactly once ($(($(now) - began)) ms)"

began=$(now)
run 0 plan --detailed-exitcode
says out '^No changes\.$'
pass "a second plan has nothing to do ($(($(now) - began)) ms)"

began=$(now)
run 0 destroy --auto-approve --delete-apps --allow-mass-delete
flaky gone
run 0 state list
[[ ! -s $work/last.out ]] || fail "destroy left something in the state"
pass "destroy leaves none of our resources ($(($(now) - began)) ms)"

pass "the weather: $(flaky weather)"
