# Sources in, a working environment out: every build system, every way to name a source.
load ../lib/cli.bash
load ../lib/sources.bash

setup_file() {
	setup_sources
	for system in autotools cmake meson configure make; do
		make_source --script "$system" "t-$system" 1.0
	done
	make_source --no-destdir make stubborn 1.0
	make_source commands byhand 1
	make_source --script autotools base 1.0
	make_source --script autotools base 1.1
	make_source --requires base cmake middle 2.0
	make_source --requires middle --requires base make top 3.0
	make_source --requires base --ini "[package]
name = carrier
version = 3.1
[build]
requires = base>=1.1" autotools shipped 2.0

	make_recipe base 1.0 1.1 <<-END
		[feature extra]
		summary = more of it
		default = yes
		enable = --enable-extra
		disable = --disable-extra
		[feature tools]
		summary = its tools
		enable = --enable-tools
	END
	make_recipe middle 2.0 <<-END
		[build]
		requires = base>=1.0
	END
	make_recipe top 3.0 <<-END
		[build]
		requires =
		    middle>=2
		    base
	END
	make_recipe byhand 1 <<-'END'
		[build]
		system = commands
		build = make -f build.mk prefix="$PREFIX"
		install = make -f build.mk prefix="$PREFIX" DESTDIR="$DESTDIR" install
	END
}

setup() {
	setup_home
	share_store store
	export CENV_INDEX="$INDEX" CENV_NO_DEFAULT_INDEX=1
	cenv create -q e
	export CENV="$PWD/e"
}

teardown() {
	stop_server
}

# ---- refused or nothing to do ----

@test "nothing to install is a usage error" {
	run -2 --separate-stderr cenv install
	assert_equal "$output" ""
	assert_equal "$stderr" "cenv: install: nothing to install
hint: name packages, or a file with -r; see 'cenv install --help'"
}

@test "a file of the user in the way stops the install before it starts" {
	mkdir -p e/include
	echo mine >e/include/base.h
	before=$(tree_of e)
	run -1 --separate-stderr cenv install base
	assert_contains "$stderr" "'$PWD/e/include/base.h' exists and belongs to no package"
	assert_contains "$stderr" "hint: nothing was changed"
	assert_equal "$(tree_of e)" "$before"
}

@test "a file that two packages install stops the second one" {
	cenv install -q base
	mkdir other
	cp "$SOURCES/base-1.1.tar.gz" other/rival-1.1.tar.gz
	before=$(tree_of e)
	run -1 --separate-stderr cenv install ./other/rival-1.1.tar.gz
	assert_contains "$stderr" "cenv: 'bin/base-config' of 'rival 1.1' belongs to 'base 1.1' already
'bin/base-info' of 'rival 1.1' belongs to 'base 1.1' already
"
	assert_contains "$stderr" "
hint: nothing was changed; "
	assert_equal "$(tree_of e)" "$before"
}

@test "what is installed already is not touched" {
	cenv install -q base
	before=$(tree_of e)
	run -0 --separate-stderr cenv install base "base>=1" "base[extra]"
	assert_equal "$output" ""
	assert_equal "$(echo "$stderr" | steady)" "everything is installed already (3 packages, TIME)"
	run -0 --separate-stderr cenv install -q base
	assert_equal "$stderr" ""
	assert_equal "$(tree_of e)" "$before"
}

@test "--dry-run prints what would be done and does nothing" {
	before=$(tree_of e)
	run -0 --separate-stderr cenv install --dry-run byhand t-make@file://"$SOURCES/t-make-1.0.tar.gz"
	assert_equal "$output" "install byhand 1 [to be built]
install t-make 1.0 [to be built]"
	assert_equal "$(tree_of e)" "$before"
	cenv install -q base==1.0
	before=$(tree_of e)
	run -0 --separate-stderr cenv install --dry-run -U base
	[[ "$output" == "upgrade base 1.1 (was 1.0) ["*"]" ]]
	assert_equal "$(tree_of e)" "$before"
}

@test "--no-deps leaves out what a package needs" {
	run -5 --separate-stderr cenv install --no-deps middle
	assert_contains "$stderr" "base"
	cenv install -q base
	run -0 cenv install --no-deps --env e middle
	run -0 cenv list
	assert_equal "$output" "base    1.1  [extra]
middle  2.0"
}

