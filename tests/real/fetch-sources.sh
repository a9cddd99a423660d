#!/bin/bash
# SPDX-License-Identifier: MIT
# Fill a mirror folder with the tarballs that recipes name, from Debian's source
# archive: for tests, and for machines that reach no other place.
#
#   fetch-sources.sh DIR NAME[==VERSION]...     the newest, or that version
#   fetch-sources.sh DIR --all                  the newest of every library
#   fetch-sources.sh DIR --every                every version of every library
#
# Each file lands as DIR/<file name> and DIR/sha256/<hex>, where `cenv --mirror DIR`
# looks for it, after its sha256 was checked. What is there already is kept. Exit 1
# when something could not be had. Needs apt and coreutils; the archive's address is
# the one that this machine's apt uses, whose own lists and caches stay untouched.
set -euo pipefail

table=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/debian-sources.tsv
helper=/usr/lib/apt/apt-helper

die() {
	printf 'fetch-sources: %s\n' "$*" >&2
	exit 1
}

usage() {
	sed -n '3,/^set /{/^set /d; s/^# \{0,1\}//; p}' "${BASH_SOURCE[0]}" >&2
	exit 2
}

# The rows of the table that the arguments ask for.
rows() {
	awk -F '\t' -v wanted="$*" '
	BEGIN { n = split(wanted, want, " ") }
	/^#/ { next }
	{
		newest = !($1 in seen)
		seen[$1] = 1
		for (i = 1; i <= n; i++) {
			if (want[i] == "--every" || want[i] == $1 "==" $2 ||
			    (newest && (want[i] == "--all" || want[i] == $1))) {
				found[i] = 1
				take = 1
			}
		}
		if (take)
			print
		take = 0
	}
	END {
		for (i = 1; i <= n; i++) {
			if (found[i])
				continue
			print "fetch-sources: no such tarball in the table: " want[i] > "/dev/stderr"
			missing = 1
		}
		exit missing
	}' "$table"
}

has() { # SHA256 FILE
	[ -f "$2" ] && printf '%s  %s\n' "$1" "$2" | sha256sum --check --status
}

# The file of that hash under its name as well; a second link to one file is an error of ln.
name_it() { # SHA256 FILE
	[ "$mirror/sha256/$1" -ef "$mirror/$2" ] || ln -f "$mirror/sha256/$1" "$mirror/$2"
}

# The archives that this machine's apt is set up for, one base address a line.
archives() {
	apt-get "${apt[@]}" update --print-uris 2>/dev/null |
		sed -n "s|^'\([^']*\)/dists/.*|\1|p" | awk '!seen[$0]++'
}

[ $# -ge 2 ] || usage
case $1 in -*) usage ;; esac
[ -x "$helper" ] || die "$helper is missing: this needs Debian's apt"
mkdir -p "$1/sha256"
mirror=$(cd "$1" && pwd)
shift

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/get"
apt=(-o "Dir::State=$work/state" -o "Dir::State::Lists=$work/state/lists" -o "Dir::Cache=$work/cache"
	-o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=2 -o Debug::NoLocking=1)

status=0
rows "$@" >"$work/rows" || status=1

while IFS=$'\t' read -r name version sha256 file _; do
	if has "$sha256" "$mirror/sha256/$sha256"; then
		name_it "$sha256" "$file"
		printf 'have     %s %s\n' "$name" "$version"
		sed -i "/\t$sha256\t/d" "$work/rows"
	fi
done < <(cat "$work/rows")
[ -s "$work/rows" ] || exit "$status"

archives >"$work/archives"
[ -s "$work/archives" ] || die "apt has no archive configured"
while read -r archive; do
	words=()
	while IFS=$'\t' read -r _ _ sha256 _ pool debian_file; do
		[ -f "$work/get/$sha256" ] ||
			words+=("$archive/$pool/$debian_file" "$work/get/$sha256" "SHA256:$sha256")
	done <"$work/rows"
	[ "${#words[@]}" -gt 0 ] || break
	# a file that one archive lacks may be in the next
	"$helper" "${apt[@]}" download-file "${words[@]}" >"$work/log" 2>&1 || true
done <"$work/archives"

while IFS=$'\t' read -r name version sha256 file _; do
	if has "$sha256" "$work/get/$sha256"; then
		# a copy: from an archive on this machine apt's helper makes a symbolic link
		install -m 644 "$work/get/$sha256" "$mirror/sha256/new.$$"
		mv "$mirror/sha256/new.$$" "$mirror/sha256/$sha256"
		name_it "$sha256" "$file"
		printf 'fetched  %s %s\n' "$name" "$version"
	else
		printf 'fetch-sources: %s %s: no archive of apt has it\n' "$name" "$version" >&2
		status=1
	fi
done <"$work/rows"
exit "$status"
