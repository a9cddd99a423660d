#!/bin/bash
# SPDX-License-Identifier: MIT
#
# tests/crash/run.sh [-j WORKERS] [-s SCENARIO]... BINDIR [EVERY]
#
# Stops changes of an environment of ten packages at each system call that changes files, by SIGKILL
# and SIGINT, and lets each of them fail: by ENOSPC from there on, by EIO once; what opens files or
# reads them fails by EIO and EMFILE. After each of these points
#
# - the command has said why it failed, if it did not do what was asked;
# - the next command tells in one line what it undid or finished, if there was anything;
# - the environment is in the old state or the new one, down to each byte, and `check` agrees;
# - every byte of the store is as it should be;
# - the same command, given again, reaches the new state.
#
# BINDIR has the real program: build/release/bin. EVERY=50 takes every fiftieth point, the default is
# all of them. SCENARIO is one of: install upgrade uninstall sync rollback move renew threads build.
# Needs strace.
set -euo pipefail

here=$(realpath "$(dirname "$0")")
# shellcheck source=tests/lib/tiny.bash
. "$here/../lib/tiny.bash"

all_scenarios="install upgrade uninstall sync rollback move renew threads build"
changing_calls="mkdir mkdirat link linkat symlink symlinkat rename renameat renameat2 unlink unlinkat
	rmdir write pwrite64 copy_file_range sendfile truncate ftruncate fallocate chmod fchmod fchmodat
	utimensat fsync fdatasync syncfs"
opening_calls="open openat openat2"
reading_calls="read getdents64"
making_calls="pipe pipe2 socket dup pidfd_open epoll_create1 signalfd4 eventfd2"
packages=(p1 p2 p3 p4 p5 p6 p7 p8 p9 p10)

points=0 lost=0

fail() {
	lost=$((lost + 1))
	echo "LOST: $*" >&2
}

# ---- the scenarios ----

make_packages() {
	local i
	mkdir -p extra/p9-{1,2}/bin extra/p10-1/share/p10/too extra/p10-2/share/p10/turns
	echo 'echo 1' >extra/p9-1/bin/p9
	echo 'echo 2' >extra/p9-2/bin/p9
	chmod 755 extra/p9-?/bin/p9
	# a file that turns into a folder, and a folder that turns into a file
	touch extra/p10-1/share/p10/{turns,too/x} extra/p10-2/share/p10/{turns/x,too}
	for i in "${packages[@]}"; do
		tiny "$i" 1
		tiny "$i" 2
	done
	mkdir -p extra/many-1/include/many/{1..20} # enough for several threads
	touch extra/many-1/include/many/{1..20}/{1..30}.h
	tiny many 1
	use_tiny
}

install_all() {
	cenv install -q "${packages[@]/%/==$1}"
}

# command_of SCENARIO: sets command, to be run where the environment is
command_of() {
	case $1 in
	install | build) command=(cenv install -q "${packages[@]/%/==1}") ;;
	threads) command=(cenv install -q many) ;;
	upgrade) command=(cenv install -q "${packages[@]/%/==2}") ;;
	uninstall) command=(cenv uninstall -q -y "${packages[@]}") ;;
	sync) command=(cenv sync -q wanted.txt) ;;
	rollback) command=(cenv rollback -q) ;;
	move) command=(cenv check -q) ;;
	renew) command=(cenv create -q --upgrade --prompt other e) ;;
	esac
}

