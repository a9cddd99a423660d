/* SPDX-License-Identifier: MIT */
#include "core/requirements_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/diag.h"
#include "core/location.h"
#include "core/optline.h"
#include "core/reqlines.h"

/* What bounds memory and time whatever the files say. */
enum {
	MAX_DEPTH = 64,
	MAX_FILES = 4096,
	MAX_TOTAL = 4 * CENV_REQFILE_MAX,
	MAX_REQUIREMENTS = 200000,
	MAX_LOCATIONS = 256,
	MAX_FAULTS = 10000,
};

/* A file being read, and the one that includes it. */
struct frame {
	const struct frame *parent;
	const char *path;
	char *normal; /* for telling cycles */
	char *base;
	bool as_constraints;
	unsigned depth;
	struct cenv_reqlines lines;
};

struct reader {
	const struct cenv_reqfile_io *io;
	struct cenv_requirements *out;
	struct cenv_diag diag;
	struct cenv_map seen; /* files already read: "r:" or "c:" and the path */
	size_t nfiles, total;
	size_t nsyntax;            /* faults that are not failures to read a file */
	bool in_other_file;        /* a fault stands in an included file */
	bool gave_up;              /* too much of anything: the rest is not read */
	enum cenv_code read_code;  /* of the first failure to read an included file */
};

static void add_fault(struct reader *r, const struct frame *f, struct cenv_reqline_place place,
		      const char *message)
{
	cenv_diag_add(&r->diag, f->path, place.line, place.start, place.len, place.at, message);
	r->nsyntax++;
	if (r->diag.n >= MAX_FAULTS)
		r->gave_up = true;
	if (f->parent)
		r->in_other_file = true;
}

/* A fault at offset `at` of the current logical line. */
static void add_line_fault(struct reader *r, const struct frame *f, size_t at, const char *message)
{
	add_fault(r, f, cenv_reqlines_place(&f->lines, at), message);
}

static int read_file(struct reader *r, const char *path, bool as_constraints,
		     const struct frame *parent, struct cenv_err *err);

static bool leads_back(const struct frame *f, const char *normal, struct cenv_buf *chain)
{
	for (; f; f = f->parent) {
		cenv_buf_addf(chain, " <- %s", f->path);
		if (!strcmp(f->normal, normal))
			return true;
	}
	return false;
}

/* Does reading the file again from here make a circle? Says so if it does. */
static bool is_cycle(const struct frame *f, const char *path, struct cenv_err *err)
{
	struct cenv_buf chain = CENV_BUF_INIT;
	char *normal = cenv_location_normal(path);
	bool cycle = leads_back(f, normal, &chain);

	if (cycle)
		cenv_err_set(err, CENV_E_SYNTAX, "'%s' includes itself: %s%s", path, path, chain.buf);
	else if (f->depth >= MAX_DEPTH)
		cenv_err_set(err, CENV_E_SYNTAX, "files include each other deeper than %d",
			     MAX_DEPTH);
	free(normal);
	cenv_buf_release(&chain);
	return err->code != CENV_OK;
}

/* Each file counts once for each of its two roles, however often it is named. */
static bool is_seen(struct reader *r, const char *path, bool as_constraints)
{
	char *key = cenv_strf("%c:%s", as_constraints ? 'c' : 'r', path);
	bool seen = cenv_map_has(&r->seen, key);

	if (!seen)
		cenv_map_put(&r->seen, key, NULL);
	free(key);
	return seen;
}

static void include(struct reader *r, const struct frame *f, const char *ref, bool as_constraints,
		    size_t at)
{
	struct cenv_err err = CENV_ERR_INIT;
	char *path = cenv_location_join(f->base, ref);

	if (is_cycle(f, path, &err)) {
		add_line_fault(r, f, at, err.msg);
	} else if (!is_seen(r, path, as_constraints) &&
		   read_file(r, path, as_constraints, f, &err) < 0) {
		if (!r->read_code)
			r->read_code = err.code;
		add_line_fault(r, f, at, err.msg);
		/* a circle of symlinks, or a path without end, is the file's own fault */
		if (err.sys != ELOOP && err.sys != ENAMETOOLONG)
			r->nsyntax--;
	}
	cenv_err_release(&err);
	free(path);
}

