# Whatever is wrong with what comes in: the right exit status, a message that helps, nothing changed.
load ../lib/cli.bash
load ../lib/sources.bash

setup_file() {
	setup_sources
	make_source --script autotools good 1.0
	make_source --script autotools good 1.1
	make_source --requires good make user 1.0
	make_source --fail build make broken 1.0
	make_source --fail configure autotools unsettled 1.0
	make_source --fail install cmake halfway 1.0
	make_source --sleep 61.0625 make slow 1.0
	make_source meson needs-meson 1.0
	make_source cmake needs-cmake 1.0
	make_recipe good 1.0 1.1 </dev/null
	make_recipe broken 1.0 </dev/null
	make_recipe slow 1.0 </dev/null
	make_recipe user 1.0 <<-END
		[build]
		requires = good<1.1
	END
	make_recipe needs-meson 1.0 </dev/null
	make_recipe needs-cmake 1.0 </dev/null
}

setup() {
	setup_home
	share_store store
	export CENV_INDEX="$INDEX" CENV_NO_DEFAULT_INDEX=1
	cenv create -q e
	export CENV="$PWD/e"
	before=$(tree_of e)
}

teardown() {
	stop_server
	# whatever a test did to it: the environment is whole, and nothing was left half done
	if [ -e e/cenv.cfg ]; then
		cenv check -q
	fi
}

unchanged() {
	diff <(echo "$before") <(tree_of e)
}

# ---- names and versions: exit 3 ----

@test "an unknown package gets near names" {
	run -3 --separate-stderr cenv install goood
	assert_equal "$output" ""
	assert_equal "$stderr" "cenv: no package is called 'goood' (the command line)
hint: did you mean 'good'?"
	unchanged
}

@test "an unknown package in a file is named with its line" {
	printf '# first\n\ngood\nuserr>=1\n' >list.txt
	run -3 --separate-stderr cenv install -r list.txt
	assert_equal "$stderr" "cenv: no package is called 'userr' (list.txt:4)
hint: did you mean 'user'?"
	unchanged
}

@test "a version that does not exist: which ones do" {
	run -3 --separate-stderr cenv install "good>=2"
	assert_equal "${stderr_lines[0]}" "cenv: no set of versions satisfies all requirements"
	assert_contains "$stderr" "good>=2 (the command line), but good exists only as 1.0 and 1.1"
	unchanged
}

@test "a contradiction names every requirement of it" {
	echo "good>=1.1  # for its speed" >list.txt
	run -3 --separate-stderr cenv install -r list.txt user
	assert_contains "$stderr" "good>=1.1 (list.txt:1)"
	assert_contains "$stderr" "user"
	assert_contains "$stderr" "good<1.1"
	unchanged
}

@test "what is installed may be part of a contradiction" {
	cenv install -q user
	before=$(tree_of e)
	run -3 --separate-stderr cenv install "good==1.1"
	assert_contains "$stderr" "user (installed earlier"
	assert_contains "$stderr" "or without 'user' (installed earlier); 'cenv uninstall user' takes that out of the environment"
	unchanged
}

@test "a feature that does not exist" {
	run -3 --separate-stderr cenv install "good[fast]"
	assert_contains "$stderr" "good has no feature 'fast'"
	unchanged
}

# ---- malformed text: exit 2 ----

@test "a malformed requirement on the command line is shown with its place" {
	run -2 --separate-stderr cenv install "good>=>1"
	assert_equal "$stderr" "cenv: argument: a version is missing after '>='
  good>=>1
        ^"
	unchanged
}

@test "all errors of a file are shown with file, line and column" {
	printf 'good\nzlib>=>1\nfoo bar\n--what\n-r missing.txt\n' >list.txt
	run -2 --separate-stderr cenv install -r list.txt
	assert_contains "$stderr" "cenv: 'list.txt' has 4 errors"
	assert_contains "$stderr" "list.txt:2:7: a version is missing after '>='"
	assert_contains "$stderr" "list.txt:3:5: "
	assert_contains "$stderr" "list.txt:4:1: unknown option '--what'"
	assert_contains "$stderr" "list.txt:5:"
	assert_contains "$stderr" "missing.txt"
	unchanged
}

