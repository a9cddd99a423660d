/* SPDX-License-Identifier: MIT */
#include "core/lock.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/location.h"
#include "core/optline.h"
#include "core/secret.h"

/* The parts of a header, as written and read. */
#define HEADER_START "# cenv lock "
#define HEADER_TARGET ", target "
#define HEADER_COMPILER ", compiler "

static void add_escaped(struct cenv_buf *out, const char *s)
{
	cenv_escape(out, s, strlen(s), false);
}

/* The strings of a list in byte order, each once; the list itself stays as it is. */
static struct cenv_strv sorted(const struct cenv_strv *list)
{
	struct cenv_strv copy = {0};

	cenv_strv_add_all(&copy, list);
	cenv_strv_sort_unique(&copy);
	return copy;
}

static void format_list(struct cenv_buf *out, const struct cenv_strv *list, const char *before)
{
	struct cenv_strv copy = sorted(list);

	for (size_t i = 0; i < copy.n; i++) {
		cenv_buf_adds(out, before);
		cenv_buf_adds(out, copy.v[i]);
	}
	cenv_strv_release(&copy);
}

static void format_features(struct cenv_buf *out, const struct cenv_pin *pin)
{
	size_t mark = out->len;

	format_list(out, &pin->features_on, ",");
	format_list(out, &pin->features_off, ",-");
	if (out->len > mark) {
		out->buf[mark] = '['; /* over the first comma */
		cenv_buf_addc(out, ']');
	}
}

static void format_url(struct cenv_buf *out, const char *url)
{
	char *plain = cenv_url_redact(url);

	cenv_location_quote(out, plain);
	free(plain);
}

/* An editable has no "name @" in front: -e takes a folder. */
static void format_subject(struct cenv_buf *out, const struct cenv_pin *pin, unsigned flags)
{
	bool features = flags & CENV_LOCK_FEATURES;

	if (pin->editable) {
		cenv_buf_adds(out, "-e ");
		format_url(out, pin->url);
	} else {
		cenv_buf_adds(out, pin->name);
	}
	if (features)
		format_features(out, pin);
	if (pin->editable)
		return;
	if (pin->url) {
		cenv_buf_adds(out, " @ ");
		format_url(out, pin->url);
	} else {
		cenv_buf_adds(out, "==");
		cenv_buf_adds(out, pin->version);
	}
}

void cenv_lock_format_pin(struct cenv_buf *out, const struct cenv_pin *pin, unsigned flags)
{
	format_subject(out, pin, flags);
	if ((flags & CENV_LOCK_HASHES) && !pin->editable) {
		format_list(out, &pin->hashes, " --hash=sha256:");
		format_list(out, &pin->tree_hashes, " --tree-hash=sha256:");
	}
	for (size_t i = 0; (flags & CENV_LOCK_OPTIONS) && i < pin->options.n; i++) {
		cenv_buf_adds(out, " --config-settings=options=");
		cenv_optline_quote(out, pin->options.v[i]);
	}
}

static void format_via(struct cenv_buf *out, const struct cenv_pin *pin)
{
	struct cenv_strv via = sorted(&pin->via);

	for (size_t i = 0; i < via.n; i++) {
		cenv_buf_adds(out, i ? ", " : "    # via ");
		add_escaped(out, via.v[i]);
	}
	if (via.n)
		cenv_buf_addc(out, '\n');
	cenv_strv_release(&via);
}

static void format_header(struct cenv_buf *out, const struct cenv_lock_header *header)
{
	cenv_buf_addf(out, HEADER_START "%d" HEADER_TARGET, CENV_LOCK_FORMAT);
	add_escaped(out, header->target);
	cenv_buf_adds(out, HEADER_COMPILER);
	add_escaped(out, header->compiler);
	cenv_buf_addc(out, '\n');
	for (size_t i = 0; header->options && i < header->options->n; i++)
		cenv_buf_addf(out, "%s\n", header->options->v[i]);
}

/* A pin with what it sorts by. */
struct entry {
	char *key, *line;
	const struct cenv_pin *pin;
};

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int diff = strcmp(x->key, y->key);

	return diff ? diff : strcmp(x->line, y->line);
}

void cenv_lock_format(struct cenv_buf *out, const struct cenv_lock_header *header,
		      const struct cenv_pin *pins, size_t n, unsigned flags)
{
	struct entry *entries = cenv_xcalloc(n, sizeof(*entries));

	for (size_t i = 0; i < n; i++) {
		struct cenv_buf line = CENV_BUF_INIT;

		cenv_lock_format_pin(&line, &pins[i], flags);
		entries[i].key = cenv_name_normalize(pins[i].name);
		entries[i].line = cenv_buf_detach(&line);
		entries[i].pin = &pins[i];
	}
	qsort(entries, n, sizeof(*entries), compare_entries);
	if (header)
		format_header(out, header);
	for (size_t i = 0; i < n; i++) {
		cenv_buf_adds(out, entries[i].line);
		cenv_buf_addc(out, '\n');
		if (flags & CENV_LOCK_VIA)
			format_via(out, entries[i].pin);
		free(entries[i].key);
		free(entries[i].line);
	}
	free(entries);
}

unsigned cenv_lock_header_read(const char *text, size_t len, char **target, char **compiler)
{
	const char *end = memchr(text, '\n', len);
	char *line = cenv_xstrndup(text, end ? (size_t)(end - text) : len), *number, *t, *c;
	unsigned format = 0;

	*target = *compiler = NULL;
	number = cenv_str_starts(line, HEADER_START) ? line + strlen(HEADER_START) : NULL;
	t = number ? strstr(number, HEADER_TARGET) : NULL;
	c = t ? strstr(t, HEADER_COMPILER) : NULL;
	if (c && strspn(number, "0123456789") == (size_t)(t - number) && t > number &&
	    t - number < 6) {
		format = (unsigned)strtoul(number, NULL, 10);
		t += strlen(HEADER_TARGET);
		*target = cenv_xstrndup(t, (size_t)(c - t));
		*compiler = cenv_xstrdup(c + strlen(HEADER_COMPILER));
		(*compiler)[strcspn(*compiler, "\r")] = '\0';
	}
	free(line);
	return format;
}
