#!/bin/sh
# SPDX-License-Identifier: MIT
# Build the fuzz targets with clang and libFuzzer, and run each for a while.
#
#   tests/fuzz/run.sh [--seconds N] [--seed N] [--build FOLDER] [TARGET...]
#
# New inputs are kept in FOLDER/corpus-TARGET and used by the next run; what made a target fail
# is in FOLDER/failed-TARGET-*. Without options 60 seconds, a seed of chance, build/fuzz, every target.
set -eu
cd "$(dirname "$0")/../.."
seconds=60 build=build/fuzz seed=0
while [ $# -gt 0 ]; do
	case $1 in
	--seconds) seconds=$2; shift 2 ;;
	--seed) seed=$2; shift 2 ;;
	--build) build=$2; shift 2 ;;
	-*) echo "run.sh: unknown option $1" >&2; exit 2 ;;
	*) break ;;
	esac
done
if [ $# -eq 0 ]; then
	for file in tests/fuzz/fuzz_*.c; do
		name=${file#tests/fuzz/fuzz_}
		set -- "$@" "${name%.c}"
	done
fi
jobs=$(nproc)

cmake --preset fuzz -B "$build" >/dev/null
cmake --build "$build" --target fuzz --parallel "$jobs" >"$build/build.log" 2>&1 || {
	tail -n 40 "$build/build.log"
	exit 1
}

# run_one TARGET: its last lines, and whether it held
run_one() {
	mkdir -p "$build/corpus-$1"
	if "$build/fuzz/fuzz-$1" -max_total_time="$seconds" -seed="$seed" -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
		-print_final_stats=1 -artifact_prefix="$build/failed-$1-" \
		"$build/corpus-$1" "tests/fuzz/corpus/$1" >"$build/$1.log" 2>&1; then
		sed -n "s/^stat::number_of_executed_units: */$1: inputs /p" "$build/$1.log"
	else
		echo "$1: failed"
		tail -n 60 "$build/$1.log"
		return 1
	fi
}

# as many at once as there are processors
status=0
while [ $# -gt 0 ]; do
	pids=
	n=0
	while [ $# -gt 0 ] && [ $n -lt "$jobs" ]; do
		run_one "$1" &
		pids="$pids $!"
		n=$((n + 1))
		shift
	done
	for pid in $pids; do
		wait "$pid" || status=1
	done
done
exit $status
