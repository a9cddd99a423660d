# SPDX-License-Identifier: MIT
# The shells that activation is tested in, and how each says the few things the cases need.
# A case is a script in the shell's own language, put together from these words.

declare -A shell_command=(
	[bash]="bash --norc --noprofile"
	[bash-posix]="bash --posix --norc --noprofile"
	[zsh]="zsh -f"
	[dash]="dash"
	[ash]="busybox ash"
	[ksh]="ksh"
	[mksh]="mksh"
	[fish]="fish --no-config"
	[csh]="bsd-csh -f"
	[tcsh]="tcsh -f"
)

family_of() {
	case $1 in
	fish) echo fish ;;
	csh | tcsh) echo csh ;;
	*) echo sh ;;
	esac
}

# The name of the file to source.
script_name() {
	case $family in
	fish) echo activate.fish ;;
	csh) echo activate.csh ;;
	*) echo activate ;;
	esac
}

# Source the activation script of the environment that variable $1 names.
act() {
	case $family in
	fish) echo "source \"\$$1/bin/activate.fish\"" ;;
	csh) echo "source \$$1:q/bin/activate.csh" ;;
	*) echo ". \"\$$1/bin/activate\"" ;;
	esac
}

# Source the file named literally.
source_file() {
	case $family in
	sh) echo ". $1" ;;
	*) echo "source $1" ;;
	esac
}

# Write the exported variables to file $1 of the case's folder.
dump() {
	case $family in
	csh) echo "\$T_TOOL:q dump \$T_DIR:q/$1" ;;
	*) echo "\"\$T_TOOL\" dump \"\$T_DIR/$1\"" ;;
	esac
}

# Write everything that the shell holds to file $1: variables, functions, aliases, options, prompt.
snap() {
	local to
	case $family in
	csh) to="> \$T_DIR:q/$1" ;;
	*) to="> \"\$T_DIR/$1\"" ;;
	esac
	case $shell in
	bash | bash-posix)
		echo "{ \\declare -p; \\declare -f; \\alias; \\set +o; \\shopt -p; \\trap; } $to"
		;;
	zsh) echo "{ \\typeset -p; \\functions; \\alias -L; \\setopt; \\trap; } $to" ;;
	dash) echo "{ \\set; \\export -p; \\alias; \\set -o; \\trap; \\type deactivate cd test || \\:; } $to" ;;
	ash) echo "{ \\set; \\export -p; \\alias; \\set -o; \\trap; \\type deactivate cd test || \\:; } $to 2>&1" ;;
	ksh | mksh)
		echo "{ \\typeset -p; \\typeset -f; \\alias; \\set +o; \\trap; } $to"
		;;
	fish)
		# the first look loads functions, which set variables
		echo "begin; functions fish_prompt; alias; abbr; end > /dev/null 2>&1"
		echo "begin; set --show; functions -a -n; functions deactivate | string match -v '#*'"
		echo "functions fish_prompt | string match -v '#*'; alias; abbr; end $to 2>&1"
		;;
	csh | tcsh)
		echo "( set ; setenv ; alias ) $to"
		;;
	esac
}

# Print a message to file $1 saying that the last command's status was not 0, if so.
note_status() {
	case $family in
	fish) echo "echo \$status > \"\$T_DIR/$1\"" ;;
	csh) echo "echo \$status > \$T_DIR:q/$1" ;;
	*) echo "echo \$? > \"\$T_DIR/$1\"" ;;
	esac
}

# What a snapshot holds that changes from line to line by itself.
volatile='_|LINENO|RANDOM|SRANDOM|SECONDS|EPOCHREALTIME|EPOCHSECONDS|BASHPID|BASH_LINENO|BASH_ARGC'
volatile+='|BASH_ARGV|BASH_ARGV0|BASH_COMMAND|BASH_SOURCE|FUNCNAME|PIPESTATUS|pipestatus|status'
volatile+='|TTYIDLE|zsh_scheduled_events|BASH_SUBSHELL|OPTIND|history|funcstack|funcfiletrace'
volatile+='|funcsourcetrace|functrace|CMD_DURATION|CMD_DURATION_LINES|ZSH_EVAL_CONTEXT|COLUMNS|LINES'
volatile+='|\.sh\.[a-z.]*|HISTCMD|HISTNO|status_generation|KSH_VERSION|zsh_eval_context|KSH_MATCH|_AST_FEATURES|BASH_EXECUTION_STRING'

steady() {
	case $family in
	fish) grep -a -v -E "^\\\$($volatile)[:[]" "$1" ;;
	csh) grep -a -v -E "^($volatile)([	=]|\$)" "$1" ;;
	*) grep -a -v -E "^((declare|typeset|export)( -[A-Za-z0-9-]+( [0-9]+)?)* |set -A )?($volatile)(=|\$|\[)" "$1" ;;
	esac
}
