#!/bin/bash
# SPDX-License-Identifier: MIT
# wrapper.bash CASE: bin/cc and bin/c++ of an environment, used without activation.
set -eu
export LC_ALL=C.UTF-8
case_name=$1
T_TOOL=$CENV_TEST_TOOL
work=$(mktemp -d "${TMPDIR:-/tmp}/cenv-wrapper.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
export CENV_HOME=$work/store HOME=$work PATH=/usr/local/bin:/usr/bin:/bin
unset C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH LD_RUN_PATH CENV

fail() {
	printf 'FAILED: %s: %s\n' "$case_name" "$*" >&2
	exit 1
}

# environment $1 with a library demo that answers $2; further words are for create
make_environment() {
	"$T_TOOL" create "${@:3}" "$1"
	echo "int demo(void) { return $2; }" >demo.c
	echo 'int demo(void);' >"$1/include/demo.h"
	gcc -shared -fPIC -Wl,-soname,libdemo.so.1 -o "$1/lib/libdemo.so.1" demo.c
	ln -s libdemo.so.1 "$1/lib/libdemo.so"
	cat >main.c <<'END'
#ifdef __cplusplus
extern "C" {
#endif
#include <demo.h>
#ifdef __cplusplus
}
#endif
#include <stdio.h>
int main(void) { printf("%d %s\n", demo(),
#ifdef __clang__
	"clang"
#else
	"gcc"
#endif
	); return 0; }
END
	cp main.c main.cc
}

says() {
	local answer
	answer=$(env -i ./prog) || fail "the program does not run"
	[ "$answer" = "$1" ] || fail "it says '$answer' instead of '$1'"
}

case $case_name in
builds_without_activation)
	make_environment e 1
	e/bin/cc main.c -ldemo -o prog && says "1 gcc"
	e/bin/c++ main.cc -ldemo -o prog && says "1 gcc"
	;;
uses_the_recorded_compiler)
	make_environment e 1 --compiler clang
	e/bin/cc main.c -ldemo -o prog && says "1 clang"
	e/bin/c++ main.cc -ldemo -o prog && says "1 clang"
	;;
works_in_paths_with_special_characters)
	make_environment "a b, \$x 'y' ;*" 1
	"a b, \$x 'y' ;*/bin/cc" main.c -ldemo -o prog && says "1 gcc"
	;;
is_found_through_links_and_path)
	make_environment e 1
	mkdir bin && ln -s ../e/bin/cc bin/mycc && ln -s ../e/bin/c++ bin/myc++
	bin/mycc main.c -ldemo -o prog && says "1 gcc"
	bin/myc++ main.cc -ldemo -o prog && says "1 gcc"
	PATH=$work/e/bin:$PATH cc main.c -ldemo -o prog && says "1 gcc"
	(PATH=e/bin:$PATH && cc main.c -ldemo -o prog) && says "1 gcc"
	(cd e/bin && ./cc ../../main.c -ldemo -o ../../prog) && says "1 gcc"
	;;
does_not_call_itself_or_another_environments)
	make_environment a 1
	make_environment b 2
	PATH=$work/a/bin:$work/b/bin:$PATH timeout 20 b/bin/cc main.c -ldemo -o prog
	says "2 gcc"
	;;
comes_before_the_users_own_paths)
	make_environment a 1
	make_environment b 2
	C_INCLUDE_PATH=$work/a/include LIBRARY_PATH=$work/a/lib LD_RUN_PATH=$work/a/lib \
		b/bin/cc main.c -ldemo -o prog
	says "2 gcc"
	;;
is_silent_and_true_to_the_arguments)
	make_environment e 1 --compiler clang
	e/bin/cc -Wall -Werror -c main.c -o main.o >out 2>&1
	e/bin/cc main.o -ldemo -o 'my prog' >>out 2>&1
	[ ! -s out ] || fail "it said: $(cat out)"
	[ -x 'my prog' ] || fail "an argument with a blank was split"
	e/bin/cc -v >out 2>&1 || fail "'-v' alone fails"
	e/bin/cc --version >out 2>&1 || fail "'--version' fails"
	echo 'int x;' | e/bin/cc -E - >out || fail "preprocessing standard input fails"
	[ "$(e/bin/cc -dumpmachine)" = "$(clang -dumpmachine)" ] || fail "-dumpmachine differs"
	e/bin/cc nowhere.c >out 2>&1 && fail "a missing file is no error" || [ $? = 1 ] ||
		fail "the status is not the compiler's"
	;;
links_with_every_linker)
	make_environment e 1
	for linker in bfd gold; do
		e/bin/cc main.c -ldemo -o prog -fuse-ld=$linker && says "1 gcc"
		e/bin/cc main.c -ldemo -o prog -fuse-ld=$linker -Wl,-rpath,/nowhere && says "1 gcc"
	done
	;;
still_works_after_a_move)
	make_environment e 1
	mv e f
	f/bin/cc main.c -ldemo -o prog && says "1 gcc"
	;;
says_what_is_missing)
	make_environment e 1
	sed -i 's/^compiler = .*/compiler = no-such-cc/' e/cenv.cfg
	e/bin/cc main.c 2>err && fail "it succeeded" || [ $? = 127 ] || fail "the status is not 127"
	[ "$(cat err)" = "cc: there is no compiler 'no-such-cc' in PATH" ] || fail "$(cat err)"
	e/bin/c++ main.cc 2>err && fail "it succeeded" || [ $? = 127 ] || fail "the status is not 127"
	cp e/bin/cc lonely
	./lonely main.c 2>err && fail "it succeeded" || [ $? = 127 ] || fail "the status is not 127"
	;;
*) fail "no such case" ;;
esac
