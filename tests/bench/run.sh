#!/bin/sh
# Benchmarks: ratios against a peer or a limit, measured in the same run. The release build is
# used, made here if need be.
#
#   tests/bench/run.sh [FOLDER-WITH-30-LIBRARIES-IN-requirements.txt]
#
# Without an argument the warm install uses generated packages of about the same shape.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"
cmake --preset release -DBUILD_TESTING=ON >/dev/null
cmake --build --preset release --parallel "$(nproc)" >/dev/null
pair=$top/build/release/bench/bench-pair
PATH=$top/build/release/bin:$PATH
work=$(mktemp -d)
# folders only: files are shared with a store that may be the user's
trap 'find "$work" -type d -exec chmod u+w {} +; rm -rf "$work"' EXIT
cd "$work"
CENV_HOME=$work/store
export CENV_HOME

echo '# start: limit 2 x /bin/true'
"$pair" -n 200 'cenv --version : true' cenv --version -- /bin/true

echo '# create: limit 1/8 wall and 1/20 cpu of python3 -m venv --without-pip'
cenv create -q warm
"$pair" -n 20 -b 'rm -rf e v' 'cenv create : venv' cenv create -q e -- python3 -m venv --without-pip v
"$pair" -n 100 -b 'rm -rf e' 'cenv create : mkdir and 4 files' cenv create -q e -- \
	sh -c 'mkdir -p e/bin e/include e/lib; for f in a b c d; do echo x >e/$f; done'

. "$top/tests/bench/packages.sh"
if [ $# -gt 0 ]; then
	cp "$1"/requirements.txt .
	[ ! -d "$1/store" ] || CENV_HOME=$(cd "$1/store" && pwd)
else
	make_bench_packages packages 30
fi
cenv create -q full
cenv install -q --env full -r requirements.txt
files=$(find full -type f -o -type l | wc -l)

echo "# looking at $(cenv list --env full | wc -l) packages, $files files: against /bin/true"
"$pair" -n 100 'cenv list : true' cenv list --env full -- /bin/true
"$pair" -n 100 'cenv freeze : true' cenv freeze --env full -- /bin/true
echo '# no-op install -r: limit 4 x /bin/true'
grep '^--index' requirements.txt >frozen.txt || true
cenv freeze --env full >>frozen.txt
"$pair" -n 100 'no-op install -r : true' cenv install -q --env full -r frozen.txt -- /bin/true

echo '# warm install: limit 0.7 x cp -al of the same files; memory under 32 MiB'
"$pair" -n 10 -b 'rm -rf e c; cenv create -q e' 'warm install : cp -al' \
	cenv install -q --env e -r frozen.txt -- cp -al full c
echo '# the same, synced or not: limit 1.15'
"$pair" -n 10 -b 'rm -rf e; cenv create -q e' 'synced : not synced' \
	cenv install -q --env e -r frozen.txt -- env CENV_NO_FSYNC=1 cenv install -q --env e -r frozen.txt
