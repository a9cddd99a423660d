# Archives as attackers and odd packers make them, by every way in which one reaches cenv.
load ../lib/cli.bash
load ../lib/sources.bash

setup_file() {
	setup_sources
	export BAIT="$BATS_FILE_TMPDIR/bait" CASES="$BATS_FILE_TMPDIR/cases"
	mkdir "$BAIT"
	"$CENV_SOURCE_DIR/tests/lib/odd_archives.py" "$SOURCES" "$BAIT" >"$CASES"
}

setup() {
	setup_home
	export CENV_INDEX="$INDEX" CENV_NO_DEFAULT_INDEX=1
	cenv create -q e
	export CENV="$PWD/e"
}

teardown() {
	stop_server
}

# judge FILE MESSAGE STATUS OUTPUT: prints what is not as it should be
judge() {
	local want=4
	[ "$2" != ok ] || want=0
	[ "$3" = "$want" ] || echo "$1: status $3, not $want"
	[ "$2" != ok ] || return 0
	case $4 in
	*"$1"*"$2"*) ;;
	*) echo "$1: expected '$2', got: $4" ;;
	esac
	case $4 in
	*[$'\e\a\r\x7f\x9b']*) echo "$1: raw control characters" ;;
	esac
}

# unwanted: what refused archives must not leave: anything in the environment, or outside, or unpacked
unwanted() {
	diff <(echo "$before") <(tree_of e)
	find "$BAIT" -mindepth 1
	find "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" -name '*evil*'
	# a web page is put aside to be looked at, as what has a wrong hash is
	find store/build store/objects store/tmp -mindepth 1 -not -name 'mismatch-*' 2>/dev/null
}

# try_all WHAT...: run the command for each case, with FILE in place of its file
try_all() {
	try_some 0 1 "$@"
}

# try_some FIRST STEP WHAT...: for each STEP-th case
try_some() {
	local file message out status faults='' n=$1 step=$2
	shift 2
	while IFS=$'\t' read -r file message; do
		[ "$message" != ok ] || continue
		((n++ % step == 0)) || continue
		status=0
		out=$("${@/FILE/$file}" 2>&1 </dev/null) || status=$?
		faults+=$(judge "$file" "$message" "$status" "$out")
	done <"$CASES"
	faults+=$(unwanted)
	assert_equal "$faults" ""
}

# by_recipe FILE: a recipe that names it with its hash, so that only unpacking looks into it
by_recipe() {
	local name=${1%%-1.0.*}
	printf '[package]\nname = %s\n[version 1.0]\nurl = file://%s\nsha256 = %s\n' "$name" \
		"$SOURCES/$1" "$(sha256_of "$SOURCES/$1")" >"$INDEX/$name.ini"
	cenv install "$name"
}

@test "hostile archives are refused by path: status 4, file and member named, nothing changed" {
	before=$(tree_of e)
	try_all cenv install "$SOURCES/FILE"
	run -0 ls -A store/sources
	assert_equal "$output" ""
}

@test "the same by URL" {
	before=$(tree_of e)
	start_server "$SOURCES"
	try_some 0 3 cenv install "http://127.0.0.1:$PORT/ok/FILE"
}

@test "the same by a recipe that has their hash" {
	before=$(tree_of e)
	try_some 1 2 by_recipe FILE
}

@test "the same by a recipe when the store has them: the file is named all the same" {
	before=$(tree_of e)
	file=up-1.0.tar
	for _ in 1 2; do
		run -4 by_recipe "$file"
		assert_equal "$(judge "$file" "$(awk -F '\t' -v f="$file" '$1 == f { print $2 }' "$CASES")" 4 "$output")" ""
	done
	run -4 cenv install "up --tree-hash=sha256:$(printf %064d 1)"
	assert_contains "$output" "$file"
	assert_equal "$(unwanted)" ""
}

@test "the same for their tree hash" {
	before=$(tree_of e)
	try_some 2 3 cenv hash "$SOURCES/FILE"
}

@test "odd but honest archives install, by path and by recipe" {
	local file message faults= out
	while IFS=$'\t' read -r file message; do
		[ "$message" = ok ] || continue
		out=$(cenv install "$SOURCES/$file" 2>&1) || faults+="$file: $out"
		out=$(by_recipe "$file" 2>&1) || faults+="$file by recipe: $out"
		out=$(cenv hash "$SOURCES/$file" 2>&1) || faults+="$file: $out"
	done <"$CASES"
	assert_equal "$faults" ""
	cenv check -q
	# what setuid bits and devices there were are not in the environment
	run -0 find e -perm /6000
	assert_equal "$output" ""
}

@test "limits can be lowered and raised, and the message says how" {
	# shellcheck disable=SC2209 # the name of a file
	honest=$SOURCES/ok-links-1.0.tar
	run -4 --separate-stderr cenv install --archive-max-members 3 "$honest"
	assert_contains "$stderr" "it has more than 3 members, the next is 't/d/up'
hint: if you trust it, raise the limit with --archive-max-members"
	CENV_ARCHIVE_MAX_MEMBERS=3 run -4 cenv hash "$honest"
	run -4 --separate-stderr cenv hash --archive-max-size 1 "$SOURCES/ok-sparse-1.0.tar"
	assert_contains "$stderr" "member 't/a' makes it unpack to more than 1 MiB
hint: if you trust it, raise the limit with --archive-max-size"
	bomb=$SOURCES/bomb-gzip-1.0.tar.gz
	run -4 --separate-stderr cenv hash "$bomb"
	assert_contains "$stderr" "hint: if you trust it, raise the limit with --archive-max-ratio"
	run -0 cenv hash --archive-max-ratio 2000 "$bomb"
	cenv install -q --archive-max-members 100 "$honest"
	# by every command that reads archives
	echo "$honest" >list.txt
	for command in "lock -o - -r list.txt" "sync list.txt" "create -r list.txt other"; do
		# shellcheck disable=SC2086 # words
		run -4 --separate-stderr cenv $command --archive-max-members 3
		assert_contains "$stderr" "it has more than 3 members"
	done
}
