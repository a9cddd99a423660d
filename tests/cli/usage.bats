load ../lib/cli.bash

setup() {
	setup_home
}

@test "no command is a usage error that shows the overview" {
	run -2 --separate-stderr cenv
	assert_equal "$output" ""
	assert_contains "$stderr" "usage: cenv COMMAND"
	assert_contains "$stderr" "cenv: no command given"
}

@test "--version prints name and version and nothing else" {
	run -0 --separate-stderr cenv --version
	[[ "$output" =~ ^cenv\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	assert_equal "$stderr" ""
}

@test "--help lists every command, on standard output" {
	run -0 --separate-stderr cenv --help
	for name in create install uninstall freeze list show check run cache completion vercmp; do
		assert_contains "$output" "  $name "
	done
	refute_contains "$output" "_generate"
	assert_equal "$stderr" ""
}

@test "every command answers -h and --help outside any environment" {
	local n=0
	for name in $(commands); do
		for option in -h --help; do
			run -0 --separate-stderr cenv "$name" "$option"
			assert_contains "$output" "usage: cenv $name "
			assert_equal "$stderr" ""
		done
		n=$((n + 1))
	done
	[ "$n" -ge 11 ]
}

@test "a misspelt command gets a suggestion" {
	run -2 --separate-stderr cenv instal zlib
	assert_equal "$output" ""
	assert_contains "$stderr" "cenv: unknown command 'instal'"
	assert_contains "$stderr" "hint: did you mean 'cenv install'?"
}

@test "a misspelt option gets a suggestion" {
	run -2 --separate-stderr cenv install --requirment x
	assert_contains "$stderr" "cenv: install: unknown option '--requirment'"
	assert_contains "$stderr" "did you mean '--requirement'?"
}

@test "an option without its value is a usage error" {
	run -2 --separate-stderr cenv install --env
	assert_contains "$stderr" "option '--env' needs a value: ENV"
}

@test "a value that is not one of the words is a usage error" {
	run -2 --separate-stderr cenv list --color sometimes
	assert_contains "$stderr" "option '--color' takes auto|always|never, not 'sometimes'"
}

@test "a number that is none is a usage error" {
	run -2 --separate-stderr cenv install -j many zlib
	assert_contains "$stderr" "option '--jobs' takes a number, not 'many'"
}

@test "a bad default in the environment names the variable" {
	CENV_JOBS=many run -2 --separate-stderr cenv install zlib
	assert_contains "$stderr" "environment variable CENV_JOBS"
}

@test "too few and too many arguments are usage errors" {
	run -2 --separate-stderr cenv vercmp 1.0
	assert_contains "$stderr" "vercmp: expected A B"
	run -2 --separate-stderr cenv vercmp 1 2 3
	assert_contains "$stderr" "vercmp: too many arguments"
	run -2 --separate-stderr cenv check x
	assert_contains "$stderr" "check: takes no arguments"
}

@test "a full disk is a failure" {
	run -1 bash -c 'cenv --help >/dev/full'
	assert_contains "$output" "cannot write to standard output"
}

@test "commands that need an environment exit 6 and say what to type" {
	for command in "list" "freeze" "check" "show zlib" "install zlib" "uninstall zlib" "run true"; do
		# shellcheck disable=SC2086
		run -6 --separate-stderr cenv $command
		assert_equal "$output" ""
		assert_contains "$stderr" "cenv create"
		assert_contains "$stderr" "activate"
	done
}

@test "vercmp prints -1, 0 and 1" {
	run -0 cenv vercmp 1.0-rc1 1.0
	assert_equal "$output" -1
	run -0 cenv vercmp 1.1.1 1.1.1w
	assert_equal "$output" -1
	run -0 cenv vercmp 9e 9d
	assert_equal "$output" 1
	run -0 cenv vercmp 1.0 1.0.0
	assert_equal "$output" 0
}

@test "cache dir follows CENV_HOME, XDG_CACHE_HOME and HOME" {
	CENV_HOME=/x/y run -0 cenv cache dir
	assert_equal "$output" /x/y
	unset CENV_HOME
	XDG_CACHE_HOME=/c run -0 cenv cache dir
	assert_equal "$output" /c/cenv
	unset XDG_CACHE_HOME
	run -0 cenv cache dir
	assert_equal "$output" "$HOME/.cache/cenv"
	HOME='' run -1 --separate-stderr cenv cache dir
	assert_contains "$stderr" "set CENV_HOME"
}

@test "cache info counts what the store holds" {
	run -0 cenv cache info
	assert_contains "$output" "$CENV_HOME"
	assert_contains "$output" "objects"
	run -0 cenv cache info --json
	echo "$output" | python3 -c 'import json, sys
d = json.load(sys.stdin)
assert d["version"] == 1 and d["objects"]["count"] == 0, d'
	run -2 --separate-stderr cenv cache empty
	assert_contains "$stderr" "unknown action 'empty'"
}

@test "a store that everybody can write is refused" {
	mkdir store
	chmod 777 store
	run -1 --separate-stderr cenv cache info
	assert_contains "$stderr" "can be written by everybody"
	assert_contains "$stderr" "chmod o-w"
}

@test "a command that waits for a lock can be interrupted" {
	cenv create -q e
	exec 8>>e/lib/cenv/lock
	flock 8
	run -143 timeout --preserve-status --signal=TERM 2 cenv install --env e zlib 8>&-
	exec 8>&-
	assert_contains "$output" "interrupted while waiting"
}

@test "a message is written as a whole: those of other processes do not come in between" {
	ASAN_OPTIONS=detect_leaks=0 run -6 strace -qq -e trace=write -o calls cenv install --env nowhere zlib
	assert_contains "$output" 'hint: '
	assert_equal "$(grep -c '^write(2,' calls)" 1
}
