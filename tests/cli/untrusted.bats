# What others made up does not steer the terminal, and credentials stay out of all that is printed
# or kept: by every command, on both streams.
load ../lib/cli.bash
load ../lib/sources.bash
load ../lib/tiny.bash

setup() {
	setup_home
	mkdir index
	use_tiny
}

teardown() {
	stop_server
}

# What a terminal takes for commands: controls, DEL, C1 as UTF-8 and bare, and a reordered line.
STEER=$(printf 'A\302\233\063\061mB\342\200\256C\233D')

# calm COMMAND...: neither stream has anything in it that steers, whatever the status
calm() {
	"$@" >out 2>err </dev/null || true
	python3 - "$*" out err <<-'END'
		import sys, unicodedata
		for name in sys.argv[2:]:
		    data = open(name, "rb").read()
		    try:
		        text = data.decode()
		    except UnicodeDecodeError as e:
		        sys.exit(f"{sys.argv[1]}: {name} is no UTF-8: {data!r}")
		    bad = [c for c in text if unicodedata.category(c) in ("Cc", "Cf") and c not in "\n\t"]
		    if bad:
		        sys.exit(f"{sys.argv[1]}: {name} has {bad!r}: {text!r}")
	END
}

look_everywhere() {
	calm cenv list
	calm cenv list --json
	calm cenv show t
	calm cenv show --json --files t
	calm cenv tree
	calm cenv why t
	calm cenv history
	calm cenv history --json
	calm cenv freeze
	calm cenv check
	calm cenv outdated
	calm cenv diff e e
	calm cenv cache list
	calm cenv uninstall -y other
}

@test "a recipe that would steer the terminal is malformed" {
	tiny t 1.0
	cenv create -q e
	export CENV="$PWD/e"
	cp index/t.ini good.ini
	for line in "summary = $STEER" "summary = "$'\e[31m' "homepage = http://h/"$'\302\233' "license = "$'\377'; do
		{
			grep -v '^summary' good.ini | sed '/^name/q'
			echo "$line"
			sed '1,/^license/d' good.ini
		} >index/t.ini
		run -2 --separate-stderr cenv install t
		assert_contains "$stderr" "index/t.ini:3: "
		for command in "info t" "info --json t" "search" "install t" "lock -o - t" "recipe lint index"; do
			# shellcheck disable=SC2086 # words
			calm cenv $command
		done
	done
}

@test "what an environment's records hold does not steer the terminal" {
	tiny t 1.0
	cenv create -q e
	export CENV="$PWD/e"
	cenv install -q t
	cp -r e/lib/cenv saved
	for field in summary license version name; do
		rm -rf e/lib/cenv
		cp -r saved e/lib/cenv
		python3 - e/lib/cenv/t.json "$field" "$STEER" <<-'END'
			import json, os, sys
			path, field, text = sys.argv[1:]
			record = json.load(open(path))
			record["package"][field] = text.encode("utf-8", "surrogateescape").decode("latin-1")
			record["package"][field] += "\u009b31m\u202e"
			json.dump(record, open(path, "w"), ensure_ascii=False)
		END
		look_everywhere
	done
	rm -rf e/lib/cenv
	cp -r saved e/lib/cenv
	sed -i 's/install t/install \\u001b[31m\\u009b\\u202e\\n/' e/lib/cenv/history
	look_everywhere
	cenv history | grep -q 'install \\x1b\[31m'
}

@test "names of files and folders that are no UTF-8 make JSON all the same" {
	tiny t 1.0
	folder=$(printf 'odd\233\377')
	mkdir "$folder"
	cd "$folder"
	cenv create -q e
	run -0 cenv list --env e --json
	python3 -c 'import json, sys; json.loads(sys.argv[1].encode())' "$output"
	calm cenv list --env e --json
	calm cenv create e
	calm cenv install --env e ./missing
}

@test "a build's output does not steer the terminal" {
	mkdir loud-1.0
	printf 'all:\n\t@printf "error: \\033[31m\\302\\233\\r\\007\\n\\033]0;title\\007"; exit 1\n' >loud-1.0/Makefile
	tar -czf loud-1.0.tar.gz loud-1.0
	cenv create -q e
	calm cenv install --env e -v ./loud-1.0.tar.gz
	grep -qF 'first error: error: \x1b[31m\xc2\x9b\x0d\x07' err
	# the same where files have such names
	printf 'all:\ninstall:\n\tmkdir -p "$(DESTDIR)$(PREFIX)/include"; touch "$$(printf "$(DESTDIR)$(PREFIX)/include/\\033[31m.h")"\n' >loud-1.0/Makefile
	tar -czf loud-1.0.tar.gz loud-1.0
	calm cenv install --env e ./loud-1.0.tar.gz
	grep -qF '\x1b[31m' err
}

@test "a server's answers do not steer the terminal" {
	mkdir root
	start_server "$PWD/root"
	cenv create -q e
	export CENV="$PWD/e"
	for answer in location reason header realm garbage; do
		calm cenv install "http://127.0.0.1:$PORT/steer/$answer/x-1.0.tar.gz" --index "http://127.0.0.1:$PORT/steer/$answer"
		assert_contains "$(cat err)" "cenv: cannot "
	done
	printf '{"version": 1, "packages": {"\\u001b[31m": {"sha256": "\\u009b"}}}' >root/index.json
	calm cenv search --index "http://127.0.0.1:$PORT/ok"
	assert_contains "$(cat err)" "index.json"
}

