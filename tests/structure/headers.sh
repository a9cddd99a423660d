#!/bin/sh
# Every header compiles alone: it includes what it needs.
set -eu
cd "$1"
shift # the rest: compiler and flags

bad=0
for header in $(find core store cmd -name '*.h' | LC_ALL=C sort); do
	printf '#include "%s"\n' "$header" | "$@" -I. -x c -fsyntax-only - || {
		echo "does not compile alone: $header"
		bad=1
	}
done
exit $bad
