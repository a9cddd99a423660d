# What lines say of a package beyond its version: hashes, trees, places, options. Nothing compiles.
load ../lib/cli.bash
load ../lib/tiny.bash

setup() {
	setup_home
	tiny leaf 1.0
	tiny leaf 1.1
	tiny leaf 2.0
	tiny user 1.0 'leaf<2'
	use_tiny
	ARCHIVES=$PWD/archives
	cenv create -q e
	export CENV=$PWD/e
	ZERO=$(printf '%064d' 0)
}

# sum VERSION: of leaf's archive
sum() {
	sum_of leaf "$1"
}

tree_hash() {
	cenv hash "$ARCHIVES/leaf-$1.tar.gz" | sed -n 's/.*--tree-hash=sha256://p'
}

# locked ARG...: the pins without header, comments and hashes
locked() {
	run -0 --separate-stderr cenv lock -q -o - "$@"
	output=$(sed '/^#/d; /^ /d; s/ --hash=[^ ]*//' <<<"$output")
}

# ---- hashes ----

@test "a hash without a pin means the version that has it" {
	echo "leaf --hash=sha256:$(sum 1.0)" >list.txt
	locked -r list.txt
	assert_equal "$output" 'leaf==1.0'
	cenv install -q -r list.txt
	grep -q '"1.0"' e/include/leaf.h
}

@test "an explanation names the line whose hash or place left the others out" {
	printf 'leaf --hash=sha256:%s\nuser\n' "$(sum 2.0)" >list.txt
	run -3 --separate-stderr cenv lock -q -o - -r list.txt
	assert_contains "$stderr" "every version of user needs leaf<2 (leaf exists only as 2.0, by the hash that list.txt:1 names), "
	printf '%s\nuser\n' archives/leaf-2.0.tar.gz >list.txt
	run -3 --separate-stderr cenv lock -q -o - -r list.txt
	assert_contains "$stderr" "every version of user needs leaf<2 (leaf exists only as 2.0, from the place that list.txt:1 names), "
	echo 'leaf @ ./archives/leaf-2.0.tar.gz' >limits.txt
	run -3 --separate-stderr cenv lock -q -o - leaf==1.0 -c limits.txt
	assert_contains "$stderr" "You ask for leaf==1.0 (the command line), but leaf exists only as 2.0, from the place that limits.txt:1 names."
}

@test "the hash of another version installs nothing under a false name" {
	cenv install -q leaf==2.0
	cenv uninstall -qy leaf
	echo "leaf==1.0 --hash=sha256:$(sum 2.0)" >list.txt
	for command in "install" "lock -o -"; do
		# shellcheck disable=SC2086
		run -4 --separate-stderr cenv $command -q -r list.txt
		assert_equal "$output" ''
		assert_equal "$stderr" "cenv: the --hash of 'leaf' is that of 2.0, not of 1.0
  leaf==1.0 --hash=sha256:$(sum 2.0) (list.txt:1)
hint: 1.0 has --hash=sha256:$(sum 1.0)"
	done
	run -0 cenv list
	assert_equal "$output" ''
}

@test "each line with hashes must accept the archive" {
	printf 'leaf --hash=sha256:%s\nleaf --hash=sha256:%s\n' "$(sum 1.0)" "$(sum 2.0)" >list.txt
	run -3 --separate-stderr cenv lock -q -o - -r list.txt
	assert_contains "$stderr" "no archive of 'leaf' has a --hash that all lines accept"
	assert_contains "$stderr" '(list.txt:2)'
	printf 'leaf --hash=sha256:%s --hash=sha256:%s\nleaf --hash=sha256:%s --hash=sha256:%s\n' \
		"$(sum 1.0)" "$(sum 1.1)" "$(sum 1.1)" "$(sum 2.0)" >list.txt
	locked -r list.txt
	assert_equal "$output" 'leaf==1.1'
}

# ---- trees ----

@test "a pinned tree is looked at even when the build is in the store" {
	cenv install -q leaf==1.0
	cenv uninstall -qy leaf
	echo "leaf==1.0 --tree-hash=sha256:$ZERO" >list.txt
	run -4 --separate-stderr cenv install -r list.txt
	assert_contains "$stderr" "the unpacked tree of 'leaf 1.0' is not the one that was asked for"
	echo "leaf==1.0 --tree-hash=sha256:$(tree_hash 1.0)" >list.txt
	cenv install -q -r list.txt
	run -0 --separate-stderr cenv install -r list.txt
	assert_contains "$stderr" 'everything is installed already'
	run -0 cenv freeze
	assert_equal "${lines[1]}" \
		"leaf==1.0 --hash=sha256:$(sum 1.0) --tree-hash=sha256:$(tree_hash 1.0)"
}

# repack VERSION: other bytes, the same tree
repack() {
	gzip -dc "$ARCHIVES/leaf-$1.tar.gz" | gzip -1 >again
	! cmp -s again "$ARCHIVES/leaf-$1.tar.gz"
	mv again "$ARCHIVES/leaf-$1.tar.gz"
}

