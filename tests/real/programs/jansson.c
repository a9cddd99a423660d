/* SPDX-License-Identifier: MIT */
/*
 * cc: -ljansson
 * pkg-config: jansson
 */
#include <jansson.h>
#include <stdio.h>

int main(void)
{
	json_error_t error;
	json_t *json = json_loads("{\"a\": [1, 42]}", 0, &error);

	if (json_integer_value(json_array_get(json_object_get(json, "a"), 1)) != 42)
		return 1;
	json_decref(json);
	return printf("jansson %s\n", jansson_version_str()) < 0;
}
