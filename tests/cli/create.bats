# Making environments.
load ../lib/cli.bash
load ../lib/sources.bash

setup_file() {
	setup_sources
	make_source make base 1.0
	make_recipe base 1.0 </dev/null
}

setup() {
	setup_home
	share_store store
	export CENV_INDEX="$INDEX" CENV_NO_DEFAULT_INDEX=1
}

@test "a folder with something in it is refused, and nothing in it is touched" {
	mkdir full
	echo mine >full/file
	before=$(tree_of full)
	for option in "" --clear --upgrade; do
		# shellcheck disable=SC2086
		run -1 --separate-stderr cenv create $option full
		assert_equal "$output" ""
		assert_contains "$stderr" "'$PWD/full' is not "
		assert_equal "$(tree_of full)" "$before"
	done
}

@test "a file, a path with a colon and a path that is too long are refused" {
	echo mine >file
	run -1 --separate-stderr cenv create file
	assert_equal "$stderr" "cenv: '$PWD/file' is there already and is not a folder"
	run -1 --separate-stderr cenv create a:b
	assert_contains "$stderr" "an environment's path cannot hold a colon: '$PWD/a:b'"
	[ ! -e a:b ]
	long=$(printf 'x%.0s' $(seq 200))
	run -1 --separate-stderr cenv create "$long/$long"
	assert_contains "$stderr" "255"
	[ ! -e "$long" ]
	assert_equal "$(cat file)" mine
}

@test "create without a name makes .cenv, and says how to go on" {
	run -0 --separate-stderr cenv create
	assert_equal "$output" ""
	assert_equal "$stderr" "created environment '.cenv'
activate it with: source .cenv/bin/activate"
	run -0 cenv list
	run -0 git -c init.defaultBranch=main init -q .
	run -0 git status --porcelain --untracked-files=all -- .cenv
	assert_equal "$output" ""
}

@test "cenv.cfg says what was asked for" {
	cenv create -q --prompt "my prompt" --system-libs a b
	for env in a b; do
		grep -qx "prompt = my prompt" "$env/cenv.cfg"
		grep -qx "system-libs = true" "$env/cenv.cfg"
	done
}

@test "an environment that is there: refused, emptied by --clear, renewed by --upgrade" {
	cenv create -q e
	cenv install -q --env e base
	before=$(tree_of e)
	run -1 --separate-stderr cenv create e
	assert_equal "$stderr" "cenv: '$PWD/e' is an environment already
hint: --clear empties it first, --upgrade renews cenv's own files in it"
	run -2 --separate-stderr cenv create --clear --upgrade e
	assert_contains "$stderr" "--clear and --upgrade exclude each other"
	assert_equal "$(tree_of e)" "$before"
	rm e/bin/activate
	echo mine >e/include/mine.h
	run -0 cenv create --upgrade e
	[ -s e/bin/activate ]
	assert_equal "$(cenv list --env e)" "base  1.0"
	[ -e e/include/mine.h ]
	run -0 cenv create --clear e
	assert_equal "$(cenv list --env e)" ""
	[ ! -e e/bin/base-info ]
}

@test "create -r fills it" {
	echo base >list.txt
	run -0 --separate-stderr cenv create -r list.txt e
	assert_equal "$(cenv list --env e)" "base  1.0"
	echo nothing-like-it >bad.txt
	run -3 --separate-stderr cenv create -r bad.txt f
	assert_contains "$stderr" "cenv: environment 'f' was created, but: no package is called 'nothing-like-it' (bad.txt:1)"
	assert_equal "$(cenv list --env f)" ""
}

@test "create --clear -r with a bad file empties nothing" {
	cenv create -q -r <(echo base) e
	echo mine >e/include/mine.h
	echo 'base=>1' >bad.txt
	run -2 --separate-stderr cenv create --clear -r bad.txt e
	assert_contains "$stderr" "bad.txt:1:5"
	[ -e e/include/mine.h ]
	assert_equal "$(cenv list --env e)" "base  1.0"
	run -2 --separate-stderr cenv create -r bad.txt new
	[ ! -e new ]
}
