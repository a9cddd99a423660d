# Requirements files of a project: lock, --locked, --require-hashes, add, remove.
load ../lib/cli.bash
load ../lib/sources.bash

setup_file() {
	setup_sources
	for version in 1.0 1.1 2.0; do
		make_source make base "$version"
	done
	make_source --requires base make middle 2.0
	make_source make other 0.5
	make_source --fail build make broken 1
	make_recipe broken 1 </dev/null
	make_recipe base 1.0 1.1 2.0 </dev/null
	make_recipe middle 2.0 <<-END
		[build]
		requires = base>=1.0,<2
	END
	make_recipe other 0.5 </dev/null
}

setup() {
	setup_home
	share_store store
	export CENV_INDEX="$INDEX" CENV_NO_DEFAULT_INDEX=1
}

make_env() {
	cenv create -q e
	export CENV="$PWD/e"
}

# pin NAME VERSION: the line of a lock file
pin() {
	echo "$1==$2 --hash=sha256:$(sha256_of "$SOURCES/$1-$2.tar.gz")"
}

# ---- lock ----

@test "lock with nothing to lock" {
	run -2 --separate-stderr cenv lock
	assert_equal "$stderr" "cenv: lock: nothing to lock
hint: name requirements, or a file with -r, or write requirements.in"
}

@test "lock writes pins with who asked, and builds nothing" {
	printf '# ours\nmiddle>=1\n' >requirements.in
	export CENV_HOME="$PWD/own"
	run -0 --separate-stderr cenv lock
	assert_equal "$output" ""
	assert_equal "$(steady <<<"$stderr")" "resolved 2 packages in TIME
wrote 'requirements.txt'"
	[[ "$(head -n 1 requirements.txt)" == "# cenv lock 1, target "*", compiler gcc "* ]]
	assert_equal "$(tail -n +2 requirements.txt)" "$(pin base 1.1)
    # via middle
$(pin middle 2.0)
    # via -r requirements.in"
	run -0 bash -c 'ls own/sources own/objects 2>/dev/null | grep -v :'
	assert_equal "$output" ""
	before=$(stat -c %y-%i requirements.txt)
	run -0 --separate-stderr cenv lock
	assert_contains "$stderr" "'requirements.txt' is up to date"
	assert_equal "$(stat -c %y-%i requirements.txt)" "$before"
}

@test "lock -o - writes to standard output" {
	run -0 --separate-stderr cenv lock -o - base==1.0
	assert_equal "$(tail -n +2 <<<"$output")" "$(pin base 1.0)
    # via the command line"
	[ ! -e requirements.txt ]
}

@test "lock keeps pins until -P or -U" {
	echo "base<1.1" >requirements.in
	cenv lock -q
	printf 'base\nother\n' >requirements.in
	cenv lock -q
	grep -q "^base==1.0 " requirements.txt
	grep -q "^other==0.5 " requirements.txt
	cenv lock -q -P base
	grep -q "^base==2.0 " requirements.txt
	echo "base==1.0" >requirements.in
	cenv lock -q
	echo "base" >requirements.in
	cenv lock -q -U
	grep -q "^base==2.0 " requirements.txt
	cenv lock -q -o - --resolution lowest base | grep -q "^base==1.0 "
}

@test "lock leaves a file alone that it did not write" {
	echo base >requirements.in
	echo "base==1.0  # by hand" >requirements.txt
	run -1 --separate-stderr cenv lock
	assert_contains "$stderr" "cenv: 'requirements.txt' was not written by cenv; it is left alone"
	assert_equal "$(cat requirements.txt)" "base==1.0  # by hand"
	run -2 --separate-stderr cenv lock -r requirements.in -o requirements.in
	assert_contains "$stderr" "'requirements.in' is both input and output"
}

@test "lock that fails leaves the file as it was" {
	echo base >requirements.in
	cenv lock -q
	cp requirements.txt saved
	printf 'base==2.0\nmiddle\n' >requirements.in
	run -3 --separate-stderr cenv lock
	assert_contains "$stderr" "base==2.0 (requirements.in:1)"
	cmp requirements.txt saved
}