# prepare SCENARIO: the environment e as it is before
prepare() {
	remove e before store-before
	cenv create -q e
	case $1 in
	upgrade | uninstall | sync | renew | rollback)
		install_all 1
		echo mine >e/share/p4/mine
		sed -i 1d e/share/p3/data # a new file: a user cannot write into the store's
		;;
	esac
	case $1 in
	rollback) install_all 2 2>said ;; # what was changed is saved, it says
	sync) printf '%s\n' p1==1 p2==2 p10==2 >wanted.txt ;;
	renew)
		rm e/bin/activate
		sed -i 2d e/bin/cc
		;;
	move)
		install_all 1
		mv e elsewhere
		cenv check -q --env elsewhere # its path is another now
		mv elsewhere e
		;;
	esac
	cp -a e before
	if [ "$1" = build ]; then
		cp -a "$CENV_HOME" store-before
		remove store-before/{objects,sources,logs,build}/*
	fi
}

# remove FOLDER...: also what is read-only
remove() {
	find "$@" -type d ! -perm -u+w -exec chmod u+w {} + 2>/dev/null || true
	rm -rf "$@"
}

reset() {
	rm -rf e
	cp -a before e
	if [ -d store-before ]; then
		remove "$CENV_HOME"
		cp -a store-before "$CENV_HOME"
	fi
}

# Everything that makes a state: names, types, modes, targets of links, contents. Of the history the
# number of its lines, since it has times; of lock files nothing.
state() {
	(
		cd e
		find . -path './lib/cenv/[lch][ohi][cas]*' -o -printf '%p %y %m %l\n' | sort
		find . -type f ! -path './lib/cenv/[lch][ohi][cas]*' -print0 | sort -z | xargs -0 sha256sum
		if [ -e lib/cenv/history ]; then wc -l <lib/cenv/history; fi
	)
}

check() {
	cenv check 2>&1 || true
}

# ---- the points ----

# trace CALLS: a line for each call of the command: its thread, the call, the paths of descriptors
trace() {
	strace -qq $follow -y -o trace -e trace="$1" "${command[@]}" >/dev/null 2>&1 || true
	if [ "$follow" ]; then cat trace; else sed 's/^/1 /' trace; fi
}

# find_points: "ACTION CALL NUMBER" for each point of the command; strace counts the calls of each
# thread and process by themselves, and the first that comes so far is stopped
find_points() {
	local calls="$changing_calls $opening_calls $reading_calls $making_calls"
	# shellcheck disable=SC2086 # words
	calls=$(printf '?%s,' $calls)
	trace "${calls%,}" | awk -v changing=" ${changing_calls//[[:space:]]/ } " \
		-v making=" $making_calls " '
		!/^[0-9]+ +[a-z0-9_]+\(/ { next } # a signal
		{
			call = $2
			sub(/\(.*/, "", call)
			n = ++calls[$1, call]
		}
		n <= seen[call] { next }
		{ seen[call] = n }
		# the dynamic loader, and what a sanitizer reads
		/\.so[.0-9]*[">]|["<]\/(etc\/ld|proc|sys)/ { next }
		{
			is_open = call ~ /^open/
			if (is_open ? /O_CREAT|O_WRONLY|O_RDWR|O_TRUNC/ : index(changing, " " call " ")) {
				print "signal=KILL", call, n
				print "signal=INT", call, n
				print "error=ENOSPC", call, n "+"
			}
			if (!index(making, " " call " "))
				print "error=EIO", call, n
			if (is_open || index(making, " " call " "))
				print "error=EMFILE", call, n
		}'
	for n in $(seq 4 40); do
		echo "nofile ulimit $n"
	done
}

# stop ACTION CALL NUMBER: the command, stopped there; sets status
stop() {
	status=0
	if [ "$1" = nofile ]; then
		(ulimit -Sn "$3" && exec "${command[@]}") >said 2>&1 || status=$?
	else # in a shell of its own, which keeps what it says about a killed child to itself
		(
			strace -qq $follow -o /dev/null -e trace="$2" -e inject="$2:$1:when=$3" "${command[@]}" \
				>said 2>&1 || exit $?
		) 2>/dev/null || status=$?
	fi
}

spoke() {
	grep -q '^cenv: ' said
}

# The command's own end: it succeeds, fails with a message, or is killed by our signal.
ended_well() {
	case $1:$status in
	error=ENOSPC:[15]) spoke || [[ $what == *' write '* ]] ||
		fail "$what: no message: $(<said)" ;; # the message is written as well
	*:0) [ "$now" = "$new" ] || fail "$what: success, but not the new state" ;;
	signal=KILL:137 | signal=INT:130) ;;
	*:127) grep -q 'error while loading shared libraries' said || fail "$what: $status: $(<said)" ;;
	*:1 | *:4 | *:5) spoke || { [ "$follow" ] && [[ $what == *' write '* ]]; } ||
		fail "$what: $status: no message: $(<said)" ;; # one for each process
	*) fail "$what: exit status $status: $(<said)" ;;
	esac
}

