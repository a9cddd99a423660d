# Generated packages for benchmarks. Sourced.

# make_bench_packages FOLDER N: N small make packages of about 190 files each as local archives,
# and requirements.txt that names them.
make_bench_packages() {
	mkdir -p "$1"
	: >requirements.txt
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
		echo "./$1/$name.tar.gz" >>requirements.txt
		i=$((i + 1))
	done
}
