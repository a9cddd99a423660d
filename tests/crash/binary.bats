# The real binary, killed between the system calls of sync and uninstall, and the locks from outside.
load ../lib/cli.bash
load ../lib/sources.bash

setup_file() {
	setup_sources
	make_source make one 1.0
	make_source make two 1.0
	make_source make two 2.0
	make_source make three 1.0
	make_recipe one 1.0 </dev/null
	make_recipe two 1.0 2.0 </dev/null
	make_recipe three 1.0 </dev/null
}

setup() {
	setup_home
	share_store store
	export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer cannot work under strace
	export CENV_INDEX="$INDEX" CENV_NO_DEFAULT_INDEX=1
	cenv create -q e
	export CENV="$PWD/e"
}

# everything but locks, history and an undo folder that is no longer needed: that may be left
state() {
	(cd e && find . -path './lib/cenv/[lchu]*' -o -printf '%p %y %m %l\n' | sort &&
		find . -type f ! -path './lib/cenv/[lchu]*' -print0 | sort -z | xargs -0 sha256sum)
}

# stop_everywhere COMMAND...: kill it at the first, the middle and the last of each kind of call that
# changes files; the next command finds the old state or the new one, and the command can be repeated
stop_everywhere() {
	local old new call total n
	cp -a e before
	old=$(state)
	"$@"
	new=$(state)
	[ "$old" != "$new" ]
	for call in mkdirat linkat openat write renameat unlinkat fsync syncfs; do
		rm -rf e && cp -a before e
		strace -f -qq -o trace -e trace="$call" "$@"
		total=$(grep -c "$call(" trace) || continue
		for n in $(printf '%s\n' 1 $((total / 2 + 1)) "$total" | sort -nu); do
			rm -rf e && cp -a before e
			(strace -f -qq -o /dev/null -e trace="$call" \
				-e inject="$call:signal=KILL:when=$n" "$@" || true) >/dev/null 2>&1
			cenv list >/dev/null 2>&1 || { echo "$call $n: cenv list fails" && return 1; }
			cenv check -q
			if [ "$(state)" = "$old" ]; then
				"$@"
			fi
			assert_equal "$call $n: $(state)" "$call $n: $new"
		done
	done
}

@test "sync is whole or not at all" {
	cenv install -q one two==1.0
	printf '%s\n' two==2.0 three >wanted.txt
	cenv install -q --env e two==2.0 three && rm -rf e && cenv create -q e # both are in the store
	cenv install -q one two==1.0
	stop_everywhere cenv sync -q wanted.txt
}

@test "uninstall is whole or not at all" {
	cenv install -q one two three
	stop_everywhere cenv uninstall -q -y one two three
}

@test "commands that look do not wait for a build, and wait for a change" {
	cenv install -q one
	exec {turn}>e/lib/cenv/lock
	flock "$turn"
	run -0 timeout 10 cenv list
	assert_equal "$output" "one  1.0"
	run -0 timeout 10 cenv check -q
	run -124 timeout 1 cenv uninstall -y one
	exec {turn}>&-
	exec {changing}>e/lib/cenv/changing
	flock "$changing"
	run -124 timeout 1 cenv list {changing}>&-
	exec {changing}>&-
	run -0 timeout 10 cenv list
}

@test "a read-only environment can be looked at, not changed" {
	cenv install -q one
	unshare -m true 2>/dev/null || skip "no mounts here"
	before=$(state)
	read_only() {
		unshare -m sh -c 'mount --bind e e && mount -o remount,ro,bind e && exec "$@"' sh "$@"
	}
	run -0 read_only cenv list
	assert_equal "$output" "one  1.0"
	run -0 read_only cenv check -q
	run -1 read_only cenv uninstall -y one
	assert_contains "$output" "Read-only file system"
	assert_equal "$(state)" "$before"
}
