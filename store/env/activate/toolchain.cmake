# SPDX-License-Identifier: MIT
# Hides the system's packages from CMake while an environment is active (CMAKE_TOOLCHAIN_FILE; the
# only way from outside to set a variable in every project). It names no compiler and no system, so
# nothing is cross-compiled. A toolchain file of the user's own goes first: set(ENV...) of one or
# -DCMAKE_TOOLCHAIN_FILE=. An environment made with --system-libs does not use this file.

# /usr, /usr/local and their like; the registries of packages in the home folder and the system
set(CMAKE_FIND_USE_CMAKE_SYSTEM_PATH OFF)
set(CMAKE_FIND_USE_PACKAGE_REGISTRY OFF)
set(CMAKE_FIND_USE_SYSTEM_PACKAGE_REGISTRY OFF)
# find_package() takes /usr from a /usr/bin in PATH
set(CMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH OFF)

# Programs are found in PATH all the same. So are the system's libraries by name, for what belongs
# to the C library (m, dl, rt); what has a header or a package file stays hidden without them. Both
# come after CMAKE_PREFIX_PATH.
if(NOT DEFINED ENV{CENV_CMAKE_SEARCH})
	set(ENV{CENV_CMAKE_SEARCH} set)
	set(ENV{CMAKE_PROGRAM_PATH} "$ENV{CMAKE_PROGRAM_PATH}:$ENV{PATH}")
	set(cenv_arch ${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-gnu)
	set(ENV{CMAKE_LIBRARY_PATH}
		"$ENV{CMAKE_LIBRARY_PATH}:/usr/lib/${cenv_arch}:/lib/${cenv_arch}:/usr/lib64:/usr/lib:/lib")
	unset(cenv_arch)
endif()

# CMake leaves what is in LIBRARY_PATH out of run paths. LDFLAGS makes up for it; when the path has
# characters that cannot stand there, this does.
get_filename_component(cenv_home "${CMAKE_CURRENT_LIST_DIR}" DIRECTORY)
get_filename_component(cenv_home "${cenv_home}" DIRECTORY)
if(cenv_home MATCHES "[^-A-Za-z0-9/._+@%=:]")
	set(CMAKE_BUILD_RPATH "${cenv_home}/lib")
	set(CMAKE_INSTALL_RPATH "${cenv_home}/lib")
endif()
unset(cenv_home)
