# tree, why, outdated, search, info: names, patterns, depths, circles, JSON. Nothing compiles.
load ../lib/cli.bash
load ../lib/tiny.bash

setup() {
	setup_home
	tiny leaf 1.0
	tiny leaf 1.1
	tiny leaf 2.0
	tiny leaf 3.0-rc1
	tiny Mid 1.0 'leaf<2'
	tiny top 1.0 mid
	tiny other 0.9
	tiny other 1.0
	use_tiny
	mv index/Mid.ini index/mid.ini
	cenv create -q e
	export CENV=$PWD/e
}

# json CHECK: is the output one document of version 1, and does the Python expression on d hold?
json() {
	python3 -c 'import json, sys
d = json.loads(sys.argv[1])
assert d["version"] == 1, d
assert eval(sys.argv[2]), d' "$output" "$1"
}

@test "tree: depth counts from 0, and inverts" {
	cenv install -q top other
	run -0 cenv tree
	assert_equal "$output" 'other 1.0
top 1.0
└── Mid 1.0
    └── leaf 1.1'
	run -0 cenv tree --depth 0
	assert_equal "$output" 'other 1.0
top 1.0'
	run -0 cenv tree --depth 1 TOP
	assert_equal "$output" 'top 1.0
└── Mid 1.0'
	run -0 cenv tree --invert 'le*'
	assert_equal "$output" 'leaf 1.1
└── Mid 1.0
    └── top 1.0'
	run -0 cenv tree --json --depth 0
	json '[p["name"] for p in d["packages"]] == ["other", "top"] and "packages" not in d["packages"][0]'
	run -0 cenv tree --json --invert leaf
	json 'd["packages"][0]["packages"][0]["packages"][0]["name"] == "top"'
	run -2 --separate-stderr cenv tree --depth=-1
	run -2 --separate-stderr cenv tree --depht 1
	assert_contains "$stderr" "did you mean '--depth'?"
}

@test "tree: packages that need each other are shown, once" {
	cenv install -q top
	sed -i 's/"deps":\s*\[\]/"deps": ["top"]/' e/lib/cenv/leaf.json
	run -0 cenv tree
	assert_equal "$output" 'leaf 1.1
└── top 1.0
    └── Mid 1.0
        └── leaf 1.1 (*)'
	run -0 cenv tree --invert
	[ "${#lines[@]}" -eq 4 ]
	run -0 cenv tree --json
	json 'd["packages"][0]["packages"][0]["packages"][0]["packages"][0]["repeated"]'
	run -0 cenv why leaf
	assert_contains "$output" 'needs leaf<2'
}

@test "outdated: allowed and existing, by name and pattern, as JSON" {
	cenv install -q top other==0.9
	run -0 cenv outdated
	assert_equal "$output" 'leaf 1.1  allowed 1.1  newest 2.0
other 0.9  allowed 1.0  newest 1.0'
	run -0 cenv outdated 'OTH*'
	assert_equal "$output" 'other 0.9  allowed 1.0  newest 1.0'
	run -0 --separate-stderr cenv outdated top
	assert_equal "$output" ''
	assert_equal "$stderr" 'nothing newer exists'
	run -0 cenv outdated --pre leaf
	assert_equal "$output" 'leaf 1.1  allowed 1.1  newest 3.0-rc1'
	run -0 cenv outdated --json leaf
	json 'd["packages"] == [{"name": "leaf", "installed": "1.1", "allowed": "1.1", "newest": "2.0"}]'
	echo 'other<1' >c.txt
	run -0 cenv outdated -c c.txt other
	assert_equal "$output" 'other 0.9  allowed 0.9  newest 1.0'
	run -3 --separate-stderr cenv outdated otehr
	assert_contains "$stderr" "did you mean 'other'?"
}

