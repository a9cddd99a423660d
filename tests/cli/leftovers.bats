# Builds that mean harm: what becomes of what they leave. What they can reach is in builds.bats.
load ../lib/cli.bash

setup() {
	setup_home
	export CENV_NO_DEFAULT_INDEX=1
	cenv create -q e
	export CENV="$PWD/e"
	mkdir victim
	echo secret >victim/file
	echo 'prefix=/usr' >victim/x.pc
	echo x >victim/x.la
	cp -r victim home/.ssh
	victims=$(all_of victim home)
}

# all_of FOLDER...: a line for each thing in it with its mode and contents
all_of() {
	find "$@" -printf '%M %p %s %l\n' | sort
	find "$@" -type f -exec sha256sum {} + | sort
}

unharmed() {
	assert_equal "$(all_of victim home)" "$victims"
	run -0 find . -name 'evil*'
	assert_equal "$output" ""
	cenv check -q
}

# build NAME COMMAND [OPTION...]: install a package whose installation is the shell command, run in
# its staged prefix
build() {
	local name=$1 command=$2
	shift 2
	rm -rf src
	mkdir src
	cat >src/cenv.ini <<-END
		[package]
		name = $name
		version = 0
		[build]
		system = commands
		install =
		    mkdir -p "\$DESTDIR\$PREFIX/include"
		    cd "\$DESTDIR\$PREFIX"
		    echo > include/$name.h
		    $command
	END
	cenv install "$@" ./src
}

# what is done to the staged prefix, TAB, what is said
tricks() {
	cat <<-END
		cd /; rm -rf "\$DESTDIR\$PREFIX"; ln -s $PWD/victim "\$DESTDIR\$PREFIX"	it put a link or a file in place of its prefix
		cd /; rm -rf "\$DESTDIR\$PREFIX"; echo > "\$DESTDIR\$PREFIX"	it put a link or a file in place of its prefix
		cd /; rm -rf /build/stage; ln -s / /build/stage	it put a link or a file in place of its prefix
		cd /; a=\${PREFIX#/}; rm -rf /build/stage/*; ln -s $PWD/victim /build/stage/\${a%%/*}	it put a link or a file in place of its prefix
		rm -rf include; ln -s $PWD/victim include	the link 'include' leads out of the prefix
		ln -s $PWD/victim/file include/file	the link 'include/file' leads out of the prefix
		ln -s ../../../victim/file include/file	the link 'include/file' leads out of the prefix
		mkfifo include/fifo	'include/fifo' is neither a file, a folder nor a link
		touch "\$(printf 'include/a\\nb')"	the name 'include/a\x0ab' is too long or holds control characters
		i=0; while [ \$i -lt 1500 ]; do mkdir y; cd y; i=\$((i+1)); done	is nested too deeply
		truncate -s 3G include/huge	'include/huge' is larger than 1024 MiB
		cd /; rm -rf "\$DESTDIR\$PREFIX"	it installed nothing into its prefix
	END
}

@test "what a build leaves in place of its files is refused, and no link of it is followed" {
	while IFS=$'\t' read -r command message; do
		run -5 --separate-stderr build trick "$command" --sandbox=require
		assert_contains "$stderr" "building 'trick 0' failed: "
		assert_contains "$stderr" "$message"
		unharmed
	done < <(tricks)
}

@test "folders in folders that nobody can open all at once go away with their build" {
	# shellcheck disable=SC2016 # make's own
	deep='i=0; while [ $i -lt 1500 ]; do mkdir y; cd y; i=$((i+1)); done; false'
	ulimit -n 256
	run -5 build deep "$deep"
	run -0 find store/build -type d -path '*/y/y/*' -prune
	[ -n "$output" ]
	cenv cache clear -q
	run -0 find store/build store/tmp -mindepth 1
	assert_equal "$output" ""
}

@test "what a build may not install: cenv's own names, and bits that give rights" {
	for path in lib/cenv/journal lib/cenv/other.json cenv.cfg bin/activate .gitignore; do
		run -1 --separate-stderr build own "mkdir -p $(dirname $path); echo x > $path"
		assert_contains "$stderr" "'$path' of 'own"
		assert_contains "$stderr" "hint: nothing was changed"
	done
	build rights "mkdir bin; cp /bin/true bin/right; chmod 6755 bin/right"
	run -0 find e store -perm /6000
	assert_equal "$output" ""
	unharmed
}

@test "without bubblewrap one line says so, once, and --sandbox=require refuses" {
	hide=$(readlink -f "$(command -v bwrap)")
	mkdir one two
	printf 'all:\ninstall:\n\tmkdir -p $(DESTDIR)$(PREFIX)/bin; echo > $(DESTDIR)$(PREFIX)/bin/$(NAME)\n' >one/Makefile
	sed 's/$(NAME)/two/' one/Makefile >two/Makefile
	sed -i 's/$(NAME)/one/' one/Makefile
	without="bwrap --dev-bind / / --ro-bind /dev/null $hide"
	# shellcheck disable=SC2086 # words
	run -5 --separate-stderr $without cenv install --sandbox=require ./one ./two
	assert_contains "$stderr" "cenv: a sandbox is required, but bubblewrap "
	assert_contains "$stderr" "hint: on Debian and Ubuntu: apt install bubblewrap"
	# shellcheck disable=SC2086 # words
	run -0 --separate-stderr $without cenv install ./one ./two
	assert_equal "$(grep -c 'builds run without isolation' <<<"$stderr")" 1
	cenv uninstall -q -y one two
	run -0 --separate-stderr cenv install --sandbox=off ./one ./two
	refute_contains "$stderr" "without isolation" # built already
	printf '\n' >>one/Makefile
	run -0 --separate-stderr cenv install --sandbox=off ./one
	assert_contains "$stderr" "the sandbox is switched off: builds run without isolation"
	run -2 --separate-stderr cenv install --sandbox=maybe ./one
	assert_contains "$stderr" "--sandbox"
}
