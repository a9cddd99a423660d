# Tiny libraries, recipes and a web server for the tests that install. Loaded after cli.bash.
#
# SOURCES and INDEX are folders that the tests of a file share: archives and recipes.

# setup_sources: to be called by setup_file
setup_sources() {
	export SOURCES="$BATS_FILE_TMPDIR/sources" INDEX="$BATS_FILE_TMPDIR/index"
	mkdir "$SOURCES" "$INDEX"
}

# make_source [OPTION...] SYSTEM NAME VERSION: see make-source
make_source() {
	"$CENV_SOURCE_DIR/tests/lib/make-source" "$@" "$SOURCES" >/dev/null
}

sha256_of() {
	sha256sum "$1" | cut -d' ' -f1
}

# make_recipe NAME VERSION...: into INDEX; standard input is put before the versions
make_recipe() {
	local name=$1 version archive
	shift
	{
		printf '[package]\nname = %s\nsummary = the %s library\nlicense = MIT\n' "$name" "$name"
		cat
		for version; do
			archive=$SOURCES/$name-$version.tar.gz
			printf '[version %s]\nurl = file://%s\nsha256 = %s\n' "$version" "$archive" \
				"$(sha256_of "$archive")"
		done
	} >"$INDEX/$name.ini"
}

# steady: standard input with times and sizes replaced, which differ from run to run
steady() {
	sed -E 's/[0-9]+(\.[0-9]+)? m?s\b/TIME/g; s/[0-9]+(\.[0-9]+)? [kM]?B\b/SIZE/g'
}

# tree_of FOLDER: a line for each thing in it, with contents; to see whether anything changed.
# An environment's lock files do not count: they are made when first needed, and empty.
tree_of() {
	(cd "$1" && find . -path ./lib/cenv/lock -o -path ./lib/cenv/changing -o -type f -exec sha256sum {} + -o -printf '%y %p %l\n' | sort)
}

# start_server ROOT [OPTION...]: a web server on loopback; sets PORT. stop_server ends it.
start_server() {
	mkfifo "$BATS_TEST_TMPDIR/hold"
	python3 "$CENV_SOURCE_DIR/tests/lib/http_server.py" "$@" --seconds 300 \
		<"$BATS_TEST_TMPDIR/hold" >"$BATS_TEST_TMPDIR/port" 2>/dev/null 3>&- &
	SERVER=$!
	exec {SERVER_HOLD}>"$BATS_TEST_TMPDIR/hold"
	for _ in $(seq 300); do
		[ -s "$BATS_TEST_TMPDIR/port" ] && break
		sleep 0.1
	done
	read -r PORT <"$BATS_TEST_TMPDIR/port"
}

stop_server() {
	[ -n "${SERVER-}" ] || return 0
	exec {SERVER_HOLD}>&-
	wait "$SERVER" || true
	SERVER=
}
