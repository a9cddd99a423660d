load ../lib/cli.bash
load ../lib/tiny.bash

setup() {
	setup_home
	export CENV_SANDBOX=off
	tiny foo 1
	tiny foo 2
	tiny bar 1 foo
	use_tiny
}

# state ENV: all that an environment is, but for its history; `prefix` is about its path, not about
# packages, and stays once it is there
state() {
	(
		cd "$1"
		find . -path ./lib/cenv/lock -o -path ./lib/cenv/changing -o -path ./lib/cenv/history -o \
			-path ./lib/cenv/prefix -o -printf '%p %y %m %l\n' | sort
		find . -type f ! -path ./lib/cenv/lock ! -path ./lib/cenv/history \
			! -path ./lib/cenv/prefix ! -path ./lib/cenv/changing -exec sha256sum {} + | sort -k2
	)
}

# an environment of four changes, its states in state1 (before the first) to state5
four_changes() {
	cenv create -q e
	state e >state1
	cenv install -q --env e foo==1
	state e >state2
	cenv install -q --env e bar
	state e >state3
	cenv install -q --env e foo==2
	state e >state4
	cenv uninstall -q --env e bar
	state e >state5
}

@test "history of a new environment is empty" {
	cenv create -q e
	run -0 --separate-stderr cenv history --env e
	assert_equal "$output$stderr" ""
	run -0 --separate-stderr cenv history --env e --json
	assert_contains "$output" '"changes":	[]'
}

@test "history without an environment is exit 6" {
	run -6 --separate-stderr cenv history
	run -6 --separate-stderr cenv rollback
}

@test "history names each change: number, time, command, what came and went" {
	four_changes
	run -0 --separate-stderr cenv history --env e
	assert_equal "$stderr" ""
	assert_equal "$(sed 's/20..-..-..T..:..:..Z/TIME/' <<<"$output")" "\
   1  TIME  install foo==1
      + foo 1
   2  TIME  install bar
      + bar 1
   3  TIME  install foo==2
      foo 1 -> 2
      bar 1 anew
   4  TIME  uninstall bar
      - bar 1"
}

@test "history --json is one document" {
	four_changes
	run -0 --separate-stderr cenv history --env e --json
	python3 - "$output" <<-'END'
		import json, sys
		doc = json.loads(sys.argv[1])
		assert doc["version"] == 1
		c = doc["changes"]
		assert [x["number"] for x in c] == [1, 2, 3, 4]
		assert c[0]["added"] == [{"name": "foo", "version": "1"}] and c[0]["removed"] == []
		assert c[3]["removed"] == [{"name": "bar", "version": "1"}] and c[3]["added"] == []
		assert all(len(x["time"]) == 20 for x in c)
	END
}

@test "rollback returns to the state before the last change, and again undoes that" {
	four_changes
	run -0 --separate-stderr cenv rollback --env e
	assert_contains "$stderr" "(0 built, 1 from the store)"
	state e | diff state4 -
	run -0 cenv rollback --env e
	state e | diff state5 -
	run -0 cenv history --env e
	assert_contains "$output" "  rollback 4"
	assert_contains "$output" "  rollback 5"
}

@test "rollback N returns to the state before change N, from the store alone" {
	four_changes
	rm -rf index archives "$CENV_HOME/sources"/*
	local n
	for n in 4 3 2 1; do
		run -0 cenv rollback --env e "$n"
		state e | diff "state$n" -
		run -0 cenv check --env e
	done
	# 5 is the first rollback: before it stood what the four changes had made
	run -0 cenv rollback --env e 5
	state e | diff state5 -
}

@test "rollback builds again what the store has no more: the same bytes" {
	four_changes
	cenv cache clear -q
	local n
	for n in 4 3 2 1; do
		run -0 cenv rollback --env e "$n"
		state e | diff "state$n" -
	done
	cenv cache clear -q
	run -0 --separate-stderr cenv rollback --env e 4
	assert_contains "$stderr" "(2 built, 0 from the store)"
	state e | diff state4 -
}

@test "rollback uses what the store has as it is, also where a build would be another now" {
	four_changes
	rm -rf "$(object foo 1)"
	# the recipe of bar is another now: a build would give other bytes
	sed -i 's/^build =/build =\n    echo changed >> data/' index/bar.ini
	local key
	key=$(sed -n 's/.*"object":	"\(.*\)",/\1/p' <(sed -n '3p' e/lib/cenv/history | tr ',' '\n'))
	run -0 --separate-stderr cenv rollback --env e 3
	assert_contains "$stderr" "(1 built, 1 from the store)"
	state e | diff state3 -
}

@test "rollback keeps who asked for what" {
	cenv create -q e
	cenv install -q --env e bar
	cenv freeze --env e >before
	cenv list --env e --json >list-before
	grep -q '"direct":	false' list-before
	cenv install -q --env e foo # named now: only its record changes
	cenv list --env e --json | grep -c '"direct":	false' | grep -qx 0 || skip "install marks nothing"
	run -0 cenv rollback --env e
	cenv list --env e --json | diff list-before -
	cenv freeze --env e | diff before -
}

@test "rollback brings back what came by path, though the path is gone" {
	cenv create -q e
	cenv install -q --env e "foo @ file://$PWD/archives/foo-1.tar.gz"
	state e >before
	cenv install -q --env e bar foo==2
	rm archives/foo-1.tar.gz
	run -0 cenv rollback --env e
	state e | diff before -
}

@test "rollback keeps the user's files, and says which changed file stays" {
	four_changes
	echo mine >e/include/mine.h
	chmod u+w e/include/foo.h
	rm e/include/foo.h
	echo "/* changed */" >e/include/foo.h
	run -0 --separate-stderr cenv rollback --env e 1
	assert_equal "$(cat e/include/mine.h)" mine
	assert_contains "$stderr" "include/foo.h"
	grep -rqF "/* changed */" e/include
	run -0 cenv list --env e
	assert_equal "$output" ""
}

