# What survives a power cut: the order in which changes are put on the disk, from outside.
load ../lib/cli.bash
load ../lib/tiny.bash

setup() {
	setup_home
	export CENV_SANDBOX=off CENV=$PWD/e
	export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer cannot work under strace
	mkdir -p extra/b-1/share/b/too extra/b-2/share/b/turns
	touch extra/b-1/share/b/{turns,too/x} extra/b-2/share/b/{turns/x,too}
	tiny a 1
	tiny a 2
	tiny b 1
	tiny b 2
	use_tiny
	cenv create -q e
}

calls=mkdir,mkdirat,link,linkat,symlink,symlinkat,openat,rename,renameat,renameat2
calls+=,unlink,unlinkat,rmdir,fsync,fdatasync,syncfs

# order COMMAND...: what the order of its calls is judged to be
order() {
	(cd e && find . ! -type d) >old
	strace -y -o trace -e trace="$calls" "$@" >/dev/null 2>&1
	python3 "$CENV_SOURCE_DIR/tests/crash/order.py" trace "$PWD/e" old
}

# killed CALL NUMBER COMMAND...
killed() {
	run strace -qq -o /dev/null -e trace="$1" -e inject="$1:signal=KILL:when=$2" "${@:3}"
}

@test "changes of an environment reach the disk in order" {
	for command in "install a==1 b==1" "install a==2 b==2" "rollback" "create --upgrade e" \
		"uninstall -y a b"; do
		# shellcheck disable=SC2086 # words
		assert_equal "$command: $(order cenv $command)" "$command: in order"
	done
	cenv install -q a==1
	mv e f
	cenv list -q --env f
	mv f e
	assert_equal "$(order cenv list)" "in order"
}

@test "undoing and finishing a stopped change reach the disk in order" {
	cenv install -q a==2 b==2 # are in the store then
	cenv install -q a==1 b==1
	killed syncfs 1 cenv install -q a==2 b==2
	[ -e e/lib/cenv/journal ]
	assert_equal "$(order cenv list)" "in order"
	killed fsync 3 cenv uninstall -q -y a
	[ -e e/lib/cenv/journal.done ]
	assert_equal "$(order cenv list)" "in order"
}

@test "without syncing the order is found to be wrong" {
	export CENV_NO_FSYNC=1
	run order cenv install a==1
	assert_contains "$output" "changes while the journal is written"
	assert_contains "$output" "the change is made final before it is on the disk"
	run order cenv install a==2
	assert_contains "$output" "include/a.h goes, and no second name of it is on the disk"
	run order cenv uninstall -y a
	assert_contains "$output" "lib/cenv/journal.done goes before all that it says is on the disk"
}

@test "sources and objects are on the disk before they get their names" {
	strace -f -y -o trace -e trace="$calls" cenv install -q a==1
	# the process comes first
	awk '
		$2 ~ /^fsync\(.*\/tmp\/fetch-/ { source[$1] = 1 }
		/renameat\(.*"sources\// { if (!source[$1]) exit 1; n++ }
		$2 ~ /^syncfs\(.*\/tmp\/object-/ { object[$1] = 1 }
		/(openat|mkdirat|linkat)\(.*\/tmp\/object-.*O_CREAT/ { object[$1] = 0 }
		/renameat\(.*"objects\// { if (!object[$1]) exit 1; n++ }
		END { exit n != 2 }' trace
}
