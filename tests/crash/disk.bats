# The real binary on disks that are full or cannot be written, and while its files are in use.
load ../lib/cli.bash
load ../lib/tiny.bash
load ../lib/sources.bash

setup() {
	setup_home
	export CENV_SANDBOX=off
	tiny one 1
	tiny two 1
	tiny two 2
	use_tiny
}

need_mounts() {
	unshare -rm true 2>/dev/null || skip "no mount namespaces"
}

# on_full_disk COMMANDS: in ./disk, a file system of which 1 MB is free while there is ./filling
on_full_disk() {
	mkdir -p disk
	unshare -rm sh -ec 'mount -t tmpfs -o size=40m tmpfs disk
		cd disk
		head -c 40m </dev/zero | head -c -1m >filling
		eval "$1"' sh "$@"
}

# read_only COMMAND...: with the environment e on a read-only file system
read_only() {
	unshare -rm sh -ec 'mount --bind e e && mount -o remount,bind,ro e && exec "$@"' sh "$@"
}

@test "a full disk: the install says so and changes nothing; with room again it works" {
	need_mounts
	mkdir -p extra/big-1/share
	head -c 3000000 /dev/urandom >extra/big-1/share/filler
	tiny big 1
	run -0 --separate-stderr on_full_disk '
		export CENV_HOME=$PWD/store
		cenv create -q e
		cenv install -q --env e one
		find e ! -path "*/lib/cenv/lock" ! -path "*/lib/cenv/changing" | sort >before
		status=0
		cenv install -q --env e big || status=$?
		echo "status $status"
		find e ! -path "*/lib/cenv/lock" ! -path "*/lib/cenv/changing" | sort | diff before -
		cenv check -q --env e
		cenv cache verify -q
		rm filling
		cenv install -q --env e big
		cenv check -q --env e
		cenv cache verify -q
		cenv list --env e'
	assert_equal "$output" "status 1
big  1
one  1"
	assert_contains "$stderr" "No space left on device"
}

@test "a disk that fills up between store and environment" {
	need_mounts
	mkdir -p extra/big-1/share
	head -c 3000000 /dev/urandom >extra/big-1/share/filler
	tiny big 1
	cenv create -q f
	cenv install -q --env f big # is in the store then
	run -0 --separate-stderr on_full_disk '
		cenv create -q e
		status=0
		cenv install -q --env e one big || status=$?
		echo "status $status"
		cenv list --env e
		cenv check -q --env e
		rm filling
		cenv install -q --env e one big
		cenv check -q --env e
		cenv list --env e'
	assert_equal "$output" "status 1
big  1
one  1"
	assert_contains "$stderr" "share/filler"
	assert_contains "$stderr" "No space left on device"
}

@test "a read-only environment can be looked at; what would change it says why it cannot" {
	need_mounts
	cenv create -q e
	cenv install -q --env e one
	export CENV=$PWD/e
	printf 'two\n' >wanted.txt
	before=$(tree_of e)
	for command in list "check -q" "tree" freeze history; do
		# shellcheck disable=SC2086 # words
		run -0 --separate-stderr read_only cenv $command
		assert_equal "$stderr" ""
	done
	for command in "install two" "uninstall -y one" "sync wanted.txt" "rollback" \
		"upgrade" "create --upgrade e" "create --clear e"; do
		# shellcheck disable=SC2086 # words
		run -1 --separate-stderr read_only cenv $command
		assert_contains "$stderr" "$PWD/e"
		assert_contains "$stderr" "Read-only file system"
	done
	assert_equal "$(tree_of e)" "$before"
}

# stop_uninstall: e as an uninstall leaves it that is killed half way
stop_uninstall() {
	ASAN_OPTIONS=detect_leaks=0 run strace -qq -o /dev/null -e trace=syncfs \
		-e inject=syncfs:signal=KILL cenv uninstall -q -y --env e one
	[ -e e/lib/cenv/journal ]
}

@test "the next command of any kind undoes a stopped change, and says so in one line" {
	cenv create -q e
	cenv install -q --env e one
	stop_uninstall
	cp -a e before
	export CENV=$PWD/e
	for command in list "show one" tree "why one" freeze check "run true" history outdated \
		"diff wanted.txt e" "install one" "install --dry-run one" "uninstall -y one" \
		"sync wanted.txt" upgrade "rollback" "rollback --dry-run" "create --upgrade e"; do
		printf 'one\n' >wanted.txt
		rm -rf e
		cp -a before e
		# shellcheck disable=SC2086 # words
		cenv $command >out 2>err || true
		assert_equal "$command: $(grep -c "^undid 'uninstall one', which was stopped half way\$" err)" \
			"$command: 1"
		[ ! -e e/lib/cenv/journal ]
	done
}

@test "what a stopped change left on a disk that is read-only now: a warning" {
	need_mounts
	cenv create -q e
	cenv install -q --env e one
	stop_uninstall
	run -0 --separate-stderr read_only cenv list --env e
	assert_contains "$stderr" "may be half changed"
	run -0 --separate-stderr cenv list --env e
	assert_equal "$stderr" "undid 'uninstall one', which was stopped half way"
	run -0 --separate-stderr cenv list --env e
	assert_equal "$stderr" ""
}

@test "a program that runs from the environment goes on through upgrade and uninstall" {
	setup_sources
	make_source make lib 1.0
	make_source make lib 2.0
	export CENV_INDEX=$INDEX
	make_recipe lib 1.0 2.0 </dev/null
	cenv create -q e
	cenv install -q --env e lib==1.0
	cat >ask.c <<-'END'
		#include <lib.h>
		#include <stdio.h>
		int main(void)
		{
			while (getchar() != EOF) {
				puts(lib_version());
				fflush(stdout);
			}
			return 0;
		}
	END
	e/bin/cc ask.c -o e/bin/ask -llib
	mkfifo questions answers
	timeout 60 e/bin/ask <questions >answers 3>&- &
	exec {ask}>questions {answer}<answers
	next_answer() {
		printf '?' >&"$ask"
		read -r -t 10 -u "$answer" line
		echo "$line"
	}
	assert_equal "$(next_answer)" "lib 1.0"
	inode=$(stat -Lc %i e/lib/liblib.so)
	run -0 cenv install --env e lib==2.0
	[ "$(stat -Lc %i e/lib/liblib.so)" != "$inode" ]
	assert_equal "$(next_answer)" "lib 1.0"
	assert_equal "$(echo -n '?' | e/bin/ask)" "lib 2.0"
	run -0 cenv uninstall -y --env e lib
	assert_equal "$(next_answer)" "lib 1.0"
	exec {ask}>&- {answer}<&-
	[ -e e/bin/ask ] # the user's own
	wait
}
