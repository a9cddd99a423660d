/* SPDX-License-Identifier: MIT */
#include "core/recipe_parser.h"

#include <string.h>

#include "core/recipe_plain.h"
#include "core/requirement_plain.h"
#include "core/version.h"

/*
 * Plain versions (recipe_plain.h) are looked over when the recipe is parsed, and read when somebody
 * asks. What they hold is the recipe's: its text, its arena, its [build].
 */

static void keep_url(struct cenv_recipe *r, struct cenv_strv *urls, char *url)
{
	if (urls->n + 1 >= urls->cap) {
		size_t cap = urls->cap ? urls->cap * 2 : 2;
		char **v = cenv_arena_alloc(&r->arena, cap * sizeof(*v));

		if (urls->n)
			memcpy(v, urls->v, urls->n * sizeof(*v));
		urls->v = v;
		urls->cap = cap;
	}
	urls->v[urls->n++] = url;
	urls->v[urls->n] = NULL;
}

static void keep_requirement(struct cenv_recipe *r, struct cenv_recipe_version *out,
			     const char *text, size_t len, unsigned line)
{
	struct cenv_requirement *req = &out->requires[out->nrequires++];

	cenv_requirement_plain(req, text, len, &r->arena);
	req->origin = (struct cenv_origin){.file = r->path, .line = line};
}

/* The value is in the recipe's own text: an end there makes a string of it. */
static void keep_line(struct cenv_recipe *r, struct cenv_recipe_version *out,
		      const struct cenv_plain_line *line, unsigned number)
{
	char *value = r->text + (line->value - r->text);

	if (line->key != CENV_PLAIN_NONE)
		value[line->len] = '\0';
	switch (line->key) {
	case CENV_PLAIN_URL:
		keep_url(r, &out->urls, value);
		break;
	case CENV_PLAIN_SHA256:
		out->sha256 = value;
		break;
	case CENV_PLAIN_TREE_HASH:
		out->tree_hash = value;
		break;
	case CENV_PLAIN_REQUIRES:
		keep_requirement(r, out, value, line->len, number);
		break;
	case CENV_PLAIN_DATE: /* known since the outline */
	case CENV_PLAIN_NONE:
	case CENV_PLAIN_OTHER:
		break;
	}
}

void cenv_recipe_read_version(const struct cenv_recipe *recipe,
			      const struct cenv_recipe_version *version)
{
	/* to callers a recipe does not change: what was always in it is only read now */
	struct cenv_recipe *r = (struct cenv_recipe *)recipe;
	struct cenv_recipe_version *out = &r->versions[version - r->versions];
	struct cenv_plain_reader reader = {.at = out->unread};
	struct cenv_plain_line line;

	if (!out->unread)
		return;
	reader.end = out->unread + out->unread_len;
	out->unread = NULL;
	out->build = &r->base;
	out->features = r->features;
	if (out->unread_requires)
		out->requires =
			cenv_arena_alloc(&r->arena, out->unread_requires * sizeof(*out->requires));
	while (cenv_plain_next(&reader, &line))
		keep_line(r, out, &line, version->line + reader.line);
	if (!(reader.seen & 1u << CENV_PLAIN_REQUIRES)) {
		out->requires = r->requires;
		out->nrequires = r->nrequires;
	}
}

void cenv_recipe_read_all(const struct cenv_recipe *recipe)
{
	for (size_t i = 0; i < recipe->nversions; i++)
		cenv_recipe_read_version(recipe, &recipe->versions[i]);
}

static bool is_version(const char *s, size_t len)
{
	return strlen(s) == len && cenv_version_valid(s);
}

bool cenv_recipe_take_plain(struct cenv_ini_raw *section, void *payload)
{
	static const char word[] = "version ";
	const size_t n = sizeof(word) - 1;
	struct cenv_recipe_parser *p = payload;
	struct cenv_recipe_version *out;
	struct cenv_plain_body body;
	char *version = p->recipe->text + (section->name - p->recipe->text) + n;

	if (section->name_len <= n || memcmp(section->name, word, n) != 0 ||
	    p->recipe->nversions == CENV_RECIPE_VERSIONS_MAX)
		return false;
	version[section->name_len - n] = '\0'; /* in the place of its ']' */
	if (!is_version(version, section->name_len - n) ||
	    !cenv_plain_body(&body, section->body, section->len, p->key)) {
		version[section->name_len - n] = ']'; /* as it was, for the parser */
		return false;
	}
	out = cenv_recipe_add_version(p, version, section->line);
	out->is_plain = true;
	out->unread = p->recipe->text + (section->body - p->recipe->text);
	out->unread_len = body.len;
	out->unread_requires = body.requires;
	if (body.date) {
		out->date = cenv_arena_alloc(&p->recipe->arena, body.date_len + 1);
		memcpy(out->date, body.date, body.date_len);
	}
	section->len = body.len;
	section->lines = body.lines;
	return true;
}
