/* SPDX-License-Identifier: MIT */
#include "store/pipeline/pins.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/location.h"
#include "core/requirements_edit.h"
#include "core/secret.h"
#include "store/fetch/fetch.h"
#include "store/fs/fs.h"

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
	if (record->tree_hash && !record->editable)
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
	cenv_pin_release(&pin);
}

static bool is_skipped(const struct cenv_freeze_options *o, const char *key)
{
	return o->skip && cenv_strv_matches(o->skip, key);
}

/* Where a path or URL of the file leads, as a record has it. */
static char *place_of(const struct cenv_freeze_options *o, const char *location)
{
	struct cenv_err ignored = CENV_ERR_INIT;
	char *joined = cenv_location_join(o->like_dir, location), *local, *real;

	local = cenv_url_local_path(joined);
	real = local ? cenv_fs_realpath(local, &ignored) : NULL;
	cenv_err_release(&ignored);
	if (!real)
		real = cenv_url_redact(joined);
	free(joined);
	free(local);
	return real;
}

static const struct cenv_record *find_by_place(const struct cenv_records *records, const char *place)
{
	for (size_t i = 0; i < records->n; i++)
		if (records->v[i].by_url && records->v[i].url && !strcmp(records->v[i].url, place))
			return &records->v[i];
	return NULL;
}

static const struct cenv_record *find_installed(const struct cenv_records *records,
						const struct cenv_reqspan *span,
						const struct cenv_freeze_options *o)
{
	const struct cenv_record *record;
	char *place;

	if (span->is_named)
		return cenv_records_find(records, span->key);
	place = place_of(o, span->location);
	record = find_by_place(records, place);
	free(place);
	return record;
}

static void freeze_line(struct cenv_buf *out, const struct cenv_record *record,
			const struct cenv_reqspan *span, const struct cenv_freeze_options *o)
{
	/* nothing of a folder that is worked on can be pinned, and its relative path is worth more */
	if (record->editable && span->editable) {
		cenv_buf_add(out, o->like + span->start, span->end - span->start);
		return;
	}
	add_pin_line(out, record, o->flags);
	cenv_reqspan_add_end(out, o->like, span);
}

static void freeze_like(struct cenv_buf *out, const struct cenv_records *records,
			const struct cenv_freeze_options *o, struct cenv_strv *missing, bool *done)
{
	struct cenv_reqspans spans = {0};
	size_t copied = 0;

	cenv_reqspans_find(&spans, o->like, strlen(o->like));
	for (size_t i = 0; i < spans.n; i++) {
		const struct cenv_reqspan *s = &spans.v[i];
		const struct cenv_record *record = find_installed(records, s, o);

		cenv_buf_add(out, o->like + copied, s->start - copied);
		copied = s->end;
		if (!record && missing)
			cenv_strv_add(missing, s->is_named ? s->key : s->location);
		if (!record || done[record - records->v] || is_skipped(o, record->key))
			continue;
		freeze_line(out, record, s, o);
		done[record - records->v] = true;
	}
	cenv_buf_adds(out, o->like + copied);
	if (out->len && out->buf[out->len - 1] != '\n')
		cenv_buf_addc(out, '\n');
	cenv_reqspans_release(&spans);
}

/* What built the packages: "gcc 12.2.0". */
static char *compilers_of(const struct cenv_records *records)
{
	struct cenv_strv names = {0};
	char *joined;

	for (size_t i = 0; i < records->n; i++)
		if (records->v[i].compiler)
			cenv_strv_add(&names, records->v[i].compiler);
	cenv_strv_sort_unique(&names);
	joined = cenv_strv_join(&names, " and ");
	cenv_strv_release(&names);
	return joined;
}

void cenv_freeze(struct cenv_buf *out, const struct cenv_env *env,
		 const struct cenv_records *records, const struct cenv_freeze_options *o,
		 struct cenv_strv *missing)
{
	char *compilers = compilers_of(records);
	struct cenv_lock_header header = {env->cfg.target,
					  *compilers ? compilers : env->cfg.compiler};
	struct cenv_pin *pins = cenv_xcalloc(records->n, sizeof(*pins));
	bool *done = cenv_xcalloc(records->n, sizeof(*done));
	size_t n = 0;

	if (o->like) {
		freeze_like(out, records, o, missing, done);
		for (size_t i = 0; i < records->n && n == 0; i++)
			n += !done[i] && !is_skipped(o, records->v[i].key);
		if (n)
			cenv_buf_adds(out, "## added by cenv freeze:\n");
		n = 0;
	}
	for (size_t i = 0; i < records->n; i++)
		if (!done[i] && !is_skipped(o, records->v[i].key))
			cenv_pin_from_record(&pins[n++], &records->v[i]);
	cenv_lock_format(out, o->like ? NULL : &header, pins, n, o->flags);
	for (size_t i = 0; i < n; i++)
		cenv_pin_release(&pins[i]);
	free(pins);
	free(done);
	free(compilers);
}
