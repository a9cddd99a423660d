# What is made from the option tables: completions and manual pages.
load ../lib/cli.bash

setup() {
	setup_home
}

@test "an unknown shell is a usage error" {
	run -2 --separate-stderr cenv completion tcsh
	assert_contains "$stderr" "no completions for shell 'tcsh'"
}

@test "the bash completion knows commands, options and their values" {
	cenv completion bash >cenv.bash
	bash -n cenv.bash
	complete_line() {
		bash -c '. ./cenv.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cenv
			printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
	}
	run -0 complete_line cenv inst
	assert_equal "$output" install
	run -0 complete_line cenv install --no-d
	assert_equal "$output" "--no-default-index
--no-deps"
	run -0 complete_line cenv install --sandbox r
	assert_equal "$output" require
	run -0 complete_line cenv completion z
	assert_equal "$output" zsh
	run -0 complete_line cenv install zli
	assert_equal "$output" zlib
}

@test "the zsh completion is valid and offers every command" {
	cenv completion zsh >_cenv
	zsh -n _cenv
	for name in $(commands); do
		grep -q "'$name:" _cenv
	done
}

@test "the fish completion completes" {
	cenv completion fish >cenv.fish
	fish --no-execute cenv.fish
	run -0 fish -c 'source cenv.fish; complete -C "cenv inst" | string split -f1 \t'
	assert_equal "$output" install
}

@test "every command has a manual page with its options" {
	mkdir man
	cenv _generate man
	for name in $(commands); do
		page=man/cenv-$name.1
		[ -s "$page" ]
		for option in $(cenv "$name" --help | grep -o -- ' --[a-z][a-z-]*' | sort -u); do
			sed 's/\\-/-/g; s/\\f[BIR]//g' "$page" | grep -q -- "$option"
		done
	done
	[ -s man/cenv.1 ]
}

@test "the build put completions and manual pages into its share folder" {
	[ -s "$CENV_BUILD_DIR/share/bash-completion/completions/cenv" ]
	[ -s "$CENV_BUILD_DIR/share/zsh/site-functions/_cenv" ]
	[ -s "$CENV_BUILD_DIR/share/fish/vendor_completions.d/cenv.fish" ]
	[ -s "$CENV_BUILD_DIR/share/man/man1/cenv.1" ]
	[ -s "$CENV_BUILD_DIR/share/man/man1/cenv-install.1" ]
}

@test "an install tree works wherever it is moved" {
	cmake --install "$CENV_BUILD_DIR" --prefix "$PWD/one" >/dev/null
	[ -s one/share/man/man1/cenv-install.1 ]
	[ -s one/share/bash-completion/completions/cenv ]
	[ -s one/share/cenv/recipes/zlib.ini ]
	mv one two
	run -0 two/bin/cenv --version
	run -0 two/bin/cenv _names known
	assert_contains "$output" zlib
	run -0 two/bin/cenv create e
}
