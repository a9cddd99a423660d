#!/bin/sh
# SPDX-License-Identifier: MIT
# bin/cc and bin/c++ of an environment: its compiler, with its include, library and run paths.
# The same file in every environment; it finds its own, also through links and PATH.

fail() {
	printf '%s: %s\n' "${0##*/}" "$1" >&2
	exit 127
}

# the environment whose bin/ holds file $1, an x after it to keep newlines at its end
environment_of() {
	home=$(cd -P -- "${1%/*}/.." >/dev/null 2>&1 && pwd -P && echo x) || return 1
	home=${home%?x}
	[ -f "$home/cenv.cfg" ]
}

CDPATH=
file=$0
case $file in
*/*) ;;
*) file=$(command -v -- "$0" && echo x) && file=${file%?x} ;;
esac
environment_of "$file" || {
	file=$(readlink -f -- "$file" && echo x) && environment_of "${file%?x}"
} || fail 'cannot find the environment that this compiler belongs to'

compiler=cc
while IFS= read -r line; do
	case $line in
	'compiler = '*) compiler=${line#compiler = } ;;
	esac
done <"$home/cenv.cfg"

case ${0##*/} in
*c++*)
	case $compiler in
	*clang++* | *g++* | *c++*) ;;
	*clang*) compiler=${compiler%clang*}clang++${compiler##*clang} ;;
	*gcc*) compiler=${compiler%gcc*}g++${compiler##*gcc} ;;
	cc | */cc) compiler=${compiler%cc}c++ ;;
	*) fail "no C++ compiler is known to go with '$compiler'" ;;
	esac
	;;
esac

# A bare name: the first in PATH that is not such a file as this one, here or elsewhere.
find_compiler() {
	rest=$PATH:
	while [ -n "$rest" ]; do
		dir=${rest%%:*}
		rest=${rest#*:}
		[ -f "${dir:-.}/$1" ] && [ -x "${dir:-.}/$1" ] || continue
		[ -f "${dir:-.}/../cenv.cfg" ] && [ "${dir:-.}/$1" -ef "${dir:-.}/cc" ] && continue
		[ -f "${dir:-.}/../cenv.cfg" ] && [ "${dir:-.}/$1" -ef "${dir:-.}/c++" ] && continue
		program=${dir:-.}/$1
		return 0
	done
	return 1
}
case $compiler in
*/*) program=$compiler ;;
*) find_compiler "$compiler" || fail "there is no compiler '$compiler' in PATH" ;;
esac

# in front of the list in variable $1, without an empty element
prepend() {
	eval "old=\${$1-}"
	case $old: in
	"$2":*) ;;
	*) eval "$1=\$2\${old:+:\$old}" ;;
	esac
	export "$1"
}
prepend C_INCLUDE_PATH "$home/include"
prepend CPLUS_INCLUDE_PATH "$home/include"
prepend LIBRARY_PATH "$home/lib"
prepend LD_RUN_PATH "$home/lib"

# Variables do for compiling, silently. When it links, some linkers heed no LD_RUN_PATH and some
# compilers no LIBRARY_PATH; but an option for the linker makes 'cc -v' link and clang warn.
links=
for arg; do
	case $arg in
	-c | -S | -E | -M | -MM | -r | -fsyntax-only | -'###' | --version | -dump* | -print-*)
		links=no
		break
		;;
	-*) ;;
	*) [ -f "$arg" ] && links=yes ;;
	esac
done
case $links in
yes) exec "$program" "$@" "-L$home/lib" -Xlinker -rpath -Xlinker "$home/lib" ;;
*) exec "$program" "$@" ;;
esac
