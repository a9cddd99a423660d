#!/bin/bash
# SPDX-License-Identifier: MIT
# linking.bash CASE PATHKIND: a program that is linked in an environment finds its libraries at run
# time, in the environment and outside of it, whatever tool linked it. PATHKIND: plain or special.
set -eu
export LC_ALL=C.UTF-8
case_name=$1
path_kind=$2
T_TOOL=$CENV_TEST_TOOL
work=$(mktemp -d "${TMPDIR:-/tmp}/cenv-linking.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
export CENV_HOME=$work/store HOME=$work

fail() {
	printf 'FAILED: %s (%s): %s\n' "$case_name" "$path_kind" "$*" >&2
	exit 1
}

case $path_kind in
plain) env=$work/e ;;
special) env="$work/my env \$x" ;;
esac

# --- an environment with a library: header, shared object, pkg-config and CMake files
make_environment() {
	"$T_TOOL" create "$@" "$env"
	mkdir -p lib "$env/lib/pkgconfig" "$env/lib/cmake/cenvdemo"
	echo 'int cenv_demo(void);' >"$env/include/cenvdemo.h"
	echo 'int cenv_demo(void) { return 42; }' >lib/demo.c
	gcc -shared -fPIC -Wl,-soname,libcenvdemo.so.1 -o "$env/lib/libcenvdemo.so.1" lib/demo.c
	ln -s libcenvdemo.so.1 "$env/lib/libcenvdemo.so"
	cat >"$env/lib/pkgconfig/cenvdemo.pc" <<'END'
prefix=${pcfiledir}/../..
libdir=${prefix}/lib
Name: cenvdemo
Description: test
Version: 1.0
Cflags: -I${prefix}/include
Libs: -L${libdir} -lcenvdemo
END
	cat >"$env/lib/cmake/cenvdemo/cenvdemoConfig.cmake" <<'END'
add_library(cenvdemo::cenvdemo SHARED IMPORTED)
get_filename_component(prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set_target_properties(cenvdemo::cenvdemo PROPERTIES IMPORTED_LOCATION "${prefix}/lib/libcenvdemo.so.1"
	IMPORTED_SONAME libcenvdemo.so.1 INTERFACE_INCLUDE_DIRECTORIES "${prefix}/include")
END
	cat >main.c <<'END'
#include <cenvdemo.h>
#include <stdio.h>
int main(void) { printf("%d\n", cenv_demo()); return 0; }
END
	cp main.c main.cc && sed -i 's/#include <cenvdemo.h>/extern "C" {\n&\n}/' main.cc
}

inside() {
	env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$HOME" LC_ALL=C.UTF-8 \
		"$T_TOOL" run "$env" "$@"
}

# The program runs in the environment and without it.
works() {
	[ "$(inside "$1")" = 42 ] || fail "'$1' does not run in the environment"
	[ "$(env -i "$1")" = 42 ] || fail "'$1' does not run outside of the environment"
	env -i /usr/bin/ldd "$1" | grep -q -F "$env/lib/libcenvdemo.so.1" ||
		fail "'$1' uses another library"
}

bare() {
	inside "$@" main.c -o prog -lcenvdemo
	works ./prog
}

cmake_project() {
	mkdir -p project && cp main.c project/
	{
		echo 'cmake_minimum_required(VERSION 3.16)'
		echo 'project(demo C)'
		echo 'add_executable(prog main.c)'
		cat
		echo 'install(TARGETS prog DESTINATION bin)'
	} >project/CMakeLists.txt
	inside cmake -S project -B build -G "${generator:-Unix Makefiles}" \
		-DCMAKE_INSTALL_PREFIX="$work/inst" "${options[@]}" >log 2>&1 || { cat log >&2; fail configure; }
	inside cmake --build build >log 2>&1 || { cat log >&2; fail build; }
	works build/prog
	inside cmake --install build >log 2>&1 || { cat log >&2; fail install; }
	works inst/bin/prog
}

meson_project() {
	mkdir -p project && cp main.c project/
	cat >project/meson.build
	inside meson setup build project --prefix "$work/inst" >log 2>&1 || { cat log >&2; fail setup; }
	inside meson compile -C build >log 2>&1 || { cat log >&2; fail compile; }
	works build/prog
	inside meson install -C build >log 2>&1 || { cat log >&2; fail install; }
	works inst/bin/prog
}

options=()
make_environment
case $case_name in
cc) bare cc ;;
gcc) bare gcc ;;
clang) bare clang ;;
cxx)
	inside c++ main.cc -o prog -lcenvdemo
	works ./prog
	;;