@test "a file that includes itself is an error" {
	echo "-r two.txt" >one.txt
	echo "-r one.txt" >two.txt
	run -2 --separate-stderr cenv install -r one.txt
	assert_contains "$stderr" "one.txt"
	assert_contains "$stderr" "two.txt:1"
	unchanged
}

@test "a file that is missing" {
	run -1 --separate-stderr cenv install -r missing.txt
	assert_equal "$stderr" "cenv: cannot open 'missing.txt': No such file or directory
hint: check the file name after -r"
	run -1 --separate-stderr cenv sync missing.txt
	assert_equal "$stderr" "cenv: cannot open 'missing.txt': No such file or directory
hint: check the file name"
	run -1 --separate-stderr cenv sync -c missing.txt good.txt
	assert_contains "$stderr" "hint: check the file name after -c"
	run -1 --separate-stderr cenv lock --override missing.txt -o - good
	assert_contains "$stderr" "hint: check the file name after --override"
}

@test "a list of requirements without -r" {
	echo good >list.txt
	run -2 --separate-stderr cenv install ./list.txt
	assert_equal "$stderr" "cenv: './list.txt' looks like a list of requirements, not like an archive
hint: name it with -r: -r ./list.txt"
}

@test "a malformed recipe names file and line, whatever else was asked" {
	mkdir bad
	printf '[package]\nname = bad\n[version 1.0]\nurl = file:///x\nsha256 = 123\n' >bad/bad.ini
	run -2 --separate-stderr cenv install --index bad bad
	assert_contains "$stderr" "bad.ini:5"
	assert_contains "$stderr" "sha256"
	unchanged
}

@test "a recipe that is no file, or has no end, is malformed" {
	mkdir bad lib
	mkfifo bad/pipe.ini
	mkdir bad/folder.ini
	ln -s /dev/zero bad/zero.ini
	truncate -s 1M bad/large.ini
	for name in pipe folder zero; do
		run -2 --separate-stderr timeout 60 cenv install --index bad "$name"
		assert_contains "$stderr" "cannot read the recipe 'bad/$name.ini': '$name.ini' is no file"
		run -2 timeout 60 cenv search --index bad
	done
	run -2 --separate-stderr cenv install --index bad large
	assert_contains "$stderr" "'large.ini' is larger than 256 KiB"
	truncate -s 2M lib/cenv.ini
	run -2 --separate-stderr cenv install ./lib
	assert_contains "$stderr" "lib/cenv.ini' is larger than 1024 KiB"
	unchanged
}

@test "a folder of sources with what is no file in it" {
	mkdir lib
	mkfifo lib/pipe
	run -4 --separate-stderr timeout 60 cenv install ./lib
	assert_contains "$stderr" "/lib': 'pipe' is neither a file, a folder nor a symlink"
	unchanged
}

@test "a line of a recipe that is too long is an error, not cut" {
	mkdir bad
	{
		printf '[package]\nname = bad\nsummary = '
		head -c 300 /dev/zero | tr '\0' x
		printf '\n[version 1.0]\nurl = file:///x\nsha256 = %064d\n' 0
	} >bad/bad.ini
	run -2 --separate-stderr cenv install --index bad bad
	assert_contains "$stderr" "bad.ini:3"
	unchanged
}

@test "control characters in names do not reach the terminal" {
	run -2 --separate-stderr cenv install $'x\e[31m'
	refute_contains "$stderr" $'\e'
	printf 'good\nx\033[2J\n' >list.txt
	run -2 --separate-stderr cenv install -r list.txt
	refute_contains "$stderr" $'\e'
}