@test "lock --check: the lines that differ, and the command that mends" {
	unset CENV_INDEX CENV_NO_DEFAULT_INDEX
	options=(--index "$INDEX" --no-default-index)
	echo base==1.0 >requirements.in
	cenv lock -q "${options[@]}"
	run -0 --separate-stderr cenv lock --check "${options[@]}"
	assert_equal "$output" ""
	assert_contains "$stderr" "'requirements.txt' is up to date"
	cp requirements.txt saved
	printf 'base==1.1\nother\n' >requirements.in
	run -1 --separate-stderr cenv lock --check "${options[@]}"
	assert_equal "$output" "- $(pin base 1.0)
+ $(pin base 1.1)
+ $(pin other 0.5)"
	assert_contains "$stderr" "cenv: 'requirements.txt' is out of date
hint: run 'cenv lock -r requirements.in --index $INDEX --no-default-index -o requirements.txt' to bring it up to date"
	cmp requirements.txt saved
	mend=$(sed -n "s/.*run '\(.*\)' to bring.*/\1/p" <<<"$stderr")
	eval "$mend"
	run -0 cenv lock --check "${options[@]}"
}

@test "a locked file installs, and freezes to the same pins" {
	make_env
	echo middle >requirements.in
	cenv lock -q
	cenv install -q --locked -r requirements.txt
	assert_equal "$(cenv freeze)" "$(grep -v '^ ' requirements.txt)"
	run -0 cenv diff requirements.txt e
	assert_equal "$output" ""
}

# ---- --locked and --require-hashes ----

@test "--locked names each line that is missing or stale" {
	make_env
	printf '# two faults\nbase<2\n%s\nmiddle==2.0\n' "$(pin other 0.5)" >list.txt
	run -1 --separate-stderr cenv install --locked -r list.txt
	assert_contains "$stderr" "cenv: --locked: 2 lines are missing or stale
  list.txt:2: 'base<2' is not pinned with ==
  list.txt:4: 'middle==2.0' has no hash
hint: "
	assert_contains "$stderr" "cenv lock"
	pin middle 2.0 >list.txt
	run -1 --separate-stderr cenv install --locked -r list.txt
	assert_contains "$stderr" "'base' is needed, but not pinned"
	run -0 cenv list
	assert_equal "$output" ""
}

@test "--require-hashes refuses what has none, and counts only what was asked for" {
	make_env
	cenv install -q other
	run -4 --separate-stderr cenv install --require-hashes middle
	assert_equal "${stderr#*$'\n'}" "cenv: --require-hashes: 2 packages have no --hash
  base
  middle
hint: every package, dependencies too, needs its hash: 'cenv freeze' and 'cenv lock' write them"
	{ pin base 1.1; pin middle 2.0; } >list.txt
	run -0 --separate-stderr cenv install --require-hashes -r list.txt
	run -0 cenv list
	assert_equal "$output" "base    1.1
middle  2.0
other   0.5"
}

# ---- add and remove ----

@test "add writes, locks and installs; comments and order stay" {
	make_env
	printf '# what we use\nother  # since ever\n\n# end\n' >requirements.in
	run -0 --separate-stderr cenv add "base<2"
	assert_equal "$(cat requirements.in)" "# what we use
other  # since ever

# end
base<2"
	grep -q "^base==1.1 " requirements.txt
	run -0 cenv list
	assert_equal "$output" "base   1.1
other  0.5"
	cenv add -q base==1.0
	assert_equal "$(cat requirements.in)" "# what we use
other  # since ever

# end
base==1.0"
	run -0 cenv list base
	assert_equal "$output" "base  1.0"
}

@test "remove takes lines out; comments of others stay" {
	make_env
	printf '# what we use\nother  # since ever\nbase\n' >requirements.in
	cenv lock -q
	run -3 --separate-stderr cenv remove middle
	assert_contains "$stderr" "'requirements.in' does not name 'middle'"
	run -0 --separate-stderr cenv remove base
	assert_equal "$(cat requirements.in)" "# what we use
other  # since ever"
	run -1 grep base requirements.txt
}

@test "add that fails leaves the files as they were" {
	make_env
	echo "base==2.0" >requirements.in
	cenv lock -q
	cp requirements.in in.saved
	cp requirements.txt txt.saved
	run -3 --separate-stderr cenv add middle
	assert_contains "$stderr" "base==2.0 (requirements.in:1)"
	run -3 --separate-stderr cenv add nothing-like-it
	run -2 --separate-stderr cenv add "base>=>1"
	cmp requirements.in in.saved
	cmp requirements.txt txt.saved
	echo >>requirements.in
	cp requirements.in in.saved
	run -5 --separate-stderr cenv add broken
	cmp requirements.in in.saved
	cmp requirements.txt txt.saved
	rm requirements.in requirements.txt
	run -3 --separate-stderr cenv add nothing-like-it
	[ ! -e requirements.in ]
	[ ! -e requirements.txt ]
}
