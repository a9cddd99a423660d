# Commands that look at an environment and change it.
load ../lib/cli.bash
load ../lib/sources.bash

setup_file() {
	setup_sources
	for version in 1.0 1.1 2.0; do
		make_source --script autotools base "$version"
	done
	make_source --requires base make middle 2.0
	make_source --requires middle --requires base make top 3.0
	make_source make other 0.5
	make_recipe base 1.0 1.1 2.0 <<-END
		[feature tools]
		summary = its tools
		enable = --enable-tools
	END
	make_recipe middle 2.0 <<-END
		[build]
		requires = base>=1.0,<2
	END
	make_recipe top 3.0 <<-END
		[build]
		requires =
		    middle>=2
		    base
	END
	make_recipe other 0.5 </dev/null
}

setup() {
	setup_home
	share_store store
	export CENV_INDEX="$INDEX" CENV_NO_DEFAULT_INDEX=1
	cenv create -q e
	export CENV="$PWD/e"
}

# json EXPRESSION: standard input is one document of version 1, and the expression on `d` holds
json() {
	python3 -c 'import json, sys
d = json.load(sys.stdin)
assert d["version"] == 1, d
assert eval("(" + sys.argv[1] + ")"), d' "$1"
}

# replace FILE TEXT: as an editor does that writes a new file; the store has links to the old one
replace() {
	rm "$1"
	echo "$2" >"$1"
}

# ---- uninstall ----

@test "uninstall of what is not there gets a suggestion" {
	cenv install -q middle
	before=$(tree_of e)
	run -3 --separate-stderr cenv uninstall midle
	assert_equal "$stderr" "cenv: 'midle' is not installed
hint: did you mean 'middle'?"
	run -3 --separate-stderr cenv uninstall middle 'z*'
	assert_contains "$stderr" "no installed package matches 'z*'"
	assert_equal "$(tree_of e)" "$before"
}

@test "uninstall of what is still needed is refused with who needs it" {
	cenv install -q top
	before=$(tree_of e)
	run -1 --separate-stderr cenv uninstall base
	assert_equal "$stderr" "cenv: base is still needed; nothing was removed
  middle 2.0 needs base
  top 3.0 needs base
hint: name those packages, too, to remove them together"
	assert_equal "$(tree_of e)" "$before"
}

@test "uninstall --dry-run: what would go, what would be kept, and nothing does" {
	cenv install -q middle
	run -1 --separate-stderr cenv uninstall --dry-run base
	assert_contains "$stderr" 'base is still needed; nothing was removed'
	sed -i '$a/* mine */' e/include/base.h
	find e -type f ! -path 'e/lib/cenv/[lc]*' -exec sha256sum {} + | sort >before
	run -0 --separate-stderr cenv uninstall --dry-run middle base
	assert_equal "$output" 'remove base 1.1
remove middle 2.0'
	assert_contains "$stderr" "include/base.h' was changed since it was installed"
	find e -type f ! -path 'e/lib/cenv/[lc]*' -exec sha256sum {} + | sort | diff before -
	chmod a-w e/lib/cenv # what only looks can do without
	run -0 --separate-stderr cenv uninstall -q --dry-run middle
	chmod u+w e/lib/cenv
	assert_equal "$output" 'remove middle 2.0'
}

@test "uninstall leaves no trace, and leaves the user's files alone" {
	empty=$(cd e && find . -not -path './lib/cenv/*' | sort)
	mkdir -p e/include e/share/mine
	echo mine >e/include/mine.h
	echo mine >e/share/mine/data
	cenv install -q top other
	run -0 --separate-stderr cenv uninstall top middle 'bas?' other
	assert_equal "$output" ""
	assert_equal "$stderr" "removed   base 1.1  (7 files)
  removed   middle 2.0  (6 files)
  removed   other 0.5  (6 files)
  removed   top 3.0  (6 files)"
	assert_equal "$(cat e/include/mine.h e/share/mine/data)" "mine
mine"
	rm -r e/include/mine.h e/share/mine
	assert_equal "$(cd e && find . -not -path './lib/cenv/*' | sort)" "$empty"
	run -0 cenv list
	assert_equal "$output" ""
	run -0 cenv check
}

@test "a file that was changed stays, with a message; --force removes it" {
	cenv install -q base==1.1
	replace e/include/base.h "/* mine */"
	cp e/lib/cenv/base.files .
	run -0 --separate-stderr cenv uninstall base
	assert_contains "$stderr" "cenv: warning: '$PWD/e/include/base.h' was changed since it was installed: it stays"
	files=$(grep -c '^[fl]' base.files)
	assert_contains "$stderr" "  removed   base 1.1  ($((files - 1)) files)"
	grep -q mine e/include/base.h
	rm e/include/base.h
	cenv install -q base==1.1
	replace e/include/base.h "/* mine */"
	run -0 cenv uninstall --force base
	[ ! -e e/include/base.h ]
}

@test "changing an installed file does not change the store" {
	cenv install -q base==1.1
	replace e/include/base.h changed
	cenv create -q f
	cenv install -q --env f base==1.1
	run -1 grep changed f/include/base.h
}

