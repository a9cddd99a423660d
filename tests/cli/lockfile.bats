# What lock writes stands alone: from other folders, without the options that it was made with.
load ../lib/cli.bash
load ../lib/sources.bash
load ../lib/tiny.bash

setup() {
	setup_home
	use_leaf
}

teardown() {
	stop_server
}

@test "local paths are written as seen from the output" {
	mkdir -p sub/in 'out put'
	cp archives/leaf-1.0.tar.gz sub/
	mkdir sub/folder && touch sub/folder/Makefile
	printf '../leaf-1.0.tar.gz\n-e ../folder\nuser\n' >sub/in/r.in
	run -0 --separate-stderr cenv lock -q -r sub/in/r.in -o 'out put/r.txt'
	assert_equal "$(sed '1d; /^ /d; s/ --hash=[^ ]*//' 'out put/r.txt')" '-e ../sub/folder
leaf @ ../sub/leaf-1.0.tar.gz
user==1.0'
	run -0 cenv lock -q --check -r sub/in/r.in -o 'out put/r.txt'
	cenv create -q e
	(cd sub && run -0 cenv install -q --env ../e --dry-run -r '../out put/r.txt')
	# what the command line names from the root on stays so
	run -0 --separate-stderr cenv lock -q -o 'out put/s.txt' "$PWD/sub/leaf-1.0.tar.gz"
	grep -q "^leaf @ $PWD/sub/leaf-1.0.tar.gz " 'out put/s.txt'
}

