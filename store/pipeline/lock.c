/* SPDX-License-Identifier: MIT */
#include "store/pipeline/lock.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/lock.h"
#include "core/secret.h"
#include "store/pipeline/pins.h"
#include "store/pipeline/work.h"

/* ---- pins of an existing lock file ---- */

struct existing_text {
	const char *text;
};

static int read_existing(void *payload, const char *path, struct cenv_buf *out, struct cenv_err *err)
{
	const struct existing_text *existing = payload;

	(void)path;
	(void)err;
	cenv_buf_adds(out, existing->text);
	return 0;
}

static const char *no_variable(void *payload, const char *name)
{
	(void)payload;
	(void)name;
	return NULL;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct cenv_record *)a)->key, ((const struct cenv_record *)b)->key);
}

/* As records that hold no more than name and version: what the catalog prefers. */
static int read_pins(struct cenv_records *out, const struct cenv_lock_options *o, struct cenv_err *err)
{
	struct existing_text existing = {o->existing};
	struct cenv_reqfile_io io = {read_existing, no_variable, &existing};
	struct cenv_requirements pins = {0};
	int ret = cenv_requirements_read(&pins, o->existing_label, false, &io, err);

	for (size_t i = 0; ret == 0 && i < pins.n; i++) {
		const char *version = cenv_specifier_pinned(&pins.reqs[i].spec);

		if (!pins.reqs[i].key || !version)
			continue;
		CENV_GROW(out->v, out->n, out->cap);
		out->v[out->n++] = (struct cenv_record){
			.name = cenv_xstrdup(pins.reqs[i].name),
			.key = cenv_xstrdup(pins.reqs[i].key),
			.version = cenv_xstrdup(version),
		};
	}
	if (out->n > 1)
		qsort(out->v, out->n, sizeof(*out->v), by_key);
	cenv_requirements_release(&pins);
	return ret;
}

/* ---- pins of a plan ---- */

static void add_via_file(struct cenv_pin *pin, const char *file)
{
	char *shown = cenv_url_redact(file);

	cenv_strv_addf(&pin->via, "-r %s", shown);
	free(shown);
}

static void add_via(struct cenv_pin *pin, const struct cenv_resolved *pkg)
{
	for (size_t i = 0; i < pkg->naskers; i++) {
		const struct cenv_asker *asker = &pkg->askers[i];

		if (asker->key)
			cenv_strv_add(&pin->via, asker->key);
		else if (asker->req && asker->req->origin.file)
			add_via_file(pin, asker->req->origin.file);
		else
			cenv_strv_add(&pin->via, "the command line");
	}
	cenv_strv_sort_unique(&pin->via);
}

static void pin_item(struct cenv_pin *pin, const struct cenv_build_plan_item *item)
{
	const struct cenv_given *given = item->source->given;

	*pin = (struct cenv_pin){
		.name = given ? given->recipe->name
			: item->source->recipe ? item->source->recipe->name : item->pkg->key,
		.version = item->pkg->candidate->version,
		.url = given ? (given->dir ? given->dir : given->url) : NULL,
		.editable = given && given->req->editable,
	};
	cenv_strv_add_all(&pin->features_on, &item->pkg->features);
	cenv_strv_add_all(&pin->features_off, &item->features_off);
	cenv_strv_add_all(&pin->options, &item->options);
	if (item->source_sha256)
		cenv_strv_add(&pin->hashes, item->source_sha256);
	else
		cenv_strv_add_all(&pin->hashes, &item->hashes);
	cenv_strv_add_all(&pin->tree_hashes, &item->tree_hashes);
	if (given && given->tree_hash && !given->req->editable && !pin->tree_hashes.n)
		cenv_strv_add(&pin->tree_hashes, given->tree_hash);
	if (!given && item->source->rv && item->source->rv->tree_hash && !pin->tree_hashes.n)
		cenv_strv_add(&pin->tree_hashes, item->source->rv->tree_hash);
	cenv_strv_sort_unique(&pin->hashes);
	cenv_strv_sort_unique(&pin->tree_hashes);
	add_via(pin, item->pkg);
}

