# Helpers for the tests that drive the real binary. Loaded by every *.bats file:
#
#     load ../lib/cli.bash
#
# CENV_BINDIR (set by CTest) is the bin folder of the build tree.

bats_require_minimum_version 1.5.0

# setup_home: a scratch folder with a home and a store of its own, and a clean environment
setup_home() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p home
	unset CENV CENV_PROMPT CENV_MIRROR CENV_INDEX CENV_OFFLINE CENV_JOBS CENV_SANDBOX \
		XDG_CONFIG_HOME NO_COLOR
	export HOME="$PWD/home" CENV_HOME="$PWD/store" LC_ALL=C TZ=UTC TERM=dumb
	PATH="$CENV_BINDIR:$PATH"
	# no leak is reported from a finished command
	export ASAN_OPTIONS="detect_leaks=1:${ASAN_OPTIONS-}"
}

# share_store NAME: a store that all tests of the file share, for what takes long to build
share_store() {
	export CENV_HOME="$BATS_FILE_TMPDIR/$1"
}

# assert_equal ACTUAL EXPECTED: a readable failure
assert_equal() {
	[ "$1" = "$2" ] || {
		printf 'expected: %s\nactual:   %s\n' "$2" "$1" >&2
		return 1
	}
}

# assert_contains TEXT PART
assert_contains() {
	case $1 in
	*"$2"*) ;;
	*)
		printf 'expected to contain: %s\nactual:              %s\n' "$2" "$1" >&2
		return 1
		;;
	esac
}

refute_contains() {
	case $1 in
	*"$2"*)
		printf 'expected not to contain: %s\nactual: %s\n' "$2" "$1" >&2
		return 1
		;;
	esac
}

# commands: the names of all commands, from the program itself
commands() {
	cenv --help | sed -n '/^commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p'
}
