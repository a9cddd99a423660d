#!/bin/sh
# The main job, from a clone to a program that uses an environment:
# sets this machine up, builds and installs cenv below build/, and uses it on real libraries.
#
#   docs/quickstart.sh [FOLDER]     work in FOLDER (default: a fresh temporary one)
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/tests/lib/packages.sh"

# step WORDS...: say the command as a user would type it, then run it
step() {
	printf '\n$ %s\n' "$*"
	"$@"
}
say() {
	printf '\n## %s\n' "$*"
}

say 'what the machine needs'
# shellcheck disable=SC2086 # lists of words
install_packages $cenv_build_packages $cenv_use_packages

say 'build cenv and install it into a prefix of its own'
prefix=$top/build/prefix
cd "$top"
step cmake --preset release -DBUILD_TESTING=OFF
step cmake --build --preset release --parallel "$(nproc)"
printf "\n$ cmake --install build/release --prefix build/prefix\n"
cmake --install build/release --prefix build/prefix >/dev/null
PATH=$prefix/bin:$PATH

work=${1:-$(mktemp -d)}
mkdir -p "$work"
cd "$work"
# a store of its own, so that this run shows everything happening
CENV_HOME=$work/store
export CENV_HOME
say "the main job, in $work"

step cenv create test_env

printf '\n$ source test_env/bin/activate\n'
. test_env/bin/activate

# Upstream first. Without a way to it: the same bytes from the machine's own Debian archive, found
# by sha256. A few upstream tarballs are repacked by Debian; tests/real/index pins those.
status=0
step cenv install libpng expat cjson || status=$?
if [ "$status" -eq 4 ]; then
	say 'upstream cannot be reached from here: filling a local mirror from the Debian archive'
	step "$top/tests/real/fetch-sources.sh" "$work/mirror" zlib libpng expat cjson
	CENV_MIRROR=$work/mirror
	CENV_INDEX=$top/tests/real/index
	export CENV_MIRROR CENV_INDEX
	printf '\n$ export CENV_MIRROR=%s CENV_INDEX=%s\n' "$CENV_MIRROR" "$CENV_INDEX"
	step cenv install libpng expat cjson
elif [ "$status" -ne 0 ]; then
	exit "$status"
fi
step cenv list

say 'a program that writes a real PNG, described in JSON and checked as XML'
cat >picture.c <<'C'
#include <cjson/cJSON.h>
#include <expat.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
	cJSON *spec = cJSON_Parse("{\"width\": 64, \"height\": 48}");
	const char *xml = "<picture format='png'/>";
	XML_Parser parser = XML_ParserCreate(NULL);
	png_image image = {.version = PNG_IMAGE_VERSION, .format = PNG_FORMAT_RGB};
	unsigned char *pixels;
	int ok;

	image.width = cJSON_GetObjectItem(spec, "width")->valueint;
	image.height = cJSON_GetObjectItem(spec, "height")->valueint;
	pixels = malloc(PNG_IMAGE_SIZE(image));
	for (unsigned y = 0; y < image.height; y++)
		for (unsigned x = 0; x < image.width; x++)
			memcpy(pixels + 3 * (y * image.width + x),
			       (unsigned char[]){x * 4, y * 5, 128}, 3);
	ok = XML_Parse(parser, xml, (int)strlen(xml), 1) == XML_STATUS_OK &&
	     png_image_write_to_file(&image, "picture.png", 0, pixels, 0, NULL);
	printf("libpng %s, cJSON %s, %s: %s\n", png_get_libpng_ver(NULL), cJSON_Version(),
	       XML_ExpatVersion(), ok ? "picture.png written" : "failed");
	XML_ParserFree(parser);
	cJSON_Delete(spec);
	free(pixels);
	return !ok;
}
C
# shellcheck disable=SC2016 # shown as the user types it
printf '\n$ cc picture.c -o picture $(pkg-config --cflags --libs libpng libcjson expat)\n'
# shellcheck disable=SC2046 # a list of flags
cc picture.c -o picture $(pkg-config --cflags --libs libpng libcjson expat)
step ./picture
head -c 8 picture.png | od -An -c

printf '\n$ ldd ./picture    # where its libraries come from\n'
ldd ./picture
for library in libpng16 libcjson libexpat libz; do
	ldd ./picture | grep -q "$library.*$work/test_env/lib/" ||
		{ echo "$library does not come from the environment" >&2; exit 1; }
done

say 'freeze, and build it again from requirements.txt'
printf '\n$ cenv freeze > requirements.txt\n'
cenv freeze >requirements.txt
step cat requirements.txt
step cenv create ci_env
step cenv install --env ci_env -r requirements.txt
step cenv check --env ci_env
printf '\n$ cenv freeze --env ci_env > again.txt\n'
cenv freeze --env ci_env >again.txt
step cmp requirements.txt again.txt

printf '\n$ deactivate\n'
deactivate
step ./picture
say "done: everything is in $work"