@test "an archive that says it is another package" {
	make_source --ini "[package]
name = other
version = 1" make good 7
	run -2 --separate-stderr cenv install "good @ file://$SOURCES/good-7.tar.gz"
	assert_contains "$stderr" "'good' was asked for, but 'good-7.tar.gz' is 'other'"
	unchanged
}

# ---- what was downloaded: exit 4 ----

@test "a wrong hash: expected, actual, where from, and nothing unpacked" {
	wrong=$(printf '%064d' 0)
	echo "good @ file://$SOURCES/good-1.0.tar.gz --hash=sha256:$wrong" >list.txt
	export CENV_HOME="$PWD/own"
	run -4 --separate-stderr cenv install -r list.txt
	assert_equal "$stderr" "cenv: list.txt:1: cannot fetch 'good': what came does not have the expected hash
expected: sha256:$wrong
actual:   sha256:$(sha256_of "$SOURCES/good-1.0.tar.gz")
file:     file://$SOURCES/good-1.0.tar.gz
hint: do not use the file unless its maker says why it changed"
	run -0 bash -c 'ls own/sources own/objects own/build own/tmp 2>/dev/null | grep -v :'
	assert_equal "$output" ""
	unchanged
}

@test "a recipe's wrong hash: the URL is named" {
	mkdir bad
	start_server "$SOURCES"
	url=http://127.0.0.1:$PORT/ok/good-1.1.tar.gz
	printf '[package]\nname = good\n[version 1.1]\nurl = %s\nsha256 = %064d\n' "$url" 0 >bad/good.ini
	CENV_HOME="$PWD/own" CENV_INDEX="$PWD/bad" run -4 --separate-stderr cenv install good
	assert_contains "$stderr" "$(printf 'expected: sha256:%064d' 0)"
	assert_contains "$stderr" "actual:   sha256:$(sha256_of "$SOURCES/good-1.1.tar.gz")"
	assert_contains "$stderr" "$url"
	unchanged
}

@test "an HTML page instead of an archive" {
	start_server "$SOURCES"
	run -4 --separate-stderr cenv install "good @ http://127.0.0.1:$PORT/html"
	assert_contains "$stderr" "an HTML page, not the archive"
	echo '<!DOCTYPE html><p>no such file' >page-1.0.tar.gz
	run -4 --separate-stderr cenv install ./page-1.0.tar.gz
	assert_contains "$stderr" "cenv: cannot fetch 'page-1.0.tar.gz': what came is an HTML page, not the archive"
	unchanged
}

@test "a server that has no such file, and one that is not there" {
	start_server "$SOURCES"
	run -4 --separate-stderr cenv install "http://127.0.0.1:$PORT/ok/nothing-1.0.tar.gz"
	assert_contains "$stderr" "404"
	stop_server
	run -4 --separate-stderr cenv install "http://127.0.0.1:$PORT/ok/nothing-1.0.tar.gz"
	assert_contains "$stderr" "127.0.0.1:$PORT"
	unchanged
}

@test "a path that is not there" {
	run -4 --separate-stderr cenv install ./missing-1.0.tar.gz
	assert_equal "$stderr" "cenv: cannot fetch 'missing-1.0.tar.gz' from '$PWD/missing-1.0.tar.gz': No such file or directory"
	unchanged
}

@test "archives that are cut, empty, or none" {
	head -c 700 "$SOURCES/good-1.0.tar.gz" >cut-1.0.tar.gz
	run -4 --separate-stderr cenv install ./cut-1.0.tar.gz
	assert_contains "$stderr" "cannot read 'cut-1.0.tar.gz': the archive is damaged or cut short"
	: >empty-1.0.tar.gz
	run -4 --separate-stderr cenv install ./empty-1.0.tar.gz
	assert_contains "$stderr" "cannot read 'empty-1.0.tar.gz': the file is empty"
	echo "just text" >text-1.0.tar.gz
	run -4 --separate-stderr cenv install ./text-1.0.tar.gz
	assert_contains "$stderr" "cannot read 'text-1.0.tar.gz': "
	unchanged
}

