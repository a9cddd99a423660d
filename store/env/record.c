/* SPDX-License-Identifier: MIT */
#include "store/env/record.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/version.h"
#include "store/fs/fs.h"

#define RECORD_MAX (1u << 20)
#define FILES_MAX (256u << 20)

/* Every string of a record and where it stands in the JSON document. */
static const struct string_field {
	const char *section, *key;
	size_t offset;
	bool required;
	bool is_path; /* may hold whatever a folder's name can, newlines too */
} strings[] = {
	{"package", "name", offsetof(struct cenv_record, name), true},
	{"package", "version", offsetof(struct cenv_record, version), true},
	{"package", "summary", offsetof(struct cenv_record, summary), false},
	{"package", "license", offsetof(struct cenv_record, license), false},
	{"source", "url", offsetof(struct cenv_record, url), false, .is_path = true},
	{"source", "sha256", offsetof(struct cenv_record, sha256), false},
	{"source", "tree_hash", offsetof(struct cenv_record, tree_hash), false},
	{"source", "index", offsetof(struct cenv_record, index), false, .is_path = true},
	{"build", "object", offsetof(struct cenv_record, object), false},
	{"build", "system", offsetof(struct cenv_record, system), false},
	{"build", "compiler", offsetof(struct cenv_record, compiler), false},
	{"install", "prefix", offsetof(struct cenv_record, prefix), false, .is_path = true},
};

static const struct list_field {
	const char *section, *key;
	size_t offset;
} lists[] = {
	{"build", "features", offsetof(struct cenv_record, features)},
	{"build", "features_off", offsetof(struct cenv_record, features_off)},
	{"build", "options", offsetof(struct cenv_record, options)},
	{"install", "requires", offsetof(struct cenv_record, requires)},
	{"install", "deps", offsetof(struct cenv_record, deps)},
};

