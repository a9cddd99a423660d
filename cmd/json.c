/* SPDX-License-Identifier: MIT */
#include "cmd/json.h"

#include <stdio.h>
#include <stdlib.h>

cJSON *json_document(void)
{
	cJSON *doc = cJSON_CreateObject();

	cJSON_AddNumberToObject(doc, "version", 1);
	return doc;
}

void json_print(cJSON *document)
{
	char *text = cJSON_Print(document);

	puts(text ? text : "{}");
	cJSON_free(text);
	cJSON_Delete(document);
}

void json_add_string(cJSON *object, const char *name, const char *value)
{
	if (value)
		cJSON_AddStringToObject(object, name, value);
}

void json_add_strings(cJSON *object, const char *name, const struct cenv_strv *values)
{
	cJSON *array = cJSON_AddArrayToObject(object, name);

	for (size_t i = 0; i < values->n; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(values->v[i]));
}

cJSON *json_record(const struct cenv_record *r)
{
	cJSON *object = cJSON_CreateObject();

	json_add_string(object, "name", r->name);
	json_add_string(object, "version", r->version);
	json_add_string(object, "summary", r->summary);
	json_add_string(object, "license", r->license);
	json_add_strings(object, "features", &r->features);
	json_add_strings(object, "features_off", &r->features_off);
	json_add_strings(object, "options", &r->options);
	json_add_strings(object, "requires", &r->requires);
	json_add_strings(object, "dependencies", &r->deps);
	json_add_string(object, "url", r->url);
	json_add_string(object, "sha256", r->sha256);
	json_add_string(object, "tree_hash", r->tree_hash);
	json_add_string(object, "object", r->object);
	json_add_string(object, "build_system", r->system);
	json_add_string(object, "compiler", r->compiler);
	cJSON_AddBoolToObject(object, "direct", r->direct);
	cJSON_AddBoolToObject(object, "editable", r->editable);
	return object;
}
