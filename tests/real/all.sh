#!/bin/bash
# SPDX-License-Identifier: MIT
# Build real libraries and prove that they work: see prove.sh for what that means.
#
#   all.sh                every shipped library, each in an environment of its own, then all in one;
#                         then isolation.sh and reproducible.sh
#   all.sh LIBRARY...     these libraries only
#
# Prints a line for each library and a summary; exit 1 when one fails. lib.bash says which variables
# name a program, a store and archives to use instead of scratch ones.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"
case ${1-} in -*) sed -n '3,10{s/^# \{0,1\}//; p}' "${BASH_SOURCE[0]}" >&2; exit 2 ;; esac

real_setup
everything=
if [ $# -eq 0 ]; then
	everything=yes
	mapfile -t libraries < <(library_names)
else
	libraries=("$@")
fi
failed=()
proved=()

report() { # RESULT LIBRARY SECONDS
	local env=$work/$2
	printf '%-8s %-14s %-9s %-10s %4ds\n' "$1" "$2" "$(record_value "$env" "$2" version 2>/dev/null)" \
		"$(record_value "$env" "$2" system 2>/dev/null)" "$3"
}

# step RESULT LIBRARY COMMAND...: its output only when it fails
step() {
	local result=$1 library=$2
	shift 2
	"$@" >"$work/log" 2>&1 && return 0
	report "$result" "$library" $((SECONDS - start))
	sed 's/^/    /' "$work/log"
	failed+=("$library")
	return 1
}

for library in "${libraries[@]}"; do
	start=$SECONDS
	step UNBUILT "$library" real_install "$work/$library" "$library" || continue
	step UNPROVED "$library" bash "$real/prove.sh" "$work/$library" "$library" || continue
	report proved "$library" $((SECONDS - start))
	proved+=("$library")
done

if [ "${#proved[@]}" -gt 1 ]; then
	start=$SECONDS
	step UNBUILT together real_install "$work/together" "${proved[@]}" &&
		step UNPROVED together bash "$real/prove.sh" "$work/together" "${proved[@]}" &&
		printf 'proved   all %d in one environment %ds\n' "${#proved[@]}" $((SECONDS - start))
fi
printf '%d proved, %d failed%s\n' "${#proved[@]}" "${#failed[@]}" "${failed[*]:+: ${failed[*]}}"

if [ "$everything" ]; then
	export CENV_BINDIR CENV_REAL_MIRROR CENV_REAL_STORE=$CENV_HOME
	bash "$real/isolation.sh" || failed+=(isolation)
	bash "$real/reproducible.sh" || failed+=(reproducible)
fi
[ "${#failed[@]}" -eq 0 ]
