# What lock decides, and how it explains itself: small indexes, the real binary, no building.
load ../lib/cli.bash
load ../lib/sources.bash
load ../lib/tiny.bash

setup() {
	setup_home
	export CENV_INDEX=$PWD/idx CENV_NO_DEFAULT_INDEX=1
	mkdir idx
	recipe liba '3.0@2024-06-01 libb>=2' '2.0@2023-06-01 libb' '1.0@2022-06-01 libb'
	recipe libb '2.1rc1@2024-07-01' '2.0@2024-01-01' '1.5@2023-01-01' '1.0@2022-01-01'
	recipe libc '1.0 libb<2'
}

# recipe NAME 'VERSION[@DATE] [REQUIREMENT...]'...
recipe() {
	local name=$1 entry version words
	shift
	printf '[package]\nname = %s\nlicense = MIT\n' "$name" >"idx/$name.ini"
	for entry; do
		read -ra words <<<"$entry"
		version=${words[0]%@*}
		printf '[version %s]\nurl = https://example.org/%s-%s.tar.gz\nsha256 = %s\n' "$version" \
			"$name" "$version" "$(printf %s "$name-$version" | sha256sum | cut -d' ' -f1)"
		[ "$version" = "${words[0]}" ] || echo "date = ${words[0]#*@}"
		[ ${#words[@]} -eq 1 ] || printf 'requires =\n' && printf '  %s\n' "${words[@]:1}"
	done >>"idx/$name.ini"
}

# pins ARGUMENT...: what lock -o - chooses, in one line
pins() {
	run -0 --separate-stderr cenv lock -q -o - "$@"
	output=$(grep -v '^[# ]' <<<"$output" | sed 's/ --hash=.*//' | paste -sd' ')
}

# refused STATUS ARGUMENT...: nothing on standard output, the explanation in $stderr
refused() {
	local status_wanted=$1
	shift
	run "-$status_wanted" --separate-stderr cenv lock -q -o - "$@"
	assert_equal "$output" ''
}

@test "the newest, the lowest, and the lowest of what is asked for" {
	pins liba
	assert_equal "$output" 'liba==3.0 libb==2.0'
	pins --resolution lowest liba
	assert_equal "$output" 'liba==1.0 libb==1.0'
	pins --resolution lowest-direct liba
	assert_equal "$output" 'liba==1.0 libb==2.0'
}

@test "pre-releases: with --pre, when named, or when nothing else exists" {
	pins --pre liba
	assert_equal "$output" 'liba==3.0 libb==2.1rc1'
	pins 'libb>=2.1rc1'
	assert_equal "$output" 'libb==2.1rc1'
	recipe early '1.0rc2' '1.0rc1'
	pins early
	assert_equal "$output" 'early==1.0rc2'
	printf -- '--pre\nlibb\n' >in.txt
	pins -r in.txt
	assert_equal "$output" 'libb==2.1rc1'
}

@test "--exclude-newer leaves out what was published later" {
	pins --exclude-newer 2023-12-31 liba
	assert_equal "$output" 'liba==2.0 libb==1.5'
	refused 3 --exclude-newer 2021-01-01 liba
	assert_contains "$stderr" 'every version of liba was published after 2021-01-01'
	refused 2 --exclude-newer tomorrow liba
	assert_contains "$stderr" 'YYYY-MM-DD'
}

@test "constraints limit, and ask for nothing" {
	printf 'libb<2\nother==1\n' >c.txt
	pins -c c.txt liba
	assert_equal "$output" 'liba==2.0 libb==1.5'
	refused 3 -c c.txt 'liba>=3'
	assert_contains "$stderr" 'libb<2 (c.txt:1)'
	assert_contains "$stderr" "hint: there is a solution without the constraint 'libb<2' (c.txt:1)"
}

@test "an override stands in the place of all other demands" {
	echo 'libb==1.0' >over.txt
	pins --override over.txt liba
	assert_equal "$output" 'liba==3.0 libb==1.0'
}

@test "markers: of requirements and of dependencies" {
	recipe mark '1.0'
	printf 'requires =\n  libb ; target_system == "Linux"\n  libc ; target_system == "Plan9"\n' \
		>>idx/mark.ini
	printf 'mark\nliba ; target_system != "Linux"\n' >in.txt
	pins -r in.txt
	assert_equal "$output" 'libb==2.0 mark==1.0'
}

@test "pins stay until -U, or -P for one" {
	echo 'liba' >requirements.in
	cenv lock -q --exclude-newer 2023-12-31
	run -0 --separate-stderr cenv lock
	assert_contains "$stderr" "'requirements.txt' is up to date"
	run -0 cenv lock -q -P libb
	run -0 grep -o '^lib[ab]==[0-9.]*' requirements.txt
	assert_equal "$output" $'liba==2.0\nlibb==2.0'
	run -0 cenv lock -q -U
	run -0 grep -o '^lib[ab]==[0-9.]*' requirements.txt
	assert_equal "$output" $'liba==3.0\nlibb==2.0'
}

@test "who asked: every file and package, each once" {
	printf 'libb\n-r b.txt\n' >a.txt
	printf 'libb>=1\nlibc\n' >b.txt
	run -0 --separate-stderr cenv lock -q -o - -r a.txt
	assert_contains "$output" '    # via -r a.txt, -r b.txt, libc'
}

@test "the order of lines and files says nothing" {
	printf 'libc\nliba\nlibb>=1\n' >a.txt
	printf 'libb>=1\nliba\nlibc\n' >b.txt
	cenv lock -q -o - -r a.txt >one
	cp b.txt a.txt
	cenv lock -q -o - -r a.txt >two
	cmp one two
}

@test "lock --check prints each line that differs, and mends as it says" {
	echo 'liba' >requirements.in
	cenv lock -q
	cenv lock -q --check
	recipe libd 1.0
	printf 'libb\nlibd\n' >requirements.in
	run -1 --separate-stderr cenv lock --check
	[[ "${lines[0]}" == '- liba==3.0 --hash='* ]]
	[[ "${lines[1]}" == '+ libd==1.0 --hash='* ]]
	[ "${#lines[@]}" -eq 2 ]
	mend=$(sed -n "s/^hint: run '\(.*\)' to .*/\1/p" <<<"$stderr")
	sh -c "$mend -q"
	cenv lock -q --check
}

@test "a malformed version of a recipe is found though nobody asks for it" {
	printf '[version 0.1]\nurl = https://example.org/x\nsha256 = 12\ngarbage\n' >>idx/liba.ini
	refused 2 liba
	assert_contains "$stderr" "malformed recipe"
	assert_contains "$stderr" "'sha256' is 64 hex digits"
	assert_contains "$stderr" "expected 'key = value'"
}

@test "explanations: two packages that need different versions" {
	printf 'liba>=3\nlibc\n' >in.txt
	refused 3 -r in.txt
	assert_equal "$stderr" "cenv: no set of versions satisfies all requirements
Because liba 3.0 needs libb>=2 and every version of libc needs libb<2, liba>=3 and libc can't be used together.
And because you ask for liba>=3 (in.txt:1) and libc (in.txt:2), there is no solution.
hint: there is a solution without 'liba>=3' (in.txt:1), or without 'libc' (in.txt:2)"
}

@test "explanations: a chain names each link, and nothing else" {
	recipe top '2 mid>=2' '1 mid>=2'
	recipe mid '3 low>=5' '2 low>=5' '1'
	recipe low '6' '5' '4'
	recipe aside '1 low'
	printf 'top\naside\nlow<5\n' >in.txt
	refused 3 -r in.txt
	assert_contains "$stderr" 'low<5 (in.txt:3)'
	assert_contains "$stderr" 'top'
	assert_contains "$stderr" 'mid'
	refute_contains "$stderr" 'aside'
}

@test "a hint names the pin of a lock file that is in the way, and what moves it" {
	cenv lock -q -o pins.txt 'libb>=2'
	for option in -r -c; do
		run -3 --separate-stderr cenv lock -q -o - libc $option pins.txt
		assert_contains "$stderr" "'libb==2.0' (pins.txt:2); to move the pin, give 'cenv lock' all that is asked for at once"
		refute_contains "$stderr" --hash
	done
	assert_contains "$stderr" "without the constraint 'libb==2.0'"
	refused 3 libc -r pins.txt
	assert_contains "$stderr" "or without the pin 'libb==2.0'"
	# a pin that somebody wrote by hand is his wish
	refused 3 libc libb==2.0
	refute_contains "$stderr" 'the pin'
}

@test "explanations: the same name asked for twice, in two files" {
	echo 'libb>=2' >a.txt
	echo 'libb<2' >b.txt
	refused 3 -r a.txt -r b.txt
	assert_contains "$stderr" 'libb>=2 (a.txt:1)'
	assert_contains "$stderr" 'libb<2 (b.txt:1)'
}

@test "explanations: versions, features and names that are not there" {
	refused 3 'liba==9'
	assert_contains "$stderr" 'liba exists only as 1.0, 2.0 and 3.0'
	refused 3 'liba[ssl]'
	assert_contains "$stderr" "liba has no feature 'ssl'"
	refused 3 libz
	assert_contains "$stderr" "no package is called 'libz' (the command line)"
	assert_contains "$stderr" 'did you mean'
	recipe needy '1.0 nothere'
	refused 3 needy
	assert_contains "$stderr" 'nothere'
	assert_contains "$stderr" 'needy'
}

@test "a hint names an index that would help, and none that would not" {
	recipe liba '1.0 libz>=2'
	recipe libz '1.0'
	mkdir more less
	mv idx idx1
	mkdir idx
	recipe libz '2.0' '1.0'
	mv idx/libz.ini more
	recipe libz '1.5'
	mv idx/libz.ini less
	unset CENV_INDEX
	refused 3 --index idx1 --index less --index more liba
	assert_contains "$stderr" "libz exists only as 1.0"
	assert_contains "$stderr" "hint: there is a solution with libz 2.0 from 'more': \
name that index before the others, as the first that has a package wins"
	# as it says
	pins --index more --index idx1 --index less liba
	assert_equal "$output" 'liba==1.0 libz==2.0'
	refused 3 --index idx1 --index less liba
	refute_contains "$stderr" 'hint'
}

@test "a hint names cenv's own recipes when they were left out and would help" {
	recipe liba '1.0 zlib>=1'
	recipe libb '1.0 zlib>=99'
	refused 3 liba
	assert_contains "$stderr" 'zlib>=1 (no index has it)'
	assert_contains "$stderr" "hint: cenv's own recipes have zlib 1."
	assert_contains "$stderr" ': leave out --no-default-index'
	refused 3 libb
	refute_contains "$stderr" 'default-index'
	refused 3 zlib
	assert_equal "$stderr" "cenv: no package is called 'zlib' (the command line)
hint: cenv's own recipes have 'zlib': leave out --no-default-index"
	unset CENV_NO_DEFAULT_INDEX
	pins liba
	[[ "$output" == 'liba==1.0 zlib==1.'* ]]
	# what the first index has is not looked for in the default one
	recipe zlib '0.5'
	refused 3 liba
	assert_contains "$stderr" "from '"
	assert_contains "$stderr" 'share/cenv/recipes'
}

# bounded COMMAND...: with 600 MB of address space (sanitizers take terabytes) and 60 s
bounded() {
	if nm "$CENV_BINDIR/cenv" 2>/dev/null | grep -q __asan_init; then
		timeout 60 "$@"
	else
		(ulimit -v 600000 && timeout 60 "$@")
	fi
}

@test "huge, endless and binary requirements are refused with bounded memory" {
	yes 'libb>=1' | head -c 104857600 >big.txt
	{ printf 'libb>='; head -c 10485760 /dev/zero | tr '\0' 1; echo; } >line.txt
	head -c 1048576 "$CENV_BINDIR/cenv" >binary.txt
	printf 'libb\0>=1\n' >nul.txt
	mkdir deep
	for ((i = 0; i < 100; i++)); do echo "-r $((i + 1))" >"deep/$i"; done
	for file in big.txt line.txt binary.txt nul.txt deep/0; do
		run -2 --separate-stderr bounded cenv lock -o - -r "$file"
		assert_equal "$output" ''
		assert_contains "$stderr" "$file"
		[ "${#stderr}" -lt 2000000 ]
	done
	rm big.txt line.txt
}

@test "a hundred thousand lines on one package are resolved, or explained, in linear time" {
	yes 'libb>=2' | head -n 100000 >many.txt
	run -0 --separate-stderr timeout 30 cenv lock -q -o - -r many.txt
	assert_contains "$output" libb==2.0
	yes 'libb>=3' | head -n 100000 >many.txt
	run -3 --separate-stderr timeout 30 cenv lock -q -o - -r many.txt
	assert_contains "$stderr" 'You ask for libb>=3 (many.txt:1, many.txt:2, many.txt:3 and 99997 more), but libb exists only as'
}

@test "an archive with other bytes but the same tree goes on, and says so" {
	tiny leaf 1.0
	archive=$PWD/archives/leaf-1.0.tar.gz
	run -0 --separate-stderr cenv hash "$archive"
	tree=$(grep -o -- '--tree-hash=sha256:[0-9a-f]*' <<<"$output" | head -1)
	[ -n "$tree" ]
	sum=$(sha256sum <"$archive" | cut -d' ' -f1)
	printf 'leaf==1.0 --hash=sha256:%s %s\n' "$sum" "$tree" >pins.txt
	gzip -dc "$archive" | gzip -1 >again
	mv again "$archive"
	[ "$(sha256sum <"$archive" | cut -d' ' -f1)" != "$sum" ]
	export CENV_INDEX=$PWD/index
	cenv create -q e
	run -0 --separate-stderr cenv install --env e -r pins.txt
	assert_contains "$stderr" 'tree'
	run -0 --separate-stderr cenv list --env e
	assert_contains "$output" 'leaf'
	# another tree is not let in
	mkdir -p leaf-1.0 && echo other >leaf-1.0/leaf.h && tar -czf "$archive" leaf-1.0
	cenv create -q f
	CENV_HOME=$PWD/other-store run -4 --separate-stderr cenv install --env f -r pins.txt
	assert_contains "$stderr" 'expected'
}

# examples KIND: lines of the manual's blocks of that kind
examples() {
	sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/{/^\`\`\`/!p}" "$CENV_SOURCE_DIR/docs/requirements.md"
}

@test "examples of the manual: what it shows is taken, what it refuses is refused" {
	local taken=0 refused=0
	while read -r line; do
		printf '%s\n' "$line" >line.txt
		run cenv lock -q -o - -r line.txt
		# 3: no such package here, or no such version; but well formed
		[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || { echo "$line: $output"; return 1; }
		taken=$((taken + 1))
	done < <(examples requirements)
	while read -r line; do
		printf '%s\n' "$line" >line.txt
		run cenv lock -q -o - -r line.txt
		[ "$status" -eq 2 ] || { echo "$line: $status $output"; return 1; }
		assert_contains "$output" 'line.txt:1:'
		refused=$((refused + 1))
	done < <(examples refused)
	[ "$taken" -ge 15 ] && [ "$refused" -ge 10 ]
}

# remote FOLDER NAME: serve an index folder on loopback in the way that PATH of http_server.py says
remote() {
	start_server "$PWD"
	export CENV_INDEX="http://127.0.0.1:$PORT/$1/idx"
}

teardown() {
	stop_server
}

@test "an index over HTTP costs one round trip for each level of the dependencies" {
	# 1: index.json, which is not there; 2 that are asked for; then 4, 3 and 1 that are needed, the
	# last together with what the newest leaf would need, which is guessed in vain
	recipe top1 '1.0 left middle'
	recipe top2 '2.0 right leaf<2' '1.0 wrong'
	recipe left '1.0 leaf'
	recipe middle '1.0 a b' '0.9 never'
	recipe right '1.0 c'
	recipe leaf '2.0 d' '1.0'
	for name in a b c; do recipe $name '1.0 deep'; done
	recipe deep '1.0'
	remote gather/1-2-4-3-2
	pins top1 top2
	assert_equal "$output" \
		'a==1.0 b==1.0 c==1.0 deep==1.0 leaf==1.0 left==1.0 middle==1.0 right==1.0 top1==1.0 top2==2.0'
	run -0 grep -c ini requests.log
	assert_equal "$output" 11
	# connections are used again: no more than the widest level takes
	run -0 grep -c . connections.log
	assert_equal "$output" 4
}

@test "search and info ask an index over HTTP for all recipes at once, and keep copies" {
	local list=
	for name in liba libb libc; do
		list+="${list:+, }\"$name\": {\"sha256\": \"$(sha256_of idx/$name.ini)\"}"
	done
	echo "{\"version\": 1, \"packages\": {$list}}" >idx/index.json
	unset CENV_INDEX
	start_server "$PWD"
	url=http://127.0.0.1:$PORT
	export ASAN_OPTIONS="detect_stack_use_after_return=1:$ASAN_OPTIONS"
	run -0 --separate-stderr cenv search --index "$url/gather/1-3/idx"
	assert_equal "$(awk '{print $1, $2}' <<<"$output")" $'liba 3.0\nlibb 2.1rc1\nlibc 1.0'
	run -0 --separate-stderr cenv info --index "$url/gather/1-2/idx" liba libb
	assert_contains "$output" 'name:         libb'
	run -0 --separate-stderr cenv info --index "$url/gather/1-2/idx" --offline liba
	assert_contains "$output" "$url/gather/1-2/idx"
	run -3 --separate-stderr cenv info --index "$url/gather/1-1/idx" libd
	assert_equal "$stderr" "cenv: no index has a package 'libd'
hint: did you mean liba, libb, libc?"
}
