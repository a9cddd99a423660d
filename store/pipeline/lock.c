/* SPDX-License-Identifier: MIT */
#include "store/pipeline/lock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/location.h"
#include "core/lock.h"
#include "core/optline.h"
#include "core/secret.h"
#include "store/digest/digest.h"
#include "store/fs/fs.h"
#include "store/object/relpath.h"
#include "store/pipeline/pins.h"
#include "store/pipeline/work.h"

/* ---- pins of an existing lock file ---- */

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct cenv_record *)a)->key, ((const struct cenv_record *)b)->key);
}

/* As records that hold no more than name and version: what the catalog prefers. */
static int read_pins(struct cenv_records *out, const struct cenv_lock_options *o, struct cenv_err *err)
{
	struct cenv_requirements pins = {0};
	int ret = cenv_requirements_read_text(&pins, o->existing_label, o->existing, err);

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

/* A relative path counts from the working directory, in a file from the file on. */
static char *seen_from(const char *dir, const char *location)
{
	struct cenv_err ignored = CENV_ERR_INIT;
	char *from = NULL, *to = NULL, *way = NULL;

	if (cenv_location_is_url(location))
		return cenv_url_redact(location);
	if (*location == '/')
		return cenv_xstrdup(location);
	from = cenv_fs_realpath(dir, &ignored);
	to = cenv_fs_realpath(location, &ignored);
	if (from && to)
		way = cenv_relpath_between(from + 1, to + 1);
	cenv_err_release(&ignored);
	free(from);
	free(to);
	return way ? way : cenv_xstrdup(location);
}

static void pin_item(struct cenv_pin *pin, const struct cenv_build_plan_item *item, char *place)
{
	const struct cenv_given *given = item->source->given;

	*pin = (struct cenv_pin){
		.name = given ? given->recipe->name
			: item->source->recipe ? item->source->recipe->name : item->pkg->key,
		.version = item->pkg->candidate->version,
		.url = place,
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

static void add_places(struct cenv_strv *out, const char *option, const struct cenv_strv *places,
		       const char *dir)
{
	for (size_t i = 0; i < places->n; i++) {
		struct cenv_buf line = CENV_BUF_INIT;
		char *place = seen_from(dir, places->v[i]);

		cenv_buf_addf(&line, "%s ", option);
		cenv_optline_quote(&line, place);
		cenv_strv_take(out, cenv_buf_detach(&line));
		free(place);
	}
}

static void gather_places(struct cenv_strv *out, const struct cenv_lock_options *o)
{
	if (o->places.no_default_index)
		cenv_strv_add(out, "--no-default-index");
	if (o->places.require_hashes)
		cenv_strv_add(out, "--require-hashes");
	add_places(out, "--index", &o->places.indexes, o->dir);
	add_places(out, "--find-links", &o->places.find_links, o->dir);
	add_places(out, "--mirror", &o->places.mirrors, o->dir);
}

/* lock fetches nothing: what is neither here nor pinned by the user stays without a hash. */
static void tell_unhashed(const struct cenv_work *work, const char *name)
{
	char *text = cenv_strf("'%s' has no hash, because lock downloads nothing: add the --hash "
			       "that 'cenv hash' prints for its archive", name);

	cenv_emit(work->options->events, &(struct cenv_event){.kind = CENV_EV_WARNING, .text = text});
	free(text);
}

static int check_hashes(const struct cenv_work *work, const struct cenv_pin *pins, size_t n,
			struct cenv_err *err)
{
	struct cenv_strv missing = {0};
	int ret = 0;

	for (size_t i = 0; i < n; i++) {
		if (pins[i].hashes.n || pins[i].tree_hashes.n)
			continue;
		if (work->options->wanted->require_hashes)
			cenv_strv_add(&missing, pins[i].name);
		else if (!pins[i].editable)
			tell_unhashed(work, pins[i].name);
	}
	if (missing.n)
		ret = cenv_refuse_unhashed(&missing, err);
	cenv_strv_release(&missing);
	return ret;
}

/* The archives of find-links folders are here, and no recipe has their hashes. */
static int hash_archives(struct cenv_work *work, struct cenv_err *err)
{
	for (size_t i = 0; i < work->plan.n; i++) {
		struct cenv_build_plan_item *item = &work->plan.items[i];
		char hash[CENV_SHA256_HEX];

		if (!item->source->archive || item->hashes.n || cenv_location_is_url(item->source->archive))
			continue;
		if (cenv_sha256_file(AT_FDCWD, item->source->archive, hash, err) < 0)
			return -1;
		free(item->source_sha256);
		item->source_sha256 = cenv_xstrdup(hash);
	}
	return 0;
}

static int format_plan(struct cenv_buf *out, const struct cenv_work *work,
		       const struct cenv_lock_options *o, struct cenv_err *err)
{
	struct cenv_pin *pins = cenv_xcalloc(work->plan.n, sizeof(*pins));
	char **places = cenv_xcalloc(work->plan.n, sizeof(*places));
	struct cenv_strv options = {0};
	struct cenv_lock_header header = {work->toolchain.target, work->toolchain.compiler, &options};
	int ret;

	for (size_t i = 0; i < work->plan.n; i++) {
		const struct cenv_given *given = work->plan.items[i].source->given;

		places[i] = given ? seen_from(o->dir, given->req->location) : NULL;
		pin_item(&pins[i], &work->plan.items[i], places[i]);
	}
	gather_places(&options, o);
	ret = check_hashes(work, pins, work->plan.n, err);
	if (ret == 0)
		cenv_lock_format(out, &header, pins, work->plan.n, o->flags);
	for (size_t i = 0; i < work->plan.n; i++) {
		cenv_pin_release(&pins[i]);
		free(places[i]);
	}
	cenv_strv_release(&options);
	free(places);
	free(pins);
	return ret;
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
		ret = hash_archives(&work, err);
	if (ret == 0)
		ret = format_plan(out, &work, options, err);
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
	if (!req->location && !cenv_specifier_pinned(&req->spec))
		return "is not pinned with ==";
	if (!req->hashes.n && !req->tree_hashes.n && !req->editable)
		return "has no hash";
	return NULL;
}

/* requirements.txt for requirements.in, and the other way round. */
static char *with_end(const char *file, const char *end)
{
	size_t len = strlen(file);

	if (cenv_str_ends(file, ".txt"))
		len -= strlen(".txt");
	else if (cenv_str_ends(file, ".in"))
		len -= strlen(".in");
	return cenv_strf("%.*s%s", (int)len, file, end);
}

/* " -r requirements.in -o requirements.txt" */
static void add_lock_files(struct cenv_buf *line, const char *file)
{
	char *in = cenv_str_ends(file, ".txt") ? with_end(file, ".in") : cenv_xstrdup(file);
	char *out = with_end(file, ".txt");

	cenv_buf_adds(line, " -r ");
	cenv_shell_quote(line, in);
	cenv_buf_adds(line, " -o ");
	cenv_shell_quote(line, out);
	free(in);
	free(out);
}

/* The command that writes the pins for the file in which something is missing, and for what the
 * command line asks for. */
static void hint_lock(const char *file, const struct cenv_strv *arguments, struct cenv_err *err)
{
	struct cenv_buf line = CENV_BUF_INIT;

	if (file || !arguments->n)
		add_lock_files(&line, file && strcmp(file, "-") != 0 ? file : "requirements.txt");
	else
		cenv_buf_adds(&line, " -o requirements.txt");
	for (size_t i = 0; i < arguments->n; i++) {
		cenv_buf_addc(&line, ' ');
		cenv_shell_quote(&line, arguments->v[i]);
	}
	cenv_err_hint(err, "run 'cenv lock%s' to write the pins%s", line.buf,
		      arguments->n ? ", and install with that file alone" : "");
	cenv_buf_release(&line);
}

static void add_fault(struct cenv_strv *lines, const struct cenv_requirement *req, const char *fault)
{
	char *origin = cenv_origin_text(&req->origin);

	cenv_strv_addf(lines, "  %s: '%s' %s", origin, req->text, fault);
	free(origin);
}

int cenv_check_locked(const struct cenv_requirement *const *reqs, size_t n,
		      const struct cenv_strv *unnamed, struct cenv_err *err)
{
	struct cenv_strv lines = {0}, arguments = {0};
	const char *file = NULL, *faulty = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *fault = fault_of(reqs[i]), *from = reqs[i]->origin.file;

		file = file ? file : from;
		if (!fault)
			continue;
		faulty = faulty ? faulty : from;
		if (!from)
			cenv_strv_add(&arguments, reqs[i]->text);
		add_fault(&lines, reqs[i], fault);
	}
	for (size_t i = 0; unnamed && i < unnamed->n; i++)
		cenv_strv_addf(&lines, "  '%s' is needed, but not pinned", unnamed->v[i]);
	if (!lines.n)
		return 0; /* without lines there are no arguments */
	cenv_err_set(err, CENV_E_NO, "--locked: %u line%s missing or stale", lines.n,
		     lines.n == 1 ? " is" : "s are");
	for (size_t i = 0; i < lines.n; i++)
		cenv_err_detail(err, "%s", lines.v[i]);
	hint_lock(faulty ? faulty : file, &arguments, err);
	cenv_strv_release(&lines);
	cenv_strv_release(&arguments);
	return -1;
}
