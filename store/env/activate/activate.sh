# SPDX-License-Identifier: MIT
# Activates this environment: source this file, do not run it. 'deactivate' undoes it.
# For bash, zsh, dash, busybox ash, ksh and mksh. The file is the same in every environment and
# finds its own by itself. Aliases, functions, IFS, globbing and 'set -euo pipefail' of the shell
# that sources it must not matter: hence the backslashes, and no word is left to be split.

# The name of this file: three shells know it, the others keep it open while they read it.
_cenv_file=${BASH_SOURCE-}
case ${ZSH_VERSION:+${ZSH_EVAL_CONTEXT-}}/${KSH_VERSION-} in
*file*/*) \eval '_cenv_file=${(%):-%x}' ;;
*/*' 93'*) \eval '_cenv_file=${.sh.file-}' ;;
esac

# The environment's absolute path; an x keeps newlines at its end.
_cenv_home=$(\exec /bin/sh -c '
	PATH=$PATH:/usr/bin:/bin CDPATH=
	environment_of() {
		case $1 in
		*/*) dir=${1%/*}/.. ;;
		*) dir=.. ;;
		esac
		home=$(cd -P -- "$dir" >/dev/null 2>&1 && pwd -P && printf x) || return 0
		home=${home%?x}
		if [ -f "$home/cenv.cfg" ]; then
			printf %sx "$home"
			exit 0
		fi
	}
	if [ -n "$1" ]; then
		environment_of "$1"
		link=$(readlink -f -- "$1" && printf x) && environment_of "${link%?x}"
	fi
	last=-1
	for fd in /proc/"$PPID"/fd/*; do
		[ "${fd##*/}" -gt "$last" ] || continue
		link=$(readlink "$fd" && printf x) || continue
		case $link in
		*/bin/activate?x) last=${fd##*/} file=${link%?x} ;;
		esac
	done 2>/dev/null
	[ "$last" = -1 ] || environment_of "$file"
	exit 1
' sh "$_cenv_file") || _cenv_home=
_cenv_home=${_cenv_home%x}

# What cenv.cfg says. The prompt may be anything, and prompts are expanded: see below.
_cenv_prompt=${_cenv_home##*/} _cenv_system=false _cenv_failed=
case $_cenv_home in
'') _cenv_failed='this shell does not tell where bin/activate is' ;;
*:*) _cenv_failed="the path holds a colon, which no search path can: $_cenv_home" ;;
*)
	while IFS= \read -r _cenv_line; do
		case $_cenv_line in
		'prompt = '*) _cenv_prompt=${_cenv_line#'prompt = '} ;;
		'system-libs = '*) _cenv_system=${_cenv_line#'system-libs = '} ;;
		esac
	done <"$_cenv_home/cenv.cfg" || _cenv_failed="cannot read $_cenv_home/cenv.cfg"
	;;
esac
case $_cenv_failed in
?*)
	\echo "activate: not activated: $_cenv_failed" >&2
	\unset _cenv_file _cenv_home _cenv_prompt _cenv_system _cenv_failed _cenv_line || \:
	\return 1
	;;
esac

# Another environment is active here: back to before it. The same one: leave the variables alone.
case ${_CENV_UNDO+active}${CENV-} in
"active$_cenv_home") ;;
active*) \eval "$_CENV_UNDO" ;;
esac

