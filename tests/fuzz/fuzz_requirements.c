/* SPDX-License-Identifier: MIT */
/* A requirements file, which the first -r in it read again: what is taken parses back as the same. */
#include "core/base/buf.h"
#include "core/requirements_file.h"
#include "tests/fuzz/fuzz.h"

struct input {
	const uint8_t *data;
	size_t size;
	unsigned nreads;
};

static int read_input(void *payload, const char *path, struct cenv_buf *out, struct cenv_err *err)
{
	struct input *in = payload;

	if (strchr(path, '!'))
		return cenv_err_set(err, CENV_E_IO, "cannot read '%s'", path);
	if (in->nreads++ < 3)
		cenv_buf_add(out, in->data, in->size);
	return 0;
}

static const char *get_variable(void *payload, const char *name)
{
	(void)payload;
	return !strcmp(name, "A") ? "zlib" : !strcmp(name, "B") ? " --hash=' #x" : NULL;
}

static void check_same(const struct cenv_requirement *a, const struct cenv_requirement *b)
{
	FUZZ_CHECK(a->kind == b->kind && a->editable == b->editable);
	FUZZ_CHECK(!a->name == !b->name && (!a->name || !strcmp(a->key, b->key)));
	FUZZ_CHECK(a->features_on.n == b->features_on.n && a->features_off.n == b->features_off.n);
	FUZZ_CHECK(a->hashes.n == b->hashes.n && a->options.n == b->options.n);
	for (size_t i = 0; i < a->options.n; i++)
		FUZZ_CHECK(!strcmp(a->options.v[i], b->options.v[i]));
	if (a->kind == CENV_REQ_PATH)
		FUZZ_CHECK(!strcmp(a->location, b->location) ||
			   (!strncmp(b->location, "./", 2) && !strcmp(a->location, b->location + 2)));
}

static void check_requirement(const struct cenv_requirement *req)
{
	struct cenv_requirement again, copy;
	struct cenv_buf once = CENV_BUF_INIT, twice = CENV_BUF_INIT;
	struct cenv_err err = CENV_ERR_INIT;

	cenv_requirement_format(req, &once);
	if (cenv_requirement_parse(&again, once.buf, NULL, NULL, &err) < 0) {
		/* quoting can make a text longer than what is accepted */
		FUZZ_CHECK(once.len > CENV_REQUIREMENT_MAX);
		cenv_err_release(&err);
	} else {
		check_same(req, &again);
		cenv_requirement_copy(&copy, &again);
		cenv_requirement_format(&copy, &twice);
		FUZZ_CHECK(!strcmp(once.buf, twice.buf));
		cenv_requirement_release(&copy);
		cenv_requirement_release(&again);
	}
	cenv_buf_release(&once);
	cenv_buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size, 0};
	struct cenv_reqfile_io io = {read_input, get_variable, &in};
	struct cenv_requirements reqs = {0};
	struct cenv_err err = CENV_ERR_INIT;

	if (cenv_requirements_read(&reqs, "d/r.txt", false, &io, &err) < 0)
		FUZZ_CHECK(err.msg && err.code != CENV_OK);
	for (size_t i = 0; i < reqs.n; i++)
		check_requirement(&reqs.reqs[i]);
	for (size_t i = 0; i < reqs.nconstraints; i++)
		check_requirement(&reqs.constraints[i]);
	cenv_requirements_release(&reqs);
	cenv_err_release(&err);
	return 0;
}
