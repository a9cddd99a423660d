#!/bin/sh
# What cenv needs on Debian, and how to install it. Sourced by docs/quickstart.sh and tests/run.sh.

# to build cenv itself
cenv_build_packages='gcc g++ libc6-dev make cmake pkgconf libarchive-dev libcurl4-openssl-dev
	libcjson-dev libinih-dev libssl-dev libelf-dev ca-certificates'
# what building libraries takes: build systems, and the sandbox
cenv_use_packages='meson ninja-build perl bubblewrap xz-utils bzip2 nasm m4'
# to run the tests
cenv_test_packages='libcmocka-dev bats python3 openssl git strace valgrind file curl zip unzip zstd lz4 binutils
	clang libclang-rt-dev util-linux bsdutils zlib1g-dev zsh dash busybox ksh mksh fish tcsh csh'

# as_root COMMAND...: as it is for root, else through sudo
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo "$@"
	else
		echo "need root or sudo to run: $*" >&2
		return 1
	fi
}

# install_packages NAME...: through apt, only what is missing
install_packages() {
	missing=
	for package; do
		dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
			missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	echo "+ apt-get install$missing"
	as_root apt-get update -qq
	# shellcheck disable=SC2086 # a list of words
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		$missing >/dev/null
}
