#!/bin/bash
# SPDX-License-Identifier: MIT
# Prove that builds are reproducible: the same library, built twice in stores, folders and
# environments of different names, by different umasks, at different times, gives the same object.
#
#   reproducible.sh [LIBRARY...]      zlib, libpng and openssl unless told otherwise
#
# With $CENV_REAL_STORE the first build is the one in that store, when it is there.
# Prints a line for each library; exit 1 when two objects differ.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"
case ${1-} in -*) sed -n '3,9{s/^# \{0,1\}//; p}' "${BASH_SOURCE[0]}" >&2; exit 2 ;; esac
[ $# -gt 0 ] || set -- zlib libpng openssl

real_setup
first=$CENV_HOME
second=$work/a-longer-way/to/another/store
mkdir -p "$work/envs" "$(dirname "$second")"
wrong=0

# try COMMAND...: its output only when it fails
try() {
	"$@" >"$work/log" 2>&1 && return 0
	printf 'UNBUILT   %s\n' "$library"
	sed 's/^/    /' "$work/log"
	wrong=1
	return 1
}

build_again() {
	(
		cd /
		umask 077
		mkdir -p "$work/home"
		export CENV_HOME=$second HOME=$work/home TZ=Asia/Tokyo LC_ALL=C.UTF-8 USER=another
		real_install "$work/another $library" "$library"
	)
}

for library; do
	CENV_HOME=$first
	try real_install "$work/envs/$library" "$library" || continue
	try build_again || continue
	a=$(object_path "$first" "$work/envs/$library" "$library")
	b=$(object_path "$second" "$work/another $library" "$library")
	if same_object "$a" "$b" >"$work/log" 2>&1; then
		printf 'same      %s %s: %d entries\n' "$library" \
			"$(record_value "$work/envs/$library" "$library" version)" "$(($(wc -l <"$a/manifest") - 1))"
	else
		printf 'DIFFERENT %s\n' "$library"
		head -n 60 "$work/log" | sed 's/^/    /'
		wrong=1
	fi
done
exit "$wrong"