@test "indexes that a file names are repeated, those of the command line are not" {
	mkdir -p sub out 'in dex'
	mv index/* 'in dex'
	printf -- '--index "../in dex"\n-f ../archives\n--no-default-index\n--mirror https://me:secret@h/x\nuser\n' \
		>sub/r.in
	unset CENV_INDEX CENV_NO_DEFAULT_INDEX
	cenv lock -q --mirror other -r sub/r.in -o out/r.txt
	assert_equal "$(sed -n '2,5p' out/r.txt)" "--no-default-index
--index '../in dex'
--find-links ../archives
--mirror https://h/x"
	cenv lock -q --mirror other -r sub/r.in -o out/r.txt --check
	cenv create -q e
	run -0 --separate-stderr cenv install -q --locked --dry-run --env e -r out/r.txt
	assert_equal "$output" 'install leaf 2.0 [to be built]
install user 1.0 [to be built]'
}

@test "a path that leads nowhere is refused; what would have to be fetched has no hash" {
	for wrong in ./gone-1.tar.gz "file://$PWD/gone-1.tar.gz" '-e ./gone'; do
		echo "$wrong" >list.txt
		run -4 --separate-stderr cenv lock -o - -r list.txt
		assert_equal "$output" ''
		assert_contains "$stderr" "list.txt:1: cannot fetch 'gone"
	done
	run -0 --separate-stderr cenv lock -q -o - https://127.0.0.1:1/far-1.tar.gz
	assert_contains "$output" 'far @ https://127.0.0.1:1/far-1.tar.gz'
	assert_contains "$stderr" "warning: 'far' has no hash, because lock downloads nothing"
	run -4 --separate-stderr cenv lock -q -o - --require-hashes https://127.0.0.1:1/far-1.tar.gz leaf
	assert_equal "$output" ''
	assert_contains "$stderr" "--require-hashes: 1 package has no --hash
  far"
}

@test "archives of find-links folders are hashed" {
	mkdir links
	cp archives/leaf-1.0.tar.gz links/linked-7.tar.gz
	run -0 cenv lock -q -o - -f links linked
	assert_equal "${lines[1]}" "linked==7 --hash=sha256:$(sum_of leaf 1.0)"
}

@test "find-links: a page's links, a folder that is missing" {
	mkdir -p root/deep
	cp archives/leaf-1.0.tar.gz root/deep/linked-7.tar.gz
	cp archives/leaf-2.0.tar.gz root/other-8.tar.gz
	cat >root/deep/page.html <<-END
		<a href="linked-7.tar.gz#sha256=00">7</a> <A HREF='../other-8.tar.gz'>8</A>
		<a href=/ok/deep/linked-6.tar.gz>6</a> <a href="file:///etc/evil-1.tar.gz"> <a href=
	END
	start_server root
	page=http://127.0.0.1:$PORT/ok/deep/page.html
	run -0 --separate-stderr cenv lock -q -o - -f "$page" linked other
	assert_contains "$output" 'linked==7'
	assert_contains "$output" 'other==8'
	cenv create -q e
	run -0 --separate-stderr cenv install -q --env e -f "$page" --dry-run 'linked<8'
	assert_equal "$output" 'install linked 7 [to be built]'
	run -3 --separate-stderr cenv lock -q -o - -f "$page" evil
	run -3 --separate-stderr cenv lock -q -o - --offline -f "$page" linked
	run -0 --separate-stderr cenv lock -q -o - -f nowhere -f "$page.gone" leaf
	assert_contains "$stderr" "warning: nothing is taken from --find-links 'nowhere': "
	assert_contains "$stderr" "warning: nothing is taken from --find-links '$page.gone': "
}

@test "-P takes patterns, and a name that nothing needs is told" {
	cenv lock -q leaf==1.0 user
	run -0 --separate-stderr cenv lock -q -P 'le*' leaf user
	assert_equal "$stderr" ''
	grep -q '^leaf==2.0 ' requirements.txt
	run -0 --separate-stderr cenv lock -q -P laef leaf user
	assert_contains "$stderr" "warning: 'laef' is not upgraded: nothing needs a package of that name"
}

@test "standard input and output; a check needs a file" {
	run -0 --separate-stderr cenv lock -q -r - -o - <<<'leaf<2'
	assert_contains "$output" 'leaf==1.0 '
	assert_contains "$output" '# via -r -'
	run -2 --separate-stderr cenv lock --check -o - leaf
	assert_contains "$stderr" '--check compares with a file'
}

@test "lock --dry-run prints what would change and writes nothing" {
	run -0 --separate-stderr cenv lock --dry-run leaf==1.0
	assert_contains "$stderr" "would write 'requirements.txt'"
	assert_contains "$output" '+ leaf==1.0 --hash=sha256:'
	[ ! -e requirements.txt ]
	cenv lock -q leaf==1.0
	cp requirements.txt saved
	run -0 --separate-stderr cenv lock --dry-run leaf==1.0
	assert_equal "$output" ''
	assert_contains "$stderr" "'requirements.txt' is up to date"
	run -0 --separate-stderr cenv lock --dry-run leaf==2.0
	assert_contains "$output" '- leaf==1.0 --hash=sha256:'
	assert_contains "$output" '+ leaf==2.0 --hash=sha256:'
	cmp requirements.txt saved
	run -0 --separate-stderr cenv lock --dry-run -o - leaf==2.0
	assert_contains "$output" 'leaf==2.0 --hash=sha256:'
	cmp requirements.txt saved
}

@test "lock tells which pins were added, removed and moved" {
	tiny other 1.0
	echo user >r.in
	: >r.txt
	run -0 --separate-stderr cenv lock -r r.in -o r.txt
	assert_equal "$(sed 1d <<<"$stderr")" "wrote 'r.txt'"
	printf 'leaf<2\nother\n' >r.in
	cp r.txt before.txt
	run -0 --separate-stderr cenv lock -r r.in -o r.txt
	assert_equal "$output" ''
	assert_equal "$(sed 1d <<<"$stderr")" "wrote 'r.txt'
  down      leaf 2.0 -> 1.0
  added     other 1.0
  removed   user 1.0"
	# the words of diff; and only who asks is new
	run -0 cenv diff before.txt r.txt
	assert_equal "$output" 'down      leaf 2.0 -> 1.0
added     other 1.0
removed   user 1.0'
	echo 'leaf<2' >more.in
	run -0 --separate-stderr cenv lock -r r.in -r more.in -o r.txt
	assert_equal "$(sed 1d <<<"$stderr")" "wrote 'r.txt'"
	run -0 --separate-stderr cenv lock -q -o r.txt leaf
	assert_equal "$output$stderr" ''
	run -0 --separate-stderr cenv lock -o - leaf
	assert_equal "$(sed 1d <<<"$stderr")" ''
}

@test "the mending command has all that decides, but no credentials" {
	cenv lock -q leaf==1.0
	unset CENV_INDEX CENV_NO_DEFAULT_INDEX
	options=(--index index --no-default-index --mirror 'a b' -U --resolution lowest-direct
		--exclude-newer 2030-01-01)
	run -1 --separate-stderr cenv lock --check "${options[@]}" 'leaf>1'
	assert_contains "$stderr" "cenv lock --index index --mirror 'a b' --no-default-index -U --resolution lowest-direct --exclude-newer 2030-01-01 -o requirements.txt 'leaf>1'"
	mend=$(sed -n "s/^hint: run '\(.*\)' to .*/\1/p" <<<"$stderr")
	sh -c "$mend -q"
	cenv lock -q --check "${options[@]}" 'leaf>1'
	run -1 --separate-stderr cenv lock --check "${options[@]}" --mirror https://me:secret@h/ leaf
	refute_contains "$stderr" secret
}

