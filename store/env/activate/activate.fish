# SPDX-License-Identifier: MIT
# Activates this environment: source this file, do not run it. 'deactivate' undoes it. For fish 3.
# The file is the same in every environment and finds its own by itself. Functions of the user
# must not matter: hence 'builtin' and 'command'.

# The path, quoted for fish, so that no newline in it is lost on the way.
set -l _cenv_quoted (builtin realpath -- (status filename | string collect) 2>/dev/null |
	string collect)
set _cenv_quoted (string escape -- $_cenv_quoted |
	string replace -r '/bin/[^/]*?(\'?)$' '$1')
set -l _cenv_home
test -n "$_cenv_quoted"; and eval set _cenv_home $_cenv_quoted

set -l _cenv_prompt (string escape -- $_cenv_home | string replace -r "^('?).*/" '$1')
test -n "$_cenv_prompt"; and eval set _cenv_prompt $_cenv_prompt
set -l _cenv_system false
set -l _cenv_failed
if not test -n "$_cenv_home" -a -r "$_cenv_home/cenv.cfg"
	set _cenv_failed 'fish does not tell where bin/activate.fish is'
else if string match -q '*:*' -- $_cenv_home
	set _cenv_failed "the path holds a colon, which no search path can: $_cenv_home"
else
	while read -l _cenv_line
		if set -l _cenv_value (string replace -f 'prompt = ' '' -- $_cenv_line)
			set _cenv_prompt $_cenv_value
		else if set -l _cenv_value (string replace -f 'system-libs = ' '' -- $_cenv_line)
			set _cenv_system $_cenv_value
		end
	end <"$_cenv_home/cenv.cfg"
end

if test -n "$_cenv_failed"
	echo "activate: not activated: $_cenv_failed" >&2
	return 1
end

# Another environment is active here: back to before it. The same one: leave the variables alone.
if set -q _CENV_SAVED; and not test "$CENV" = "$_cenv_home"
	_cenv_restore
end

# Brings everything back: unset, empty or value, exported or not, a path variable or not.
function _cenv_restore
	for var in $_CENV_SAVED
		set -l old _CENV_OLD_$var
		set -l flags _CENV_FLAGS_$var
		set -eg $var
		set -q $flags; and set -g $$flags $var $$old
		set -eg $old
		set -eg $flags
	end
	set -eg _CENV_SAVED
	functions -e deactivate
	if functions -q _cenv_old_deactivate
		functions -c _cenv_old_deactivate deactivate
		functions -e _cenv_old_deactivate
	end
	if functions -q _cenv_old_fish_prompt
		functions -e fish_prompt
		functions -c _cenv_old_fish_prompt fish_prompt
		functions -e _cenv_old_fish_prompt _cenv_status
	end
	functions -e _cenv_restore
end

if not set -q _CENV_SAVED
	set -g _CENV_SAVED
	for var in CENV CENV_PROMPT PATH PKG_CONFIG_LIBDIR PKG_CONFIG_PATH CMAKE_PREFIX_PATH \
			CMAKE_TOOLCHAIN_FILE C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH LD_RUN_PATH \
			LDFLAGS ACLOCAL_PATH MANPATH
		set -l new
		set -l separator :
		switch $var
			case CENV
				set new $_cenv_home
				set separator ''
			case CENV_PROMPT
				set new $_cenv_prompt
				set separator ''
			case PATH
				set new $_cenv_home/bin
			case PKG_CONFIG_LIBDIR
				# instead of the system's folders
				if test "$_cenv_system" != true
					set new $_cenv_home/lib/pkgconfig:$_cenv_home/share/pkgconfig
					set separator ''
				end
			case PKG_CONFIG_PATH
				# is searched before PKG_CONFIG_LIBDIR: what the user has there comes second
				if test "$_cenv_system" = true -o -n "$$var"
					set new $_cenv_home/lib/pkgconfig:$_cenv_home/share/pkgconfig
				end
			case CMAKE_PREFIX_PATH
				set new $_cenv_home
			case CMAKE_TOOLCHAIN_FILE
				# hides the system's packages from CMake; the user's own file goes first
				if test "$_cenv_system" != true -a -z "$$var"
					set new $_cenv_home/lib/cenv/toolchain.cmake
					set separator ''
				end
			case C_INCLUDE_PATH CPLUS_INCLUDE_PATH
				set new $_cenv_home/include
			case LIBRARY_PATH LD_RUN_PATH
				set new $_cenv_home/lib
			case LDFLAGS
				# CMake drops the run path of what is in LIBRARY_PATH. Shells split this variable,
				# make expands it: a path with special characters must stay out of it.
				if not string match -q -r '[\x00-\x20\x7f"#$&\'()*,;<>?[\\\\\\]^`{|}~!]' -- $_cenv_home
					set new -Wl,-rpath,$_cenv_home/lib
					set separator ' '
				end
			case ACLOCAL_PATH
				set new $_cenv_home/share/aclocal
			case MANPATH
				set new $_cenv_home/share/man
		end
		test -n "$new"; or continue

		set -ga _CENV_SAVED $var
		if set -qg $var
			set -g _CENV_OLD_$var $$var
			set -l flags
			set -qgx $var; and set -a flags -x; or set -a flags -u
			set -qg --path $var; and set -a flags --path; or set -a flags --unpath
			set -g _CENV_FLAGS_$var $flags
		end

		# in front of what is there; never an empty element, but for the one that keeps man's own
		set -l old (string join -- : $$var | string collect)
		if test -n "$separator"
			if string match -q -- "$new$separator*" "$old$separator"
				set new $old
			else if test "$var" = MANPATH -o -n "$old"
				set new "$new$separator$old"
			end
		end
		if string match -q '*PATH' -- $var
			set -gx --path $var $new
		else
			set -gx $var $new
		end
	end

	if functions -q deactivate
		functions -c deactivate _cenv_old_deactivate
		functions -e deactivate
	end
	if test -z "$CENV_DISABLE_PROMPT"; and functions -q fish_prompt
		functions -c fish_prompt _cenv_old_fish_prompt
		functions -e fish_prompt
		function fish_prompt
			set -l old_status $status
			printf '(%s) ' (string replace -a -r '[[:cntrl:]]' _ -- $CENV_PROMPT | string collect)
			# the old prompt may show the status of the last command
			_cenv_status $old_status
			_cenv_old_fish_prompt
		end
		function _cenv_status
			return $argv[1]
		end
	end
end
function deactivate -d 'Leave the cenv environment'
	_cenv_restore
end