@test "an archive that was packed anew: installed, frozen, and installed again" {
	echo "leaf==1.0 --hash=sha256:$(sum 1.0) --tree-hash=sha256:$(tree_hash 1.0)" >list.txt
	echo user >>list.txt
	repack 1.0
	run -0 --separate-stderr cenv install -r list.txt
	assert_contains "$stderr" \
		"the archive of 'leaf' 1.0 has changed, but its unpacked tree is the pinned one"
	run -0 --separate-stderr cenv install -r list.txt
	assert_contains "$stderr" 'everything is installed already'
	cenv freeze >frozen.txt
	grep -q "^leaf==1.0 --hash=sha256:$(sum 1.0) --tree-hash=sha256:$(tree_hash 1.0)$" frozen.txt
	cenv create -q f
	cenv install -q --env f -r frozen.txt
	cenv freeze --env f | cmp - frozen.txt
	# what is recorded is what the store has, for other environments and for gc
	object=$(cenv show leaf | sed -n 's/^object: *//p')
	[ -d "$CENV_HOME/objects/$object" ]
}

@test "the same by URL" {
	echo "leaf @ file://$ARCHIVES/leaf-1.0.tar.gz --hash=sha256:$(sum 1.0) --tree-hash=sha256:$(tree_hash 1.0)" >list.txt
	repack 1.0
	run -0 --separate-stderr cenv install -r list.txt
	assert_contains "$stderr" 'has changed, but its unpacked tree is the pinned one'
	run -0 cenv freeze
	assert_contains "$output" "leaf @ file://$ARCHIVES/leaf-1.0.tar.gz --hash=sha256:$(sum 1.0)"
}

@test "a recipe's tree hash makes up for its own hash, not for the user's" {
	old=$(sum 1.0)
	sed -i "s/^sha256 = $old/&\ntree-hash = $(tree_hash 1.0)/" index/leaf.ini
	run -0 cenv lock -q -o - leaf==1.0
	assert_equal "${lines[1]}" "leaf==1.0 --hash=sha256:$old --tree-hash=sha256:$(tree_hash 1.0)"
	repack 1.0
	echo "leaf==1.0 --hash=sha256:$old" >list.txt
	run -4 --separate-stderr cenv install -r list.txt
	assert_contains "$stderr" "expected: sha256:$old"
	run -0 --separate-stderr cenv install leaf==1.0
	assert_contains "$stderr" 'its unpacked tree is the pinned one'
	run -0 cenv freeze
	assert_equal "${lines[1]}" \
		"leaf==1.0 --hash=sha256:$(sum 1.0) --tree-hash=sha256:$(tree_hash 1.0)"
}

# ---- constraints ----

@test "what a constraint says holds for a package that something else asks for" {
	echo "leaf[]==1.0 --hash=sha256:$(sum 1.0) --config-settings=options=--foo" >c.txt
	locked -c c.txt user
	assert_equal "$output" 'leaf==1.0 --config-settings=options=--foo
user==1.0'
	cenv install -q -c c.txt user
	run -0 cenv freeze
	assert_contains "$output" "leaf==1.0 --hash=sha256:$(sum 1.0) --config-settings=options=--foo"
	run -0 --separate-stderr cenv install -c c.txt user
	assert_contains "$stderr" 'everything is installed already'
	echo "leaf==1.0 --hash=sha256:$ZERO" >c.txt
	run -4 --separate-stderr cenv install -c c.txt user
	assert_contains "$stderr" "expected: sha256:$ZERO"
}

@test "a frozen file with places can be a constraint, and fetches what is needed only" {
	printf 'leaf @ %s\nother @ %s/gone-1.tar.gz\n' "$ARCHIVES/leaf-1.1.tar.gz" "$ARCHIVES" >c.txt
	run -0 --separate-stderr cenv install -c c.txt user
	run -0 cenv freeze
	assert_contains "$output" "leaf @ $ARCHIVES/leaf-1.1.tar.gz --hash=sha256:$(sum 1.1)"
}

@test "a package from two places is a contradiction that names both" {
	printf 'leaf @ %s/leaf-1.0.tar.gz\n%s/leaf-1.1.tar.gz\n' "$ARCHIVES" "$ARCHIVES" >list.txt
	run -3 --separate-stderr cenv install -q -r list.txt
	assert_equal "$stderr" "cenv: 'leaf' is asked for from two places
  leaf @ $ARCHIVES/leaf-1.0.tar.gz (list.txt:1)
  $ARCHIVES/leaf-1.1.tar.gz (list.txt:2)
hint: keep one of these lines"
	echo "leaf @ http://me:secret@127.0.0.1:1/leaf-1.0.tar.gz" >c.txt
	run -3 --separate-stderr cenv lock -q -o - -c c.txt "$ARCHIVES/leaf-1.0.tar.gz"
	assert_contains "$stderr" 'http://***@127.0.0.1:1/leaf-1.0.tar.gz (c.txt:1)'
	refute_contains "$stderr" secret
}

@test "credentials are not shown, wherever a line is" {
	echo "leaf @ https://me:secret@127.0.0.1:1/leaf-1.0.tar.gz" >list.txt
	run -1 --separate-stderr cenv install --locked -r list.txt
	assert_contains "$stderr" 'https://***@127.0.0.1'
	refute_contains "$stderr" secret
	sed -i 's/$/ --hsh=1/' list.txt
	run -2 --separate-stderr cenv lock -o - -r list.txt
	assert_contains "$stderr" "list.txt:1:54: unknown option '--hsh'"
	assert_contains "$stderr" '    leaf @ https://***@127.0.0.1:1/leaf-1.0.tar.gz --hsh=1
                                                   ^'
	refute_contains "$stderr" secret
	run -2 --separate-stderr cenv lock -o - 'leaf @ https://me:secret@127.0.0.1:1/leaf-1.0.tar.gz x'
	refute_contains "$stderr" secret
}