@test "a date that is none" {
	for date in 2024-13-01 2024-00-10 2024-01-32 2024-1-1 soon 2024-01-011; do
		run -2 --separate-stderr cenv lock --exclude-newer "$date" leaf
		assert_contains "$stderr" "takes YYYY-MM-DD, not '$date'"
	done
}

@test "many unknown names: some are explained, the rest is counted" {
	for ((i = 0; i < 5000; i++)); do printf 'nothing%d\nnothing%d>=1\n' "$i" "$i"; done >list.txt
	run -3 --separate-stderr timeout 60 cenv lock -o - -r list.txt
	assert_contains "$stderr" "no package is called 'nothing0' (list.txt:1)"
	assert_contains "$stderr" 'and 4980 more unknown names'
	[ "${#stderr_lines[@]}" -lt 30 ]
}

@test "--locked: editable folders, markers that do not hold, and the file in the mending command" {
	cenv create -q e
	export CENV=$PWD/e
	mkdir mine
	printf 'all:\ninstall:\n\tmkdir -p $(DESTDIR)$(PREFIX)/include\n\ttouch $(DESTDIR)$(PREFIX)/include/m.h\n' \
		>mine/Makefile
	printf -- '-e ./mine\nuser\n' >requirements.in
	cenv lock -q
	echo 'elsewhere ; target_system == "Plan9"' >>requirements.txt
	run -0 --separate-stderr cenv install -q --locked -r requirements.txt
	echo 'leaf>1 ; target_system == "Linux"' >'my list.txt'
	run -1 --separate-stderr cenv install --locked -r 'my list.txt'
	assert_contains "$stderr" "  my list.txt:1: 'leaf>1 ; target_system == \"Linux\"' is not pinned with =="
	assert_contains "$stderr" "hint: run 'cenv lock -r 'my list.in' -o 'my list.txt'' to write the pins"
	echo leaf >deps.in
	run -1 --separate-stderr cenv install --locked -r deps.in
	assert_contains "$stderr" "hint: run 'cenv lock -r deps.in -o deps.txt' to write the pins"
	# what the command line asks for belongs into the same lock
	run -1 --separate-stderr cenv install --locked -r requirements.txt 'leaf>1' user
	assert_contains "$stderr" "cenv: --locked: 2 lines are missing or stale
  the command line: 'leaf>1' is not pinned with ==
  the command line: 'user' is not pinned with ==
hint: run 'cenv lock -r requirements.in -o requirements.txt 'leaf>1' user' to write the pins, and install with that file alone"
	run -1 --separate-stderr cenv install --locked user
	assert_contains "$stderr" "hint: run 'cenv lock -o requirements.txt user' to write the pins, and"
	# sync takes its files with -r as well, but never none
	run -0 --separate-stderr cenv sync --dry-run -r requirements.txt
	assert_equal "$output" ''
	run -2 --separate-stderr cenv sync
	assert_contains "$stderr" 'sync: expected FILE...'
	run -2 --separate-stderr cenv sync -c requirements.txt
}

@test "levels without end, and files that are none" {
	ln -s . again
	printf -- '-r again/list.txt\nleaf\n' >list.txt
	run -2 --separate-stderr timeout 60 cenv lock -o - -r list.txt
	assert_equal "$output" ''
	for ((i = 0; i < 20000; i++)); do echo "-r nowhere$i"; done >many.txt
	run -2 --separate-stderr timeout 60 cenv lock -o - -r many.txt
	assert_contains "$stderr" "'many.txt' has at least 10000 errors"
	run -4 --separate-stderr timeout 60 cenv hash /dev/zero
	assert_equal "$stderr" "cenv: '/dev/zero' is neither a file nor a folder"
}

@test "an index that is missing: where it may be named" {
	printf -- '--index ./nowhere\nleaf\n' >list.txt
	run -2 --separate-stderr cenv lock -o - -r list.txt
	assert_equal "$stderr" "cenv: there is no folder of recipes at './nowhere'
hint: --index on the command line or in a requirements file, or CENV_INDEX, names it"
}
