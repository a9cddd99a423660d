/* SPDX-License-Identifier: MIT */
/*
 * cc: -lyajl
 * pkg-config: yajl
 * run: echo '{"a":1}' | bin/json_verify
 * run: echo '{"a":1}' | bin/json_reformat
 */
#include <stdio.h>
#include <yajl/yajl_tree.h>
#include <yajl/yajl_version.h>

int main(void)
{
	const char *path[] = {"a", NULL};
	char error[256];
	yajl_val json = yajl_tree_parse("{\"a\": 42}", error, sizeof(error));
	yajl_val found = json ? yajl_tree_get(json, path, yajl_t_number) : NULL;

	if (!found || YAJL_GET_INTEGER(found) != 42)
		return 1;
	yajl_tree_free(json);
	return printf("yajl %d\n", yajl_version()) < 0;
}
