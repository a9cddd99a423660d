#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The table of real tarballs and the script that fetches them, as far as both work offline.
bats_require_minimum_version 1.5.0

setup() {
	real=$(cd "$BATS_TEST_DIRNAME" && pwd)
	table=$real/debian-sources.tsv
	fetch=$real/fetch-sources.sh
	cd "$BATS_TEST_TMPDIR"
}

@test "every tarball in the table is the one that its recipe names" {
	local name version sha256 file pool debian_file recipe
	while IFS=$'\t' read -r name version sha256 file pool debian_file; do
		recipe=$real/index/$name.ini
		[ -f "$recipe" ] || recipe=$real/../../store/recipes/$name.ini
		run -0 awk -v version="$version" '
			/^\[/ { inside = $0 == "[version " version "]" }
			inside && $1 == "sha256" { print $3 }' "$recipe"
		[ "$output" = "$sha256" ] || fail_row "$name $version: $output in $recipe"
		[[ $pool == pool/* && $pool != *..* && $debian_file != */* && $file != */* ]] ||
			fail_row "$name $version: bad path"
	done < <(grep -v '^#' "$table")
}

fail_row() {
	echo "$1"
	return 1
}

@test "every recipe for a repacked tarball has it in the table" {
	for recipe in "$real"/index/*.ini; do
		while read -r sha256; do
			grep -q "$sha256" "$table" || fail_row "$recipe: $sha256"
		done < <(awk '$1 == "sha256" { print $3 }' "$recipe")
	done
}

@test "two tarballs never share a file name" {
	run -0 sh -c "grep -v '^#' '$table' | cut -f4 | sort | uniq -d"
	[ "$output" = "" ]
}

@test "fetch-sources explains itself when called wrongly" {
	for args in "" "dir" "--all dir"; do
		run -2 --separate-stderr "$fetch" $args
		[ "$output" = "" ]
		[[ "$stderr" == *"fetch-sources.sh DIR NAME"* ]]
	done
	[ ! -e dir ]
}

@test "fetch-sources names what the table does not have" {
	run -1 --separate-stderr "$fetch" mirror nosuch zlib==0.1
	[ "$output" = "" ]
	[[ "$stderr" == *"no such tarball in the table: nosuch"* ]]
	[[ "$stderr" == *"no such tarball in the table: zlib==0.1"* ]]
}

# A pool on this machine stands for Debian's: a table of our own, and an apt that has it.
make_pool() {
	cp "$fetch" . && fetch=$PWD/fetch-sources.sh
	mkdir -p archive/pool/main/f/foo bin
	echo "a tarball" >archive/pool/main/f/foo/foo_1.orig.tar.gz
	sha256=$(sha256sum <archive/pool/main/f/foo/foo_1.orig.tar.gz | cut -d' ' -f1)
	printf 'foo\t1\t%s\tfoo-1.tar.gz\tpool/main/f/foo\tfoo_1.orig.tar.gz\n' "$sha256" >debian-sources.tsv
	printf '#!/bin/sh\necho "'"'"'file:%s/archive/dists/stable/InRelease'"'"' x 0"\n' "$PWD" >bin/apt-get
	chmod +x bin/apt-get
	PATH=$PWD/bin:$PATH
}

@test "a tarball lands by its name and by its sha256, once" {
	make_pool
	run -0 --separate-stderr "$fetch" mirror foo
	[ "$output" = "fetched  foo 1" ]
	cmp archive/pool/main/f/foo/foo_1.orig.tar.gz mirror/foo-1.tar.gz
	[ mirror/foo-1.tar.gz -ef "mirror/sha256/$sha256" ]
	rm -r archive
	run -0 --separate-stderr "$fetch" mirror foo==1
	[ "$output" = "have     foo 1" ]
}

@test "a tarball that has changed is neither kept nor believed" {
	make_pool
	echo "another" >archive/pool/main/f/foo/foo_1.orig.tar.gz
	run -1 --separate-stderr "$fetch" mirror --every
	[ "$output" = "" ]
	[[ "$stderr" == *"foo 1: no archive of apt has it"* ]]
	[ ! -e mirror/foo-1.tar.gz ]
	[ -z "$(ls mirror/sha256)" ]
}
