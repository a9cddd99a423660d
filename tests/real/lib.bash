# SPDX-License-Identifier: MIT
# What the scripts on real libraries share. Sourced; sets `real`, `top` and `work`.
#
# From the environment, all optional:
#   CENV_BINDIR       bin folder of a build tree; without it a release build is made
#   CENV_REAL_STORE   a store to keep between runs; without it a scratch one
#   CENV_REAL_MIRROR  a folder of source archives to keep between runs

real=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$real/../.." && pwd)
. "$top/tests/lib/packages.sh"

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 2
}

# real_setup: a scratch folder, the program, and nothing of the caller's settings
real_setup() {
	work=$(mktemp -d "${TMPDIR:-/tmp}/cenv-real.XXXXXX")
	trap 'remove_tree "$work"' EXIT
	if [ -z "${CENV_BINDIR-}" ]; then
		# shellcheck disable=SC2086,SC2154 # lists of words
		install_packages $cenv_build_packages $cenv_use_packages $cenv_test_packages
		(cd "$top" && cmake --preset release && cmake --build --preset release --parallel "$(nproc)") \
			>"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; die 'cenv does not build'; }
		CENV_BINDIR=$top/build/release/bin
	fi
	PATH=$CENV_BINDIR:$PATH
	export LC_ALL=C TERM=dumb
	unset CENV CENV_PROMPT CENV_INDEX CENV_MIRROR CENV_OFFLINE CENV_SANDBOX LD_LIBRARY_PATH LD_RUN_PATH \
		LIBRARY_PATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH CPATH PKG_CONFIG_PATH CFLAGS LDFLAGS
	CENV_REAL_MIRROR=${CENV_REAL_MIRROR:-$work/mirror}
	mkdir -p "$CENV_REAL_MIRROR"
	CENV_HOME=${CENV_REAL_STORE:-$work/store}
	export CENV_HOME
}

# remove_tree DIR: also when its folders are read-only
remove_tree() {
	[ ! -d "$1" ] || { find "$1" -type d ! -perm -u=wx -exec chmod u+wx {} + && rm -rf "$1"; }
}

# library_names: every library that is shipped
library_names() {
	(cd "$top/store/recipes" && printf '%s\n' *.ini | sed 's/\.ini$//')
}

# Options of install: recipes and archives from here, nothing from elsewhere.
real_options() {
	printf '%s\n' --index "$real/index" --mirror "$CENV_REAL_MIRROR" --offline
}

# fetch_for ENV LIBRARY...: the archives that are to be built and not in the mirror
fetch_for() {
	local env=$1 options todo
	shift
	mapfile -t options < <(real_options)
	# "install zlib 1.3.2 [to be built]"
	todo=$(cenv install --env "$env" "${options[@]}" --dry-run "$@") || return
	mapfile -t todo < <(sed -n 's/^[a-z]* \([^ ]*\) \([^ ]*\) .*\[to be built\]$/\1==\2/p' <<<"$todo")
	[ "${#todo[@]}" -eq 0 ] || bash "$real/fetch-sources.sh" "$CENV_REAL_MIRROR" "${todo[@]}"
}

# What an install runs under, and options of it beside the usual ones.
install_under=()
install_extra=()

# real_install ENV LIBRARY...: into that environment, made when it is not there
real_install() {
	local env=$1 options
	shift
	mapfile -t options < <(real_options)
	{ [ -d "$env" ] || cenv create "$env"; } && fetch_for "$env" "$@" &&
		"${install_under[@]}" cenv install --env "$env" "${options[@]}" "${install_extra[@]}" "$@"
}

# record_value ENV LIBRARY KEY: a text that an environment's record has
record_value() {
	sed -n 's/^.*"'"$3"'":[[:space:]]*"\([^"]*\)".*$/\1/p' "$1/lib/cenv/$2.json" | head -n 1
}

# object_path STORE ENV LIBRARY: the folder of the object that an environment has
object_path() {
	printf '%s/objects/%s\n' "$1" "$(record_value "$2" "$3" object)"
}

# needed_by OBJECT: what its ELF files need, one a line
needed_by() {
	find "$1/tree" -type f \( -perm -u=x -o -name '*.so*' \) -exec objdump -p {} + 2>/dev/null |
		awk -v tree="$1/tree/" '
		/file format/ { sub(tree, ""); sub(/:.*/, ""); file = $0 }
		$1 == "NEEDED" { print file ": " $2 }' | sort
}

# same_object A B: are two objects the same but for where they are? Says what differs.
same_object() {
	local same=0
	diff -u "$1/manifest" "$2/manifest" >&2 || same=1
	diff -u "$1/info.json" "$2/info.json" >&2 || same=1
	return "$same"
}
