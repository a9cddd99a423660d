#!/bin/bash
# SPDX-License-Identifier: MIT
# Prove that libraries in an environment are whole wherever it is and whatever becomes of the store.
#
#   prove.sh ENV LIBRARY...
#
# For the time of the proof the environment is renamed and the store ($CENV_HOME) moved away. Then:
# `cenv check` finds nothing, no file holds the placeholder, a piece of it, the old path or the
# store's; every ELF file loads from the environment or the base system alone; each library's own
# programs run, and programs/LIBRARY.c, linked through bin/cc and through pkg-config in the activated
# environment, too. A line for each library; exit 1 when something is not so.
#
# The comment that a program starts with says how it is linked and what else is to be run, the environment
# being the current folder:
#     cc: WORDS            for bin/cc
#     pkg-config: NAMES    missing when the library has none
#     run: COMMAND         for the shell; any number of lines
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"

[ $# -ge 2 ] || { sed -n '5s/^# *//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
[ -f "$1/cenv.cfg" ] || die "'$1' is no environment"
[ -d "${CENV_HOME:?}" ] || die "there is no store '$CENV_HOME'"
original=$(realpath "$1")
store=$(realpath "$CENV_HOME")
case $original/ in "$store"/*) die 'the environment is in the store' ;; esac
shift
env=$(dirname "$original")/renamed-$(basename "$original")
work=$(mktemp -d "${TMPDIR:-/tmp}/cenv-prove.XXXXXX")
wrongs=0

wrong() {
	printf 'WRONG: %s\n' "$*" >&2
	wrongs=$((wrongs + 1))
}

restore() {
	if [ -e "$store.away" ]; then
		remove_tree "$store"
		mv "$store.away" "$store"
	fi
	[ ! -e "$env" ] || mv "$env" "$original"
	remove_tree "$work"
}
trap restore EXIT
mv "$original" "$env"
mv "$store" "$store.away"

# clean COMMAND...: in the environment's folder, without any variable of the caller
clean() {
	(cd "$env" && env -i PATH=/usr/bin:/bin HOME="$work" LC_ALL=C.UTF-8 TMPDIR="$work" "$@")
}

# attempt WHAT COMMAND...: it has to succeed
attempt() {
	local what=$1
	shift
	"$@" >"$work/log" 2>&1 </dev/null || {
		wrong "$what: exit status $?"
		sed 's/^/    /' "$work/log" >&2
		return 1
	}
}

# --- the environment as a whole

check_passes() {
	attempt 'cenv check' env -u LD_LIBRARY_PATH cenv check --env "$env" || true
	[ ! -e "$store" ] || wrong "cenv check has made '$store' again"
}

# holds_none PATTERN-FILE WHAT: no file, no name and no symlink has one of the texts
holds_none() {
	local found
	found=$(grep -rlaF -f "$1" -- "$env" || true)
	[ -z "$found" ] || wrong "$2 is in: $found"
	found=$(find "$env" -type l -printf '%l\t%p\n' | grep -aF -f "$1" || true)
	[ -z "$found" ] || wrong "$2 is in a symlink: $found"
}

no_old_paths() {
	local marker=cenv_Qx7 i
	for i in 0 1 2 3 4 5 6 7; do
		printf '%s%s\n' "${marker:i}" "${marker:0:i}"
	done >"$work/pieces"
	holds_none "$work/pieces" 'a piece of the placeholder'
	printf '%s\n' "$original" >"$work/old"
	holds_none "$work/old" "the old path '$original'"
	printf '%s\n' "$store" >"$work/store"
	holds_none "$work/store" "the store's path '$store'"
	find "$env" -type l -lname '/*' -printf '%P\n' >"$work/links"
	[ ! -s "$work/links" ] || wrong "absolute symlinks: $(tr '\n' ' ' <"$work/links")"
}

is_elf() {
	local magic=
	IFS= read -r -d '' -n 4 magic <"$1" || true
	[ "$magic" = $'\x7fELF' ]
}

# The run-time libraries of C and C++: what every machine has.
base='^(linux-vdso|ld-linux.*|ld64|libc|libm|libdl|libpthread|librt|libutil|libresolv|libanl|libmvec|libgcc_s|libstdc\+\+|libatomic)\.so(\.|$)'

# loads_from_here FILE: every library that the loader finds for it is in the environment or base
loads_from_here() {
	local name path
	# a static program or an object file needs none
	env -i LC_ALL=C /usr/bin/ldd "$1" >"$work/ldd" 2>/dev/null || return 0
	while read -r name path; do
		path=${path#=> }
		path=${path% (0x*}
		if [[ ${name##*/} =~ $base ]]; then
			continue
		elif [ "$path" = 'not found' ]; then
			wrong "${1#"$env"/} needs $name, which is not found"
		elif [[ $(realpath -m -- "$path") != "$env"/* ]]; then
			wrong "${1#"$env"/} uses $name from $path"
		fi
	done < <(grep -v 'statically linked' "$work/ldd")
}

elf_files() {
	local file
	while IFS= read -r -d '' file; do
		! is_elf "$file" || printf '%s\0' "$file"
	done < <(find "$env" -type f \( -perm -u=x -o -name '*.so*' \) -print0)
}

all_load_from_here() {
	local file
	elf=0
	while IFS= read -r -d '' file; do
		elf=$((elf + 1))
		loads_from_here "$file"
	done < <(elf_files)
}

# --- one library

header() { # KEY: its lines of the comment below the licence
	sed -n "2,/\*\//s/^ [*] $1: //p" "$program"
}

has_header() {
	[ -n "$(header "$1")" ]
}

runs() { # WHAT: the program just linked, here and from elsewhere
	attempt "$library: the program linked by $1 runs" clean "$work/prog" || return 0
	[ -s "$work/log" ] || wrong "$library: the program linked by $1 prints nothing"
	loads_from_here "$work/prog"
	grep -qF "$env/" "$work/ldd" ||
		wrong "$library: the program linked by $1 uses nothing from here"
	ways=$((ways + 1))
}

link_by_wrapper() {
	rm -f "$work/prog"
	# shellcheck disable=SC2046 # a list of words
	attempt "$library: bin/cc" clean bin/cc -Wall "$program" -o "$work/prog" $(header cc) && runs bin/cc || true
}

link_by_pkg_config() {
	local script='. bin/activate && cc -Wall "$1" -o "$2" $(pkg-config --cflags --libs $3)'
	has_header pkg-config || return 0
	rm -f "$work/prog"
	attempt "$library: pkg-config" clean bash -euc "$script" - \
		"$program" "$work/prog" "$(header pkg-config)" && runs pkg-config || true
}

run_own_programs() {
	local line
	while IFS= read -r line; do
		attempt "$library: $line" clean bash -euo pipefail -c "$line" || true
		own=$((own + 1))
	done < <(header run)
	# none left out: a library that installs programs names at least one
	[ "$own" -gt 0 ] || ! owns_programs || wrong "$library installs programs, and none is run"
}

owns_programs() {
	cut -f5 "$env/lib/cenv/$library.files" | grep '^bin/' | grep -qv '\.py$'
}

prove() {
	local before=$wrongs
	library=$1 program=$real/programs/$1.c ways=0 own=0
	[ -f "$env/lib/cenv/$library.json" ] || { wrong "$library is not installed"; return; }
	[ -f "$program" ] || { wrong "there is no program for $library"; return; }
	link_by_wrapper
	link_by_pkg_config
	run_own_programs
	[ "$wrongs" -eq "$before" ] || return 0
	printf 'proved %s %s: linked %d ways, %d commands run, %d ELF files in the environment\n' \
		"$library" "$(record_value "$env" "$library" version)" "$ways" "$own" "$elf"
}

check_passes
no_old_paths
all_load_from_here
for library; do
	prove "$library"
done
[ "$wrongs" -eq 0 ]
