/* SPDX-License-Identifier: MIT */
#include "store/pipeline/pins.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/requirement.h"

void cenv_pin_from_record(struct cenv_pin *out, const struct cenv_record *record)
{
	*out = (struct cenv_pin){
		.name = record->name,
		.version = record->version,
		.url = record->by_url ? record->url : NULL,
		.editable = record->editable,
	};
	cenv_strv_add_all(&out->features_on, &record->features);
	cenv_strv_add_all(&out->features_off, &record->features_off);
	cenv_strv_add_all(&out->options, &record->options);
	if (record->sha256)
		cenv_strv_add(&out->hashes, record->sha256);
	/* the archive's own hash is the stronger pin; a folder has only its tree */
	else if (record->tree_hash && !record->editable)
		cenv_strv_add(&out->tree_hashes, record->tree_hash);
}

void cenv_pin_release(struct cenv_pin *pin)
{
	cenv_strv_release(&pin->features_on);
	cenv_strv_release(&pin->features_off);
	cenv_strv_release(&pin->hashes);
	cenv_strv_release(&pin->tree_hashes);
	cenv_strv_release(&pin->options);
	cenv_strv_release(&pin->via);
}

/* ---- freezing as another file is written ---- */

static void add_pin_line(struct cenv_buf *out, const struct cenv_record *record, unsigned flags)
{
	struct cenv_pin pin;

	cenv_pin_from_record(&pin, record);
	cenv_lock_format_pin(out, &pin, flags);
	cenv_buf_addc(out, '\n');
	cenv_pin_release(&pin);
}

/* End of the logical line at p: past the newline that no backslash continues. */
static const char *logical_end(const char *p)
{
	for (;;) {
		const char *newline = strchr(p, '\n');

		if (!newline)
			return p + strlen(p);
		if (newline == p || newline[-1] != '\\')
			return newline + 1;
		p = newline + 1;
	}
}

/* The package that a line names, normalised; NULL for comments, options and blank lines. */
static char *line_key(const char *line, size_t len)
{
	struct cenv_requirement req = {0};
	struct cenv_err ignored = CENV_ERR_INIT;
	struct cenv_buf text = CENV_BUF_INIT;
	const char *start = line, *comment;
	char *key = NULL;

	cenv_str_trim(&start, &len);
	if (!len || *start == '#' || *start == '-')
		return NULL;
	for (size_t i = 0; i < len; i++)
		cenv_buf_addc(&text, start[i] == '\\' && i + 1 < len && start[i + 1] == '\n' ? ' '
				     : start[i] == '\n' ? ' ' : start[i]);
	comment = strstr(text.buf, " #");
	if (comment)
		cenv_buf_truncate(&text, (size_t)(comment - text.buf));
	if (cenv_requirement_parse(&req, text.buf, NULL, NULL, &ignored) == 0) {
		key = cenv_xstrdup(req.key);
		cenv_requirement_release(&req);
	}
	cenv_err_release(&ignored);
	cenv_buf_release(&text);
	return key;
}

static bool is_skipped(const struct cenv_strv *skip, const char *key)
{
	return skip && cenv_strv_has(skip, key);
}

static void freeze_like(struct cenv_buf *out, const struct cenv_records *records, const char *like,
			const struct cenv_strv *skip, unsigned flags, struct cenv_strv *missing,
			bool *done)
{
	while (*like) {
		const char *end = logical_end(like);
		char *key = line_key(like, (size_t)(end - like));
		const struct cenv_record *record = key ? cenv_records_find(records, key) : NULL;

		if (!key) {
			cenv_buf_add(out, like, (size_t)(end - like));
			if (end[-1] != '\n')
				cenv_buf_addc(out, '\n');
		} else if (!record) {
			if (missing)
				cenv_strv_add(missing, key);
		} else if (!done[record - records->v] && !is_skipped(skip, key)) {
			add_pin_line(out, record, flags);
			done[record - records->v] = true;
		}
		free(key);
		like = end;
	}
}

void cenv_freeze(struct cenv_buf *out, const struct cenv_env *env,
		 const struct cenv_records *records, const char *like, const struct cenv_strv *skip,
		 unsigned flags, struct cenv_strv *missing)
{
	struct cenv_lock_header header = {env->cfg.target, env->cfg.compiler};
	struct cenv_pin *pins = cenv_xcalloc(records->n, sizeof(*pins));
	bool *done = cenv_xcalloc(records->n, sizeof(*done));
	size_t n = 0;

	if (like) {
		freeze_like(out, records, like, skip, flags, missing, done);
		for (size_t i = 0; i < records->n && n == 0; i++)
			n += !done[i] && !is_skipped(skip, records->v[i].key);
		if (n)
			cenv_buf_adds(out, "## added by cenv freeze:\n");
		n = 0;
	}
	for (size_t i = 0; i < records->n; i++)
		if (!done[i] && !is_skipped(skip, records->v[i].key))
			cenv_pin_from_record(&pins[n++], &records->v[i]);
	cenv_lock_format(out, like ? NULL : &header, pins, n, flags);
	for (size_t i = 0; i < n; i++)
		cenv_pin_release(&pins[i]);
	free(pins);
	free(done);
}
