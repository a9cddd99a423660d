# freeze -r, --exclude and diff: by names, patterns and places. Nothing compiles.
load ../lib/cli.bash
load ../lib/tiny.bash

setup() {
	setup_home
	use_leaf
	cenv create -q e
	export CENV=$PWD/e
}

# worked_on NAME: a folder of sources that installs one header
worked_on() {
	mkdir -p "$1"
	printf 'all:\ninstall:\n\tmkdir -p $(DESTDIR)$(PREFIX)/include\n\ttouch $(DESTDIR)$(PREFIX)/include/%s.h\n' \
		"${1##*/}" >"$1/Makefile"
}

@test "freeze: everything comes back from it, byte for byte" {
	worked_on mine
	worked_on theirs
	printf '[feature fast]\nsummary = x\ndefault = no\n[feature safe]\nsummary = y\ndefault = yes\n' >>index/user.ini
	cp archives/leaf-1.0.tar.gz 'le af $#-1.0.tar.gz'
	cenv install -q 'user[fast,-safe] --config-settings=options=--x' "leaf @ ./le af \$#-1.0.tar.gz" -e ./mine ./theirs
	cenv freeze >frozen.txt
	assert_equal "$(sed -n '2,$p' frozen.txt)" "leaf @ file:$PWD/le%20af%20%24%23-1.0.tar.gz --hash=sha256:$(sum_of leaf 1.0)
-e $PWD/mine
theirs @ $PWD/theirs $(cenv hash theirs | grep -o -- '--tree-hash=.*')
user[fast,-safe]==1.0 --hash=sha256:$(sum_of user 1.0) --config-settings=options=--x"
	cenv create -q f
	cenv install -q --env f -r frozen.txt
	cenv freeze --env f | cmp - frozen.txt
	run -0 cenv diff frozen.txt f
	assert_equal "$output" ''
	run -0 cenv freeze --no-hashes --exclude mine
	assert_equal "${lines[1]}" "leaf @ file:$PWD/le%20af%20%24%23-1.0.tar.gz"
	assert_equal "${lines[3]}" 'user==1.0'
}

@test "freeze -r: paths are the packages they brought, comments and relative folders stay" {
	worked_on sub/mine
	cp archives/leaf-1.0.tar.gz sub/
	printf -- '# ours\r\n./leaf-1.0.tar.gz  # the old one\r\n-e ./mine # ours, too\r\n\r\nuser>=1 \\\r\n  ,<2\r\n' >sub/list.txt
	cenv install -q -r sub/list.txt
	printf './gone-1.tar.gz\r\n' >>sub/list.txt
	run -0 --separate-stderr cenv freeze -r sub/list.txt
	assert_equal "$output" "# ours"$'\r'"
leaf @ $PWD/sub/leaf-1.0.tar.gz --hash=sha256:$(sum_of leaf 1.0)  # the old one"$'\r'"
-e ./mine # ours, too"$'\r\n\r'"
user==1.0 --hash=sha256:$(sum_of user 1.0)"$'\r'
	assert_equal "$stderr" "cenv: warning: 'sub/list.txt' names './gone-1.tar.gz', which is not installed"
}

@test "freeze --exclude takes patterns, and tells what matches nothing" {
	cenv install -q user
	run -0 --separate-stderr cenv freeze --no-hashes --exclude 'LE*' --exclude usre
	assert_equal "$(sed 1d <<<"$output")" 'user==1.0'
	assert_equal "$stderr" "cenv: warning: --exclude 'usre': no such package is installed"
}

@test "diff: added, removed, up, down, versions, source, hash, features, options" {
	zero=$(printf '%064d' 0)
	one=$(printf '%064d' 1)
	cat >a.txt <<-END
		gone==1
		up==1.9
		down==1.10
		same==1.0
		loose>=1
		moved==1
		hashed==1 --hash=sha256:$zero
		tree @ ./tree --tree-hash=sha256:$zero
		feat[a]==1
		opt==1 --config-settings=options=--x
		-e ./edit
		./dist/arch-1.tar.gz
	END
	cat >b.txt <<-END
		new[x]==3
		up==1.10
		down==1.9
		same==1.0.0
		loose>=2
		moved @ https://h/moved-1.tar.gz
		hashed==1 --hash=sha256:$one
		tree @ ./tree --tree-hash=sha256:$one
		feat[a,-b]==1
		opt==1
	END
	run -0 --separate-stderr cenv diff a.txt b.txt
	assert_equal "$output" "removed   arch ./dist/arch-1.tar.gz
down      down 1.10 -> 1.9
removed   edit -e ./edit
features  feat a -> -b,a
removed   gone 1
hash      hashed $zero -> $one
versions  loose >=1 -> >=2
source    moved 1 -> https://h/moved-1.tar.gz
added     new 3
options   opt --x -> none
hash      tree $zero -> $one
up        up 1.9 -> 1.10"
	assert_equal "$stderr" ''
	run -0 --separate-stderr cenv diff --json a.txt b.txt
	python3 -c 'import json, sys
d = json.loads(sys.argv[1])
assert d["version"] == 1 and len(d["changes"]) == 12, d
assert {"change": "up", "name": "up", "from": "1.9", "to": "1.10"} in d["changes"], d
assert {"change": "added", "name": "new", "to": "3"} in d["changes"], d' "$output"
	run -0 cenv diff --exit-code a.txt a.txt
	assert_equal "$output" ''
	run -1 --separate-stderr cenv diff --exit-code a.txt b.txt
	assert_contains "$output" 'up        up 1.9 -> 1.10'
	assert_equal "$stderr" "cenv: 'a.txt' and 'b.txt' differ"
}

@test "diff: a lock with relative paths and the environment that it made" {
	worked_on mine
	mkdir out
	cp archives/leaf-1.0.tar.gz .
	printf './leaf-1.0.tar.gz\n-e ./mine\nuser\n' >requirements.in
	cenv lock -q -o out/lock.txt -r requirements.in
	cenv install -q -r out/lock.txt
	run -0 cenv diff --exit-code out/lock.txt e
	assert_equal "$output" ''
	cenv uninstall -qy mine
	run -0 cenv diff out/lock.txt e
	assert_equal "$output" "removed   mine -e $PWD/mine"
}

@test "diff of what is neither lock file nor environment" {
	touch a.txt
	run -1 --separate-stderr cenv diff a.txt nowhere
	assert_contains "$stderr" "cannot open 'nowhere': No such file or directory
hint: diff takes lock files and folders of environments"
	run -6 --separate-stderr cenv diff a.txt index
	assert_contains "$stderr" "'$PWD/index' is not an environment"
	assert_contains "$stderr" "hint: diff takes lock files and folders of environments"
	echo 'a==' >a.txt
	run -2 --separate-stderr cenv diff a.txt a.txt
	assert_contains "$stderr" 'a.txt:1:4: '
}
