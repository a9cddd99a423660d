# Packages that are made in no time, without a compiler: an index of them in ./index, their
# archives in ./archives. Loaded beside cli.bash.

# tiny NAME VERSION [REQUIREMENT]: a version of a package, added to its recipe; the files of the folder
# ./extra/NAME-VERSION, if there is one, are installed as well
tiny() {
	local name=$1 version=$2 tree=$1-$2 archive=$PWD/archives/$1-$2.tar.gz
	TINY=$PWD
	mkdir -p index archives "$tree"
	printf '#define %s_VERSION "%s"\n' "${name^^}" "$version" >"$tree/$name.h"
	printf 'Name: %s\nDescription: tiny\nVersion: %s\n' "$name" "$version" >"$tree/$name.pc"
	seq 1 200 >"$tree/data"
	[ ! -d "extra/$tree" ] || cp -R "extra/$tree" "$tree/extra"
	tar --sort=name --mtime=@1500000000 --owner=0 --group=0 --numeric-owner -czf "$archive" "$tree"
	rm -r "$tree"
	[ -e "index/$name.ini" ] || cat >"index/$name.ini" <<-END
		[package]
		name = $name
		summary = a tiny package
		license = MIT
		[build]
		system = commands
		build =
		    echo "\$PREFIX/share" > where
		install =
		    d="\$DESTDIR\$PREFIX"
		    mkdir -p "\$d/include" "\$d/lib/pkgconfig" "\$d/share/$name"
		    cp $name.h "\$d/include/"
		    cp $name.pc "\$d/lib/pkgconfig/"
		    cp data where "\$d/share/$name/"
		    ln -s data "\$d/share/$name/link"
		    [ ! -d extra ] || cp -R extra/. "\$d/"
		${3:+requires = $3}
	END
	cat >>"index/$name.ini" <<-END
		[version $version]
		url = file://$archive
		sha256 = $(sha256sum <"$archive" | cut -d' ' -f1)
	END
}

# use_tiny: nothing but these packages is known
use_tiny() {
	export CENV_INDEX=$PWD/index CENV_NO_DEFAULT_INDEX=1
}

# use_leaf: a library in two versions, and one that needs it, are all that is known
use_leaf() {
	tiny leaf 1.0
	tiny leaf 2.0
	tiny user 1.0 leaf
	use_tiny
}

# sum_of NAME VERSION: the sha256 of an archive
sum_of() {
	sha256sum <"$TINY/archives/$1-$2.tar.gz" | cut -d' ' -f1
}

# object NAME VERSION: the folder of an object in the store
object() {
	local info
	for info in "$CENV_HOME"/objects/*/info.json; do
		if grep -q "\"name\":	*\"$1\"" "$info" && grep -q "\"version\":	*\"$2\"" "$info"; then
			dirname "$info"
			return 0
		fi
	done
	echo "no object of $1 $2" >&2
	return 1
}

# objects: how many the store has
objects() {
	find "$CENV_HOME/objects" -mindepth 1 -maxdepth 1 | wc -l
}