@test "archives that would write outside are refused as a whole" {
	mkdir tree
	echo x >tree/x
	tar -C tree --transform 's,x,../../evil,' -P -czf up-1.0.tar.gz x
	tar -C tree --transform "s,x,$PWD/evil," -P -czf root-1.0.tar.gz x
	ln -s "$PWD" tree/link
	tar -C tree -cf link-1.0.tar link
	mkdir -p deep/link
	echo x >deep/link/evil
	tar -C deep -rf link-1.0.tar link/evil
	for name in up-1.0.tar.gz root-1.0.tar.gz link-1.0.tar; do
		run -4 --separate-stderr cenv install "./$name"
		assert_contains "$stderr" "cannot read '$name': member "
		[ ! -e evil ]
	done
	run -0 find "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" -name 'evil' -not -path '*/deep/*'
	assert_equal "$output" ""
	unchanged
}

# ---- building: exit 5 ----

@test "a failed build shows the first error, the last lines, the log and how to enter" {
	run -5 --separate-stderr cenv install broken
	assert_equal "$output" ""
	assert_contains "$stderr" "cenv: building 'broken 1.0' failed: make exited with 2"
	assert_contains "$stderr" "
first error: broken.c:9:1: error: "
	assert_contains "$stderr" "
last lines of the log:
"
	log=$(sed -n 's/^the whole log: //p' <<<"$stderr")
	grep -q "this is not C" "$log"
	enter=$(sed -n 's/^enter its folder and environment: //p' <<<"$stderr")
	run -0 bash -c "echo 'test -f broken.c && echo entered' | $enter"
	assert_contains "$output" entered
	unchanged
}

@test "every step that fails is named" {
	run -5 --separate-stderr cenv install "$SOURCES/unsettled-1.0.tar.gz"
	assert_contains "$stderr" "first error: configure: error: unsettled cannot be configured"
	run -5 --separate-stderr cenv install "$SOURCES/halfway-1.0.tar.gz"
	assert_contains "$stderr" "cenv: building 'halfway 1.0' failed: make install exited"
	assert_contains "$stderr" "cannot install"
	unchanged
}

@test "what was installed stays as it is when a later build fails" {
	cenv install -q good==1.0
	before=$(tree_of e)
	run -5 --separate-stderr cenv install good==1.1 broken
	unchanged
	run -0 e/bin/good-info
	assert_contains "$output" "good 1.0"
}

@test "a folder without a build system" {
	mkdir nothing
	echo text >nothing/README
	run -5 --separate-stderr cenv install ./nothing
	assert_contains "$stderr" "'nothing' has no build system that cenv knows"
	unchanged
}

# without PROGRAM COMMAND...: on a machine that does not have this program
without() {
	local hide
	hide=$(readlink -f "$(command -v "$1")")
	shift
	bwrap --dev-bind / / --ro-bind /dev/null "$hide" "$@"
}

@test "no compiler, cmake or meson on the machine: the package that has it" {
	command -v bwrap || skip "no bubblewrap"
	export CENV_HOME="$PWD/own"
	run -5 --separate-stderr without cc cenv install good
	assert_equal "$stderr" "cenv: there is no C compiler 'cc'
hint: on Debian and Ubuntu: apt install gcc"
	run -5 --separate-stderr without cmake cenv install needs-cmake
	assert_contains "$stderr" "'needs-cmake 1.0': the build needs 'cmake', which is not installed
hint: on Debian and Ubuntu: apt install cmake"
	run -5 --separate-stderr without meson cenv install needs-meson
	assert_contains "$stderr" "the build needs 'meson', which is not installed
hint: on Debian and Ubuntu: apt install meson"
	run -5 --separate-stderr without make cenv install good
	assert_contains "$stderr" "hint: on Debian and Ubuntu: apt install make"
	unchanged
}

