load ../lib/cli.bash
load ../lib/tiny.bash

setup() {
	setup_home
	export CENV_SANDBOX=off # what a sandbox does is not looked at here
	tiny foo 1
	tiny foo 2
	tiny bar 1 foo
	use_tiny
}

teardown() {
	[ -z "${elsewhere-}" ] || rm -rf "$elsewhere"
}

install_quietly() {
	cenv create -q "$1"
	cenv install -q --env "$@"
}

# flip FILE OFFSET: change one byte in place, as a failing disk does
flip() {
	local mode byte
	mode=$(stat -c %a "$1")
	byte=$(od -An -tu1 -j"$2" -N1 "$1")
	chmod u+w "$1"
	printf "\\x$(printf %x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
	chmod "$mode" "$1"
}

# ---- looking ----

@test "cache dir prints the path and makes nothing" {
	run -0 --separate-stderr cenv cache dir
	assert_equal "$output" "$CENV_HOME"
	assert_equal "$stderr" ""
	[ ! -e "$CENV_HOME" ]
}

@test "an unknown action is a usage error that names the others" {
	run -2 --separate-stderr cenv cache prune
	assert_equal "$output" ""
	assert_contains "$stderr" "cenv: cache: unknown action 'prune'"
	assert_contains "$stderr" "dir, info, list, verify, gc and clear"
}

@test "an option that means nothing for the action is refused" {
	local line
	for line in "dir --json" "info --dry-run" "list --older-than 1" "verify --max-size 1G" \
		"clear --older-than 1"; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr cenv cache $line
		assert_contains "$stderr" "means nothing for '${line%% *}'"
		assert_equal "$output" ""
	done
	[ ! -e "$CENV_HOME" ]
}

@test "sizes and ages that are none are usage errors" {
	run -2 --separate-stderr cenv cache gc --max-size lots
	assert_contains "$stderr" "option '--max-size' needs a size, not 'lots'"
	for days in -1 1.5 "" x 99999999999999999999; do
		run -2 --separate-stderr cenv cache gc "--older-than=$days"
		assert_contains "$stderr" "option '--older-than' needs a number of days, not '$days'"
	done
}

@test "cache list names each object, its key, size and use" {
	install_quietly e bar foo==1
	key=$(basename "$(object foo 1)")
	run -0 --separate-stderr cenv cache list
	assert_equal "${#lines[@]}" 2
	[[ "${lines[1]}" =~ ^foo\ +1\ +${key:0:16}\ +[0-9.]+\ [kM]?B\ +$(date -u +%F)\ \ in\ use$ ]]
	[[ "${lines[0]}" == "bar "* ]]
	cenv uninstall -q --env e bar foo
	run -0 cenv cache list
	refute_contains "$output" "in use"
}

@test "cache list --json is one document with the whole key" {
	install_quietly e foo==1
	run -0 --separate-stderr cenv cache list --json
	python3 - "$output" "$(basename "$(object foo 1)")" <<-'END'
		import json, sys
		doc = json.loads(sys.argv[1])
		assert doc["version"] == 1
		(o,) = doc["objects"]
		assert (o["name"], o["version"], o["key"], o["in_use"]) == ("foo", "1", sys.argv[2], True)
		assert o["bytes"] > 0 and o["last_used"].endswith("Z")
	END
}

# ---- verify ----

@test "verify of a whole store says so" {
	install_quietly e bar foo==1
	run -0 --separate-stderr cenv cache verify
	assert_equal "$output" ""
	assert_contains "$stderr" "2 objects and 2 sources, "
}

