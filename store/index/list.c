/* SPDX-License-Identifier: MIT */
#include "store/index/list.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"

/* A number that a double holds exactly. */
#define SERIAL_MAX 9007199254740992.0

/* A value takes two bytes of text ("0,") and some hundred of memory. What a hundred thousand
 * packages need is below this; what nobody needs must not fill the memory. */
#define VALUES_MAX 1000000

static int malformed(const char *label, const char *what, struct cenv_err *err)
{
	return cenv_err_set(err, CENV_E_SYNTAX, "malformed '%s': %s", label, what);
}

static int take_package(struct cenv_index_list *list, const cJSON *package, const char *label,
			struct cenv_err *err)
{
	const cJSON *sha256 = cJSON_GetObjectItemCaseSensitive(package, "sha256");
	const char *name = package->string;
	char *key, *hash;

	if (!cenv_name_valid(name, strlen(name)))
		return malformed(label, "a name that cannot be a package's", err);
	if (!cJSON_IsString(sha256) ||
	    !cenv_is_sha256(sha256->valuestring, strlen(sha256->valuestring)))
		return malformed(label, "a package without its recipe's 'sha256'", err);
	key = cenv_name_normalize(name);
	hash = cenv_xstrdup(sha256->valuestring);
	for (char *p = hash; *p; p++)
		*p |= 0x20; /* digits have that bit */
	hash = cenv_map_put(&list->sha256, key, hash);
	free(key);
	if (!hash)
		return 0;
	free(hash);
	return malformed(label, "one package stands there twice", err);
}

static int take_serial(struct cenv_index_list *list, const cJSON *serial, const char *label,
		       struct cenv_err *err)
{
	if (!serial)
		return 0;
	if (!cJSON_IsNumber(serial) || !(serial->valuedouble >= 0 && serial->valuedouble <= SERIAL_MAX))
		return malformed(label, "'serial' is no whole number", err);
	list->serial = (unsigned long long)serial->valuedouble;
	if ((double)list->serial != serial->valuedouble)
		return malformed(label, "'serial' is no whole number", err);
	return 0;
}

static int take_list(struct cenv_index_list *list, const cJSON *json, const char *label,
		     struct cenv_err *err)
{
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(json, "version");
	const cJSON *packages = cJSON_GetObjectItemCaseSensitive(json, "packages");

	if (!json)
		return malformed(label, "it is not JSON", err);
	if (!cJSON_IsNumber(version) || version->valuedouble != 1)
		return malformed(label, "'version' is not 1", err);
	if (!cJSON_IsObject(packages))
		return malformed(label, "there are no 'packages'", err);
	for (const cJSON *package = packages->child; package; package = package->next)
		if (take_package(list, package, label, err) < 0)
			return -1;
	return take_serial(list, cJSON_GetObjectItemCaseSensitive(json, "serial"), label, err);
}

static bool has_too_many_values(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == ',';
	return n > VALUES_MAX;
}

int cenv_index_list_parse(struct cenv_index_list *out, const char *text, size_t len,
			  const char *label, struct cenv_err *err)
{
	cJSON *json;
	int ret;

	*out = (struct cenv_index_list){0};
	if (has_too_many_values(text, len))
		return malformed(label, "it has more values than an index can need", err);
	json = cJSON_ParseWithLength(text, len);
	ret = take_list(out, json, label, err);
	cJSON_Delete(json);
	if (ret < 0)
		cenv_index_list_release(out);
	return ret;
}

void cenv_index_list_release(struct cenv_index_list *list)
{
	cenv_map_release(&list->sha256, free);
	*list = (struct cenv_index_list){0};
}
