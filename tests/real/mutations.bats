#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# prove.sh sees what is wrong: an environment is damaged in one way at a time.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_FILE_TMPDIR"
	# shellcheck source=tests/real/lib.bash
	. "$BATS_TEST_DIRNAME/lib.bash"
	export CENV_REAL_STORE=${CENV_REAL_STORE:-$BATS_FILE_TMPDIR/store}
	real_setup
	trap - EXIT
	real_install "$BATS_FILE_TMPDIR/env" zlib
	remove_tree "$work"
	export PATH CENV_HOME
}

# damaged COMMAND...: a copy of the environment in which the command was run
damaged() {
	env=$BATS_TEST_TMPDIR/env
	cp -a "$BATS_FILE_TMPDIR/env" "$env"
	find "$env" -type d -exec chmod u+w {} +
	(cd "$env" && "$@")
}

# sees TEXT: the proof fails and says so; environment and store are back in their places
sees() {
	run -1 --separate-stderr bash "$BATS_TEST_DIRNAME/prove.sh" "$env" zlib
	[[ "$stderr" == *"WRONG: $1"* ]] || { echo "$stderr" && return 1; }
	[ -f "$env/cenv.cfg" ] && [ -d "$CENV_HOME/objects" ]
}

write() { # TEXT FILE
	printf '%s\n' "$1" >"$2"
}

@test "nothing is wrong with the environment as it was installed" {
	damaged true
	run -0 --separate-stderr bash "$BATS_TEST_DIRNAME/prove.sh" "$env" zlib
	[[ "$output" == "proved zlib "*": linked 2 ways, "* ]]
}

@test "a piece of the placeholder in a file is seen" {
	damaged write 'from /usr/v_Qx7cen to there' share/note
	sees 'a piece of the placeholder is in: '
}

@test "the old path in a file is seen" {
	damaged write "$BATS_TEST_TMPDIR/env/lib" share/note
	sees "the old path '$env' is in: "
}

@test "the store's path in a symlink is seen" {
	damaged ln -s "$(realpath "$CENV_HOME")/objects" share/objects
	sees "the store's path '$(realpath "$CENV_HOME")' is in a symlink: "
}

@test "an absolute symlink is seen" {
	damaged ln -s /etc/passwd share/users
	sees 'absolute symlinks: share/users'
}

@test "a changed file is seen" {
	change() { chmod u+w include/zlib.h && echo '/* mine */' >>include/zlib.h; }
	damaged change
	sees 'cenv check: exit status 1'
}

@test "a file that needs a library from nowhere is seen" {
	forge() {
		echo 'int nowhere(void) { return 0; }' >nowhere.c
		cc -shared -fPIC -Wl,-soname,libnowhere.so.1 -o libnowhere.so.1 nowhere.c
		echo 'int nowhere(void); int main(void) { return nowhere(); }' >prog.c
		cc -Wl,--no-as-needed -o bin/prog prog.c libnowhere.so.1
		rm libnowhere.so.1 nowhere.c prog.c
	}
	damaged forge
	sees 'bin/prog needs libnowhere.so.1, which is not found'
}

@test "a program that loads the system's library is seen" {
	forge() {
		rm lib/libz.so*
		echo 'int main(void) { return 0; }' >prog.c
		# by its file, so that no development package is needed
		cc -Wl,--no-as-needed -o bin/prog prog.c /lib/*/libz.so.1
		rm prog.c
	}
	damaged forge
	sees 'bin/prog uses libz.so.1 from /'
}

@test "a missing pkg-config file is seen" {
	damaged rm lib/pkgconfig/zlib.pc
	sees 'zlib: pkg-config: exit status 1'
}