@test "verify finds any changed byte of an object, names and drops it" {
	install_quietly e foo==1
	local o size offset file n=0
	o=$(object foo 1)
	cp -a "$CENV_HOME" whole
	for file in $(cd "$o" && find . -type f -printf '%P\n'); do
		size=$(stat -c %s "whole/objects/${o##*/}/$file")
		for offset in 0 $((size / 2)) $((size - 1)); do
			rm -rf "$CENV_HOME"
			cp -a whole "$CENV_HOME"
			flip "$o/$file" "$offset"
			run -1 --separate-stderr cenv cache verify
			name=${o##*/} # its key, for info.json may be what is damaged
			assert_contains "$output" "${name:0:16}"
			assert_contains "$stderr" "1 damaged thing in the store"
			[ ! -e "$o" ]
			[ -z "$(ls "$CENV_HOME/tmp")" ]
			n=$((n + 1))
		done
	done
	[ "$n" -ge 18 ]
	run -0 cenv cache verify # what is left is whole
	cenv create f
	run -0 --separate-stderr cenv install --env f foo==1
	assert_contains "$stderr" "(1 built, 0 from the store)"
}

@test "verify finds what is missing, added, of another type, size, mode or target" {
	install_quietly e foo==1
	local o change
	o=$(object foo 1)
	cp -a "$CENV_HOME" whole
	for change in "rm tree/share/foo/data;share/foo/data: missing" \
		"touch tree/share/new;share/new: not in the manifest" \
		"mkdir tree/include/d;include/d: not in the manifest" \
		"rm tree/share/foo/data && mkdir tree/share/foo/data;share/foo/data: of another type" \
		"mv tree/include i && ln -s ../i tree/include;include: of another type" \
		"truncate -s 1 tree/share/foo/data;share/foo/data: another size" \
		"chmod 755 tree/share/foo/data;share/foo/data: another mode" \
		"ln -sfn where tree/share/foo/link;share/foo/link: another target" \
		"rm sums;sums: " "rm manifest;manifest: " "rm info.json;info.json: " \
		"rm -r tree;tree: "; do
		rm -rf "$CENV_HOME"
		cp -a whole "$CENV_HOME"
		(cd "$o" && chmod -R u+w . && sh -ec "${change%%;*}")
		chmod -R u-w "$o/tree" 2>/dev/null || true
		run -1 --separate-stderr cenv cache verify
		assert_contains "$output" ": ${change#*;}"
		[ ! -e "$o" ]
	done
}

@test "verify drops nothing that it could not read for want of descriptors" {
	install_quietly e foo==1
	local n out short=0
	for ((n = 5; n <= 20; n++)); do
		out=$(ulimit -n "$n" && exec cenv cache verify 2>&1) || true
		refute_contains "$out" "damaged"
		case $out in
		*"cannot check "*": Too many open files") short=$((short + 1)) ;;
		esac
		object foo 1
	done
	[ "$short" -ge 1 ]
	cenv cache verify
}

@test "verify drops nothing where nothing can be hashed" {
	install_quietly e foo==1
	mkdir -p half/bin half/lib
	cp "$CENV_BINDIR/cenv" half/bin/
	cp -R "$CENV_BINDIR/../lib/cenv" half/lib/
	rm half/lib/cenv/cenv-digest.so
	run -1 --separate-stderr half/bin/cenv cache verify
	assert_contains "$stderr" "cenv-digest.so"
	assert_contains "$stderr" "hint: the installation is incomplete"
	run -0 cenv cache verify
	object foo 1
}

@test "an object that is damaged is not installed: the error says what to do, and that helps" {
	install_quietly e foo==1
	cenv uninstall -q --env e foo
	local o change
	o=$(object foo 1)
	cp -a "$CENV_HOME" whole
	for change in "rm manifest" "rm info.json" "rm -r tree" "rm tree/share/foo/data" \
		"rm -r tree/share" "head -n 3 manifest >m && mv m manifest" "truncate -s 9 info.json"; do
		rm -rf "$CENV_HOME"
		cp -a whole "$CENV_HOME"
		(cd "$o" && chmod -R u+w . && sh -ec "$change")
		run ! --separate-stderr cenv install --env e foo==1
		assert_contains "$change: $stderr" "hint: run 'cenv cache verify', then the command again"
		assert_equal "$(cenv list --env e)" ""
		run -1 cenv cache verify
		run -0 cenv install --env e foo==1
		run -0 cenv check --env e
		assert_equal "$(find e/share/foo | wc -l)" 4
		cenv uninstall -q --env e foo
	done
}