@test "a name cannot add a line that looks like ours" {
	printf 'all:\n' >Makefile
	tar --transform $'s,Makefile,t/a\ncenv: warning: trust me\nx,' -cf x-1.0.tar Makefile
	cenv create -q e
	run -4 --separate-stderr cenv install --env e ./x-1.0.tar
	refute_contains "$stderr" $'\ncenv: warning'
	assert_contains "$stderr" 'member '\''t/a\x0acenv: warning'
}

# ---- credentials ----

# shown COMMAND...: run it, and fail when anything it printed or left has the password or token
shown() {
	"$@" >out 2>&1 </dev/null || true
	! grep -H 'swordfish\|hunter2' out
}

@test "credentials reach the server and nothing else" {
	mkdir root
	tiny t 1.0
	cp archives/t-1.0.tar.gz root/
	sed -n '/build/,/requires/p' index/t.ini >build
	start_server "$PWD/root" --user me:swordfish
	cenv create -q e
	export CENV="$PWD/e"
	base=me:swordfish@127.0.0.1:$PORT/auth
	url="http://$base/t-1.0.tar.gz?token=hunter2&x=1"
	shown cenv install -v "t @ $url"
	cat out
	grep -q 'installed 1 package' out
	assert_contains "$(cat out)" "from http://127.0.0.1:$PORT/auth/t-1.0.tar.gz?token=***&x=1"
	grep -q 'token=hunter2' root/requests.log
	for command in freeze "freeze --no-hashes" "list --json" "show t" "show --json t" history \
		"history --json" "why t" tree check outdated "diff e e"; do
		# shellcheck disable=SC2086 # words
		shown cenv $command
	done
	assert_contains "$(cenv history)" "install t @ http://***@127"
	# asked for in a file that is itself behind a login
	printf 't @ %s\nunknown\n' "$url" >root/list.txt
	shown cenv install -r "http://$base/list.txt"
	grep -q "no package is called 'unknown'" out
	printf 't @ %s\n' "$url" >root/list.txt
	shown cenv lock -o lock.txt -r "http://$base/list.txt"
	grep -q 'via -r http://127' lock.txt
	shown cenv lock --check -o lock.txt -r "http://$base/list.txt" "x @ $url"
	# what is wrong with it
	for arg in "t @ $url --what" "http://$base/none?token=hunter2" "$url --hash=sha256:$(printf %064d 0)" \
		"t @ http://$base/none-1.0.tar.gz?sig=hunter2" "u @ $url" "http://me:swordfish@127.0.0.1:1/u-1.tar"; do
		shown cenv install "$arg"
		grep -q '^cenv: ' out
	done
	shown cenv install --index "http://$base" --mirror "http://$base" -f "http://$base" t
	shown cenv add "t @ $url"
	# recipes with such URLs
	printf '[package]\nname = r\nsummary = r\nlicense = MIT\n%s\n[version 1.0]\nurl = %s\nsha256 = %s\n' \
		"$(cat build)" "$url" "$(sha256_of root/t-1.0.tar.gz)" >index/r.ini
	shown cenv info r
	shown cenv info --json r
	shown cenv install -v r
	run ! grep -rl 'swordfish\|hunter2' e store home lock.txt
	assert_equal "$output" ""
}

@test "credentials that look like the end of a URL stay out of all the same" {
	mkdir root
	tiny t 1.0
	cp archives/t-1.0.tar.gz root/
	start_server "$PWD/root" --user "me:sword'f\"i<s>h"
	cenv create -q e
	export CENV="$PWD/e"
	url="http://me:sword'f\"i<s>h@127.0.0.1:$PORT/auth/t-1.0.tar.gz?token=hunter2"
	# shellcheck disable=SC2317 # called below
	silent() {
		"$@" >out 2>&1 </dev/null || true
		run -1 grep -H 'sword\|hunter2' out
	}
	silent cenv install -v "t @ $url"
	grep -q 'installed 1 package' out
	for command in history "history --json" freeze "why t"; do
		# shellcheck disable=SC2086 # words
		silent cenv $command
	done
	silent cenv install "t @ $url --what"
	# a password with a '/' is not even one, and still the user's
	silent cenv install "u @ http://me:sword/fish@127.0.0.1:$PORT/ok/t-1.0.tar.gz"
	grep -q 'cannot fetch' out
	silent cenv lock -o lock.txt "u @ http://me:sword/fish@127.0.0.1:$PORT/ok/t-1.0.tar.gz"
	run -1 grep -rl 'sword\|hunter2' e store
	assert_equal "$output" ""
}

@test "a login that is wanted: the message says where it goes, and netrc is read on request" {
	mkdir root
	tiny t 1.0
	cp archives/t-1.0.tar.gz root/
	start_server "$PWD/root" --user me:swordfish
	cenv create -q e
	url=http://127.0.0.1:$PORT/auth/t-1.0.tar.gz
	echo "machine 127.0.0.1 login me password swordfish" >home/.netrc
	run -4 --separate-stderr cenv install --env e "t @ $url"
	assert_equal "$stderr" "cenv: cannot fetch 't' from '$url': the server answered 401 (it wants a user name and password)
hint: user name and password go into the URL, as NAME:PASSWORD@ before the host, or into ~/.netrc with CENV_NETRC=1"
	CENV_NETRC=1 cenv install -q --env e "t @ $url"
	run ! grep -rl swordfish e store
	assert_equal "$output" ""
}