gcc-gold) [ "$path_kind" = special ] || { inside gcc main.c -o prog -lcenvdemo -fuse-ld=gold \
	$(inside sh -c 'echo $LDFLAGS'); works ./prog; } ;;
separate-objects)
	inside cc -c main.c
	inside cc main.o -lcenvdemo -o prog
	works ./prog
	;;
pkg-config)
	inside sh -c 'eval "cc main.c -o prog $(pkg-config --cflags --libs cenvdemo)"'
	works ./prog
	;;
make-implicit)
	inside make -s main LDLIBS=-lcenvdemo
	works ./main
	;;
make-pkg-config)
	printf 'prog: main.c\n\t$(CC) $(CFLAGS) $< -o $@ $(LDFLAGS) %s\n' \
		'$(shell pkg-config --libs cenvdemo)' >Makefile
	inside make -s
	works ./prog
	;;
cmake-plain) echo 'target_link_libraries(prog cenvdemo)' | cmake_project ;;
cmake-find-library) cmake_project <<'END' ;;
find_library(DEMO cenvdemo REQUIRED)
find_path(DEMO_INCLUDE cenvdemo.h REQUIRED)
target_link_libraries(prog ${DEMO})
target_include_directories(prog PRIVATE ${DEMO_INCLUDE})
END
cmake-config) cmake_project <<'END' ;;
find_package(cenvdemo REQUIRED)
target_link_libraries(prog cenvdemo::cenvdemo)
END
cmake-pkg-config) cmake_project <<'END' ;;
find_package(PkgConfig REQUIRED)
pkg_check_modules(DEMO REQUIRED IMPORTED_TARGET cenvdemo)
target_link_libraries(prog PkgConfig::DEMO)
END
cmake-ninja) generator=Ninja cmake_project <<'END' ;;
find_package(cenvdemo REQUIRED)
target_link_libraries(prog cenvdemo::cenvdemo)
END
cmake-clang) options=(-DCMAKE_C_COMPILER=clang); cmake_project <<'END' ;;
find_package(cenvdemo REQUIRED)
target_link_libraries(prog cenvdemo::cenvdemo)
END
cmake-with-another-run-path | cmake-gcc-with-another-run-path)
	# a library of the project's own brings a run path, which makes linkers forget LD_RUN_PATH
	case $case_name in
	*gcc*) options=(-DCMAKE_C_COMPILER=gcc) ;; # not the environment's cc, which has run paths
	esac
	mkdir -p project && echo 'int own(void) { return 1; }' >project/own.c
	cmake_project <<'END'
find_package(cenvdemo REQUIRED)
add_library(own SHARED own.c)
target_link_libraries(prog own cenvdemo::cenvdemo)
install(TARGETS own DESTINATION lib)
END
	;;
cmake-hides-the-system)
	# the C library's own and programs are there; what has headers or package files is not
	cmake_project <<'END'
target_link_libraries(prog cenvdemo)
find_library(MATH m REQUIRED)
find_program(SHELL sh REQUIRED)
find_package(Threads REQUIRED)
foreach(package ZLIB OpenSSL CURL LibArchive)
	find_package(${package} QUIET)
	if(${package}_FOUND)
		message(FATAL_ERROR "${package} of the system is visible")
	endif()
endforeach()
foreach(package CURL cJSON cmocka)
	find_package(${package} CONFIG QUIET)
	if(${package}_FOUND)
		message(FATAL_ERROR "${package} of the system is visible")
	endif()
endforeach()
find_package(PkgConfig REQUIRED)
pkg_check_modules(SYSTEM QUIET libarchive)
if(SYSTEM_FOUND)
	message(FATAL_ERROR "pkg-config shows the system")
endif()
END
	;;
system-libs-shows-the-system)
	rm -rf "$env" && make_environment --system-libs
	inside pkg-config --exists cmocka cenvdemo || fail "pkg-config does not show the system"
	cmake_project <<'END'
target_link_libraries(prog cenvdemo)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SYSTEM REQUIRED libarchive cenvdemo)
find_package(LibArchive REQUIRED)
END
	;;
meson-dependency) meson_project <<'END' ;;
project('demo', 'c')
executable('prog', 'main.c', dependencies: dependency('cenvdemo'), install: true)
END
meson-find-library) meson_project <<'END' ;;
project('demo', 'c')
executable('prog', 'main.c', dependencies: meson.get_compiler('c').find_library('cenvdemo'),
	install: true)
END
*) fail "no such case" ;;
esac