case ${_CENV_UNDO+active} in
'')
	# Characters that some shell expands in a prompt become '_'.
	_cenv_shown= _cenv_rest=$_cenv_prompt
	while \:; do
		case $_cenv_rest in
		*[\\\$\`\!%[:cntrl:]]*)
			_cenv_head=${_cenv_rest%%[\\\$\`\!%[:cntrl:]]*}
			_cenv_rest=${_cenv_rest#"$_cenv_head"?}
			_cenv_shown=$_cenv_shown${_cenv_head}_
			;;
		*) \break ;;
		esac
	done
	_cenv_shown=$_cenv_shown$_cenv_rest

	# _CENV_UNDO is a program that brings everything back: unset, empty or value, exported or not.
	_CENV_UNDO=
	_cenv_exports="
$(\export -p)"
	for _cenv_var in CENV CENV_PROMPT PATH PKG_CONFIG_LIBDIR PKG_CONFIG_PATH CMAKE_PREFIX_PATH \
		CMAKE_TOOLCHAIN_FILE C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH LD_RUN_PATH \
		LDFLAGS ACLOCAL_PATH MANPATH PS1; do
		\eval "_cenv_set=\${$_cenv_var+set} _cenv_old=\${$_cenv_var-}"

		_cenv_new= _cenv_list=:
		case $_cenv_var in
		CENV) _cenv_new=$_cenv_home _cenv_list= ;;
		CENV_PROMPT) _cenv_new=$_cenv_prompt _cenv_list= ;;
		PATH) _cenv_new=$_cenv_home/bin ;;
		PKG_CONFIG_LIBDIR)
			# instead of the system's folders
			case $_cenv_system in
			true) ;;
			*) _cenv_new=$_cenv_home/lib/pkgconfig:$_cenv_home/share/pkgconfig _cenv_list= ;;
			esac
			;;
		PKG_CONFIG_PATH)
			# is searched before PKG_CONFIG_LIBDIR: what the user has there comes second
			case $_cenv_system/$_cenv_old in
			true/* | */?*) _cenv_new=$_cenv_home/lib/pkgconfig:$_cenv_home/share/pkgconfig ;;
			esac
			;;
		CMAKE_PREFIX_PATH) _cenv_new=$_cenv_home ;;
		CMAKE_TOOLCHAIN_FILE)
			# hides the system's packages from CMake; the user's own file goes first
			case $_cenv_system/$_cenv_old in
			true/* | */?*) ;;
			*) _cenv_new=$_cenv_home/lib/cenv/toolchain.cmake _cenv_list= ;;
			esac
			;;
		C_INCLUDE_PATH | CPLUS_INCLUDE_PATH) _cenv_new=$_cenv_home/include ;;
		LIBRARY_PATH | LD_RUN_PATH) _cenv_new=$_cenv_home/lib ;;
		LDFLAGS)
			# CMake drops the run path of what is in LIBRARY_PATH. Shells split this variable,
			# make expands it: a path with special characters must stay out of it.
			case $_cenv_home in
			*[[:space:][:cntrl:]\"\#\$\&\'\(\)\*,\;\<\>\?\[\\\]\^\`\{\|\}\~\!]*) ;;
			*) _cenv_new=-Wl,-rpath,$_cenv_home/lib _cenv_list=' ' ;;
			esac
			;;
		ACLOCAL_PATH) _cenv_new=$_cenv_home/share/aclocal ;;
		MANPATH) _cenv_new=$_cenv_home/share/man ;;
		PS1)
			case ${_cenv_set}/${CENV_DISABLE_PROMPT-} in
			set/) _cenv_new="($_cenv_shown) " _cenv_list=+ ;;
			esac
			;;
		esac
		case $_cenv_new in
		'') \continue ;;
		esac

		case $_cenv_set in
		'') _CENV_UNDO="$_CENV_UNDO \\unset $_cenv_var _CENV_OLD_$_cenv_var || \\:;" ;;
		*)
			\eval "_CENV_OLD_$_cenv_var=\$_cenv_old"
			_cenv_back="$_cenv_var=\$_CENV_OLD_$_cenv_var"
			case ${ZSH_VERSION-} in
			?*) # knows better, of tied variables too
				_cenv_exports=
				\eval "case \${(t)$_cenv_var} in
				*export*) _cenv_exports='
export $_cenv_var=' ;;
				esac"
				# its array beside MANPATH may be empty, or hold one empty element
				case $_cenv_var in
				MANPATH) \eval 'case ${#manpath[@]} in
					0) _cenv_back="manpath=()" ;;
					esac' ;;
				esac
				;;
			esac
			case $_cenv_var:$_cenv_exports in
			PS1:* | *"
export $_cenv_var="* | *"
declare -x $_cenv_var="* | *"
typeset -x $_cenv_var="*) ;;
			*)
				case ${ZSH_VERSION-} in
				'') _CENV_UNDO="$_CENV_UNDO \\unset $_cenv_var;" ;;
				*) _CENV_UNDO="$_CENV_UNDO \\typeset -g +x $_cenv_var;" ;;
				esac
				;;
			esac
			_CENV_UNDO="$_CENV_UNDO $_cenv_back; \\unset _CENV_OLD_$_cenv_var || \\:;"
			;;
		esac

		# in front of what is there; never an empty element, but for the one that keeps man's own
		case $_cenv_var$_cenv_list$_cenv_old$_cenv_list in
		"$_cenv_var:$_cenv_new:"* | "$_cenv_var $_cenv_new "*) _cenv_new=$_cenv_old ;;
		MANPATH*) _cenv_new=$_cenv_new:$_cenv_old ;;
		PS1*) _cenv_new=$_cenv_new$_cenv_old ;;
		*) _cenv_new=$_cenv_new${_cenv_list:+${_cenv_old:+$_cenv_list$_cenv_old}} ;;
		esac
		\eval "$_cenv_var=\$_cenv_new"
		case $_cenv_var in
		PS1) ;;
		*) \export "$_cenv_var" ;;
		esac
	done

	# A function or alias of that name, a Python environment's say, comes back afterwards.
	_cenv_old=$(\alias deactivate 2>/dev/null) || _cenv_old=
	case $_cenv_old in
	?*)
		\unalias deactivate
		_CENV_OLD_alias=${_cenv_old#alias }
		_CENV_UNDO="$_CENV_UNDO \\eval \"\\\\alias \$_CENV_OLD_alias\"; \\unset _CENV_OLD_alias;"
		;;
	esac
	_CENV_OLD_function=$(\typeset -f deactivate 2>/dev/null) || _CENV_OLD_function=
	case $_CENV_OLD_function in
	?*)
		_CENV_OLD_function="$_CENV_OLD_function
"
		_CENV_UNDO="$_CENV_UNDO \\eval \"\$_CENV_OLD_function\";"
		;;
	*) _CENV_UNDO="$_CENV_UNDO \\unset -f deactivate;" ;;
	esac
	_CENV_UNDO="$_CENV_UNDO \\unset _CENV_OLD_function _CENV_UNDO"
	;;
esac
\eval 'deactivate() { \eval "$_CENV_UNDO"; }'
\unset _cenv_file _cenv_home _cenv_prompt _cenv_system _cenv_failed _cenv_line _cenv_shown \
	_cenv_rest _cenv_head _cenv_exports _cenv_var _cenv_set _cenv_old _cenv_back _cenv_new \
	_cenv_list || \:
