# add and remove: what becomes of the lines of a file, and of the file. Nothing compiles.
load ../lib/cli.bash
load ../lib/tiny.bash

setup() {
	setup_home
	use_leaf
	cenv create -q e
	export CENV=$PWD/e
	mkdir mine
	printf 'all:\ninstall:\n\tmkdir -p $(DESTDIR)$(PREFIX)/include\n\ttouch $(DESTDIR)$(PREFIX)/include/m.h\n' \
		>mine/Makefile
}

@test "add: a bare name leaves a line alone that says more" {
	printf 'leaf>=1 ; target_system == "Linux"  # why\n' >requirements.in
	cp requirements.in saved
	run -0 --separate-stderr cenv add leaf
	assert_contains "$stderr" "'requirements.in' names 'leaf' already"
	refute_contains "$stderr" "changed"
	cmp requirements.in saved
	run -0 cenv list
	assert_equal "$output" 'leaf  2.0'
}

@test "add: paths take the place of what they are" {
	printf '# ours\nleaf>=1  # old\nuser\n' >requirements.in
	cenv add -q ./archives/leaf-1.0.tar.gz
	assert_equal "$(cat requirements.in)" '# ours
./archives/leaf-1.0.tar.gz  # old
user'
	cenv add -q 'leaf<2'
	assert_equal "$(cat requirements.in)" '# ours
leaf<2  # old
user'
	cenv add -q -e ./mine
	cenv add -q -e ./mine/
	assert_equal "$(tail -n 1 requirements.in)" '-e ./mine/'
	run -0 cenv list
	assert_equal "$output" 'leaf  1.0
mine  0
user  1.0'
	grep -q '^-e ./mine$' requirements.txt
	cd mine
	run -0 --separate-stderr cenv install -e .
	assert_contains "$stderr" 'everything is installed already'
	run -2 --separate-stderr cenv add
	assert_contains "$stderr" 'add: expected REQ...'
}

@test "add: a path that a file would read otherwise is quoted" {
	mkdir 'a #b'
	cp archives/leaf-1.0.tar.gz 'a #b/'
	cenv add -q './a #b/leaf-1.0.tar.gz'
	assert_equal "$(cat requirements.in)" 'file:./a%20%23b/leaf-1.0.tar.gz'
	run -0 cenv list
	assert_equal "$output" 'leaf  1.0'
}

@test "add: line ends, symlinks and modes stay" {
	mkdir real
	printf '# ours\r\nuser\r\n' >real/r.in
	chmod 640 real/r.in
	ln -s real/r.in requirements.in
	cenv add -q leaf==1.0
	assert_equal "$(cat real/r.in)" $'# ours\r\nuser\r\nleaf==1.0\r'
	[ -L requirements.in ]
	assert_equal "$(stat -c %a real/r.in)" 640
	cenv add -q leaf==2.0
	assert_equal "$(cat requirements.in)" $'# ours\r\nuser\r\nleaf==2.0\r'
}

@test "add: a malformed requirement is shown with its place" {
	run -2 --separate-stderr cenv add 'leaf>=>1'
	assert_equal "$stderr" "cenv: argument: a version is missing after '>='
  leaf>=>1
        ^"
	touch list.txt
	run -2 --separate-stderr cenv add list.txt
	assert_contains "$stderr" 'looks like a list of requirements'
	[ ! -e requirements.in ]
}

@test "add without an environment, or a wrong lock: nothing changes" {
	unset CENV
	echo user >requirements.in
	mv e elsewhere
	run -6 --separate-stderr cenv add leaf
	assert_equal "$(cat requirements.in)" user
	[ ! -e requirements.txt ]
	echo 'leaf  # by hand' >requirements.txt
	run -1 --separate-stderr cenv add --env elsewhere leaf
	assert_contains "$stderr" "'requirements.txt' was not written by cenv"
	assert_equal "$(cat requirements.in requirements.txt)" 'user
leaf  # by hand'
}

@test "remove: patterns, paths, near names" {
	printf '# ours\nleaf<2\nuser\n-e ./mine\n./archives/leaf-1.0.tar.gz\n-r more.in\n' >requirements.in
	echo >more.in
	cp requirements.in saved
	run -3 --separate-stderr cenv remove --no-install leaf usre
	assert_equal "$stderr" "cenv: 'requirements.in' does not name 'usre'
hint: did you mean 'user'?"
	cmp requirements.in saved
	cenv remove -q --no-install 'LE*' mine
	assert_equal "$(cat requirements.in)" '# ours
user
-r more.in'
	run -3 --separate-stderr cenv remove --no-install 'x*'
	assert_contains "$stderr" "does not name 'x*'
hint: files that it includes are not changed"
}