# verify ACTION LINES: all that must hold after a stopped command; the next one may say so many lines
verify() {
	if ! cenv list >/dev/null 2>told; then
		fail "$what: cenv list: $(<told)"
		return
	fi
	if [ "$1" = signal=INT ] && [ -s told ] && [ "$old" ]; then
		fail "$what: left to the next command: $(<told)"
	elif [ "$(wc -l <told)" -gt "$2" ] || grep -Evq "$recovery" told; then
		fail "$what: cenv list says: $(<told)"
	fi
	now=$(state)
	if [ "$now" != "$old" ] && [ "$now" != "$new" ]; then
		fail "$what: neither the old nor the new state"
		diff <(echo "$old") <(echo "$now") >&2 || true
		return
	fi
	ended_well "$1"
	cenv cache verify >verified 2>&1 || fail "$what: store: $(<verified)"
	if [ "$now" = "$old" ] && [ "$old" != "$new" ]; then
		[ "$(check)" = "$old_check" ] || fail "$what: cenv check says: $(check)"
		"${command[@]}" >said 2>&1 || fail "$what: again: $(<said)"
		[ "$(state)" = "$new" ] || fail "$what: again: not the new state"
	fi
	[ "$(check)" = "$new_check" ] || fail "$what: cenv check says: $(check)"
}

recovery="^((undid|finished) '.*', which was stopped half way|the environment was moved: .*)\$"

# run_scenario NAME: this worker's share of its points
run_scenario() {
	local what point old new old_check new_check now status lines=1 follow=
	case $1 in threads | build) follow=-f ;; esac
	prepare "$1"
	command_of "$1"
	if [ "$1" = move ]; then # whoever comes next goes on with it
		old='' lines=2
	else
		old=$(state)
		old_check=$(check)
	fi
	reset
	"${command[@]}" >said 2>&1 || [ "$1" = move ] || { cat said >&2 && return 1; }
	new=$(state)
	new_check=$(check)
	reset
	find_points >points
	[ "$worker" -ne 0 ] || echo "$1: $(wc -l <points) points" >&2
	while read -r point; do
		points=$((points + 1))
		if [ $((points % every)) -ne 0 ] || [ $((points / every % workers)) -ne "$worker" ]; then
			continue
		fi
		what="$1, $point"
		reset
		# shellcheck disable=SC2086 # words
		stop $point
		verify "${point%% *}" "$lines"
		done_points=$((done_points + 1))
	done <points
}

# ---- the whole ----

work() {
	local worker=$1 done_points=0 scenario
	mkdir "$top/$worker"
	cd "$top/$worker"
	export CENV_HOME=$PWD/store HOME=$PWD CENV=$PWD/e CENV_SANDBOX=off LC_ALL=C TERM=dumb
	export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer cannot work under strace
	unset CENV_LINK_MODE CENV_JOBS CENV_OFFLINE XDG_CACHE_HOME XDG_CONFIG_HOME
	make_packages
	cenv create -q e
	install_all 2
	install_all 1
	cenv install -q many
	for scenario in $scenarios; do
		run_scenario "$scenario"
	done
	echo "$done_points $lost" >result
}

workers=1 scenarios=
while getopts j:s: option; do
	case $option in
	j) workers=$OPTARG ;;
	s) scenarios="$scenarios $OPTARG" ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ -x "${1-}/cenv" ] || {
	echo "usage: tests/crash/run.sh [-j WORKERS] [-s SCENARIO]... BINDIR [EVERY]" >&2
	exit 2
}
PATH=$(realpath "$1"):$PATH
every=${2:-1}
: "${scenarios:=$all_scenarios}"
[ ! -w /dev/shm ] || : "${TMPDIR:=/dev/shm}" # in memory: half of the time is for syncing
top=$(mktemp -d "${TMPDIR:-/tmp}/cenv-crash-XXXXXX")
trap 'remove "$top"' EXIT

pids=()
for ((w = 0; w < workers; w++)); do
	work "$w" &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	wait "$pid"
done
total=0
for ((w = 0; w < workers; w++)); do
	read -r n bad <"$top/$w/result"
	total=$((total + n)) lost=$((lost + bad))
done
echo "$total points, $lost lost"
[ "$lost" -eq 0 ]