# ---- looking ----

@test "check finds what is changed, missing and not found" {
	cenv install -q middle
	run -0 --separate-stderr cenv check
	assert_equal "$output" ""
	assert_equal "$stderr" "2 packages, 13 files and 4 ELF files are as they should be"
	rm e/include/middle.h e/lib/libbase.so.1
	replace e/include/base.h "/* changed */"
	run -1 --separate-stderr cenv check
	assert_contains "$output" "base 1.1: include/base.h: was changed since it was installed"
	assert_contains "$output" "middle 2.0: include/middle.h"
	assert_contains "$output" "libbase.so.1"
	assert_contains "$stderr" "'$PWD/e'"
	run -1 --separate-stderr cenv check --json
	json 'd["ok"] is False and len(d["problems"]) >= 3' <<<"$output"
	cenv uninstall -q --force middle base
	cenv install -q middle
	run -0 --separate-stderr cenv check --json
	json 'd["ok"] is True and d["problems"] == []' <<<"$output"
}

@test "list, show, tree and why" {
	cenv install -q top "other"
	run -0 cenv list
	assert_equal "$output" "base    1.1
middle  2.0
other   0.5
top     3.0"
	run -0 cenv list '*o*'
	assert_equal "$output" "other  0.5
top    3.0"
	run -3 --separate-stderr cenv list 'x*'
	run -0 cenv show middle
	assert_contains "$output" "name:         middle
version:      2.0
summary:      the middle library
license:      MIT
requires:     base>=1.0,<2
required by:  top"
	assert_contains "$output" "compiler:     gcc"
	run -0 cenv show --files other
	assert_contains "$output" "
  bin/other-info
  include/other.h
  lib/libother.a"
	run -0 cenv tree
	assert_equal "$output" "other 0.5
top 3.0
├── base 1.1
└── middle 2.0
    └── base 1.1"
	run -0 cenv tree --invert base
	assert_equal "$output" "base 1.1
├── middle 2.0
│   └── top 3.0
└── top 3.0"
	run -0 cenv why middle
	assert_equal "$output" "middle 2.0 is installed because of
  top 3.0, which was asked for,
    needs middle>=2"
}

@test "the same as JSON" {
	cenv install -q top "base[tools]"
	cenv list --json | json '[p["name"] for p in d["packages"]] == ["base", "middle", "top"]'
	cenv list --json base | json 'd["packages"][0]["features"] == ["tools"]'
	cenv show --json middle | json 'd["packages"][0]["requires"] == ["base>=1.0,<2"] and
		d["packages"][0]["dependencies"] == ["base"] and d["packages"][0]["direct"] is False'
	cenv tree --json | json 'd["packages"][0]["name"] == "top" and
		len(d["packages"][0]["packages"]) == 2'
	cenv why --json middle | json 'd["packages"]["middle"][0][0] ==
		{"name": "top", "version": "3.0", "needs": "middle>=2"}'
	cenv outdated --json | json 'd["packages"][0]["newest"] == "2.0"'
	cenv cache info --json | json 'd["objects"]["count"] > 2'
	cenv info --json base | json '[v["version"] for v in d["packages"][0]["versions"]] ==
		["2.0", "1.1", "1.0"]'
	cenv search --json base | json 'len(d["packages"]) == 1'
}

@test "an empty environment looks empty" {
	for command in list tree freeze; do
		run -0 --separate-stderr cenv "$command"
		assert_equal "$(grep -v '^#' <<<"$output")" ""
	done
	cenv list --json | json 'd["packages"] == []'
	run -0 cenv check
	run -0 --separate-stderr cenv outdated
	assert_equal "$stderr" "nothing newer exists"
}

@test "search and info know the index" {
	run -0 cenv search 'ba*'
	assert_equal "$output" "base             2.0          the base library"
	run -3 --separate-stderr cenv search nothing-like-it
	run -0 cenv info base
	assert_contains "$output" "versions:     2.0 1.1 1.0"
	assert_contains "$output" "tools: its tools"
	assert_contains "$output" "built with:   what is found in the sources"
	run -3 --separate-stderr cenv info bse
	assert_contains "$stderr" "no index has a package 'bse'
hint: did you mean base"
}

# ---- freeze, sync, upgrade ----

@test "freeze: --no-hashes, --exclude and -r" {
	cenv install -q middle other
	run -0 cenv freeze --no-hashes --exclude Other
	assert_contains "${lines[0]}" "# cenv lock 1, target "
	assert_equal "$(tail -n +2 <<<"$output")" "base==1.1
middle==2.0"
	printf '# ours\nother  # keep\ngone\n\n# theirs\nmiddle>=1\n' >like.txt
	run -0 --separate-stderr cenv freeze --no-hashes -r like.txt
	assert_equal "$output" "# ours
other==0.5  # keep

# theirs
middle==2.0
## added by cenv freeze:
base==1.1"
	assert_equal "$stderr" "cenv: warning: 'like.txt' names 'gone', which is not installed"
}

