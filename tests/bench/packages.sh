# Generated packages for benchmarks. Sourced.

# make_bench_packages FOLDER N: archives of N small make packages of about 190 files each, an index
# of their recipes in FOLDER/index, and requirements.txt that names them.
make_bench_packages() {
	mkdir -p "$1/index"
	printf '%s\n' "--index ./$1/index" "--find-links ./$1" >requirements.txt
	i=1
	while [ "$i" -le "$2" ]; do
		name=bench$i-1.0
		mkdir -p "$name/include/bench$i" "$name/doc"
		j=1
		while [ "$j" -le 90 ]; do
			echo "int bench${i}_$j(void);" >"$name/include/bench$i/h$j.h"
			echo "page $j of $i" >"$name/doc/page$j.txt"
			j=$((j + 1))
		done
		cat >"$name/Makefile" <<M
all:
install:
	mkdir -p \$(DESTDIR)\$(PREFIX)/include \$(DESTDIR)\$(PREFIX)/share/doc/bench$i
	cp -r include/bench$i \$(DESTDIR)\$(PREFIX)/include/
	cp doc/* \$(DESTDIR)\$(PREFIX)/share/doc/bench$i/
M
		tar -czf "$1/$name.tar.gz" "$name"
		rm -rf "$name"
		cat >"$1/index/bench$i.ini" <<R
[package]
name      = bench$i
summary   = benchmark package $i
homepage  = https://example.org/
license   = MIT
[build]
system    = make
[version 1.0]
url       = https://example.org/$name.tar.gz
sha256    = $(sha256sum <"$1/$name.tar.gz" | cut -d' ' -f1)
R
		echo "bench$i" >>requirements.txt
		i=$((i + 1))
	done
}
