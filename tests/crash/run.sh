#!/bin/bash
# SPDX-License-Identifier: MIT
#
# tests/crash/run.sh DRIVER [EVERY]
#
# Stops changes of an environment at each system call that changes files: by SIGKILL, and by ENOSPC
# and EIO as its result. After each, the next command must find the old state or the new one,
# nothing in between and nothing left over, `check` must be clean, and repeating the change must
# reach the new state. EVERY=5 takes every fifth point; the default is all of them. Needs strace.
set -euo pipefail

driver=$(realpath "$1")
every=${2:-1}
top=$(mktemp -d "${TMPDIR:-/tmp}/cenv-crash-XXXXXX")
trap 'rm -rf "$top"' EXIT
export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer cannot work under strace
calls="mkdir mkdirat link linkat symlink symlinkat open openat write ftruncate rename renameat
	renameat2 unlink unlinkat rmdir fchmod fsync syncfs"
env=$top/env
points=0 lost=0 skipped=0

# Everything that makes a state: names, types, modes, link targets, contents. Of the history, the
# number of its lines, since it has times; of lock files nothing.
state() {
	(
		cd "$env"
		find . -path ./lib/cenv/lock -o -path ./lib/cenv/changing -o -path ./lib/cenv/history \
			-o -printf '%p %y %m %l\n' | sort
		find . -type f ! -path ./lib/cenv/lock ! -path ./lib/cenv/changing \
			! -path ./lib/cenv/history -print0 |
			sort -z | xargs -0 sha256sum
		wc -l <lib/cenv/history
	)
}

reset() {
	rm -rf "$env"
	cp -a "$top/$1" "$env"
}

run() {
	"$driver" "$top/objects" "$env" "$1"
}

fail() {
	lost=$((lost + 1))
	echo "LOST: $*" >&2
}

# verify WHAT NAME: the environment after a stopped NAME
verify() {
	local what=$1 name=$2 now
	if ! run recover 2>"$top/err"; then
		fail "$what: $(cat "$top/err")"
		return
	fi
	now=$(state)
	if [ "$now" != "${old[$name]}" ] && [ "$now" != "${new[$name]}" ]; then
		fail "$what: neither the old nor the new state"
		diff <(echo "${old[$name]}") <(echo "$now") >&2 || true
		return
	fi
	if [ "$now" = "${old[$name]}" ] && [ "$name" != move ]; then
		run "$name" 2>"$top/err" || fail "$what: again: $(cat "$top/err")"
		[ "$(state)" = "${new[$name]}" ] || fail "$what: again: not the new state"
	fi
}

# count CALL COMMAND: how often it is made
count() {
	strace -f -qq -o "$top/trace" -e trace="$1" "$driver" "$top/objects" "$env" "$2" || true
	grep -c "$1(" "$top/trace" || true
}

inject() {
	local name=$1 command=$2 call=$3 action=$4 n=$5
	points=$((points + 1))
	if [ $((points % every)) -ne 0 ]; then
		skipped=$((skipped + 1))
		return
	fi
	reset "before-$name"
	( # in a shell of its own, which keeps what it says about a killed child to itself
		strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:$action:when=$n" \
			"$driver" "$top/objects" "$env" "$command" || true
	) >/dev/null 2>&1
	verify "$name, $call number $n, $action" "$name"
}

declare -A old new
run make
cp -a "$env" "$top/before-install"
cp -a "$env" "$top/before-upgrade"
cp -a "$env" "$top/before-uninstall"
mv "$env" "$top/elsewhere"
"$driver" "$top/objects" "$top/elsewhere" recover # its path is another now
mv "$top/elsewhere" "$top/before-move"

for name in install upgrade uninstall move; do
	command=$name
	[ "$name" != move ] || command=recover
	reset "before-$name"
	old[$name]=$(state)
	run "$command"
	new[$name]=$(state)
	for call in $calls; do
		reset "before-$name"
		total=$(count "$call" "$command" 2>/dev/null)
		for action in signal=KILL error=ENOSPC error=EIO; do
			for ((n = 1; n <= total; n++)); do
				inject "$name" "$command" "$call" "$action" "$n"
			done
		done
	done
done

echo "$((points - skipped)) points, $lost lost"
[ "$lost" -eq 0 ]