@test "a file that asks for nothing" {
	echo "# nothing yet" >list.txt
	run -0 --separate-stderr cenv install -r list.txt
	assert_equal "$stderr" "nothing to install"
}

@test "a requirement for another system is left out" {
	printf 'base ; target_system == "Windows"\nbyhand ; target_system == "Linux"\n' >list.txt
	run -0 --separate-stderr cenv install -r list.txt
	run -0 cenv list
	assert_equal "$output" "byhand  1"
}

@test "--offline asks nobody" {
	export CENV_HOME="$PWD/own"
	start_server "$SOURCES"
	rm -f "$SOURCES/requests.log"
	run -4 --separate-stderr cenv install --offline "http://127.0.0.1:$PORT/ok/t-make-1.0.tar.gz"
	assert_contains "$stderr" "it is not in the store, and downloads are switched off"
	[ ! -e "$SOURCES/requests.log" ]
}

@test "--link-mode copy, symlink and hardlink" {
	for mode in copy symlink hardlink; do
		cenv create -q "$mode"
		cenv install -q --env "$mode" --link-mode "$mode" base
		run -0 cenv check --env "$mode"
		run -0 "$mode/bin/base-info"
		assert_equal "$output" "base 1.1
$PWD/$mode/share/base"
	done
	[ -L symlink/include/base.h ]
	assert_equal "$(stat -c %h copy/include/base.h)" 1
	[ "$(stat -c %h hardlink/include/base.h)" -gt 1 ]
}

# ---- each build system ----