static void format_plan(struct cenv_buf *out, const struct cenv_work *work, unsigned flags)
{
	struct cenv_pin *pins = cenv_xcalloc(work->plan.n, sizeof(*pins));
	struct cenv_lock_header header = {work->toolchain.target, work->toolchain.compiler};

	for (size_t i = 0; i < work->plan.n; i++)
		pin_item(&pins[i], &work->plan.items[i]);
	cenv_lock_format(out, &header, pins, work->plan.n, flags);
	for (size_t i = 0; i < work->plan.n; i++)
		cenv_pin_release(&pins[i]);
	free(pins);
}

int cenv_lock_make(struct cenv_buf *out, const struct cenv_lock_options *options,
		   struct cenv_err *err)
{
	struct cenv_work work = CENV_WORK_INIT;
	struct cenv_records pins = {0};
	int ret = 0;

	work.options = &options->resolve;
	work.compiler = options->compiler;
	work.no_download = true;
	if (options->existing)
		ret = read_pins(&pins, options, err);
	work.catalog.locked = &pins;
	if (ret == 0)
		ret = cenv_work_plan(&work, err);
	if (ret == 0)
		format_plan(out, &work, options->flags);
	cenv_work_release(&work);
	cenv_records_release(&pins);
	return ret;
}

/* ---- comparing ---- */

static void pin_lines(const char *text, struct cenv_strv *out)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len && *text != '#' && *text != ' ')
			cenv_strv_addn(out, text, len);
		text += len + (text[len] == '\n');
	}
	cenv_strv_sort(out);
}

bool cenv_lock_compare(const char *a, const char *b, struct cenv_strv *lines)
{
	struct cenv_strv left = {0}, right = {0};
	size_t i = 0, j = 0, before = lines->n;

	pin_lines(a, &left);
	pin_lines(b, &right);
	while (i < left.n || j < right.n) {
		int order = i == left.n ? 1 : j == right.n ? -1 : strcmp(left.v[i], right.v[j]);

		if (order < 0)
			cenv_strv_addf(lines, "- %s", left.v[i]);
		else if (order > 0)
			cenv_strv_addf(lines, "+ %s", right.v[j]);
		i += order <= 0;
		j += order >= 0;
	}
	cenv_strv_release(&left);
	cenv_strv_release(&right);
	return lines->n != before;
}

/* ---- --locked ---- */

static const char *fault_of(const struct cenv_requirement *req)
{
	if (req->kind == CENV_REQ_NAME && !cenv_specifier_pinned(&req->spec))
		return "is not pinned with ==";
	if (!req->hashes.n && !req->tree_hashes.n && !req->editable)
		return "has no hash";
	return NULL;
}

static bool is_wanted(const struct cenv_requirements *wanted, const char *key)
{
	for (size_t i = 0; i < wanted->n; i++)
		if (wanted->reqs[i].key && !strcmp(wanted->reqs[i].key, key))
			return true;
	return false;
}

int cenv_check_locked(const struct cenv_requirements *wanted, const struct cenv_strv *needed,
		      struct cenv_err *err)
{
	struct cenv_strv lines = {0};

	for (size_t i = 0; i < wanted->n; i++) {
		const char *fault = fault_of(&wanted->reqs[i]);
		char *origin;

		if (!fault)
			continue;
		origin = cenv_origin_text(&wanted->reqs[i].origin);
		cenv_strv_addf(&lines, "  %s: '%s' %s", origin, wanted->reqs[i].text, fault);
		free(origin);
	}
	for (size_t i = 0; needed && i < needed->n; i++)
		if (!is_wanted(wanted, needed->v[i]))
			cenv_strv_addf(&lines, "  '%s' is needed, but not pinned", needed->v[i]);
	if (!lines.n)
		return 0;
	cenv_err_set(err, CENV_E_NO, "--locked: %zu line%s missing or stale", lines.n,
		     lines.n == 1 ? " is" : "s are");
	for (size_t i = 0; i < lines.n; i++)
		cenv_err_detail(err, "%s", lines.v[i]);
	cenv_err_hint(err, "run 'cenv lock -r requirements.in -o requirements.txt' to write the pins");
	cenv_strv_release(&lines);
	return -1;
}