static const struct flag_field {
	const char *section, *key;
	size_t offset;
} flags[] = {
	{"source", "by_url", offsetof(struct cenv_record, by_url)},
	{"source", "editable", offsetof(struct cenv_record, editable)},
	{"install", "direct", offsetof(struct cenv_record, direct)},
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define FIELD(record, type, f) ((type *)(void *)((char *)(record) + (f)->offset))
#define CFIELD(record, type, f) ((const type *)(const void *)((const char *)(record) + (f)->offset))

void cenv_record_release(struct cenv_record *record)
{
	for (size_t i = 0; i < COUNT(strings); i++)
		free(*FIELD(record, char *, &strings[i]));
	for (size_t i = 0; i < COUNT(lists); i++)
		cenv_strv_release(FIELD(record, struct cenv_strv, &lists[i]));
	free(record->key);
	*record = (struct cenv_record){0};
}

void cenv_record_copy(struct cenv_record *to, const struct cenv_record *from)
{
	*to = (struct cenv_record){.key = cenv_xstrdup(from->key)};
	for (size_t i = 0; i < COUNT(strings); i++)
		*FIELD(to, char *, &strings[i]) = cenv_xstrdup(*CFIELD(from, char *, &strings[i]));
	for (size_t i = 0; i < COUNT(lists); i++)
		cenv_strv_add_all(FIELD(to, struct cenv_strv, &lists[i]),
				  CFIELD(from, struct cenv_strv, &lists[i]));
	for (size_t i = 0; i < COUNT(flags); i++)
		*FIELD(to, bool, &flags[i]) = *CFIELD(from, bool, &flags[i]);
}

/* ---- reading ---- */

static int damaged(const char *label, const char *why, struct cenv_err *err)
{
	cenv_err_set(err, CENV_E_INTEGRITY, "record '%s' is damaged: %s", label, why);
	cenv_err_hint(err, "restore the file, or make the environment anew: "
			   "'cenv create --clear', then install its requirements again");
	return -1;
}

static int bad_field(const char *label, const char *section, const char *key, struct cenv_err *err)
{
	char *why = cenv_strf("'%s.%s' is missing or not what it should be", section, key);

	damaged(label, why, err);
	free(why);
	return -1;
}

static const cJSON *item(const cJSON *root, const char *section, const char *key)
{
	const cJSON *object = cJSON_GetObjectItemCaseSensitive(root, section);
	const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsNull(found) ? NULL : found;
}

static bool is_clean(const cJSON *string)
{
	if (!cJSON_IsString(string))
		return false;
	for (const char *p = string->valuestring; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	return true;
}

static bool read_list(struct cenv_strv *out, const cJSON *array)
{
	const cJSON *element;

	if (array && !cJSON_IsArray(array))
		return false;
	cJSON_ArrayForEach(element, array)
	{
		if (!is_clean(element))
			return false;
		cenv_strv_add(out, element->valuestring);
	}
	return true;
}

static int read_fields(struct cenv_record *out, const cJSON *root, const char *label,
		       struct cenv_err *err)
{
	for (size_t i = 0; i < COUNT(strings); i++) {
		const cJSON *found = item(root, strings[i].section, strings[i].key);

		bool ok = strings[i].is_path ? cJSON_IsString(found) : is_clean(found);

		if (found ? !ok : strings[i].required)
			return bad_field(label, strings[i].section, strings[i].key, err);
		if (found)
			*FIELD(out, char *, &strings[i]) = cenv_xstrdup(found->valuestring);
	}
	for (size_t i = 0; i < COUNT(lists); i++)
		if (!read_list(FIELD(out, struct cenv_strv, &lists[i]),
			       item(root, lists[i].section, lists[i].key)))
			return bad_field(label, lists[i].section, lists[i].key, err);
	for (size_t i = 0; i < COUNT(flags); i++) {
		const cJSON *found = item(root, flags[i].section, flags[i].key);

		if (found && !cJSON_IsBool(found))
			return bad_field(label, flags[i].section, flags[i].key, err);
		*FIELD(out, bool, &flags[i]) = cJSON_IsTrue(found);
	}
	return 0;
}

/* What later code builds file names and comparisons from. */
static int check_fields(const struct cenv_record *r, const char *label, struct cenv_err *err)
{
	if (!cenv_name_valid(r->name, strlen(r->name)))
		return bad_field(label, "package", "name", err);
	if (!cenv_version_valid(r->version))
		return bad_field(label, "package", "version", err);
	if (r->sha256 && !cenv_is_sha256(r->sha256, strlen(r->sha256)))
		return bad_field(label, "source", "sha256", err);
	if (r->tree_hash && !cenv_is_sha256(r->tree_hash, strlen(r->tree_hash)))
		return bad_field(label, "source", "tree_hash", err);
	if (r->object && !cenv_is_sha256(r->object, strlen(r->object)))
		return bad_field(label, "build", "object", err);
	if (r->prefix && *r->prefix != '/')
		return bad_field(label, "install", "prefix", err);
	return 0;
}

int cenv_record_parse(struct cenv_record *out, const char *json, size_t len, const char *label,
		      struct cenv_err *err)
{
	cJSON *root = cJSON_ParseWithLength(json, len);
	const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "version");
	int ret = -1;

	*out = (struct cenv_record){0};
	if (!cJSON_IsObject(root)) {
		damaged(label, "it is not JSON", err);
	} else if (!cJSON_IsNumber(format) || format->valueint != 1) {
		damaged(label, "it is not of format version 1", err);
		cenv_err_hint(err, "a newer cenv may have written it: use that one");
	} else if (read_fields(out, root, label, err) == 0 && check_fields(out, label, err) == 0) {
		out->key = cenv_name_normalize(out->name);
		ret = 0;
	}
	cJSON_Delete(root);
	if (ret < 0)
		cenv_record_release(out);
	return ret;
}

static int read_record(struct cenv_record *out, const struct cenv_env *env, const char *file,
		       struct cenv_err *err)
{
	struct cenv_buf json = CENV_BUF_INIT;
	char *path = cenv_strf("lib/cenv/%s", file), *label = cenv_path_join(env->path, path);
	size_t len = strlen(file) - strlen(".json");
	int ret = -1;

	if (cenv_fs_read(env->fd, path, RECORD_MAX, &json, err) < 0)
		cenv_err_wrap(err, "in '%s'", env->path);
	else if (cenv_record_parse(out, json.buf, json.len, label, err) == 0)
		ret = 0;
	if (ret == 0 && (strlen(out->key) != len || strncmp(out->key, file, len))) {
		ret = damaged(label, "it names another package than its file", err);
		cenv_record_release(out);
	}
	cenv_buf_release(&json);
	free(label);
	free(path);
	return ret;
}

static int compare(const void *key, const void *record)
{
	return strcmp(key, ((const struct cenv_record *)record)->key);
}

static int compare_records(const void *a, const void *b)
{
	return compare(((const struct cenv_record *)a)->key, b);
}

int cenv_records_read(struct cenv_records *out, const struct cenv_env *env, struct cenv_err *err)
{
	struct cenv_strv names = {0};
	int ret = 0;

	*out = (struct cenv_records){0};
	if (cenv_fs_list(env->fd, "lib/cenv", &names, err) < 0) {
		if (err->sys != ENOENT)
			return cenv_err_wrap(err, "in '%s'", env->path);
		cenv_err_release(err); /* nothing was ever installed */
	}
	for (size_t i = 0; ret == 0 && i < names.n; i++) {
		/* a dot file is no record: an editor's, or a neighbour on its way in */
		if (!cenv_str_ends(names.v[i], ".json") || names.v[i][0] == '.')
			continue;
		CENV_GROW(out->v, out->n, out->cap);
		ret = read_record(&out->v[out->n], env, names.v[i], err);
		out->n += ret == 0;
	}
	cenv_strv_release(&names);
	if (ret < 0)
		cenv_records_release(out);
	else if (out->n) /* by file name "a-b.json" stands before "a.json" */
		qsort(out->v, out->n, sizeof(*out->v), compare_records);
	return ret;
}

const struct cenv_record *cenv_records_find(const struct cenv_records *records, const char *key)
{
	if (!records->n)
		return NULL;
	return bsearch(key, records->v, records->n, sizeof(*records->v), compare);
}

void cenv_records_remove(struct cenv_records *records, const char *key)
{
	struct cenv_record *found = (struct cenv_record *)cenv_records_find(records, key);
	size_t at;

	if (!found)
		return;
	at = (size_t)(found - records->v);
	cenv_record_release(found);
	records->n--;
	memmove(found, found + 1, (records->n - at) * sizeof(*found));
}

void cenv_records_put(struct cenv_records *records, const struct cenv_record *record)
{
	struct cenv_record copy;

	cenv_record_copy(&copy, record);
	cenv_records_remove(records, copy.key);
	CENV_GROW(records->v, records->n, records->cap);
	records->v[records->n++] = copy;
	qsort(records->v, records->n, sizeof(*records->v), compare_records);
}

void cenv_records_release(struct cenv_records *records)
{
	for (size_t i = 0; i < records->n; i++)
		cenv_record_release(&records->v[i]);
	free(records->v);
	*records = (struct cenv_records){0};
}

int cenv_record_files(struct cenv_manifest *out, const struct cenv_env *env, const char *key,
		      struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	char *path = cenv_strf("lib/cenv/%s.files", key), *label = cenv_path_join(env->path, path);
	int ret = -1;

	*out = (struct cenv_manifest){0};
	if (cenv_fs_read(env->fd, path, FILES_MAX, &text, err) < 0) {
		if (err->sys == ENOENT)
			damaged(label, "it is missing", err);
		else
			cenv_err_wrap(err, "in '%s'", env->path);
	} else if (cenv_manifest_parse(out, text.buf, text.len, label, err) < 0) {
		cenv_err_hint(err, "restore the file, or make the environment anew: "
				   "'cenv create --clear', then install its requirements again");
	} else {
		ret = 0;
	}
	cenv_buf_release(&text);
	free(label);
	free(path);
	return ret;
}

/* ---- writing ---- */

static cJSON *section(cJSON *root, const char *name)
{
	cJSON *found = cJSON_GetObjectItemCaseSensitive(root, name);

	return found ? found : cJSON_AddObjectToObject(root, name);
}

static void add_list(cJSON *object, const char *key, const struct cenv_strv *values)
{
	cJSON *array = cJSON_AddArrayToObject(object, key);

	for (size_t i = 0; i < values->n; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(values->v[i]));
}

void cenv_record_format(const struct cenv_record *record, struct cenv_buf *out)
{
	cJSON *root = cJSON_CreateObject();
	char *text;

	cJSON_AddNumberToObject(root, "version", 1);
	for (size_t i = 0; i < COUNT(strings); i++) {
		const char *value = *CFIELD(record, char *, &strings[i]);

		if (value)
			cJSON_AddStringToObject(section(root, strings[i].section), strings[i].key,
						value);
	}
	for (size_t i = 0; i < COUNT(lists); i++)
		add_list(section(root, lists[i].section), lists[i].key,
			 CFIELD(record, struct cenv_strv, &lists[i]));
	for (size_t i = 0; i < COUNT(flags); i++)
		cJSON_AddBoolToObject(section(root, flags[i].section), flags[i].key,
				      *CFIELD(record, bool, &flags[i]));
	text = cJSON_Print(root);
	cenv_buf_adds(out, text);
	cenv_buf_addc(out, '\n');
	cJSON_free(text);
	cJSON_Delete(root);
}

bool cenv_record_same(const struct cenv_record *a, const struct cenv_record *b)
{
	struct cenv_buf x = CENV_BUF_INIT, y = CENV_BUF_INIT;
	struct cenv_record no_a = *a, no_b = *b; /* they borrow everything */
	bool same;

	no_a.prefix = no_b.prefix = NULL;
	cenv_record_format(&no_a, &x);
	cenv_record_format(&no_b, &y);
	same = !strcmp(x.buf, y.buf);
	cenv_buf_release(&x);
	cenv_buf_release(&y);
	return same;
}