enum option { OPT_REQUIREMENT, OPT_CONSTRAINT, OPT_INDEX, OPT_NO_INDEX, OPT_FIND_LINKS, OPT_MIRROR,
	      OPT_REQUIRE_HASHES, OPT_PRE, OPT_EDITABLE, OPT_HASH, OPT_UNKNOWN };

static const struct {
	const char *name;
	enum option option;
} option_names[] = {
	{"-r", OPT_REQUIREMENT},
	{"--requirement", OPT_REQUIREMENT},
	{"-c", OPT_CONSTRAINT},
	{"--constraint", OPT_CONSTRAINT},
	{"--index", OPT_INDEX},
	{"-i", OPT_INDEX},
	{"--index-url", OPT_INDEX},
	{"--extra-index-url", OPT_INDEX},
	{"--no-default-index", OPT_NO_INDEX},
	{"--no-index", OPT_NO_INDEX},
	{"-f", OPT_FIND_LINKS},
	{"--find-links", OPT_FIND_LINKS},
	{"--mirror", OPT_MIRROR},
	{"--require-hashes", OPT_REQUIRE_HASHES},
	{"--pre", OPT_PRE},
	{"-e", OPT_EDITABLE},
	{"--editable", OPT_EDITABLE},
	{"--hash", OPT_HASH},
	{"--tree-hash", OPT_HASH},
	{"--config-settings", OPT_HASH},
};

static enum option find_option(const char *name)
{
	for (size_t i = 0; i < sizeof(option_names) / sizeof(*option_names); i++)
		if (!strcmp(option_names[i].name, name))
			return option_names[i].option;
	return OPT_UNKNOWN;
}

static int add_location(const struct frame *f, struct cenv_strv *list, const char *value,
			struct cenv_err *err)
{
	char *location = cenv_location_join(f->base, value);
	int ret = 0;

	if (cenv_strv_has(list, location))
		free(location);
	else if (list->n < MAX_LOCATIONS)
		cenv_strv_take(list, location);
	else
		ret = cenv_err_set(err, CENV_E_SYNTAX, "more than %d locations of one kind",
				   MAX_LOCATIONS);
	if (ret)
		free(location);
	return ret;
}

static int unknown_option(const char *name, struct cenv_err *err)
{
	const char *known[sizeof(option_names) / sizeof(*option_names)], *near[1];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(option_names) / sizeof(*option_names); i++)
		if (option_names[i].name[1] == '-')
			known[n++] = option_names[i].name;
	if (strlen(name) > 3 && cenv_suggest(name, known, n, near, 1))
		return cenv_err_set(err, CENV_E_SYNTAX, "unknown option '%s': did you mean '%s'?",
				    name, near[0]);
	return cenv_err_set(err, CENV_E_SYNTAX, "unknown option '%s'", name);
}

static int wrong_place(const char *name, enum option option, struct cenv_err *err)
{
	if (option == OPT_HASH)
		return cenv_err_set(err, CENV_E_SYNTAX,
				    "option '%s' means nothing here: it stands behind a "
				    "requirement", name);
	if (option == OPT_EDITABLE)
		return cenv_err_set(err, CENV_E_SYNTAX,
				    "option '%s' comes first on a line of its own", name);
	if (*name == '-')
		return unknown_option(name, err);
	return cenv_err_set(err, CENV_E_SYNTAX, "unexpected '%s' behind an option", name);
}

/* An option without a value. */
static int apply_switch(struct reader *r, struct cenv_optline *line, enum option option,
			struct cenv_err *err)
{
	if (cenv_optline_no_value(line, err) < 0)
		return -1;
	if (option == OPT_NO_INDEX)
		r->out->no_default_index = true;
	else if (option == OPT_REQUIRE_HASHES)
		r->out->require_hashes = true;
	else
		r->out->pre = true;
	return 0;
}

static int apply_option(struct reader *r, const struct frame *f, struct cenv_optline *line,
			struct cenv_err *err)
{
	enum option option = find_option(line->name.buf);

