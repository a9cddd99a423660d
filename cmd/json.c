/* SPDX-License-Identifier: MIT */
#include "cmd/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/secret.h"

cJSON *json_document(void)
{
	cJSON *doc = cJSON_CreateObject();

	cJSON_AddNumberToObject(doc, "version", 1);
	return doc;
}

/*
 * cJSON escapes what is below a space and copies all else: file names that are no UTF-8 would
 * make the document no JSON, and a terminal takes DEL and C1 controls for commands. Outside of
 * strings there is only ASCII.
 */
static void add_safe(struct cenv_buf *out, const char *text, size_t len)
{
	unsigned long cp;

	for (size_t i = 0, n; i < len; i += n ? n : 1) {
		n = cenv_utf8_decode(text + i, len - i, &cp);
		if (n && (cenv_utf8_is_printable(cp) || cp == '\n' || cp == '\t'))
			cenv_buf_add(out, text + i, n);
		else
			cenv_buf_addf(out, "\\u%04lx", n ? cp : 0xfffd);
	}
}

void json_print(cJSON *document)
{
	struct cenv_buf escaped = CENV_BUF_INIT, safe = CENV_BUF_INIT;
	char *text = cJSON_Print(document);

	add_safe(&escaped, text ? text : "{}", text ? strlen(text) : 2);
	cenv_secrets_mask(&safe, escaped.buf, escaped.len, 0);
	puts(safe.buf);
	cenv_buf_release(&escaped);
	cenv_buf_release(&safe);
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
