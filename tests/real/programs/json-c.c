/* SPDX-License-Identifier: MIT */
/*
 * cc: -Iinclude/json-c -ljson-c
 * pkg-config: json-c
 */
#include <json.h>
#include <stdio.h>

int main(void)
{
	struct json_object *json = json_tokener_parse("{\"a\": [1, 42]}"), *list;

	if (!json_object_object_get_ex(json, "a", &list) ||
	    json_object_get_int(json_object_array_get_idx(list, 1)) != 42)
		return 1;
	json_object_put(json);
	return printf("json-c %s\n", json_c_version()) < 0;
}
