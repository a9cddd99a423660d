#!/bin/bash
# SPDX-License-Identifier: MIT
# activation.bash SHELL CASE: one case of the activation contract in one real shell.
# Each case is a function of that name below. Exit 0: it holds.
set -u
shopt -s lastpipe # so that a failure in '... | run' ends the case
export LC_ALL=C.UTF-8
here=$(cd "$(dirname "$0")" && pwd)
. "$here/shells.bash"

shell=$1
case_name=$2
T_TOOL=$CENV_TEST_TOOL
family=$(family_of "$shell")
T_DIR=$(mktemp -d "${TMPDIR:-/tmp}/cenv-activation.XXXXXX") || exit 1
T_DIR=$(cd "$T_DIR" && pwd -P)
trap 'rm -rf "$T_DIR"' EXIT
cd "$T_DIR" || exit 1
export CENV_HOME=$T_DIR/store HOME=$T_DIR
touched=(CENV CENV_PROMPT PKG_CONFIG_PATH PKG_CONFIG_LIBDIR CMAKE_PREFIX_PATH CMAKE_TOOLCHAIN_FILE
	C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH LD_RUN_PATH LDFLAGS ACLOCAL_PATH MANPATH)
path=/usr/local/bin:/usr/bin:/bin
before=() # NAME=value that the shell starts with, besides PATH

fail() {
	printf 'FAILED: %s in %s: %s\n' "$case_name" "$shell" "$*" >&2
	[ ! -s "$T_DIR/stderr" ] || sed 's/^/stderr: /' "$T_DIR/stderr" >&2
	exit 1
}

create() {
	"$T_TOOL" create "$@" || fail "cannot create $*"
}

clean_env() {
	env -i PATH="$path" HOME="$HOME" LOGNAME="$(id -un)" USER="$(id -un)" LC_ALL=C.UTF-8 TERM=dumb T_TOOL="$T_TOOL" T_DIR="$T_DIR" \
		T_ENV="${T_ENV-}" T_ENV_B="${T_ENV_B-}" ${before[@]+"${before[@]}"} "$@"
}

# Run the script on standard input in the shell; its status must be $1 (default 0), and it says
# nothing on standard error unless `talk` is set.
talk=
run() {
	cat >"$T_DIR/script"
	# shellcheck disable=SC2086
	clean_env ${shell_command[$shell]} "$T_DIR/script" >"$T_DIR/stdout" 2>"$T_DIR/stderr" \
		</dev/null
	local status=$?
	[ "$status" = "${1-0}" ] || fail "the script ended with $status"
	[ -n "$talk" ] || [ ! -s "$T_DIR/stderr" ] || fail "it wrote to standard error"
}

same() {
	cmp -s "$T_DIR/$1" "$T_DIR/$2" && return
	diff -a <(tr '\0' '\n' <"$T_DIR/$1") <(tr '\0' '\n' <"$T_DIR/$2") >&2
	fail "$1 and $2 differ"
}

same_state() {
	steady "$1" >"$1.steady"
	steady "$2" >"$2.steady"
	[ -s "$1.steady" ] || fail "nothing in $1"
	same "$1.steady" "$2.steady"
}

# The exported variables in $1 are those that `cenv run` would give in environment $2.
as_run() {
	clean_env "$T_TOOL" run "$2" "$T_TOOL" dump "$T_DIR/$1.expected" || fail "cannot run in $2"
	same "$1.expected" "$1"
}

# Activate T_ENV, look, deactivate: everything is set, and everything is as before.
round() {
	rm -f "$T_DIR"/active "$T_DIR"/b "$T_DIR"/a
	{
		printf '%s\n' ${1+"$1"}
		snap b
		act T_ENV
		dump active
		echo deactivate
		snap a
	} | run
	as_run active "$T_ENV"
	same_state b a
}

ps1() {
	case $shell in
	fish) echo 'function fish_prompt; echo -n "% "; end' ;;
	csh | tcsh) echo 'set prompt = "% "' ;;
	*) echo "PS1='% '" ;;
	esac
}

# What the prompt is: to file $1.
show_prompt() {
	case $family in
	fish) echo "fish_prompt > \"\$T_DIR/$1\"" ;;
	csh) echo "echo -n \$prompt:q > \$T_DIR:q/$1" ;;
	*) echo "printf %s \"\$PS1\" > \"\$T_DIR/$1\"" ;;
	esac
}

assert_text() {
	[ "$(cat "$T_DIR/$1")" = "$2" ] || fail "$1 is '$(cat "$T_DIR/$1")' instead of '$2'"
}