@test "rollback --dry-run prints what it would do and does nothing" {
	four_changes
	run -0 --separate-stderr cenv rollback --env e --dry-run 2
	assert_equal "$output" "downgrade foo 1 (was 2) [in the store]"
	state e | diff state5 -
	run -0 cenv history --env e
	refute_contains "$output" rollback
	cenv cache clear -q
	run -0 --separate-stderr cenv rollback --env e --dry-run 4
	assert_equal "$output" "install bar 1 [to be built]"
	state e | diff state5 -
}

@test "rollback to where it is already does nothing" {
	cenv create -q e
	cenv install -q --env e foo==1
	cenv install -q --env e foo==2
	cenv rollback -q --env e
	wc -l <e/lib/cenv/history >before
	run -0 --separate-stderr cenv rollback --env e 2
	assert_contains "$stderr" "everything is installed already"
	wc -l <e/lib/cenv/history | diff before -
}

@test "rollback of what never was: usage errors, and an empty history is no" {
	cenv create -q e
	run -1 --separate-stderr cenv rollback --env e
	assert_contains "$stderr" "nothing to roll back: '$PWD/e' was never changed"
	cenv install -q --env e foo
	run -2 --separate-stderr cenv rollback --env e 2
	assert_contains "$stderr" "there is no change 2 in '$PWD/e': the last is 1"
	for n in 0 -- -1 x 1x 99999999999999999999; do
		run -2 --separate-stderr cenv rollback --env e -- "$n"
	done
	run -2 --separate-stderr cenv rollback --env e 1 2
}

@test "rollback that can't build says why and leaves all as it was" {
	four_changes
	cenv cache clear -q
	rm -rf archives
	run -4 --separate-stderr cenv rollback --env e
	state e | diff state5 -
	run -4 --separate-stderr cenv rollback --env e --offline
	state e | diff state5 -
	run -0 cenv check --env e
}

@test "a damaged history is named with its line, and nothing changes" {
	four_changes
	local bad
	cp e/lib/cenv/history whole
	for bad in 'x' '{}' '[]' '{"version":2}' '{"version":1,"added":[{"name":"../x","version":"1"}]}' \
		'{"version":1,"removed":[{}]}' '{"version":1,"removed":[3]}' ''; do
		{
			head -1 whole
			printf '%s\n' "$bad"
		} >e/lib/cenv/history
		run -4 --separate-stderr cenv history --env e
		assert_contains "$stderr" "lib/cenv/history:2"
		run -4 --separate-stderr cenv rollback --env e
		state e | diff state5 -
	done
}

@test "what the history says never reaches a terminal raw" {
	cenv create -q e
	cenv install -q --env e foo
	sed -i 's/"command":"[^"]*"/"command":"x\\u001b[31m\\nrm -rf"/' e/lib/cenv/history
	run -0 --separate-stderr cenv history --env e
	refute_contains "$output" $'\e'
	assert_contains "$output" '  x\x1b[31m\x0arm -rf'
}

@test "a pipe in the place of a file that cenv keeps is not waited for" {
	cenv create -q e
	cenv install -q --env e foo==1
	local file
	for file in lib/cenv/journal lib/cenv/journal.done lib/cenv/foo.json lib/cenv/history cenv.cfg; do
		[ ! -e "e/$file" ] || mv "e/$file" saved
		mkfifo "e/$file"
		run --separate-stderr timeout 60 cenv install --env e bar
		assert_equal "$file: $status" "$file: 1"
		assert_contains "$stderr" "$file'"
		run --separate-stderr timeout 60 cenv history --env e
		[ "$status" -ne 124 ]
		rm -f "e/$file"
		[ ! -e saved ] || mv saved "e/$file"
	done
	run -0 cenv install --env e bar
	run -0 cenv check --env e
	# what the user names may be one
	mkfifo pipe
	timeout 60 sh -c 'echo foo >pipe' &
	run -0 timeout 60 cenv freeze --env e --no-hashes --exclude bar -r pipe
	wait $!
	assert_equal "$output" 'foo==1'
}
