# The commands under valgrind, which sees what the sanitizers don't: the use of values that were never
# set, and what happens in the libraries. It needs a program without sanitizers, built here.
load ../lib/cli.bash
load ../lib/tiny.bash

setup_file() {
	local plain=$CENV_BUILD_DIR/plain
	cmake -S "$CENV_SOURCE_DIR" -B "$plain" -DCMAKE_BUILD_TYPE=Debug \
		-DCMAKE_C_FLAGS_DEBUG="-O1 -g" -DBUILD_TESTING=OFF >/dev/null
	cmake --build "$plain" --parallel 2 >/dev/null
	export PLAIN=$plain/bin
}

setup() {
	CENV_BINDIR=$PLAIN setup_home
	export CENV_SANDBOX=off
	tiny a 1
	tiny a 2
	tiny b 1 a
	use_tiny
	command cenv create -q e
	export CENV=$PWD/e
}

# cenv STATUS ARGUMENT...: no complaint of valgrind, and that exit status
cenv() {
	local expected=$1 status=0
	shift
	valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect \
		--log-file="$PWD/valgrind-%p" cenv "$@" >said 2>&1 || status=$?
	[ "$status" -eq "$expected" ] || {
		echo "cenv $*: exit status $status, not $expected" >&2
		cat said valgrind-* >&2
		return 1
	}
	rm -f valgrind-*
}

@test "valgrind: create, install, look, upgrade, roll back, uninstall" {
	cenv 0 create f
	cenv 0 create --upgrade --prompt p f
	cenv 0 create --clear f
	cenv 0 install b a==1
	cenv 0 install --env f b a==1 # from the store
	for command in list "list --json" "show b" tree "why a" "search a" "info a" check \
		"check --json" freeze history "history --json" "run true"; do
		# shellcheck disable=SC2086 # words
		cenv 0 $command
	done
	command cenv freeze >frozen.txt
	cenv 0 upgrade
	cenv 0 rollback
	printf 'a\nb\n' >wanted.txt
	cenv 0 lock -r wanted.txt -o locked.txt
	cenv 0 sync locked.txt
	cenv 0 install -r frozen.txt
	cenv 0 uninstall -y b a
}

@test "valgrind: what fails" {
	cenv 2 instal a
	cenv 2 install 'a=>1'
	cenv 3 install nothing-of-that-name
	cenv 3 install a==1 a==2
	head -c 100 archives/a-1.tar.gz >cut-1.tar.gz
	cenv 4 install ./cut-1.tar.gz
	tiny broken 1
	sed -i 's/^build =/&\n    false/' index/broken.ini
	cenv 5 install broken
	cenv 6 list --env nowhere
	touch e/include/a.h
	cenv 1 install a
}

@test "valgrind: the store, and an environment that was stopped, moved or damaged" {
	command cenv install -q a==1
	cenv 0 cache list --json
	chmod u+w store/objects/*/tree/share/a/where
	echo x >>"$(echo store/objects/*/tree/share/a/where)"
	cenv 1 cache verify
	cenv 0 cache gc --older-than 0
	cenv 0 cache clear
	run strace -qq -o /dev/null -e trace=syncfs -e inject=syncfs:signal=KILL \
		"$PLAIN/cenv" uninstall -q -y a
	[ -e e/lib/cenv/journal ]
	cenv 0 list
	mv e g
	cenv 0 check --env g
	truncate -s 20 g/lib/cenv/a.json
	cenv 4 list --env g
}
