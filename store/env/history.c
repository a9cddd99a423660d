/* SPDX-License-Identifier: MIT */
#include "store/env/history.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "store/fs/fs.h"

#define HISTORY "lib/cenv/history"

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
	int fd = openat(env->fd, HISTORY, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	int ret = 0;

	if (fd < 0)
		return cenv_err_sys(err, errno, "cannot open '%s/" HISTORY "'", env->path);
	format_line(&line, change, before);
	if (cenv_fs_write_all(fd, line.buf, line.len) < 0)
		ret = cenv_err_sys(err, errno, "cannot write '%s/" HISTORY "'", env->path);
	close(fd);
	cenv_buf_release(&line);
	return ret;
}