	if (option == OPT_NO_INDEX || option == OPT_REQUIRE_HASHES || option == OPT_PRE)
		return apply_switch(r, line, option, err);
	if (option >= OPT_EDITABLE) {
		line->pos = line->at;
		return wrong_place(line->name.buf, option, err);
	}
	if (cenv_optline_value(line, err) < 0)
		return -1;
	if (cenv_location_check_scheme(line->value.buf, err) < 0) {
		line->pos = line->at;
		return -1;
	}
	if (option == OPT_INDEX)
		return add_location(f, &r->out->indexes, line->value.buf, err);
	if (option == OPT_FIND_LINKS)
		return add_location(f, &r->out->find_links, line->value.buf, err);
	if (option == OPT_MIRROR)
		return add_location(f, &r->out->mirrors, line->value.buf, err);
	include(r, f, line->value.buf, f->as_constraints || option == OPT_CONSTRAINT, line->at);
	return 0;
}

static void read_options(struct reader *r, const struct frame *f)
{
	struct cenv_optline line;
	struct cenv_err err = CENV_ERR_INIT;
	int got;

	cenv_optline_init(&line, f->lines.text.buf, 0);
	while ((got = cenv_optline_next(&line, &err)) > 0)
		if ((got = apply_option(r, f, &line, &err)) < 0)
			break;
	if (got < 0)
		add_line_fault(r, f, line.pos, err.msg);
	cenv_err_release(&err);
	cenv_optline_release(&line);
}

static const char *refuse_constraint(const struct cenv_requirement *req)
{
	if (req->editable)
		return "a constraint cannot be editable";
	if (!req->name)
		return "a constraint needs a name: write 'NAME @ LOCATION'";
	return NULL;
}

static void keep_requirement(struct reader *r, bool as_constraint, struct cenv_requirement *req)
{
	struct cenv_requirements *out = r->out;

	if (as_constraint) {
		CENV_GROW(out->constraints, out->nconstraints, out->constraints_cap);
		out->constraints[out->nconstraints++] = *req;
	} else {
		CENV_GROW(out->reqs, out->n, out->cap);
		out->reqs[out->n++] = *req;
	}
}

static void read_requirement(struct reader *r, const struct frame *f)
{
	struct cenv_reqline_place place;
	struct cenv_requirement req;
	struct cenv_err err = CENV_ERR_INIT;
	size_t at = 0, start = strspn(f->lines.text.buf, " \t");
	const char *refusal = NULL;

	if (cenv_requirement_parse(&req, f->lines.text.buf, f->base, &at, &err) < 0) {
		add_line_fault(r, f, at, err.msg);
		cenv_err_release(&err);
		return;
	}
	if (f->as_constraints)
		refusal = refuse_constraint(&req);
	if (r->out->n + r->out->nconstraints >= MAX_REQUIREMENTS) {
		refusal = "more than 200000 requirements";
		r->gave_up = true;
	}
	if (refusal) {
		add_line_fault(r, f, start, refusal);
		cenv_requirement_release(&req);
		return;
	}
	place = cenv_reqlines_place(&f->lines, start);
	req.origin.file = cenv_xstrdup(f->path);
	req.origin.line = place.line;
	req.origin.column = cenv_diag_column(place.start, place.at);
	keep_requirement(r, f->as_constraints, &req);
}

/* -e is part of a requirement; all other options are lines of their own. */
static bool is_option_line(const char *text)
{
	text += strspn(text, " \t");
	return *text == '-' && strncmp(text, "-e", 2) && strncmp(text, "--editable", 10);
}

static void read_lines(struct reader *r, struct frame *f)
{
	while (!r->gave_up && cenv_reqlines_next(&f->lines)) {
		if (f->lines.fault)
			add_fault(r, f, cenv_reqlines_file_place(&f->lines, f->lines.fault_offset),
				  f->lines.fault);
		else if (is_option_line(f->lines.text.buf))
			read_options(r, f);
		else
			read_requirement(r, f);
	}
}

static bool is_utf16(const struct cenv_buf *text)
{
	return text->len >= 2 &&
	       (!memcmp(text->buf, "\xff\xfe", 2) || !memcmp(text->buf, "\xfe\xff", 2));
}

static int refuse_size(const char *path, struct cenv_err *err)
{
	return cenv_err_set(err, CENV_E_SYNTAX, "'%s' is larger than %d MiB", path,
			    CENV_REQFILE_MAX >> 20);
}

