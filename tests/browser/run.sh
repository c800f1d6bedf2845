#!/usr/bin/env bash
# The pages of --format html in headless Chromium: what a person does with them, and what they must never do.
#
#   run.sh                  the tests
#   run.sh --pictures DIR   instead, pictures of every page to look at, and docs/pictures/page.png
#
# ../common.sh lists the variables that this reads. Installs Debian's Chromium and its driver if there are none;
# CHROMIUM=FILE and CHROMEDRIVER=FILE name others. Needs python3 (3.11 or later) with venv, and on the first run
# the Python package index. Leaves only target/browser-venv.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../common.sh"

export CHROMIUM=${CHROMIUM:-/usr/bin/chromium} CHROMEDRIVER=${CHROMEDRIVER:-/usr/bin/chromedriver}
if [[ ! -x $CHROMIUM || ! -x $CHROMEDRIVER ]]; then
  packages=(chromium chromium-driver fonts-dejavu-core)
  as_root=()
  ((EUID == 0)) || as_root=(sudo -n)
  if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
    fail "there is no $CHROMIUM or no $CHROMEDRIVER. Install both (Debian: apt-get install ${packages[*]}), or name" \
      "others in CHROMIUM and CHROMEDRIVER"
  fi
  echo "installing ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  {
    "${as_root[@]}" apt-get update --quiet
    "${as_root[@]}" apt-get install --yes --quiet --no-install-recommends "${packages[@]}"
  } >"$work/last.out" 2>"$work/last.err"
fi

lay_venv browser
export PINPOINT_STREAMS=$program PAGES=$work/pages PYTHONDONTWRITEBYTECODE=1
# Selenium downloads nothing and reports nothing.
export SE_OFFLINE=true SE_AVOID_STATS=true

"$here/pages.sh" "$PAGES" >"$work/last.out" 2>"$work/last.err"
if [[ ${1:-} == --pictures ]]; then
  "$python" "$here/pictures.py" "$PAGES" "$2" "$root/docs/pictures/page.png"
else
  cd "$work"
  "$python" -m pytest -q -p no:cacheprovider --rootdir "$here" "$here"
fi
