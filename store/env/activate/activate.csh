# SPDX-License-Identifier: MIT
# Activates this environment: source this file, do not run it. 'deactivate' undoes it. For csh and
# tcsh. The file is the same in every environment and finds its own by itself: the shell keeps it
# open while it reads it. (In csh a quoted word is no builtin: nothing here can guard against an
# alias on "set" or "if".)

# Lines: the path and "/." (a newline in it shows by that), the prompt, the prompt without what csh
# expands in one, whether the system's libraries are shown, whether LDFLAGS can hold the path.
# Without IFS and globbing nothing needs quotes, which csh could not pass on.
setenv _CENV_SCRIPT 'IFS= PATH=$PATH:/usr/bin:/bin; for f in /proc/$PPID/fd/* /proc/$(sed -n s/^PPid:.//p /proc/$PPID/status)/fd/*; do set -f; case ${f%/*} in $d) ;; *) test $h && break; d=${f%/*} ;; esac; l=$(readlink $f; printf x); case ${l%?x} in */bin/activate.csh) h=${l%/bin/activate.csh?x} ;; esac; done; test -f $h/cenv.cfg || exit; p=$(sed -n s/^prompt.=.//p $h/cenv.cfg); p=${p:-${h##*/}}; printf %s\\n $h/. $p; printf %s $p | tr -c \\040\\042-\\044\\046-\\133\\135-\\176\\200-\\377 _; echo; echo system=$(sed -n s/^system-libs.=.//p $h/cenv.cfg); t=$(printf %s $h | tr -d \\001-\\044\\046-\\052\\054\\073\\074\\076\\077\\133-\\136\\140\\173-\\177); test $t = $h && echo plain || echo special'
set _cenv_found = "`\printenv _CENV_SCRIPT | /bin/sh`"
unsetenv _CENV_SCRIPT

