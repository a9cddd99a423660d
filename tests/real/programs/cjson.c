/* SPDX-License-Identifier: MIT */
/*
 * cc: -lcjson_utils -lcjson
 * pkg-config: libcjson_utils libcjson
 */
#include <cjson/cJSON.h>
#include <cjson/cJSON_Utils.h>
#include <stdio.h>

int main(void)
{
	cJSON *json = cJSON_Parse("{\"a\": [1, 2, {\"b\": 42}]}");
	const cJSON *found = cJSONUtils_GetPointer(json, "/a/2/b");

	if (!cJSON_IsNumber(found) || found->valueint != 42)
		return 1;
	cJSON_Delete(json);
	return printf("cJSON %s\n", cJSON_Version()) < 0;
}