# ---- the cases

variables_that_were_unset() {
	create e && T_ENV=$T_DIR/e
	round "$(ps1)"
}

variables_that_were_unset_with_system_libs() {
	create --system-libs e && T_ENV=$T_DIR/e
	round "$(ps1)"
}

variables_that_were_empty() {
	create e && T_ENV=$T_DIR/e
	for v in "${touched[@]}"; do before+=("$v="); done
	round "$(ps1)"
}

variables_that_had_values() {
	create e && T_ENV=$T_DIR/e
	local odd=$'/a b/$x/`y`/\'q\'/"z"/\\t/*/~/\303\244!'
	[ "$family" = csh ] || odd+=$'\nline'
	for v in "${touched[@]}"; do
		[ "$v" = CENV ] || before+=("$v=$odd:/second")
	done
	round "$(ps1)"
	before+=("PATH=$path:/a b:/c*")
	round
}

variables_that_were_not_exported() {
	create e && T_ENV=$T_DIR/e
	local set=
	for v in "${touched[@]}"; do
		case $family in
		fish) set+="set -g $v here"$'\n' ;;
		csh) set+="set $v = here"$'\n' ;;
		*) set+="$v=here"$'\n' ;;
		esac
	done
	# `cenv run` cannot see these, so only what comes back is compared
	{ echo "$set"; snap b; act T_ENV; dump active; echo deactivate; snap a; dump after; } | run
	same_state b a
	grep -a -z -q '^LIBRARY_PATH=.*/e/lib' active || fail "it was not activated"
	! grep -a -z -q '^LIBRARY_PATH' after || fail "LIBRARY_PATH is exported afterwards"
}

strict_options() {
	create e && T_ENV=$T_DIR/e
	case $shell in
	bash | bash-posix | ksh | mksh) round "$(ps1); set -euCf -o pipefail" ;;
	zsh) round "$(ps1); setopt err_exit no_unset no_clobber no_glob pipefail ksh_arrays sh_word_split warn_create_global null_glob" ;;
	dash | ash) round "$(ps1); set -euCf" ;;
	fish) round "set -g fish_trace ''; set -e fish_trace" ;;
	csh | tcsh) round "set noclobber; set noglob" ;;
	esac
}

aliases_and_functions_of_the_same_names() {
	create e && T_ENV=$T_DIR/e
	local w text=
	case $family in
	sh)
		[ "$shell" = bash ] && text="shopt -s expand_aliases"$'\n'
		for w in cd hash unset test printf export eval alias unalias read echo return exec \
			command typeset set true pwd readlink sh; do
			text+="\\alias $w='echo alias of $w >&2; false'"$'\n'
		done
		for w in cd test printf pwd echo hash; do
			text+="function_of_$w=1"$'\n'
		done
		text="cd() { echo function >&2; return 1; }
pwd() { echo function >&2; return 1; }
test() { echo function >&2; return 1; }
printf() { echo function >&2; return 1; }
hash() { echo function >&2; return 1; }
readlink() { echo function >&2; return 1; }
$text"
		;;
	fish)
		for w in cd pwd hash ls realpath dirname; do
			text+="function $w; echo function >&2; return 1; end"$'\n'
		done
		;;
	csh)
		for w in cd pwd hash ls rehash readlink sh dirname test printf; do
			text+="alias $w echo alias of $w"$'\n'
		done
		;;
	esac
	round "$text"
}

odd_ifs_and_cdpath() {
	create e && T_ENV=$T_DIR/e
	mkdir -p other/bin other/e/bin
	case $family in
	sh) round "IFS=' aeiousEP_/:=
'; CDPATH=$T_DIR/other:/; $(ps1)" ;;
	fish) round "set -g CDPATH $T_DIR/other; set -g IFS aeiou" ;;
	csh) round "set cdpath = ($T_DIR/other /)" ;;
	esac
}

sourced_twice_changes_nothing() {
	create e && T_ENV=$T_DIR/e
	before+=(C_INCLUDE_PATH=/mine MANPATH=/man)
	{
		ps1
		snap b
		act T_ENV
		snap one
		act T_ENV
		snap two
		dump active
		echo deactivate
		snap a
	} | run
	same_state one two
	same_state b a
	as_run active e
}

sourced_in_a_child_shell_doubles_nothing() {
	create e && T_ENV=$T_DIR/e
	# the variables are inherited, the function is not
	echo '' >child
	{ act T_ENV; dump child; } >child.script
	{
		act T_ENV
		dump one
		echo "${shell_command[$shell]} child.script"
	} | run
	same one child
}

