/* SPDX-License-Identifier: MIT */
#include "store/object/info.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "store/fs/fs.h"

#define INFO_MAX ((size_t)16 << 20)

static char *get_string(const cJSON *json, const char *key)
{
	return cenv_xstrdup(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key)));
}

static void get_list(struct cenv_strv *out, const cJSON *json, const char *key)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, key))
		if (cJSON_IsString(item))
			cenv_strv_add(out, item->valuestring);
}

static void add_list(cJSON *json, const char *key, const struct cenv_strv *list)
{
	cJSON *array = cJSON_AddArrayToObject(json, key);

	for (size_t i = 0; i < list->n; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(list->v[i]));
}

int cenv_object_info_read(struct cenv_object *object, struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	cJSON *json = NULL;
	double nentries;
	int ret = -1;

	if (cenv_fs_read(object->dirfd, "info.json", INFO_MAX, &text, err) < 0)
		goto out;
	json = cJSON_ParseWithLength(text.buf, text.len);
	object->name = get_string(json, "name");
	object->version = get_string(json, "version");
	object->system = get_string(json, "system");
	nentries = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, "entries"));
	if (!object->name || !object->version || !object->system || !(nentries >= 0)) {
		cenv_err_set(err, CENV_E_INTEGRITY, "'info.json' is not what cenv wrote");
		goto out;
	}
	object->nentries = (size_t)nentries;
	get_list(&object->leaks, json, "leaks");
	get_list(&object->unreached, json, "unreached");
	ret = 0;
out:
	cJSON_Delete(json);
	cenv_buf_release(&text);
	return ret;
}

static double total_size(const struct cenv_manifest *manifest)
{
	double bytes = 0;

	for (size_t i = 0; i < manifest->n; i++)
		bytes += (double)manifest->entries[i].size;
	return bytes;
}

int cenv_object_info_write(int dirfd, const struct cenv_object_info *info,
			   const struct cenv_manifest *manifest, const struct cenv_strv *leaks,
			   const struct cenv_strv *unreached, struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	cJSON *json = cJSON_CreateObject();
	char *printed;
	int ret;

	cJSON_AddStringToObject(json, "key", info->key);
	cJSON_AddStringToObject(json, "name", info->name);
	cJSON_AddStringToObject(json, "version", info->version);
	cJSON_AddStringToObject(json, "system", info->system ? info->system : "");
	cJSON_AddNumberToObject(json, "entries", (double)manifest->n);
	cJSON_AddNumberToObject(json, "bytes", total_size(manifest));
	add_list(json, "leaks", leaks);
	add_list(json, "unreached", unreached);
	cJSON_AddStringToObject(json, "inputs", info->key_inputs ? info->key_inputs : "");
	printed = cJSON_Print(json);
	cenv_buf_adds(&text, printed);
	cenv_buf_addc(&text, '\n');
	ret = cenv_fs_write(dirfd, "info.json", text.buf, text.len, 0444, 0, err);
	cJSON_free(printed);
	cJSON_Delete(json);
	cenv_buf_release(&text);
	return ret;
}
