# What a build can do to the machine, and how long it can do it (docs/building.md).
load ../lib/cli.bash

# no other process of the machine sleeps for these
NAP=300.1618033

setup() {
	setup_home
	cenv create -q env
	export CENV="$PWD/env"
	MODES="off"
	# where there is no sandbox, what it does cannot be tested; that there is none is said
	if bwrap --unshare-all --ro-bind / / true 2>/dev/null; then MODES="require off"; fi
}

teardown() {
	# a test that failed may have left what it looked for
	for pid in $(sleepers); do kill -9 "$pid"; done
}

need_sandbox() {
	[ "$MODES" != off ] || skip "no sandbox here"
}

# sleepers: the processes that sleep for NAP
sleepers() {
	for file in /proc/[0-9]*/cmdline; do
		{ tr '\0' ' ' <"$file"; } 2>/dev/null | grep -qx "sleep $NAP " &&
			{ pid=${file#/proc/}; echo "${pid%/cmdline}"; }
	done
	return 0
}

# library NAME LINE...: an archive whose build runs these lines, before it installs a header
library() {
	local name=$1 line
	shift
	"$CENV_SOURCE_DIR/tests/lib/make-source" --ini "$(
		printf '[package]\nname = %s\nversion = 1.0\n[build]\nsystem = commands\nbuild =\n' "$name"
		for line; do printf '    %s\n' "$line"; done
		printf 'install =\n    mkdir -p $DESTDIR$PREFIX/include\n'
		printf '    cp %s.h $DESTDIR$PREFIX/include/\n' "$name"
	)" commands "$name" 1.0 "$PWD"
}

# nothing_happened NAME: the environment is as it was
nothing_happened() {
	[ ! -e "env/include/$1.h" ]
	run -0 --separate-stderr cenv list
	assert_equal "$output" ""
}

# end_by SIGNAL OPTION...: start an install of wild, wait until it naps, send the signal
end_by() {
	local signal=$1 pid tries=0
	shift
	# a job of a shell that is not interactive ignores SIGINT, and so would cenv
	(exec python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' cenv install "$@" ./wild-1.0.tar.gz) >out 2>err &
	pid=$!
	until [ "$(sleepers | wc -l)" -ge 2 ]; do
		sleep 0.1
		tries=$((tries + 1))
		[ $tries -lt 300 ] || { cat out err; return 1; }
	done
	kill "-$signal" "$pid"
	ended=0
	wait "$pid" || ended=$?
}

# ---- its place ----

@test "a build in the sandbox writes nowhere but in its folder" {
	need_sandbox
	mkdir outside
	library tame "for i in '$PWD/outside' '$HOME' / /usr /usr/lib /etc /var /opt '$CENV_HOME' \$PREFIX; do" \
		'if touch "$i/was-here" || mkdir "$i/was-here"; then exit 9; fi; done' \
		'touch "$HOME/mine" "$TMPDIR/mine" /tmp/mine'
	run -0 cenv install --sandbox=require ./tame-1.0.tar.gz
	[ -f env/include/tame.h ]
	[ -z "$(ls outside)" ] && [ ! -e /tmp/mine ] && [ ! -e "$HOME/mine" ]
	[ -z "$(find / -xdev -maxdepth 2 -name was-here 2>/dev/null)" ]
}

@test "a build in the sandbox has no rights to change its mounts, also where cenv is run by root" {
	need_sandbox
	# the prefix is the store's: what a build mounts there anew harms nobody but this test
	library tame 'if mount -o remount,bind,rw "$PREFIX"; then exit 9; fi' \
		'if touch "$PREFIX/was-here"; then exit 9; fi' \
		'if mount -t tmpfs none /tmp; then exit 9; fi' \
		'if umount -l /usr; then exit 9; fi' \
		'if unshare -Urm mount -o remount,bind,rw "$PREFIX"; then exit 9; fi' \
		'if mknod node c 1 3; then exit 9; fi' \
		'if grep "^Cap[EP][a-z]*:.*[1-9a-f]" /proc/self/status; then exit 9; fi'
	run -0 cenv install --sandbox=require ./tame-1.0.tar.gz
	[ -f env/include/tame.h ]
}

@test "a build in the sandbox reads nothing of the user's" {
	need_sandbox
	echo hunter2 >"$HOME/secret"
	echo hunter2 >secret
	export MY_TOKEN=hunter2
	library tame "if cat '$HOME/secret' '$PWD/secret' ~/secret; then exit 9; fi" \
		"if [ -e /root ] || [ -e /home ] || [ -e '$CENV_HOME' ] || [ -e '$PWD' ]; then exit 9; fi" \
		'if env | grep hunter2; then exit 9; fi' \
		'if grep -l hunter2 /proc/[0-9]*/environ; then exit 9; fi' \
		'test $(ls -d /proc/[0-9]* | wc -l) -lt 12'
	run -0 cenv install --sandbox=require ./tame-1.0.tar.gz
}

@test "a compiler in the user's home does not show the home to builds" {
	need_sandbox
	mkdir -p "$HOME/bin" "$HOME/.local/bin" "$HOME/.local/share" "$HOME/gcc/bin" "$HOME/gcc/share"
	echo hunter2 >"$HOME/secret"
	echo hunter2 >"$HOME/.local/share/secret"
	printf '#!/bin/sh\nexec gcc "$@"\n' >"$HOME/mycc"
	chmod +x "$HOME/mycc"
	for place in . bin .local/bin gcc/bin; do
		[ "$place" = . ] || cp "$HOME/mycc" "$HOME/$place/"
		touch "$HOME/gcc/share/part"
		name=tame$(tr -dc a-z <<<"$place")
		library "$name" "if grep -r hunter2 '$HOME'; then exit 9; fi" 'echo "int x;" >x.c; $CC -c x.c'
		cenv create -q --clear --compiler "$HOME/$place/mycc" env
		run -0 cenv install --sandbox=require "./$name-1.0.tar.gz"
	done
	# a home that is a link
	ln -s home another
	library tamed "if grep -r hunter2 '$HOME' '$PWD/another'; then exit 9; fi"
	HOME=$PWD/another run -0 cenv create -q --clear --compiler "$PWD/another/mycc" env
	HOME=$PWD/another run -0 cenv install --sandbox=require ./tamed-1.0.tar.gz
}

@test "what the user's shell has open reaches no build, with or without a sandbox" {
	echo hunter2 >"$HOME/secret"
	for mode in $MODES; do
		library "tame$mode" 'if cat <&8; then exit 9; fi' \
			'if ls /proc/self/fd/9/ || touch /proc/self/fd/9/was-here; then exit 9; fi'
		run -0 cenv install "--sandbox=$mode" "./tame$mode-1.0.tar.gz" 8<"$HOME/secret" 9<"$HOME"
	done
	[ ! -e "$HOME/was-here" ]
}

@test "the user's variables reach no build, with or without a sandbox" {
	export MY_TOKEN=hunter2 CFLAGS=-hunter2 LD_LIBRARY_PATH=/hunter2 MAKEFLAGS=hunter2 CC=hunter2
	for mode in $MODES; do
		library "tame$mode" 'if env | grep hunter2; then exit 9; fi'
		run -0 cenv install "--sandbox=$mode" "./tame$mode-1.0.tar.gz"
	done
}

@test "a build in the sandbox reaches no network, not even this machine's" {
	need_sandbox
	# a server that is there: without a sandbox the same build reaches it
	coproc SERVER { exec python3 -c '
import socket, sys
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
s.settimeout(120)
try:
    while True:
        s.accept()[0].close()
except OSError:
    pass'; }
	server=$SERVER_PID
	read -r port <&"${SERVER[0]}"
	library tame "if python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", $port), 5)'; then exit 9; fi"
	run -0 cenv install --sandbox=require ./tame-1.0.tar.gz
	cenv uninstall -y tame
	rm -rf "$CENV_HOME" # the object from the sandbox would serve
	run -5 --separate-stderr cenv install --sandbox=off ./tame-1.0.tar.gz
	assert_contains "$stderr" "exited with 9"
	kill "$server"
}

@test "--sandbox=require without bubblewrap fails and says what to install" {
	library tame 'true'
	mkdir bin
	for tool in /usr/bin/* /bin/*; do
		[ "${tool##*/}" = bwrap ] || [ -e "bin/${tool##*/}" ] || ln -s "$tool" bin/
	done
	PATH="$CENV_BINDIR:$PWD/bin" run -5 --separate-stderr cenv install --sandbox=require ./tame-1.0.tar.gz
	assert_equal "$output" ""
	assert_contains "$stderr" "a sandbox is required, but bubblewrap is not installed"
	assert_contains "$stderr" "apt install bubblewrap"
	nothing_happened tame
	# and by default it builds without, in so many words
	PATH="$CENV_BINDIR:$PWD/bin" run -0 --separate-stderr cenv install ./tame-1.0.tar.gz
	assert_equal "$(grep -c 'bubblewrap is not installed: builds run without isolation' <<<"$stderr")" 1
}

@test "an object that was built without a sandbox does not pass for one from a sandbox" {
	need_sandbox
	library tame 'echo built >&2'
	run -0 --separate-stderr cenv install --sandbox=off ./tame-1.0.tar.gz
	assert_contains "$stderr" "the sandbox is switched off: builds run without isolation"
	cenv uninstall -y tame
	run -0 --separate-stderr cenv install --sandbox=require ./tame-1.0.tar.gz
	assert_contains "$output$stderr" "(1 built, 0 from the store)"
	cenv uninstall -y tame
	run -0 --separate-stderr cenv install --sandbox=off ./tame-1.0.tar.gz
	assert_contains "$output$stderr" "(0 built, 1 from the store)"
}

# ---- running wild ----

@test "a build that hangs is ended with all that it started" {
	library wild "sleep $NAP & (setsid sh -c 'sleep $NAP & exec sleep $NAP' &); sleep $NAP"
	for mode in $MODES; do
		run -5 --separate-stderr cenv install "--sandbox=$mode" --build-timeout=2 ./wild-1.0.tar.gz
		assert_contains "$stderr" "was still running after 2 seconds"
		assert_equal "$(sleepers)" ""
		nothing_happened wild
	done
}

@test "a build that writes without end is ended with all that it started" {
	library wild "(setsid sleep $NAP &); while :; do echo on and on and on and on and on; done"
	for mode in $MODES; do
		run -5 --separate-stderr cenv install "--sandbox=$mode" --build-log-max=1 \
			--build-timeout=120 ./wild-1.0.tar.gz
		assert_contains "$stderr" "wrote more than 1048576 bytes into its log"
		[ -z "$(find "$CENV_HOME/logs" -type f -size +1048576c)" ]
		assert_equal "$(sleepers)" ""
		nothing_happened wild
	done
}

@test "what a build leaves running ends with it, whether it succeeds or fails" {
	library good "(setsid sh -c 'sleep $NAP & exec sleep $NAP' &); sleep $NAP & sleep 0.2"
	library bad "(setsid sh -c 'sleep $NAP & exec sleep $NAP' &); sleep 0.2; exit 9"
	for mode in $MODES; do
		run -0 cenv install "--sandbox=$mode" ./good-1.0.tar.gz
		assert_equal "$(sleepers)" ""
		cenv uninstall -y good
		rm -rf "$CENV_HOME"
		run -5 cenv install "--sandbox=$mode" ./bad-1.0.tar.gz
		assert_equal "$(sleepers)" ""
		nothing_happened bad
	done
}

@test "an interrupt ends a build at once and leaves no process and no half state" {
	library wild "trap '' TERM INT HUP; (setsid sh -c 'sleep $NAP & exec sleep $NAP' &); sleep $NAP"
	for mode in $MODES; do
		for signal in INT TERM HUP; do
			end_by "$signal" "--sandbox=$mode"
			assert_equal "$ended" "$((128 + $(kill -l "$signal")))"
			assert_equal "$(sleepers)" ""
			assert_contains "$(cat err)" "cenv: interrupted"
			nothing_happened wild
			[ -z "$(ls "$CENV_HOME/objects")" ]
			[ -z "$(ls "$CENV_HOME/build")" ]
		done
	done
}

@test "a killed cenv leaves no process, and the next command goes on" {
	library wild "if [ -e again ]; then exit 9; fi; sleep $NAP & (setsid sleep $NAP &); sleep $NAP"
	for mode in $MODES; do
		end_by KILL "--sandbox=$mode"
		assert_equal "$ended" 137
		tries=0
		while [ -n "$(sleepers)" ] && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
		assert_equal "$(sleepers)" ""
		run -5 --separate-stderr cenv install "--sandbox=$mode" --build-timeout=1 ./wild-1.0.tar.gz
		assert_contains "$stderr" "was still running after 1 second"
		nothing_happened wild
	done
}

# ---- local folders ----

@test "an edited local folder is built again, one that only git touched is not" {
	library tame 'true'
	mkdir tame && tar -C tame --strip-components=1 -xf tame-1.0.tar.gz
	run -0 --separate-stderr cenv install ./tame
	assert_contains "$output$stderr" "(1 built, 0 from the store)"
	mkdir tame/.git && echo 'ref: refs/heads/main' >tame/.git/HEAD
	cenv create -q tame/.cenv
	run -0 --separate-stderr cenv install ./tame
	assert_contains "$output$stderr" "everything is installed already"
	echo '/* edited */' >>tame/tame.h
	run -0 --separate-stderr cenv install ./tame
	assert_contains "$output$stderr" "(1 built, 0 from the store)"
	grep -q edited env/include/tame.h
	chmod +x tame/tame.c
	run -0 --separate-stderr cenv install ./tame
	assert_contains "$output$stderr" "(1 built, 0 from the store)"
}