another_environment_replaces_the_first() {
	create a && create b && T_ENV=$T_DIR/a T_ENV_B=$T_DIR/b
	before+=(LIBRARY_PATH=/mine LDFLAGS=-g)
	{
		ps1
		snap before
		act T_ENV
		act T_ENV_B
		dump active
		show_prompt prompt
		echo deactivate
		snap after
	} | run
	same_state before after
	as_run active b
	assert_text prompt "(b) % "
}

a_moved_environment_works() {
	create e && T_ENV=$T_DIR/e
	round
	mkdir deep && mv e "deep/new name" && T_ENV="$T_DIR/deep/new name"
	round
}

moved_while_active_then_deactivated() {
	create e && T_ENV=$T_DIR/e T_ENV_B=$T_DIR/f
	{
		ps1
		snap b
		act T_ENV
		echo "/bin/mv e f"
		act T_ENV_B
		dump active
		echo deactivate
		snap a
	} | run
	same_state b a
	as_run active f
}

relative_names() {
	create e && T_ENV=$T_DIR/e
	local file name
	name=$(script_name)
	for file in e/bin/$name ./e/bin/$name e/../e/bin/$name; do
		{ source_file "$file"; dump active; } | run
		as_run active e
	done
	{ echo "cd e/bin"; source_file "./$name"; dump active; } | run
	as_run active e
	# afterwards the working folder does not matter
	{ source_file "e/bin/$name"; echo "cd /"; dump active; echo deactivate; } | run
	as_run active e
}

found_through_path() {
	case $shell in
	fish) # has no such search, but takes a file of the working folder
		create e && { echo "cd e/bin"; source_file "activate.fish"; dump active; } | run
		as_run active e
		return
		;;
	csh | tcsh) return ;; # neither
	esac
	create e
	{ echo "PATH=\$PWD/e/bin:\$PATH"; source_file activate; dump active; } | run
	grep -a -z -q -x "CENV=$T_DIR/e" active || fail "it found another place"
}

through_symbolic_links() {
	create e
	ln -s . loop
	ln -s e linked
	ln -s "e/bin/$(script_name)" start
	T_ENV=$T_DIR/loop/linked
	{ act T_ENV; dump active; } | run
	as_run active e
	{ source_file "$T_DIR/start"; dump active; } | run
	as_run active e
}

in_a_function_and_a_subshell() {
	create e && T_ENV=$T_DIR/e
	case $family in
	sh)
		{ echo 'f() {'; act T_ENV; echo '}; f'; dump active; echo deactivate; } | run
		as_run active e
		{ echo '('; act T_ENV; dump active; echo deactivate; echo ')'; } | run
		;;
	fish) { echo 'function f'; act T_ENV; echo 'end; f'; dump active; echo deactivate; } | run ;;
	csh) { echo -n '( '; act T_ENV | tr '\n' ';'; dump active | tr '\n' ')'; echo; } | run ;;
	esac
	as_run active e
}

hostile_paths() {
	local names=("with space" "quo'te" 'dou"ble' 'dol$HOME' 'back`true`tick' 'bang!bang' 'semi;colon'
		'star*' 'quest?' '[brackets]' '{a,b}' 'back\slash' 'tilde~' '#hash' '-dash' '--' 'per%cent'
		'am&per' 'pi|pe' 'par(en)' $'uml\303\244ut-\346\274\242' $'tab\tbed' ' lead' 'trail ' '=eq'
		'com,ma' '$(touch pwned)' '^caret' '<lt>' $'esc\033[31m' $'bad\377utf' '%s' '\n' '!!' '~')
	[ "$family" = csh ] || names+=($'new\nline' $'end\n' $'\n')
	local name n=0 i
	create plain
	for name in "${names[@]}"; do
		mkdir "d$((n += 1))"
		cp -a plain "d$n/$name"
		before+=("T_ENV$n=$T_DIR/d$n/$name")
	done
	{
		ps1
		snap b
		for ((i = 1; i <= n; i++)); do act "T_ENV$i"; dump "active$i"; echo deactivate; done
		snap a
	} | run
	same_state b a
	for ((i = 1; i <= n; i++)); do as_run "active$i" "$T_DIR/d$i/${names[i - 1]}"; done
	[ ! -e pwned ] || fail "a path was executed"
}

a_newline_in_the_path_of_csh() {
	[ "$family" = csh ] || return 0
	create $'new\nline' && T_ENV=$T_DIR/$'new\nline'
	talk=1
	{ snap b; act T_ENV; snap a; } | run
	same_state b a
	grep -q 'not activated' stderr || fail "it says nothing"
}