@test "a compiler that is none" {
	run -5 --separate-stderr cenv create --compiler no-such-cc other
	assert_equal "$stderr" "cenv: there is no compiler 'no-such-cc'
hint: name a C compiler in PATH, or the path of one, with --compiler"
	[ ! -e other ]
	printf '#!/bin/sh\nexit 1\n' >fake-cc
	chmod +x fake-cc
	run -5 --separate-stderr cenv create --compiler ./fake-cc other
	[ ! -e other ] || run -5 --separate-stderr cenv install --env other good
	assert_contains "$stderr" "fake-cc"
}

@test "--sandbox=require without bubblewrap is refused" {
	command -v bwrap || skip "no bubblewrap"
	export CENV_HOME="$PWD/own"
	run -5 --separate-stderr without bwrap cenv install --sandbox=require good
	assert_contains "$stderr" "bubblewrap"
	unchanged
}

@test "a build that takes too long is stopped" {
	run -5 --separate-stderr cenv install --build-timeout 1 slow
	assert_contains "$stderr" "slow 1.0"
	assert_contains "$stderr" "1 s"
	unchanged
}

# ---- interrupted: exit 130 by signal ----

# interrupt SIGNAL COMMAND...: sends the signal once the build sleeps; prints how it ended
interrupt() {
	python3 - "$@" <<-'END'
		import glob, os, signal, subprocess, sys, time
		name, command = sys.argv[1], sys.argv[2:]
		signal.signal(signal.SIGINT, signal.SIG_DFL)
		logs = os.environ["CENV_HOME"] + "/logs/slow-*.log"
		p = subprocess.Popen(command, stderr=open("stderr", "w"), start_new_session=True)
		for _ in range(600):
		    if any("sleep 61.0625" in open(f).read() for f in glob.glob(logs)):
		        break
		    time.sleep(0.1)
		start = time.time()
		p.send_signal(getattr(signal, name))
		p.wait(60)
		print(p.returncode, "fast" if time.time() - start < 20 else "slow")
		def sleeping(d):
		    try:
		        return open(d + "/cmdline", "rb").read() == b"sleep\0" + b"61.0625\0"
		    except OSError:
		        return False

		# the kernel may take a moment to end a whole sandbox
		for _ in range(50):
		    left = [d for d in glob.glob("/proc/[0-9]*") if sleeping(d)]
		    if not left:
		        break
		    time.sleep(0.1)
		print("left", len(left))
	END
}

@test "an interrupted install: ends by the signal, leaves no process, changes nothing" {
	export CENV_HOME="$PWD/own"
	for name in SIGINT SIGTERM; do
		rm -rf own/logs
		run -0 interrupt "$name" cenv install good slow
		assert_equal "${lines[0]}" "-$(kill -l "$name") fast"
		assert_equal "${lines[1]}" "left 0"
		unchanged
	done
	run -0 cat stderr
	assert_contains "$output" "cenv: interrupted by a signal: Terminated"
	run -0 cenv install -q good
	run -0 cenv list
	assert_equal "$output" "good  1.1"
}

@test "interrupting a build without a sandbox leaves no process either" {
	export CENV_HOME="$PWD/own"
	run -0 interrupt SIGINT cenv install --sandbox=off slow
	assert_equal "${lines[0]}" "-2 fast"
	assert_equal "${lines[1]}" "left 0"
	run -0 tail -n 1 stderr
	assert_equal "$output" "cenv: interrupted"
	unchanged
}

# ---- the environment itself ----

@test "an environment that is none" {
	mkdir plain
	run -6 --separate-stderr cenv install --env plain good
	assert_contains "$stderr" "'"
	assert_contains "$stderr" "plain"
	run -6 --separate-stderr cenv install --env missing good
	assert_contains "$stderr" "missing"
	assert_contains "$stderr" "hint: run 'cenv create $PWD/missing' to make it"
}

@test "a damaged record is named, and only what needs it fails" {
	cenv install -q good
	cp e/lib/cenv/good.json saved
	echo '{' >e/lib/cenv/good.json
	run -4 --separate-stderr cenv list
	assert_contains "$stderr" "good.json"
	cp saved e/lib/cenv/good.json
}