@test "lock writes through symlinks, and into what is no file" {
	mkdir real
	touch real/lock.txt
	ln -s real/lock.txt requirements.txt
	cenv lock -q leaf
	[ -L requirements.txt ]
	grep -q '^leaf==2.0 ' real/lock.txt
	mkfifo pipe
	timeout 60 cat pipe >got &
	reader=$!
	timeout 60 cenv lock -q -o pipe leaf==1.0
	wait "$reader"
	[ -p pipe ]
	grep -q '^leaf==1.0 ' got
}

@test "add, remove --dry-run: what would change, and nothing does" {
	echo user >requirements.in
	cenv lock -q
	cp -r . ../before
	run -0 --separate-stderr cenv add --dry-run leaf==1.0
	assert_equal "$output" 'install leaf 1.0 [to be built]
install user 1.0 [to be built]'
	assert_contains "$stderr" "would change 'requirements.in'
would write 'requirements.txt'"
	run -0 --separate-stderr cenv remove --dry-run user
	assert_equal "$output" ''
	assert_contains "$stderr" "would change 'requirements.in'
would write 'requirements.txt'"
	run -0 --separate-stderr cenv add --dry-run --no-install user
	assert_equal "$output" ''
	assert_contains "$stderr" "'requirements.in' names 'user' already"
	refute_contains "$stderr" would
	run -3 --separate-stderr cenv add --dry-run leaf==7
	diff -r -x changing -x 'separate-stderr-*' . ../before # a lock, and the tests' own
	[ ! -e "$CENV_HOME/objects" ] || [ "$(objects)" = 0 ]
}

@test "add --dry-run where there is only a requirements.txt, or nothing" {
	run -0 --separate-stderr cenv add --dry-run leaf
	assert_equal "$output" 'install leaf 2.0 [to be built]'
	assert_contains "$stderr" "would change 'requirements.in'
would write 'requirements.txt'"
	[ ! -e requirements.in ]
	echo leaf==1.0 >requirements.txt
	run -0 --separate-stderr cenv add --dry-run user
	assert_equal "$output" 'install leaf 1.0 [to be built]
install user 1.0 [to be built]'
	assert_contains "$stderr" "would change 'requirements.txt'"
	assert_equal "$(cat requirements.txt)" leaf==1.0
}

@test "add, remove: messages name the lines that the user sees" {
	export UNKNOWN=nothing
	printf '# ours\nleaf\\\n  >=1,\\\n  <2\nuser\n' >requirements.in
	cp requirements.in saved
	run -3 --separate-stderr cenv add nopkg
	assert_contains "$stderr" "no package is called 'nopkg' (the command line)"
	# three lines become one; what stands below them stays where it is for the user
	echo '${UNKNOWN}' >>requirements.in
	run -3 --separate-stderr cenv add leaf==1.0
	assert_contains "$stderr" "no package is called 'nothing' (requirements.in:6)"
	run -3 --separate-stderr cenv remove leaf
	assert_contains "$stderr" "no package is called 'nothing' (requirements.in:6)"
	run -3 --separate-stderr cenv add user==1.0
	assert_contains "$stderr" "no package is called 'nothing' (requirements.in:6)"
	cp saved requirements.in
	run -3 --separate-stderr cenv add leaf==4
	assert_contains "$stderr" "You ask for leaf==4 (the command line)"
	run -3 --separate-stderr cenv add user==4
	assert_contains "$stderr" "You ask for user==4 (the command line)"
	cmp requirements.in saved
	# by hand there is but one file
	mv requirements.in requirements.txt
	run -3 --separate-stderr cenv add nopkg
	assert_contains "$stderr" "no package is called 'nopkg' (the command line)"
	rm requirements.txt
	# what asked for a pin stays its file
	cenv add -q --no-install user
	grep -q -- '^    # via -r requirements.in$' requirements.txt
}

@test "add, remove: which pins moved is told" {
	run -0 --separate-stderr cenv add --no-install user
	assert_equal "$(sed 1d <<<"$stderr")" "changed 'requirements.in'
wrote 'requirements.txt'"
	run -0 --separate-stderr cenv add --dry-run --no-install leaf==1.0
	assert_equal "$(sed 1d <<<"$stderr")" "would change 'requirements.in'
would write 'requirements.txt'
  down      leaf 2.0 -> 1.0"
	run -0 --separate-stderr cenv remove --no-install user
	assert_equal "$(sed 1d <<<"$stderr")" "changed 'requirements.in'
wrote 'requirements.txt'
  removed   leaf 2.0
  removed   user 1.0"
	run -0 --separate-stderr cenv add -q --no-install user
	assert_equal "$stderr" ''
}

@test "add: nothing is written when there is no solution" {
	echo user >requirements.in
	cenv lock -q
	touch -d 2020-01-01 requirements.in requirements.txt
	run -3 --separate-stderr cenv add leaf==7
	assert_equal "$(date -r requirements.in +%Y) $(date -r requirements.txt +%Y)" '2020 2020'
}