a_copied_script_says_so_and_changes_nothing() {
	create e
	mkdir -p alone/bin
	cp "e/bin/$(script_name)" alone/bin/
	T_ENV=$T_DIR/alone
	talk=1
	{ ps1; snap b; act T_ENV; note_status status; snap a; } | run
	same_state b a
	[ "$(cat status)" != 0 ] || fail "its status is 0"
	grep -q 'not activated' stderr || fail "it does not say so"
}

a_failure_keeps_the_active_environment() {
	create e && T_ENV=$T_DIR/e T_ENV_B=$T_DIR/alone
	mkdir -p alone/bin && cp "e/bin/$(script_name)" alone/bin/
	talk=1
	{ ps1; snap b; act T_ENV; snap one; act T_ENV_B; snap two; echo deactivate; snap a; } | run
	same_state one two
	same_state b a
}

a_path_with_a_colon_is_refused() {
	create e && mv e co:lon && T_ENV=$T_DIR/co:lon
	talk=1
	{ ps1; snap b; act T_ENV; note_status status; snap a; } | run
	same_state b a
	[ "$(cat status)" != 0 ] || fail "its status is 0"
	grep -q 'colon' stderr || fail "it does not say so"
}

the_prompt_is_shown_and_comes_back() {
	create e && create --prompt "my env" p && T_ENV=$T_DIR/e T_ENV_B=$T_DIR/p
	{
		ps1
		act T_ENV
		show_prompt one
		echo deactivate
		show_prompt two
		act T_ENV_B
		show_prompt three
	} | run
	assert_text one "(e) % "
	assert_text two "% "
	assert_text three "(my env) % "
}

the_prompt_can_be_left_alone() {
	create e && T_ENV=$T_DIR/e
	before+=(CENV_DISABLE_PROMPT=1)
	{ ps1; act T_ENV; show_prompt one; echo deactivate; show_prompt two; } | run
	assert_text one "% "
	assert_text two "% "
	round "$(ps1)"
}

a_prompt_is_never_executed() {
	create --prompt '$(touch pwned)`touch pwned`${x:=pwned}!1 %n \u \$(touch pwned)' e
	T_ENV=$T_DIR/e
	{ ps1; act T_ENV; show_prompt one; echo :; echo :; echo exit; } >in
	# on a terminal, so that the shell itself expands and prints it
	clean_env script -qec "${shell_command[$shell]} -i" /dev/null <in >stdout 2>&1
	[ -s one ] || fail "it was not activated"
	[ ! -e pwned ] || fail "the prompt was executed"
	grep -a -q "(.*touch pwned.*) " stdout || { cat -v stdout >&2; fail "no prompt was printed"; }
}

a_function_or_alias_called_deactivate_comes_back() {
	create e && T_ENV=$T_DIR/e
	case $shell in
	bash) round 'shopt -s expand_aliases
deactivate() { echo theirs; }'
		round "shopt -s expand_aliases
alias deactivate='echo theirs'" ;;
	bash-posix | zsh | ksh | mksh)
		round 'deactivate() { echo theirs; }'
		round "alias deactivate='echo \"it is\" theirs'" ;;
	dash | ash) round "alias deactivate='echo \"it is\" theirs'" ;;
	fish) round 'function deactivate; echo theirs; end' ;;
	csh | tcsh) round "alias deactivate 'echo their \!* \$x'" ;;
	esac
}

the_function_called_deactivate_is_gone_afterwards() {
	create e && T_ENV=$T_DIR/e
	talk=1
	case $family in
	csh) { act T_ENV; echo deactivate; echo 'alias deactivate > rest'; echo 'true'; } | run
		[ ! -s rest ] || fail "it is still there" ;;
	fish) { act T_ENV; echo deactivate; echo 'functions -q deactivate; and echo still > rest; true'; } | run
		[ ! -e rest ] || fail "it is still there" ;;
	*) { act T_ENV; echo deactivate; echo 'deactivate 2>/dev/null && echo still > rest; true'; } | run
		[ ! -e rest ] || fail "it is still there" ;;
	esac
}

without_a_prompt_none_is_made() {
	create e && T_ENV=$T_DIR/e
	case $family in
	sh) round "unset PS1" ;;
	csh) round "unset prompt" ;;
	fish) round "functions -e fish_prompt" ;;
	esac
}

declare -F "$case_name" >/dev/null || fail "no such case"
"$case_name"
