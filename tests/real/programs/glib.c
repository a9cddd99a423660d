/* SPDX-License-Identifier: MIT */
/*
 * cc: -Iinclude/glib-2.0 -Ilib/glib-2.0/include -lgio-2.0 -lgobject-2.0 -lglib-2.0
 * pkg-config: gio-2.0
 * run: bin/gio version
 * run: bin/glib-compile-schemas --version
 * run: bin/gdbus help
 * run: bin/gsettings --version
 */
#include <gio/gio.h>
#include <stdio.h>

int main(void)
{
	GError *error = NULL;
	GRegex *regex = g_regex_new("(\\d+)", 0, 0, &error);
	GFile *file = g_file_new_for_path("/etc/passwd");
	char *data = NULL;
	gsize n = 0;

	if (!regex || !g_regex_match(regex, "see 42", 0, NULL) ||
	    !g_file_load_contents(file, NULL, &data, &n, NULL, &error) || n == 0)
		return 1;
	g_free(data);
	g_object_unref(file);
	g_regex_unref(regex);
	return printf("glib %u.%u.%u\n", glib_major_version, glib_minor_version,
		      glib_micro_version) < 0;
}