/* What the reader gave, within the bounds? */
static int check_file(struct reader *r, const char *path, const struct cenv_buf *text,
		      struct cenv_err *err)
{
	r->total += text->len;
	if (text->len > CENV_REQFILE_MAX)
		return refuse_size(path, err);
	if (r->total > MAX_TOTAL)
		return cenv_err_set(err, CENV_E_SYNTAX, "the files together are larger than %d MiB",
				    MAX_TOTAL >> 20);
	if (++r->nfiles > MAX_FILES)
		return cenv_err_set(err, CENV_E_SYNTAX, "more than %d files are included", MAX_FILES);
	if (is_utf16(text)) {
		cenv_err_set(err, CENV_E_SYNTAX, "'%s' is UTF-16: save it as UTF-8", path);
		return -1;
	}
	return 0;
}

/* @return -1 when the file itself cannot be taken; faults of its lines go to r->diag */
static int read_file(struct reader *r, const char *path, bool as_constraints,
		     const struct frame *parent, struct cenv_err *err)
{
	struct frame f = {
		.parent = parent,
		.path = path,
		.as_constraints = as_constraints,
		.depth = parent ? parent->depth + 1 : 0,
	};
	struct cenv_buf text = CENV_BUF_INIT;
	int ret = -1;

	if (r->io->read(r->io->payload, path, &text, err) < 0) {
		if (err->sys == EFBIG) /* a reader with a bound of its own */
			refuse_size(path, err);
		goto out;
	}
	if (check_file(r, path, &text, err) < 0)
		goto out;
	f.normal = cenv_location_normal(path);
	f.base = cenv_location_dir(path);
	cenv_reqlines_init(&f.lines, text.buf, text.len);
	f.lines.getenv = r->io->getenv;
	f.lines.payload = r->io->payload;
	read_lines(r, &f);
	cenv_reqlines_release(&f.lines);
	ret = 0;
out:
	free(f.normal);
	free(f.base);
	cenv_buf_release(&text);
	return ret;
}

static int report(struct reader *r, const char *path, struct cenv_err *err)
{
	enum cenv_code code = r->nsyntax || r->gave_up ? CENV_E_SYNTAX : r->read_code;

	cenv_err_set(err, code, "'%s' %s %s%zu error%s", path,
		     r->in_other_file ? "and what it includes have" : "has",
		     r->gave_up ? "at least " : "", r->diag.n, cenv_plural(r->diag.n));
	cenv_diag_report(&r->diag, err);
	return -1;
}

int cenv_requirements_read(struct cenv_requirements *out, const char *path, bool as_constraints,
			   const struct cenv_reqfile_io *io, struct cenv_err *err)
{
	struct reader r = {.io = io, .out = out, .diag = CENV_DIAG_INIT};
	int ret = read_file(&r, path, as_constraints, NULL, err);

	if (ret == 0 && r.diag.n)
		ret = report(&r, path, err);
	cenv_diag_release(&r.diag);
	cenv_map_release(&r.seen, NULL);
	return ret;
}

struct text_at_hand {
	const char *text;
};

static int give_text(void *payload, const char *path, struct cenv_buf *out, struct cenv_err *err)
{
	const struct text_at_hand *at_hand = payload;

	(void)path;
	(void)err;
	cenv_buf_adds(out, at_hand->text);
	return 0;
}

static const char *no_variable(void *payload, const char *name)
{
	(void)payload;
	(void)name;
	return NULL;
}

int cenv_requirements_read_text(struct cenv_requirements *out, const char *label, const char *text,
				struct cenv_err *err)
{
	struct text_at_hand at_hand = {text};
	struct cenv_reqfile_io io = {give_text, no_variable, &at_hand};

	return cenv_requirements_read(out, label, false, &io, err);
}

static void release_all(struct cenv_requirement *reqs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		cenv_requirement_release(&reqs[i]);
	free(reqs);
}

void cenv_requirements_release(struct cenv_requirements *reqs)
{
	release_all(reqs->reqs, reqs->n);
	release_all(reqs->constraints, reqs->nconstraints);
	cenv_strv_release(&reqs->indexes);
	cenv_strv_release(&reqs->find_links);
	cenv_strv_release(&reqs->mirrors);
	*reqs = (struct cenv_requirements){0};
}
