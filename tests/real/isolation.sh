#!/bin/bash
# SPDX-License-Identifier: MIT
# Prove that builds see the libraries they declared and no others: with the development files of
# the machine's libraries in place, and with all of them hidden, builds give the same objects.
#
#   isolation.sh [LIBRARY...]      libarchive, curl and libtiff unless told otherwise
#
# Hidden means deleted, in a mount namespace whose /usr is an overlay; the machine is not changed.
# The sandbox has to give the same manifest, hence the same NEEDED entries, configuration and
# pkg-config files. Without the sandbox that is not promised: what leaks in there is reported and
# decides nothing. With $CENV_REAL_STORE the dependencies come from that store, built already.
# Exit 1 when something differs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.bash"
case ${1-} in -*) sed -n '3,12{s/^# \{0,1\}//; p}' "${BASH_SOURCE[0]}" >&2; exit 2 ;; esac
[ $# -gt 0 ] || set -- libarchive curl libtiff
libraries=("$@")

# What configure scripts of these libraries look for, declared or not.
development='zlib1g-dev libbz2-dev liblzma-dev libzstd-dev liblz4-dev libxml2-dev libexpat1-dev libssl-dev
	nettle-dev libacl1-dev libjpeg62-turbo-dev libjbig-dev libwebp-dev libdeflate-dev libbrotli-dev
	libnghttp2-dev libssh2-1-dev libidn2-dev libldap-dev librtmp-dev libpsl-dev'
# shellcheck disable=SC2086 # a list of words
install_packages binutils $development
for header in zlib.h bzlib.h lzma.h openssl/ssl.h jpeglib.h nghttp2/nghttp2.h libxml2/libxml/parser.h; do
	[ -n "$(find /usr/include -path "*/$header" -print -quit)" ] ||
		die "there is no $header on this machine: nothing could leak, and nothing would be proven"
done
real_setup
kept=$CENV_HOME

# The development files of every installed library; those of libc and the compiler stay.
hidden_files() {
	dpkg-query -W -f '${db:Status-Status}\t${Section}\t${binary:Package}\n' |
		awk -F '\t' '$1 == "installed" && $2 ~ /(^|\/)libdevel$/ { print $3 }' |
		grep -Ev '^(libc6|libc6-[a-z0-9]+|linux-libc|libgcc-[0-9]+|libstdc\+\+-[0-9]+|libcrypt|libtirpc|libnsl)-dev(:|$)' |
		xargs dpkg -L | sort -u | grep '^/usr/' |
		while IFS= read -r path; do
			[ -d "$path" ] && [ ! -L "$path" ] || printf '%s\n' "$path"
		done
}

# hidden COMMAND...: without those files
hidden() {
	unshare --user --map-root-user --mount bash -euc '
		layers=$1 files=$2
		shift 2
		mount -t tmpfs layers "$layers"
		mkdir "$layers/upper" "$layers/work"
		mount -t overlay overlay -o "lowerdir=/usr,upperdir=$layers/upper,workdir=$layers/work" /usr
		xargs -d "\n" rm -f -- <"$files"
		[ ! -e /usr/include/zlib.h ] && [ -e /usr/include/stdio.h ]
		exec "$@"' - "$work/layers" "$work/files" "$@"
}

# a store with the dependencies of the kept one, and none of the libraries in question
new_store() { # NAME
	local info
	mkdir -p "$work/$1/objects"
	chmod 700 "$work/$1"
	[ "$kept" != "$work/store" ] || return 0
	for info in "$kept"/objects/*/info.json; do
		# shellcheck disable=SC2076 # a fixed string
		[[ " ${libraries[*]} " =~ " $(sed -n 's/.*"name":[[:space:]]*"\(.*\)".*/\1/p' "$info") " ]] ||
			cp -a --reflink=auto "$(dirname "$info")" "$work/$1/objects/"
	done
}

# build STORE SANDBOX LIBRARY [COMMAND]: under that command
build() {
	CENV_HOME=$work/$1
	[ -d "$CENV_HOME" ] || new_store "$1"
	install_under=(${4+"$4"}) install_extra=(--sandbox "$2")
	mkdir -p "$work/$1-env"
	real_install "$work/$1-env/$3" "$3"
}

object() { # STORE LIBRARY
	object_path "$work/$1" "$work/$1-env/$2" "$2"
}

# try COMMAND...: its output only when it fails
try() {
	"$@" >"$work/log" 2>&1 && return 0
	printf 'UNBUILT   %s: %s\n' "$library" "$*"
	sed 's/^/    /' "$work/log"
	wrong=1
	return 1
}

needed_names() { # OBJECT: each once, on one line
	needed_by "$1" | sed 's/.*: //' | sort -u | tr '\n' ' '
}

asks_for() { # OBJECT: of other libraries
	needed_by "$1"
	find "$1/tree" -name '*.pc' -exec grep -H -E '^(Requires|Libs)' {} + | sed "s|^$1/tree/||" | sort
}

in_the_sandbox() {
	local a b
	try build seen require "$library" || return 0
	try build hidden require "$library" hidden || return 0
	a=$(object seen "$library") b=$(object hidden "$library")
	if same_object "$a" "$b" >"$work/log" 2>&1; then
		printf 'same      %s %s: %d entries, needs %s\n' "$library" \
			"$(record_value "$work/seen-env/$library" "$library" version)" \
			"$(($(wc -l <"$a/manifest") - 1))" "$(needed_names "$a")"
		return
	fi
	printf 'DIFFERENT %s: with the development files (-), without (+)\n' "$library"
	head -n 60 "$work/log" | sed 's/^/    /'
	wrong=1
}

# Nothing hides the machine's libraries here; cenv says what got in.
without_a_sandbox() {
	local a b
	try build loose-seen off "$library" || return 0
	grep -i warning "$work/log" | sed 's/^/    /' || true
	try build loose-hidden off "$library" hidden || return 0
	a=$(object loose-seen "$library") b=$(object loose-hidden "$library")
	# not the whole objects: the build's folder is not the same one either
	if diff <(asks_for "$a") <(asks_for "$b") >"$work/log"; then
		printf 'same      %s without a sandbox: needs and pkg-config files\n' "$library"
	else
		printf 'leaks     %s without a sandbox: with the development files (<), without (>)\n' "$library"
		sed 's/^/    /' "$work/log"
	fi
}

hidden_files >"$work/files"
mkdir "$work/layers"
printf '%d development files of the machine are hidden\n' "$(wc -l <"$work/files")"
wrong=0
for library in "${libraries[@]}"; do
	in_the_sandbox
done
for library in "${libraries[@]}"; do
	without_a_sandbox
done
exit "$wrong"