@test "info: what a feature requires, in the newest version and in each" {
	cat >index/part.ini <<-END
		[package]
		name = part
		summary = parts
		license = MIT
		[build]
		requires = top
		requires[extra] =
		    leaf<2
		    other
		[feature extra]
		summary = more
		default = yes
		[feature small]
		summary = less
		[version 2.0]
		url = file:///none-2.0.tar.gz
		sha256 = $(sum_of leaf 2.0)
		[version 1.0]
		url = file:///none-1.0.tar.gz
		sha256 = $(sum_of leaf 1.0)
		requires[small] = leaf
	END
	run -0 cenv info part
	assert_contains "$output" 'requires:     top'
	assert_contains "$output" 'features:     extra (default): more (requires leaf<2, other)
              small: less
index:'
	run -0 cenv info --json part
	json '(d["packages"][0]["versions"][0]["feature_requires"] ==
		{"extra": ["leaf<2", "other"], "small": []})'
	json 'd["packages"][0]["versions"][1]["feature_requires"]["small"] == ["leaf"]'
	run -0 cenv info --json leaf
	json 'd["packages"][0]["versions"][0]["feature_requires"] == {}'
}

@test "search and info: patterns whatever the case" {
	run -0 cenv search 'M*' tiny
	assert_equal "$output" 'Mid              1.0          a tiny package'
	run -0 cenv info 'L?AF' other
	assert_contains "$output" 'versions:     3.0-rc1 2.0 1.1 1.0'
	assert_contains "$output" 'name:         other'
	run -0 cenv info --json '*'
	json '[p["name"] for p in d["packages"]] == ["leaf", "Mid", "other", "top"]'
	json 'd["packages"][1]["versions"][0]["requires"] == ["leaf<2"]'
	run -3 --separate-stderr cenv info 'x*'
	assert_equal "$output" ''
	assert_equal "$stderr" "cenv: no package matches 'x*'"
	run -3 --separate-stderr cenv info --json laef
	assert_equal "$output" ''
	assert_contains "$stderr" 'did you mean leaf'
	run -3 --separate-stderr cenv info Leaf==1.0
	assert_contains "$stderr" "no index has a package 'Leaf==1.0'"
}

@test "JSON stays valid whatever the environment is called" {
	local odd=$'od\377d "e\\\n'
	cenv install -q other
	mv e "$odd"
	export CENV="$PWD/$odd"
	for command in list show\ other tree why\ other outdated check history; do
		# shellcheck disable=SC2086
		run -0 --separate-stderr cenv $command --json
		json True
	done
	# so does what is installed from such a folder, and in one
	mkdir "$odd/sources"
	cp archives/leaf-1.0.tar.gz "$odd/sources/"
	(cd "$odd/sources" && cenv install -q ./leaf-1.0.tar.gz)
	run -0 --separate-stderr cenv list --json leaf
	json 'd["packages"][0]["url"].endswith("leaf-1.0.tar.gz")'
	run -0 cenv freeze
	assert_contains "$output" 'od%FFd%20%22e%5C%0A/sources/leaf-1.0.tar.gz --hash='
}

@test "near words: options before a command, in a file, and operators" {
	run -2 --separate-stderr cenv --verson
	assert_contains "$stderr" "hint: did you mean 'cenv --version'?"
	run -2 --separate-stderr cenv --json
	assert_contains "$stderr" "hint: options follow the command: 'cenv COMMAND --json'"
	printf -- '--indx ./index\n--trusted-host x\n-q\nleaf=<2\nleaf=>2\nleaf=2\n' >list.txt
	run -2 --separate-stderr cenv lock -o - -r list.txt
	assert_contains "$stderr" "list.txt:1:1: unknown option '--indx': did you mean '--index'?"
	assert_contains "$stderr" "list.txt:2:1: unknown option '--trusted-host'
"
	assert_contains "$stderr" "list.txt:3:1: unknown option '-q'
"
	assert_contains "$stderr" "list.txt:4:5: '=<' is no operator: write '<='"
	assert_contains "$stderr" "list.txt:5:5: '=>' is no operator: write '>='"
	assert_contains "$stderr" "list.txt:6:5: '=' is no operator: write '=='"
}
