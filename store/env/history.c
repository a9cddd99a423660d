/* SPDX-License-Identifier: MIT */
#include "store/env/history.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "store/fs/fs.h"

#define HISTORY "lib/cenv/history"
#define HISTORY_MAX ((size_t)256 << 20)

/* ---- writing ---- */

int cenv_history_size(const struct cenv_env *env, long long *out, struct cenv_err *err)
{
	struct stat st;

	*out = 0;
	if (fstatat(env->fd, HISTORY, &st, AT_SYMLINK_NOFOLLOW) == 0)
		*out = (long long)st.st_size;
	else if (errno != ENOENT)
		return cenv_err_sys(err, errno, "cannot examine '%s/" HISTORY "'", env->path);
	return 0;
}

static void add_time(cJSON *line)
{
	time_t now = time(NULL);
	char text[32];
	struct tm tm;

	if (gmtime_r(&now, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		cJSON_AddStringToObject(line, "time", text);
}

/* The whole record: what a rollback has to bring back. */
static void add_record(cJSON *array, const struct cenv_record *record)
{
	struct cenv_buf text = CENV_BUF_INIT;

	cenv_record_format(record, &text);
	cJSON_AddItemToArray(array, cJSON_ParseWithLength(text.buf, text.len));
	cenv_buf_release(&text);
}

static void add_name(cJSON *array, const struct cenv_record *record)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "name", record->name);
	cJSON_AddStringToObject(object, "version", record->version);
	cJSON_AddItemToArray(array, object);
}

static void format_line(struct cenv_buf *out, const struct cenv_change *change,
			const struct cenv_records *before)
{
	cJSON *line = cJSON_CreateObject(), *added, *removed;
	char *text;

	cJSON_AddNumberToObject(line, "version", 1);
	add_time(line);
	cJSON_AddStringToObject(line, "command", change->command);
	added = cJSON_AddArrayToObject(line, "added");
	removed = cJSON_AddArrayToObject(line, "removed");
	for (size_t i = 0; i < change->nadd; i++) {
		const struct cenv_record *record = change->add[i].record;
		const struct cenv_record *old = cenv_records_find(before, record->key);

		add_name(added, record);
		if (old)
			add_record(removed, old);
	}
	for (size_t i = 0; i < change->nremove; i++) {
		const struct cenv_record *old = cenv_records_find(before, change->remove[i]);

		if (old)
			add_record(removed, old);
	}
	text = cJSON_PrintUnformatted(line);
	cenv_buf_adds(out, text);
	cenv_buf_addc(out, '\n');
	cJSON_free(text);
	cJSON_Delete(line);
}

int cenv_history_append(const struct cenv_env *env, const struct cenv_change *change,
			const struct cenv_records *before, struct cenv_err *err)
{
	struct cenv_buf line = CENV_BUF_INIT;
	/* not to wait for who reads, where a pipe took its place */
	const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	int fd = openat(env->fd, HISTORY, flags, 0644), ret = 0;

	if (fd < 0)
		return cenv_err_sys(err, errno, "cannot open '%s/" HISTORY "'", env->path);
	format_line(&line, change, before);
	if (cenv_fs_write_all(fd, line.buf, line.len) < 0)
		ret = cenv_err_sys(err, errno, "cannot write '%s/" HISTORY "'", env->path);
	close(fd);
	cenv_buf_release(&line);
	return ret;
}

/* ---- reading ---- */

static const char *get_string(const cJSON *json, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
}

static int read_added(struct cenv_history_entry *entry, const cJSON *line)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(line, "added")) {
		const char *name = get_string(item, "name"), *version = get_string(item, "version");

		if (!name || !version || !cenv_name_valid(name, strlen(name)))
			return -1;
		cenv_strv_add(&entry->added, name);
		cenv_strv_add(&entry->added_versions, version);
	}
	return 0;
}

static int read_removed(struct cenv_history_entry *entry, const cJSON *line, const char *label,
			struct cenv_err *err)
{
	const cJSON *item;
	int ret = 0;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(line, "removed")) {
		char *text = cJSON_PrintUnformatted(item);
		struct cenv_record record;

		ret = cenv_record_parse(&record, text, strlen(text), label, err);
		cJSON_free(text);
		if (ret < 0)
			break;
		cenv_records_put(&entry->removed, &record);
		cenv_record_release(&record);
	}
	return ret;
}

static int read_line(struct cenv_history_entry *out, const char *text, size_t len,
		     const char *label, struct cenv_err *err)
{
	cJSON *line = cJSON_ParseWithLength(text, len);
	const cJSON *format = cJSON_GetObjectItemCaseSensitive(line, "version");
	int ret = -1;

	if (!cJSON_IsObject(line) || !cJSON_IsNumber(format) || format->valueint != 1 ||
	    read_added(out, line) < 0)
		cenv_err_set(err, CENV_E_INTEGRITY, "'%s' is damaged", label);
	else
		ret = read_removed(out, line, label, err);
	out->time = cenv_xstrdup(get_string(line, "time"));
	out->command = cenv_xstrdup(get_string(line, "command"));
	cJSON_Delete(line);
	return ret;
}

int cenv_history_parse(struct cenv_history *out, const char *text, size_t len, const char *label,
		       struct cenv_err *err)
{
	const char *end = text + len;
	int ret = 0;

	*out = (struct cenv_history){0};
	while (ret == 0 && text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t length = newline ? (size_t)(newline - text) : (size_t)(end - text);
		char *place = cenv_strf("%s:%zu", label, out->n + 1);

		CENV_GROW(out->v, out->n, out->cap);
		out->v[out->n] = (struct cenv_history_entry){0};
		ret = read_line(&out->v[out->n++], text, length, place, err);
		text += length + 1;
		free(place);
	}
	if (ret < 0)
		cenv_history_release(out);
	return ret;
}

int cenv_history_read(struct cenv_history *out, const struct cenv_env *env, struct cenv_err *err)
{
	struct cenv_buf text = CENV_BUF_INIT;
	char *label = cenv_path_join(env->path, HISTORY);
	int ret = cenv_fs_read(env->fd, HISTORY, HISTORY_MAX, &text, err);

	*out = (struct cenv_history){0};
	if (ret == 0) {
		ret = cenv_history_parse(out, text.buf, text.len, label, err);
	} else if (err->sys == ENOENT) {
		cenv_err_release(err);
		ret = 0;
	}
	cenv_buf_release(&text);
	free(label);
	return ret;
}

void cenv_history_release(struct cenv_history *history)
{
	for (size_t i = 0; i < history->n; i++) {
		struct cenv_history_entry *entry = &history->v[i];

		free(entry->time);
		free(entry->command);
		cenv_strv_release(&entry->added);
		cenv_strv_release(&entry->added_versions);
		cenv_records_release(&entry->removed);
	}
	free(history->v);
	*history = (struct cenv_history){0};
}

void cenv_history_undo(struct cenv_records *records, const struct cenv_history_entry *entry)
{
	for (size_t i = 0; i < entry->added.n; i++) {
		char *key = cenv_name_normalize(entry->added.v[i]);

		cenv_records_remove(records, key);
		free(key);
	}
	for (size_t i = 0; i < entry->removed.n; i++)
		cenv_records_put(records, &entry->removed.v[i]);
}