check_system() {
	local name=t-$1 id
	id=${name//-/_}
	run -0 --separate-stderr cenv install "$SOURCES/$name-1.0.tar.gz"
	assert_equal "$output" ""
	assert_equal "$(echo "$stderr" | steady)" "fetched   $name-1.0.tar.gz  SIZE in TIME
resolved 1 package in TIME
  built     $name 1.0  in TIME
  installed $name 1.0  (7 files)
installed 1 package (1 built, 0 from the store) in TIME"
	run -0 cenv show "$name"
	assert_contains "$output" "built with:   $1"
	# a string of a program and a script, both with the prefix in them
	run -0 "e/bin/$name-info"
	assert_equal "$output" "$name 1.0
$PWD/e/share/$name"
	run -0 "e/bin/$name-config"
	assert_equal "$output" "$PWD/e/include"
	run -0 cenv run pkg-config --variable=includedir "$name"
	assert_equal "$(realpath "$output")" "$PWD/e/include"
	run -0 --separate-stderr cenv check
	cat >main.c <<-END
		#include <stdio.h>
		#include <$name.h>
		int main(void) { return puts(${id}_version()) < 0; }
	END
	e/bin/cc -o main main.c "-l$name"
	run -0 env -i ./main
	assert_equal "$output" "$name 1.0"
}

@test "autotools: from a path to a program that runs" { check_system autotools; }
@test "cmake: from a path to a program that runs" { check_system cmake; }
@test "meson: from a path to a program that runs" { check_system meson; }
@test "another configure: from a path to a program that runs" { check_system configure; }
@test "plain make: from a path to a program that runs" { check_system make; }

@test "a Makefile that knows no DESTDIR installs all the same" {
	cenv install -q "$SOURCES/stubborn-1.0.tar.gz"
	run -0 e/bin/stubborn-info
	assert_equal "$output" "stubborn 1.0
$PWD/e/share/stubborn"
}

@test "a recipe's own commands build" {
	cenv install -q byhand
	run -0 cenv show byhand
	assert_contains "$output" "built with:   commands"
	run -0 e/bin/byhand-info
}

@test "a build without a sandbox gives the same files" {
	cenv install -q base
	CENV_HOME="$PWD/other" cenv install -q --env "$PWD/e" base
	cenv create -q f
	CENV_HOME="$PWD/other" run -0 --separate-stderr cenv install --env f --sandbox=off base
	assert_contains "$stderr" "built     base 1.1"
	run -0 f/bin/base-info
	assert_equal "$output" "base 1.1
$PWD/f/share/base"
	diff <(cd e && find . | sort) <(cd f && find . | sort)
	run -0 cenv check --env f
}

# ---- each way to name a source ----

# what freeze says of t-make, without the hash
frozen() {
	cenv freeze | sed -n 's/ --\(tree-\)\?hash=.*//; /^t-make/p'
}

@test "a file: URL" {
	cenv install -q "file://$SOURCES/t-make-1.0.tar.gz"
	assert_equal "$(frozen)" "t-make @ file://$SOURCES/t-make-1.0.tar.gz"
}

@test "a path, relative to here, is remembered from the root on" {
	mkdir deep
	cp "$SOURCES/t-make-1.0.tar.gz" .
	cd deep
	cenv install -q ../t-make-1.0.tar.gz
	assert_equal "$(frozen)" "t-make @ $BATS_TEST_TMPDIR/t-make-1.0.tar.gz"
	run -0 --separate-stderr cenv install ../t-make-1.0.tar.gz
	assert_contains "$stderr" "everything is installed already"
}

@test "a path in a file is relative to the file" {
	mkdir deep
	cp "$SOURCES/t-make-1.0.tar.gz" .
	echo "../t-make-1.0.tar.gz" >deep/list.txt
	cenv install -q -r deep/list.txt
	assert_equal "$(frozen)" "t-make @ $BATS_TEST_TMPDIR/t-make-1.0.tar.gz"
}

@test "NAME @ URL names an archive whose name does not tell" {
	cp "$SOURCES/t-make-1.0.tar.gz" archive.tgz
	run -2 --separate-stderr cenv install ./archive.tgz
	assert_contains "$stderr" "cannot tell the name and version of 'archive.tgz'"
	assert_contains "$stderr" "hint: name it: 'NAME @ "
	cenv install -q "t-make @ file://$PWD/archive.tgz"
	assert_equal "$(frozen)" "t-make @ file://$PWD/archive.tgz"
}

@test "a folder is built, and built again only when it has changed" {
	tar -xf "$SOURCES/t-make-1.0.tar.gz"
	mv t-make-1.0 t-make
	cenv install -q ./t-make
	assert_equal "$(frozen)" "t-make @ $PWD/t-make"
	assert_contains "$(cenv freeze)" "--tree-hash=sha256:"
	run -0 --separate-stderr cenv install ./t-make
	assert_contains "$stderr" "everything is installed already"
	sed -i 's/t-make 1.0/t-make changed/' t-make/t-make.c
	cenv install -q ./t-make
	run -0 e/bin/t-make-info
	assert_contains "$output" "t-make changed"
}

@test "-e installs a folder that one works on" {
	run -2 --separate-stderr cenv install -e
	mkdir "my work"
	tar -C "my work" -xf "$SOURCES/t-make-1.0.tar.gz"
	mv "my work/t-make-1.0" "my work/t-make"
	run -0 --separate-stderr cenv install -e "./my work/t-make"
	assert_equal "$(cenv freeze | tail -n 1)" "-e file:${PWD}/my%20work/t-make"
	sed -i 's/t-make 1.0/t-make changed/' "my work/t-make/t-make.c"
	cenv freeze >frozen.txt
	run -0 --separate-stderr cenv install -r frozen.txt
	run -0 e/bin/t-make-info
	assert_contains "$output" "t-make changed"
}

@test "a web server, as a URL and as a recipe's source" {
	start_server "$SOURCES"
	cenv install -q "http://127.0.0.1:$PORT/ok/t-make-1.0.tar.gz"
	assert_equal "$(frozen)" "t-make @ http://127.0.0.1:$PORT/ok/t-make-1.0.tar.gz"
	mkdir web
	sed "s,file://$SOURCES,http://127.0.0.1:$PORT/reset," "$INDEX/base.ini" >web/base.ini
	CENV_HOME="$PWD/own" CENV_INDEX="$PWD/web" run -0 --separate-stderr cenv install base
	assert_contains "$stderr" "  retrying  base 1.1: "
	run -0 e/bin/base-info
}

@test "a recipe whose first URL is gone comes from its second" {
	mkdir two
	sed "s,^url = .*base-1.1.*,url = file:///nowhere/base-1.1.tar.gz\n&," "$INDEX/base.ini" >two/base.ini
	CENV_HOME="$PWD/own" CENV_INDEX="$PWD/two" run -0 --separate-stderr cenv install base
	assert_contains "$stderr" "installed base 1.1"
}

@test "--mirror has an archive by its sha256 and by its file name" {
	mkdir gone by-hash by-name
	sed "s,file://$SOURCES,file:///nowhere," "$INDEX/base.ini" >gone/base.ini
	cp "$SOURCES/base-1.1.tar.gz" by-name/
	cp "$SOURCES/base-1.1.tar.gz" "by-hash/$(sha256_of "$SOURCES/base-1.1.tar.gz")"
	export CENV_INDEX="$PWD/gone"
	for mirror in by-name by-hash; do
		cenv create -q "env-$mirror"
		CENV_HOME="$PWD/own-$mirror" run -0 cenv install --env "env-$mirror" \
			--mirror "$mirror" base
	done
	CENV_HOME="$PWD/none" run -4 --separate-stderr cenv install base
	assert_contains "$stderr" "file:///nowhere/base-1.1.tar.gz"
}

@test "--find-links takes archives from a folder, without any recipe" {
	mkdir links
	cp "$SOURCES/t-make-1.0.tar.gz" links/
	run -3 --separate-stderr cenv install t-make
	run -0 --separate-stderr cenv install -f links t-make
	run -0 cenv list
	assert_equal "$output" "t-make  1.0"
}

@test "--hash in a file is verified" {
	hash=$(sha256_of "$SOURCES/t-make-1.0.tar.gz")
	echo "t-make @ file://$SOURCES/t-make-1.0.tar.gz --hash=sha256:$hash" >list.txt
	cenv install -q -r list.txt
	run -0 --separate-stderr cenv install -r list.txt
	assert_equal "$(echo "$stderr" | steady)" "everything is installed already (1 package, TIME)"
}

# ---- dependencies, versions, features ----

@test "dependencies come first, and are seen by the build" {
	run -0 --separate-stderr cenv install top
	assert_contains "$(echo "$stderr" | steady)" "resolved 3 packages in TIME"
	run -0 e/bin/top-info
	assert_equal "$output" "top 3.0, middle 2.0, base 1.1, base 1.1
$PWD/e/share/top"
	run -0 cenv list
	assert_equal "$output" "base    1.1  [extra]
middle  2.0
top     3.0"
}

@test "a library's own cenv.ini says what it is and what it needs" {
	cenv install -q "$SOURCES/shipped-2.0.tar.gz"
	run -0 cenv list
	assert_equal "$output" "base     1.1  [extra]
carrier  3.1"
	run -3 --separate-stderr cenv install "base==1.0"
	assert_contains "$stderr" "carrier"
	assert_contains "$stderr" "base>=1.1"
}

@test "features are turned on and off" {
	cenv install -q --keep-build "base[tools,-extra]==1.1"
	run -0 cenv list
	assert_equal "$output" "base  1.1  [tools]"
	assert_contains "$(cenv freeze)" "base[tools,-extra]==1.1 --hash=sha256:"
	run -0 grep -h "^+ ./configure" -r "$CENV_HOME/logs"
	assert_contains "$output" "--disable-extra --enable-tools"
}

@test "naming a package again does not undo its features" {
	cenv install -q "base[tools,-extra]==1.0"
	cenv install -q base middle
	run -0 cenv list
	assert_equal "$output" "base    1.0  [tools]
middle  2.0"
	cenv install -q -U base
	run -0 cenv list base
	assert_equal "$output" "base  1.1  [tools]"
	cenv install -q "base[extra]"
	run -0 cenv list base
	assert_contains "$output" "extra"
}

@test "-r and -c together" {
	printf '# what we use\nmiddle >= 1  # and why\n' >list.txt
	echo "base<1.1" >limits.txt
	cenv install -q -r list.txt -c limits.txt
	run -0 cenv list
	assert_equal "$output" "base    1.0  [extra]
middle  2.0"
	run -0 --separate-stderr cenv install -U base
	assert_contains "$stderr" "upgraded base from 1.0 to 1.1"
	assert_contains "$(echo "$stderr" | steady)" "installed 2 packages ("
}

@test "an environment outlives its index" {
	cenv install -q "middle" "base[tools]"
	unset CENV_INDEX
	run -0 --separate-stderr cenv install "$SOURCES/t-make-1.0.tar.gz"
	run -0 cenv list
	assert_equal "$output" "base    1.1  [extra,tools]
middle  2.0
t-make  1.0"
}

# ---- using it ----

@test "a program is compiled against it in an activated environment" {
	cenv install -q top
	cat >main.c <<-END
		#include <stdio.h>
		#include <top.h>
		int main(void) { return puts(top_version()) < 0; }
	END
	unset CENV
	bash -euc '. e/bin/activate
		cc -o main main.c $(pkg-config --cflags --libs top)
		deactivate'
	run -0 env -i ./main
	assert_equal "$output" "top 3.0, middle 2.0, base 1.1, base 1.1"
	run -0 env -i LC_ALL=C ldd main
	for lib in libtop.so.1 libmiddle.so.1 libbase.so.1; do
		[[ "$output" =~ $lib\ =\>\ ([^\ ]+) ]]
		assert_equal "$(realpath "${BASH_REMATCH[1]}")" "$PWD/e/lib/$lib"
	done
}

@test "a frozen file brings the same environment back" {
	cenv install -q top "base[tools]" byhand "$SOURCES/t-make-1.0.tar.gz"
	cenv freeze >requirements.txt
	[[ "$(head -n 1 requirements.txt)" == "# cenv lock 1, target "*", compiler gcc "* ]]
	cenv create -q again
	cenv install -q --env again -r requirements.txt
	cenv freeze --env again | cmp - requirements.txt
	run -0 --separate-stderr cenv install --env again -r requirements.txt
	assert_equal "$(echo "$stderr" | steady)" "everything is installed already (5 packages, TIME)"
	diff <(cd e/lib && sha256sum -- *.a) <(cd again/lib && sha256sum -- *.a)
	run -0 cenv diff e again
	assert_equal "$output" ""
}

@test "an environment works after it was renamed and the store is gone" {
	CENV_HOME="$PWD/own"
	cenv install -q middle "$SOURCES/t-meson-1.0.tar.gz" "$SOURCES/t-make-1.0.tar.gz"
	unset CENV
	mv e moved
	rm -rf own
	run -0 --separate-stderr cenv check --env moved
	for name in base t-meson t-make; do
		run -0 env -i "moved/bin/$name-info"
		assert_contains "$output" "$PWD/moved/share/$name"
		run -0 env -i PATH=/usr/bin:/bin "moved/bin/$name-config"
		assert_equal "$output" "$PWD/moved/include"
	done
	run -0 env -i moved/bin/middle-info
	cat >main.c <<-END
		#include <stdio.h>
		#include <middle.h>
		int main(void) { return puts(middle_version()) < 0; }
	END
	moved/bin/cc -o main main.c -lmiddle
	run -0 env -i ./main
	assert_equal "$output" "middle 2.0, base 1.1"

	# every 8-byte piece of the prefix that it was built with, the old path, the store's
	mark=cenv_Qx7
	patterns=()
	for i in 0 1 2 3 4 5 6 7; do
		patterns+=(-e "${mark:i}${mark:0:i}")
	done
	run -1 grep -rlaF "${patterns[@]}" moved
	assert_equal "$output" ""
	run -1 grep -rlaF -e "$PWD/e/" -e "$PWD/own" moved
	assert_equal "$output" ""
}

@test "--find-links serves what a recipe names, too, by its file name and hash" {
	mkdir gone links
	cp "$SOURCES/base-1.0.tar.gz" links/
	printf '[package]\nname = base\nsummary = x\nlicense = MIT\n[version 1.0]\nurl = %s\nsha256 = %s\n' \
		file:///nowhere/base-1.0.tar.gz "$(sha256_of links/base-1.0.tar.gz)" >gone/base.ini
	export CENV_HOME="$PWD/own" # the shared store has the archive
	run -4 cenv install --env e --index gone base==1.0
	run -0 cenv install --env e --index gone -f links base==1.0
	assert_equal "$(cenv list --env e)" "base  1.0"
}