set _cenv_failed = ''
if ($#_cenv_found == 0) then
	set _cenv_failed = 'this shell does not tell where bin/activate.csh is'
else if ($#_cenv_found != 5) then
	set _cenv_failed = 'csh cannot handle a newline in the path'
else if ($_cenv_found[1]:q =~ *:*) then
	set _cenv_failed = "the path holds a colon, which no search path can"
endif

if ($_cenv_failed:q != '') then
	echo "activate: not activated: $_cenv_failed" | /bin/sh -c 'cat >&2'
	unset _cenv_found
	set _cenv_status = 1
else
	set _cenv_home = $_cenv_found[1]:q
	set _cenv_home = $_cenv_home:h:q

	# Which are exported: a variable of the shell alone stays what it is.
	set _cenv_names = (CENV CENV_PROMPT PATH PKG_CONFIG_LIBDIR PKG_CONFIG_PATH CMAKE_PREFIX_PATH \
		CMAKE_TOOLCHAIN_FILE C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH LD_RUN_PATH \
		LDFLAGS ACLOCAL_PATH MANPATH)
	setenv _CENV_SCRIPT 'for v in '"$_cenv_names"'; do eval test \${$v+set} && echo set || echo no; done'
	set _cenv_have = (`\printenv _CENV_SCRIPT | /bin/sh`)
	unsetenv _CENV_SCRIPT
	set _cenv_inherited = no
	if ($_cenv_have[1] == set) then
		if ($CENV:q == $_cenv_home:q) set _cenv_inherited = yes
	endif

	# Another environment is active here: back to before it. The same one: nothing to do. In a
	# child of a shell that has it, only what is not inherited is missing.
	if ($?_CENV_UNDO) then
		if ($_cenv_inherited == no) then
			eval $_CENV_UNDO:q
			setenv _CENV_SCRIPT 'for v in '"$_cenv_names"'; do eval test \${$v+set} && echo set || echo no; done'
			set _cenv_have = (`\printenv _CENV_SCRIPT | /bin/sh`)
			unsetenv _CENV_SCRIPT
		endif
	endif

	if (! $?_CENV_UNDO) then
		set _CENV_UNDO = ''
		foreach _cenv_var ($_cenv_names)
			set _cenv_old = ''
			set _cenv_was = $_cenv_have[1]
			shift _cenv_have
			if ($_cenv_was == set) eval 'set _cenv_old = $'$_cenv_var':q'
			set _cenv_new = ''
			set _cenv_sep = ':'
			switch ($_cenv_var)
			case CENV:
				set _cenv_new = $_cenv_home:q
				set _cenv_sep = ''
				breaksw
			case CENV_PROMPT:
				set _cenv_new = $_cenv_found[2]:q
				set _cenv_sep = ''
				breaksw
			case PATH:
				set _cenv_new = $_cenv_home:q/bin
				breaksw
			case PKG_CONFIG_LIBDIR:
				# instead of the system's folders
				if ($_cenv_found[4] != system=true) then
					set _cenv_new = $_cenv_home:q/lib/pkgconfig:$_cenv_home:q/share/pkgconfig
					set _cenv_sep = ''
				endif
				breaksw
			case PKG_CONFIG_PATH:
				# is searched before PKG_CONFIG_LIBDIR: the user's own comes second
				if ($_cenv_found[4] == system=true || $_cenv_old:q != '') then
					set _cenv_new = $_cenv_home:q/lib/pkgconfig:$_cenv_home:q/share/pkgconfig
				endif
				breaksw
			case CMAKE_PREFIX_PATH:
				set _cenv_new = $_cenv_home:q
				breaksw
			case CMAKE_TOOLCHAIN_FILE:
				# hides the system's packages from CMake; the user's own file goes first
				if ($_cenv_found[4] != system=true && $_cenv_old:q == '') then
					set _cenv_new = $_cenv_home:q/lib/cenv/toolchain.cmake
					set _cenv_sep = ''
				endif
				breaksw
			case C_INCLUDE_PATH:
			case CPLUS_INCLUDE_PATH:
				set _cenv_new = $_cenv_home:q/include
				breaksw
			case LIBRARY_PATH:
			case LD_RUN_PATH:
				set _cenv_new = $_cenv_home:q/lib
				breaksw
			case LDFLAGS:
				# CMake drops the run path of what is in LIBRARY_PATH. Shells split this
				# variable, make expands it: special characters must stay out of it.
				if ($_cenv_found[5] == plain) set _cenv_new = -Wl,-rpath,$_cenv_home:q/lib
				set _cenv_sep = ' '
				breaksw
			case ACLOCAL_PATH:
				set _cenv_new = $_cenv_home:q/share/aclocal
				breaksw
			case MANPATH:
				set _cenv_new = $_cenv_home:q/share/man
				breaksw
			endsw

			if ($_cenv_new:q != '') then
				if ($_cenv_was == set) then
					eval 'set _CENV_OLD_'$_cenv_var' = $_cenv_old:q'
					set _CENV_UNDO = $_CENV_UNDO:q' setenv '$_cenv_var' $_CENV_OLD_'$_cenv_var':q; unset _CENV_OLD_'$_cenv_var';'
				else
					set _CENV_UNDO = $_CENV_UNDO:q' unsetenv '$_cenv_var';'
				endif
				# in front of what is there; never an empty element, but for the one that
				# keeps man's own
				if ($_cenv_inherited == yes && $_cenv_was == set) then
					set _cenv_new = $_cenv_old:q
				else if ($_cenv_var == MANPATH) then
					set _cenv_new = $_cenv_new:q':'$_cenv_old:q
				else if ($_cenv_sep:q != '' && $_cenv_old:q != '') then
					set _cenv_new = $_cenv_new:q$_cenv_sep:q$_cenv_old:q
				endif
				setenv $_cenv_var $_cenv_new:q
			endif
		end

		set _cenv_shown = yes
		if ($?CENV_DISABLE_PROMPT) then
			if ($CENV_DISABLE_PROMPT:q != '') set _cenv_shown = no
		endif
		if ($?prompt && $_cenv_shown == yes) then
			set _CENV_OLD_prompt = $prompt:q
			set prompt = '('$_cenv_found[3]:q') '$prompt:q
			set _CENV_UNDO = $_CENV_UNDO:q' set prompt = $_CENV_OLD_prompt:q; unset _CENV_OLD_prompt;'
		endif

		# an alias of that name comes back afterwards
		set _CENV_OLD_deactivate = "`alias deactivate`"
		if ($#_CENV_OLD_deactivate == 1) then
			set _CENV_UNDO = $_CENV_UNDO:q' alias deactivate $_CENV_OLD_deactivate:q; unset _CENV_OLD_deactivate;'
		else
			unset _CENV_OLD_deactivate
			set _CENV_UNDO = $_CENV_UNDO:q' unalias deactivate;'
		endif
		set _CENV_UNDO = $_CENV_UNDO:q' unset _CENV_UNDO'
		unset _cenv_var _cenv_old _cenv_was _cenv_new _cenv_sep _cenv_shown
	endif
	alias deactivate 'eval $_CENV_UNDO:q'
	unset _cenv_found _cenv_home _cenv_names _cenv_have _cenv_inherited
endif
unset _cenv_failed
# an 'endif' makes the status 0, so it is left to the last line
\test $?_cenv_status = 0 || unset _cenv_status && \false