@test "verify finds any changed byte of a source, and install fetches it again" {
	install_quietly e foo==1
	local source
	source=$(echo "$CENV_HOME"/sources/*)
	flip "$source" 100
	rm -rf "$(object foo 1)"
	run -1 --separate-stderr cenv cache verify
	assert_equal "$output" "sources/${source##*/}: ${source##*/}: other contents"
	[ ! -e "$source" ]
	cenv create f
	run -0 --separate-stderr cenv install --env f foo==1
	assert_contains "$stderr" "fetched   foo 1"
}

@test "a damaged source that is met on the way hints at verify" {
	install_quietly e foo==1
	local source archive=$PWD/archives/foo-1.tar.gz given
	source=$(echo "$CENV_HOME"/sources/*)
	flip "$source" 100
	rm -rf "$(object foo 1)"
	cenv create -q f
	# the recipe's, one given as an archive (its cenv.ini is looked for first), and a pinned tree
	for given in foo==1 "foo @ file://$archive --hash=sha256:$(sum_of foo 1)" \
		"foo==1 --tree-hash=sha256:$(cenv hash "$archive" | sed -n 's/.*--tree-hash=sha256://p')"; do
		run -4 --separate-stderr cenv install --env f "$given"
		assert_contains "$stderr" "the source '${source##*/}' in the store is damaged: "
		assert_contains "$stderr" "hint: run 'cenv cache verify', then the command again"
	done
	run -1 cenv cache verify
	run -0 cenv install --env f foo==1
}

@test "an archive that was bad from the start is not the store's fault" {
	head -c 100 archives/foo-1.tar.gz >bad-1.0.tar.gz
	cenv create -q e
	run -4 --separate-stderr cenv install --env e ./bad-1.0.tar.gz
	refute_contains "$stderr" "cache verify"
}

@test "verify drops what cenv did not put there, its name escaped" {
	install_quietly e foo==1
	touch "$CENV_HOME/sources/evil"$'\e'"[31m"
	mkdir "$CENV_HOME/objects/mine"
	run -1 --separate-stderr cenv cache verify
	assert_contains "$output" 'evil\x1b[31m'
	assert_contains "$output" "objects/mine: nothing that cenv put there"
	assert_equal "$(objects)" 1
	run -0 cenv cache verify
}

@test "verify --dry-run names damage and drops nothing; --json has it all" {
	install_quietly e foo==1
	local o
	o=$(object foo 1)
	flip "$o/tree/share/foo/data" 5
	run -1 --separate-stderr cenv cache verify --dry-run --json
	[ -d "$o" ]
	python3 - "$output" "${o##*/}" <<-'END'
		import json, sys
		doc = json.loads(sys.argv[1])
		assert doc["ok"] is False and doc["objects"] == 1 and doc["sources"] == 1
		(d,) = doc["damaged"]
		assert (d["kind"], d["name"], d["key"], d["dropped"]) == ("object", "foo", sys.argv[2], False)
		assert d["faults"] == ["share/foo/data: other contents"]
	END
	run -1 cenv cache verify --json
	assert_contains "$output" '"dropped":	true'
	run -0 cenv cache verify --json
	assert_contains "$output" '"ok":	true'
}

# ---- gc ----

@test "gc leaves what an environment uses, and what is young" {
	install_quietly e bar foo==1
	cenv create f
	cenv install -q --env f foo==2
	cenv uninstall -q --env f foo
	run -0 cenv cache gc
	assert_equal "$(objects)" 3
	run -0 --separate-stderr cenv cache gc --older-than 0
	assert_equal "$output" ""
	assert_contains "$stderr" "part of it in use by environments"
	assert_equal "$(objects)" 2
	assert_equal "$(ls "$CENV_HOME/sources")" ""
	run ! object foo 2
	run -0 cenv check --env e
}

@test "gc goes by the last use" {
	install_quietly e foo==1
	install_quietly f foo==2
	cenv uninstall -q --env e foo
	cenv uninstall -q --env f foo
	touch -d '20 days ago' "$CENV_HOME"/objects/*
	cenv install -q --env f foo==2
	cenv uninstall -q --env f foo
	run -0 cenv cache gc --older-than 10
	assert_equal "$(objects)" 1
	object foo 2
}

@test "gc --max-size removes the longest unused first, and no more than it must" {
	install_quietly e foo==1
	install_quietly f foo==2
	cenv uninstall -q --env e foo
	cenv uninstall -q --env f foo
	rm "$CENV_HOME"/sources/*
	touch -d '3 days ago' "$(object foo 1)"
	touch -d '2 days ago' "$(object foo 2)"
	run -0 cenv cache gc --max-size 1G
	assert_equal "$(objects)" 2
	run -0 cenv cache gc --max-size 100k
	assert_equal "$(objects)" 1
	object foo 2
	run -0 cenv cache gc --max-size 0
	assert_equal "$(objects)" 0
}

@test "gc --dry-run prints what would go, and nothing goes" {
	install_quietly e foo==1
	cenv uninstall -q --env e foo
	find "$CENV_HOME" | sort >before
	run -0 --separate-stderr cenv cache gc --older-than 0 --dry-run
	assert_contains "$output" "object foo 1 ("
	assert_contains "$output" "source sources/"
	assert_contains "$output" "log logs/foo-1-"
	assert_contains "$stderr" "would remove 3 things"
	run -0 cenv cache clear --dry-run
	find "$CENV_HOME" | sort >after
	cmp before after
	run -0 --separate-stderr cenv cache gc --older-than 0 --json
	python3 - "$output" <<-'END'
		import json, sys
		doc = json.loads(sys.argv[1])
		assert sorted(r["kind"] for r in doc["removed"]) == ["log", "object", "source"]
		assert doc["freed_bytes"] > 0 and doc["left_bytes"] == doc["in_use"] == doc["busy"] == 0
	END
}

@test "gc sweeps what stopped commands left, and the folders of failed builds" {
	cenv cache info >/dev/null
	touch "$CENV_HOME/tmp/partial-x" "$CENV_HOME/tmp/mismatch-x" "$CENV_HOME/tmp/fetch-1-1"
	mkdir -p "$CENV_HOME/tmp/object-99-0/tree" "$CENV_HOME/build/foo-01234567/work"
	touch "$CENV_HOME/tmp/object-99-0/tree/file"
	chmod 555 "$CENV_HOME/tmp/object-99-0/tree"
	run -0 --separate-stderr cenv cache gc
	assert_contains "$stderr" "removed 5 things"
	assert_equal "$(ls "$CENV_HOME/tmp" "$CENV_HOME/build")" "$CENV_HOME/build:"$'\n\n'"$CENV_HOME/tmp:"
}

@test "the folder of a failed build does not keep objects in use" {
	tiny broken 1 foo
	sed -i 's/^build =/build =\n    false/' index/broken.ini
	cenv create e
	run -5 cenv install --env e broken
	[ -n "$(ls "$CENV_HOME/build")" ]
	run -0 cenv cache gc --older-than 0
	assert_equal "$(objects)" 0
	assert_equal "$(ls "$CENV_HOME/build")" ""
}

# a build that waits for a file, in the background: $builder is its process
start_slow_build() {
	tiny slow 1 foo
	sed -i "s|^build =|build =\n    touch '$PWD/building'\n    until [ -e '$PWD/go' ]; do sleep 0.1; done|" \
		index/slow.ini
	cenv create slow-env
	timeout 60 cenv install --env slow-env slow >slow.log 2>&1 3>&- &
	builder=$!
	for _ in $(seq 300); do
		[ -e building ] && return 0
		sleep 0.1
	done
	return 1
}

@test "gc and clear leave alone what another process builds, reads and downloads" {
	start_slow_build
	touch "$CENV_HOME/tmp/partial-new"
	touch -d '2 days ago' "$CENV_HOME/tmp/partial-old"
	run -0 --separate-stderr cenv cache gc --older-than 0
	assert_contains "$stderr" "because another command is using the store"
	run -0 --separate-stderr cenv cache clear
	assert_contains "$stderr" "because another command is using the store"
	[ -n "$(ls "$CENV_HOME/build")" ]
	object foo 2 # the build's dependency
	[ -e "$CENV_HOME/tmp/partial-new" ]
	[ ! -e "$CENV_HOME/tmp/partial-old" ]
	touch go
	wait "$builder"
	run -0 cenv check --env slow-env
	run -0 --separate-stderr cenv cache clear
	refute_contains "$stderr" "another command"
	assert_equal "$(objects)" 0
}

@test "verify drops a damaged object that another process reads, without harm to that" {
	start_slow_build
	o=$(object foo 2)
	flip "$o/tree/include/foo.h" 3
	run -1 cenv cache verify
	[ ! -e "$o" ]
	touch go
	wait "$builder"
	run -0 cenv cache gc
	assert_equal "$(ls "$CENV_HOME/tmp")" ""
}

@test "installs go on while gc and clear run" {
	local i pids=()
	for i in 1 2 3; do
		(
			set -e
			for round in 1 2 3; do
				cenv create -q "e$i-$round"
				cenv install -q --env "e$i-$round" bar foo==1
				cenv check -q --env "e$i-$round"
			done
		) >"log$i" 2>&1 3>&- &
		pids+=($!)
	done
	while kill -0 "${pids[@]}" 2>/dev/null; do
		cenv cache gc -q --older-than 0
		cenv cache clear -q
		cenv cache verify -q
	done
	for i in 1 2 3; do
		wait "${pids[i - 1]}" || {
			cat "log$i" >&2
			return 1
		}
	done
}

# ---- clear ----

@test "environments keep working through clear, and through a store that is gone" {
	install_quietly e bar foo==1
	run -0 cenv cache clear
	assert_equal "$(find "$CENV_HOME" -type f -printf '%P\n' | sort)" \
		"CACHEDIR.TAG"$'\n'"locks/users"$'\n'"toolchains.json"
	run -0 cenv check --env e
	run -0 --separate-stderr cenv install --env e foo==2
	assert_contains "$stderr" "(2 built, 0 from the store)"
	rm -rf "$CENV_HOME"
	run -0 cenv check --env e
	run -0 cenv uninstall --env e bar
	run -0 cenv install --env e bar
	run -0 cenv check --env e
}

@test "gc leaves an environment of symlinks whole" {
	cenv create e
	cenv install -q --env e --link-mode symlink foo==1
	[ -L e/share/foo/data ]
	run -0 cenv cache gc --older-than 0
	run -0 cenv check --env e
	run -0 cenv cache list
	assert_contains "$output" "in use"
}

# ---- where the store is ----

@test "without HOME and CENV_HOME the error says what to set" {
	cenv create e
	run -1 --separate-stderr env -u HOME -u CENV_HOME -u XDG_CACHE_HOME cenv install --env e foo
	assert_equal "$output" ""
	assert_contains "$stderr" "no place for the store: HOME is not set"
	assert_contains "$stderr" "hint: set CENV_HOME to a folder that you can write"
}

@test "a HOME that cannot be written: the error says what to set, looking still works" {
	install_quietly e foo==1
	run -1 --separate-stderr env -u CENV_HOME -u XDG_CACHE_HOME HOME=/proc cenv install --env e foo==2
	assert_contains "$stderr" "cannot create"
	assert_contains "$stderr" "hint: set CENV_HOME to a folder that you can write"
	for command in list check freeze tree; do
		run -0 env -u CENV_HOME -u XDG_CACHE_HOME HOME=/proc cenv "$command" --env e
	done
	run -0 env -u CENV_HOME -u XDG_CACHE_HOME HOME=/proc cenv uninstall --env e foo
	run -0 env -u CENV_HOME -u XDG_CACHE_HOME HOME=/proc cenv create f
	# the reason is that of the making, not of looking whether the folder is there
	run -1 --separate-stderr env -u CENV_HOME -u XDG_CACHE_HOME HOME=/sys cenv install --env e foo==2
	assert_contains "$stderr" "cannot create folder '/sys/.cache': "
	refute_contains "$stderr" "No such file or directory"
}

@test "a store that is a file is refused" {
	touch file
	cenv create e
	CENV_HOME=$PWD/file run -1 --separate-stderr cenv install --env e foo
	assert_contains "$stderr" "cannot open the store '$PWD/file'"
	assert_contains "$stderr" "hint: set CENV_HOME"
}

@test "a store that everybody can write is refused, with the command that mends it" {
	mkdir -m 777 open
	cenv create e
	CENV_HOME=$PWD/open run -1 --separate-stderr cenv install --env e foo
	assert_contains "$stderr" "can be written by everybody"
	assert_contains "$stderr" "chmod o-w $PWD/open"
	[ -z "$(ls open)" ]
	install_quietly f foo==1
	chmod o+w "$CENV_HOME/objects"
	run -1 --separate-stderr cenv install --env e foo==1
	assert_contains "$stderr" "the store '$CENV_HOME/objects' can be written by everybody"
	assert_contains "$stderr" "chmod o-w $CENV_HOME/objects"
}

@test "a store of another user is refused" {
	[ "$(id -u)" -eq 0 ] || skip "only root can make one"
	mkdir theirs
	chown 12345 theirs
	cenv create e
	CENV_HOME=$PWD/theirs run -1 --separate-stderr cenv install --env e foo
	assert_contains "$stderr" "belongs to another user (uid 12345)"
	assert_contains "$stderr" "set CENV_HOME to a folder of your own"
	[ -z "$(ls theirs)" ]
}

@test "a store path with spaces and quotes works" {
	export CENV_HOME="$PWD/the store's \"place\" \$HOME"
	tiny cc 1
	sed -i 's|^build =|build =\n    echo "int cc = 1;" > x.c; $CC $CFLAGS -c x.c|' index/cc.ini
	for sandbox in off auto; do
		export CENV_SANDBOX=$sandbox
		rm -rf e
		cenv create e
		cenv install -q --env e cc foo==1
		run -0 cenv check --env e
		run -0 cenv cache verify
		run -0 cenv cache clear
	done
	assert_equal "$(cat e/share/foo/where)" "$PWD/e/share"
}

@test "a build that cannot take the store's path: the error says what to set" {
	tiny careless 1
	# shellcheck disable=SC2016 # for the recipe
	sed -i 's|^build =|&\n    test -d $PREFIX/..|' index/careless.ini
	tiny broken 1
	sed -i 's|^build =|&\n    false|' index/broken.ini
	cenv create e
	CENV_HOME="$PWD/a store" run -5 --separate-stderr cenv install --env e careless
	assert_contains "$stderr" "hint: without a sandbox builds see the store's path"
	assert_contains "$stderr" "in '$PWD/a store': set CENV_HOME to a path of plain letters"
	run -0 cenv install --env e careless
	run -5 --separate-stderr cenv install --env e broken
	refute_contains "$stderr" "CENV_HOME"
}

@test "a store on another file system: copies, and both go on without the other" {
	[ -w /dev/shm ] && [ "$(stat -c %d /dev/shm)" != "$(stat -c %d .)" ] ||
		skip "no second file system at /dev/shm"
	elsewhere=$(mktemp -d /dev/shm/cenv-XXXXXX)
	export CENV_HOME=$elsewhere/store
	install_quietly e bar foo==1
	assert_equal "$(stat -c %h e/share/foo/data)" 1
	run -0 cenv check --env e
	cenv create -q f
	ASAN_OPTIONS=detect_leaks=0 strace -f -o calls -e trace=ioctl \
		cenv install -q --env f foo==1 # a copy that shares its blocks is tried first
	assert_contains "$(cat calls)" FICLONE
	run -0 cenv cache verify
	run -1 --separate-stderr cenv install --env e --link-mode hardlink foo==2
	assert_contains "$stderr" "the store is on another file system: use '--link-mode copy'"
	run -0 cenv check --env e
	run -0 cenv cache gc --older-than 0 # nothing shared, so nothing in use
	assert_equal "$(objects)" 0
	run -0 cenv check --env e
}

@test "a store on a read-only file system serves what it has" {
	unshare -rm true 2>/dev/null || skip "no mount namespaces"
	install_quietly e foo==1
	cenv create f
	run -0 --separate-stderr unshare -rm sh -ec '
		mount --bind "$CENV_HOME" "$CENV_HOME"
		mount -o remount,bind,ro "$CENV_HOME"
		cenv cache list
		cenv cache verify
		cenv install --env f foo==1
		cenv check --env f'
	assert_contains "$stderr" "(0 built, 1 from the store)"
	run -1 --separate-stderr unshare -rm sh -ec '
		mount --bind "$CENV_HOME" "$CENV_HOME"
		mount -o remount,bind,ro "$CENV_HOME"
		cenv install --env f foo==2'
	assert_contains "$stderr" "Read-only file system"
	run -0 cenv check --env f
}
