# Several builds at a time (docs/building.md): who waits for whom, and how many processes run.
load ../lib/cli.bash

setup() {
	setup_home
	mkdir index
	export CENV_INDEX="$PWD/index" CENV_NO_DEFAULT_INDEX=1
	cenv create -q env
	export CENV="$PWD/env"
}

# library NAME REQUIRES LINE...: a recipe whose build runs these lines, before it installs a header
library() {
	local name=$1 requires=$2 line
	shift 2
	mkdir "$name-1"
	echo "/* $name */" >"$name-1/$name.h"
	tar --sort=name --mtime=@1500000000 --owner=0 --group=0 --numeric-owner -czf "$name-1.tar.gz" \
		"$name-1"
	rm -r "${name:?}-1"
	{
		printf '[package]\nname = %s\nsummary = one of several\nlicense = MIT\n' "$name"
		printf '[build]\nsystem = commands\n%s\nbuild =\n' "${requires:+requires = $requires}"
		for line; do printf '    %s\n' "$line"; done
		# shellcheck disable=SC2016 # the build expands them
		printf 'install =\n    mkdir -p $DESTDIR$PREFIX/include\n    cp %s.h $DESTDIR$PREFIX/include/\n' \
			"$name"
		printf '[version 1]\nurl = file://%s\nsha256 = %s\n' "$PWD/$name-1.tar.gz" \
			"$(sha256sum <"$name-1.tar.gz" | cut -d' ' -f1)"
	} >"index/$name.ini"
}

# waits_for FILE SECONDS: shell that goes on when the file is there, and fails when it never comes
waits_for() {
	printf 'n=0; until [ -e "%s" ]; do sleep 0.05; n=$((n+1)); [ $n -lt %d ] || exit 9; done' \
		"$PWD/$1" $(($2 * 20))
}

# counts: shell that notes how many of its kind run, a while
counts() {
	printf 'mkdir "%s/busy/$$"; ls "%s/busy" | wc -l >>"%s/counts"; sleep 0.2; rmdir "%s/busy/$$"' \
		"$PWD" "$PWD" "$PWD" "$PWD"
}

@test "packages that do not need each other are built at the same time" {
	library left "" "touch '$PWD/left'" "$(waits_for right 60)"
	library right "" "touch '$PWD/right'" "$(waits_for left 60)"
	run -0 --separate-stderr cenv install --sandbox=off --jobs 2 left right
	assert_contains "$stderr" "installed 2 packages (2 built, 0 from the store)"
	# that builds are not isolated is said once
	assert_equal "$(grep -c 'builds run without isolation' <<<"$stderr")" 1
	[ -e env/include/left.h ]
	[ -e env/include/right.h ]
}

@test "with one job they are built one after the other" {
	library left "" "touch '$PWD/left'" "$(waits_for right 1)"
	library right "" "touch '$PWD/right'"
	run -5 --separate-stderr cenv install --sandbox=off --jobs 1 left right
	assert_contains "$stderr" "cenv: building 'left 1' failed: a command of the recipe exited with 9"
	[ ! -e right ]
}

@test "a package is built after what it needs" {
	library base "" "sleep 0.3" "touch '$PWD/base'"
	library middle base "[ -e '$PWD/base' ]" "touch '$PWD/middle'"
	library top middle "[ -e '$PWD/middle' ]"
	library other "" "true"
	run -0 --separate-stderr cenv install --sandbox=off --jobs 4 top other
	assert_contains "$stderr" "installed 4 packages (4 built, 0 from the store)"
}

@test "the first failure ends the other builds at once and is the one that is told" {
	library slow "" "touch '$PWD/begun'" "sleep 300.2718281" "touch '$PWD/finished'"
	library broken "" "$(waits_for begun 60)" "echo 'error: out of luck' >&2" "exit 3"
	run -5 --separate-stderr timeout 60 cenv install --sandbox=off --jobs 2 slow broken
	assert_contains "$stderr" "cenv: building 'broken 1' failed: a command of the recipe exited with 3"
	assert_contains "$stderr" "error: out of luck"
	refute_contains "$stderr" "slow 1' failed"
	[ ! -e finished ]
	for file in /proc/[0-9]*/cmdline; do
		! { tr '\0' ' ' <"$file"; } 2>/dev/null | grep -qx "sleep 300.2718281 "
	done
	# nothing but the failed build's folder stays, and the environment is as it was
	assert_equal "$(ls "$CENV_HOME/build" | sed 's/-[0-9a-f]*$//')" broken
	run -0 --separate-stderr cenv list
	assert_equal "$output" ""
}

@test "what was built before a failure is not built again" {
	library good "" "true"
	library bad good "[ -e '$PWD/mended' ]"
	run -5 --separate-stderr cenv install --sandbox=off bad
	touch mended
	run -0 --separate-stderr cenv install --sandbox=off bad
	assert_contains "$stderr" "installed 2 packages (1 built, 1 from the store)"
}

@test "make takes no more processes than there may be, however many builds run" {
	local name
	mkdir busy
	printf 'all: 1 2 3 4 5 6\n1 2 3 4 5 6:\n\t%s\n' "$(counts | sed 's/\$/$$/g')" >many.mk
	for name in a b c; do
		library "$name" "" "make -f '$PWD/many.mk'"
	done
	run -0 --separate-stderr cenv install --sandbox=off --jobs 3 a b c
	assert_equal "$(wc -l <counts)" 18
	# three at once there were, and never four
	assert_equal "$(sort -n counts | tail -n 1)" 3
}

@test "the number of processors decides how many processes there are" {
	library lone "" 'echo "flags:$MAKEFLAGS jobs:$JOBS"'
	run -0 cenv install -q --sandbox=off lone
	log=("$CENV_HOME"/logs/lone-1-*.log)
	grep -q "^flags:.* jobs:$(nproc)\$" "${log[0]}"
	cenv cache clear -q
	cenv uninstall -q lone
	run -0 taskset -c "$(taskset -cp $$ | sed 's/.*[:, ]//; s/-.*//')" cenv install -q --sandbox=off lone
	grep -q "^flags: jobs:1\$" "${log[0]}"
	cenv cache clear -q
	cenv uninstall -q lone
	run -0 cenv install -q --sandbox=off --jobs 7 lone
	grep -q "^flags: -j7 --jobserver-auth=[0-9]*,[0-9]* jobs:7\$" "${log[0]}"
}

@test "the job server reaches make in the sandbox" {
	bwrap --unshare-all --ro-bind / / true 2>/dev/null || skip "no sandbox here"
	library lone "" 'printf "all: 1 2\n1:\n\tn=0; until [ -e \$@.2 ]; do sleep 0.05; n=\$\$((n+1)); [ \$\$n -lt 600 ]; done\n2:\n\ttouch 1.2\n" >m.mk' \
		"make -f m.mk"
	# the first target waits for the second: serial, it would never end
	run -0 --separate-stderr cenv install --sandbox=require --jobs 2 lone
	log=("$CENV_HOME"/logs/lone-1-*.log)
	! grep -q "jobserver unavailable" "${log[0]}"
}