@test "sync removes what the file does not ask for, and nothing else" {
	cenv install -q top other
	echo mine >e/include/mine.h
	echo middle >list.txt
	run -0 --separate-stderr cenv sync --dry-run list.txt
	assert_equal "$output" "remove other 0.5
remove top 3.0"
	run -0 --separate-stderr cenv sync list.txt
	assert_equal "$(steady <<<"$stderr")" "resolved 2 packages in TIME
  removed   other 0.5  (6 files)
  removed   top 3.0  (6 files)
removed 2 packages in TIME"
	run -0 cenv list
	assert_equal "$output" "base    1.1
middle  2.0"
	[ -e e/include/mine.h ]
	before=$(tree_of e)
	run -0 --separate-stderr cenv sync list.txt
	assert_contains "$stderr" "everything is installed already"
	assert_equal "$(tree_of e)" "$before"
	run -2 cenv sync
	run -1 cenv sync missing.txt
}

@test "outdated and upgrade: what fits, and what exists" {
	cenv install -q middle base==1.0 other
	run -0 cenv outdated
	assert_equal "$output" "base 1.0  allowed 1.1  newest 2.0"
	run -0 --separate-stderr cenv upgrade --dry-run
	assert_contains "$output" "upgrade base 1.1 (was 1.0) ["
	assert_contains "$output" "rebuild middle 2.0 ["
	run -0 --separate-stderr cenv upgrade base
	assert_contains "$stderr" "
upgraded base from 1.0 to 1.1
installed 2 packages ("
	run -0 e/bin/middle-info
	assert_contains "$output" "middle 2.0, base 1.1"
	run -3 --separate-stderr cenv upgrade nothing
	cenv uninstall -q middle
	run -0 cenv upgrade
	run -0 cenv list base
	assert_equal "$output" "base  2.0"
	run -0 --separate-stderr cenv upgrade
	assert_contains "$stderr" "everything is installed already"
}

@test "diff of files and environments" {
	cenv install -q middle
	cenv freeze >one.txt
	cenv create -q f
	cenv install -q --env f base==2.0 other
	run -0 cenv diff e f
	assert_equal "$output" "up        base 1.1 -> 2.0
removed   middle 2.0
added     other 0.5"
	cenv diff --json one.txt f | json 'len(d["changes"]) == 3 and
		d["changes"][0] == {"change": "up", "name": "base", "from": "1.1", "to": "2.0"}'
	run -0 cenv diff one.txt e
	assert_equal "$output" ""
	run -1 cenv diff one.txt missing.txt
}

# ---- run ----

@test "run: the child's status, 126, 127 and death by a signal" {
	run -7 cenv run sh -c 'exit 7'
	run -0 cenv run -- sh -c 'echo "$1"' sh --env
	assert_equal "$output" "--env"
	echo 'not a program' >text
	run -126 --separate-stderr cenv run ./text
	assert_equal "$stderr" "cenv: run: cannot run './text': Permission denied"
	run -127 --separate-stderr cenv run no-such-program
	assert_equal "$stderr" "cenv: run: cannot run 'no-such-program': No such file or directory"
	run -143 cenv run sh -c 'kill -TERM $$'
	run -2 --separate-stderr cenv run
}

@test "run: the variables of activation, and --ld-library-path only when asked" {
	cenv install -q base==1.1
	run -0 cenv run base-info
	assert_contains "$output" "base 1.1"
	run -0 cenv run sh -c 'echo "$CENV ${LD_LIBRARY_PATH-unset}"'
	assert_equal "$output" "$PWD/e unset"
	run -0 cenv run --ld-library-path sh -c 'echo "$LD_LIBRARY_PATH"'
	assert_equal "$output" "$PWD/e/lib"
	unset CENV
	cd e/share
	run -6 cenv run true
	run -0 cenv run --env .. base-config
	assert_equal "$output" "$BATS_TEST_TMPDIR/e/include"
}

@test "the environment is found: --env, then CENV, then .cenv here or above" {
	mkdir -p project/deep
	cenv create -q project/.cenv
	cd project/deep
	run -0 cenv run sh -c 'echo "$CENV"'
	assert_equal "$output" "$BATS_TEST_TMPDIR/e"
	unset CENV
	run -0 cenv run sh -c 'echo "$CENV"'
	assert_equal "$output" "$BATS_TEST_TMPDIR/project/.cenv"
	run -0 cenv run --env "$BATS_TEST_TMPDIR/e" sh -c 'echo "$CENV"'
	assert_equal "$output" "$BATS_TEST_TMPDIR/e"
}

@test "two commands on one environment take turns" {
	cenv install -q middle &
	first=$!
	cenv install -q other &
	second=$!
	wait "$first"
	wait "$second"
	run -0 cenv list
	assert_equal "$output" "base    1.1
middle  2.0
other   0.5"
	run -0 cenv check
}

@test "removing the store leaves the environment usable" {
	export CENV_HOME="$PWD/own"
	cenv install -q middle
	rm -rf own
	run -0 e/bin/middle-info
	run -0 cenv check
	run -0 cenv freeze
	run -0 cenv uninstall middle
	run -0 cenv list
	assert_equal "$output" "base  1.1"
	run -0 cenv install middle
}
