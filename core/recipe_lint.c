/* SPDX-License-Identifier: MIT */
#include "core/recipe_lint.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/version.h"

static void CENV_PRINTF(4, 5)
	find(struct cenv_lint *out, const struct cenv_recipe *recipe, unsigned line, const char *fmt,
	     ...)
{
	struct cenv_buf buf = CENV_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	cenv_buf_vaddf(&buf, fmt, ap);
	va_end(ap);
	CENV_GROW(out->v, out->n, out->cap);
	out->v[out->n++] = (struct cenv_lint_finding){
		.path = recipe->path, .line = line, .text = cenv_buf_detach(&buf)};
}

void cenv_lint_release(struct cenv_lint *lint)
{
	for (size_t i = 0; i < lint->n; i++)
		free(lint->v[i].text);
	free(lint->v);
	*lint = (struct cenv_lint){0};
}

/* ---- licences ---- */

/* SPDX identifiers that C libraries carry, sorted for bsearch; without "+", which may follow. */
static const char *const spdx_ids[] = {
	"0BSD",
	"AFL-2.1",
	"AFL-3.0",
	"AGPL-3.0-only",
	"AGPL-3.0-or-later",
	"Apache-1.1",
	"Apache-2.0",
	"Artistic-1.0",
	"Artistic-2.0",
	"BSD-1-Clause",
	"BSD-2-Clause",
	"BSD-2-Clause-Patent",
	"BSD-3-Clause",
	"BSD-3-Clause-Clear",
	"BSD-4-Clause",
	"BSD-4-Clause-UC",
	"BSD-Source-Code",
	"BSL-1.0",
	"CC-BY-3.0",
	"CC-BY-4.0",
	"CC-BY-SA-3.0",
	"CC-BY-SA-4.0",
	"CC0-1.0",
	"CDDL-1.0",
	"CPL-1.0",
	"ECL-2.0",
	"EPL-1.0",
	"EPL-2.0",
	"EUPL-1.2",
	"FSFAP",
	"FSFUL",
	"FSFULLR",
	"FTL",
	"GFDL-1.3-or-later",
	"GPL-1.0-or-later",
	"GPL-2.0-only",
	"GPL-2.0-or-later",
	"GPL-3.0-only",
	"GPL-3.0-or-later",
	"HPND",
	"HPND-sell-variant",
	"ICU",
	"IJG",
	"ISC",
	"ImageMagick",
	"JSON",
	"JasPer-2.0",
	"LGPL-2.0-only",
	"LGPL-2.0-or-later",
	"LGPL-2.1-only",
	"LGPL-2.1-or-later",
	"LGPL-3.0-only",
	"LGPL-3.0-or-later",
	"Libpng",
	"MIT",
	"MIT-0",
	"MIT-CMU",
	"MIT-Modern-Variant",
	"MIT-open-group",
	"MPL-1.0",
	"MPL-1.1",
	"MPL-2.0",
	"MS-PL",
	"NCSA",
	"NTP",
	"OFL-1.1",
	"OLDAP-2.8",
	"OpenSSL",
	"PHP-3.01",
	"PostgreSQL",
	"Python-2.0",
	"RSA-MD",
	"Ruby",
	"SGI-B-2.0",
	"SMLNJ",
	"SSH-OpenSSH",
	"SSH-short",
	"SSLeay-standalone",
	"Sleepycat",
	"Spencer-94",
	"TCL",
	"TU-Berlin-1.0",
	"UPL-1.0",
	"Unicode-3.0",
	"Unicode-DFS-2016",
	"Unlicense",
	"Vim",
	"W3C",
	"WTFPL",
	"X11",
	"XFree86-1.1",
	"ZPL-2.1",
	"Zlib",
	"blessing",
	"bzip2-1.0.6",
	"curl",
	"dtoa",
	"libpng-2.0",
	"libtiff",
	"snprintf",
	"zlib-acknowledgement",
};

/* What may follow WITH. */
static const char *const spdx_exceptions[] = {
	"Autoconf-exception-3.0",      "Bison-exception-2.2",
	"Classpath-exception-2.0",     "GCC-exception-2.0",
	"GCC-exception-3.1",           "GPL-3.0-linking-exception",
	"LLVM-exception",              "Libtool-exception",
	"Linux-syscall-note",          "OpenJDK-assembly-exception-1.0",
	"OCaml-LGPL-linking-exception", "u-boot-exception-2.0",
	"x11vnc-openssl-exception",
};

static bool is_listed(const char *word, size_t len, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strncmp(list[i], word, len) == 0 && list[i][len] == '\0')
			return true;
	}
	return false;
}

static bool is_license_id(const char *word, size_t len)
{
	static const char ref[] = "LicenseRef-";

	if (len > strlen(ref) && strncmp(word, ref, strlen(ref)) == 0)
		return true;
	if (len > 1 && word[len - 1] == '+')
		len--;
	return is_listed(word, len, spdx_ids, sizeof(spdx_ids) / sizeof(*spdx_ids));
}

struct license_word {
	const char *text;
	size_t len; /* 0: the end */
};

static struct license_word next_word(const char **at)
{
	struct license_word word = {0};

	*at += strspn(*at, " ");
	word.text = *at;
	word.len = **at == '(' || **at == ')' ? 1 : strcspn(*at, " ()");
	*at += word.len;
	return word;
}

static bool word_is(const struct license_word *word, const char *text)
{
	return word->len == strlen(text) && strncmp(word->text, text, word->len) == 0;
}

/* Where one licence may stand, after any '('; moves past it and an exception. */
static bool license_operand(const char **at, unsigned *depth, char **unknown)
{
	struct license_word word = next_word(at);
	const char *ahead;

	while (word_is(&word, "(")) {
		(*depth)++;
		word = next_word(at);
	}
	if (word.len == 0 || !isalnum((unsigned char)*word.text))
		return false;
	if (!is_license_id(word.text, word.len)) {
		*unknown = cenv_xstrndup(word.text, word.len);
		return false;
	}
	ahead = *at;
	word = next_word(&ahead);
	if (!word_is(&word, "WITH"))
		return true;
	word = next_word(&ahead);
	*at = ahead;
	if (is_listed(word.text, word.len, spdx_exceptions,
		      sizeof(spdx_exceptions) / sizeof(*spdx_exceptions)))
		return true;
	*unknown = cenv_xstrndup(word.text, word.len);
	return false;
}

bool cenv_license_valid(const char *expression, char **unknown)
{
	const char *at = expression;
	char *odd = NULL;
	unsigned depth = 0;
	bool good;

	for (;;) {
		struct license_word word;

		good = license_operand(&at, &depth, &odd);
		if (!good)
			break;
		word = next_word(&at);
		while (depth > 0 && word_is(&word, ")")) {
			depth--;
			word = next_word(&at);
		}
		if (word_is(&word, "AND") || word_is(&word, "OR"))
			continue;
		good = word.len == 0 && depth == 0;
		break;
	}
	if (unknown)
		*unknown = odd;
	else
		free(odd);
	return good;
}

/* ---- one recipe ---- */

static void lint_license(struct cenv_lint *out, const struct cenv_recipe *recipe)
{
	char *unknown = NULL;

	if (!recipe->license)
		find(out, recipe, 0, "'license' is missing");
	else if (!cenv_license_valid(recipe->license, &unknown) && unknown)
		find(out, recipe, 0, "'%s' is not in SPDX's list; 'LicenseRef-...' is for others",
		     unknown);
	else if (!cenv_license_valid(recipe->license, NULL))
		find(out, recipe, 0, "'%s' is no licence expression", recipe->license);
	free(unknown);
}

static void lint_file_name(struct cenv_lint *out, const struct cenv_recipe *recipe)
{
	const char *slash = strrchr(recipe->path, '/');
	const char *file = slash ? slash + 1 : recipe->path;
	char *wanted = cenv_strf("%s.ini", recipe->key);

	if (strcmp(file, wanted) != 0)
		find(out, recipe, 0, "the file of '%s' is called '%s'", recipe->name, wanted);
	free(wanted);
}

static void lint_summary(struct cenv_lint *out, const struct cenv_recipe *recipe)
{
	const char *summary = recipe->summary;

	if (!summary)
		find(out, recipe, 0, "'summary' is missing");
	else if (strlen(summary) > 80)
		find(out, recipe, 0, "the summary is longer than 80 bytes");
	else if (cenv_str_ends(summary, "."))
		find(out, recipe, 0, "the summary ends with a full stop");
}

static void lint_homepage(struct cenv_lint *out, const struct cenv_recipe *recipe)
{
	const char *url = recipe->homepage;

	if (!url)
		find(out, recipe, 0, "'homepage' is missing");
	else if (!cenv_str_starts(url, "https://") && !cenv_str_starts(url, "http://"))
		find(out, recipe, 0, "'%s' is no homepage", url);
}

static void lint_features(struct cenv_lint *out, const struct cenv_recipe *recipe)
{
	for (size_t i = 0; i < recipe->nfeatures; i++) {
		const struct cenv_feature *feature = &recipe->features[i];

		if (!feature->summary)
			find(out, recipe, feature->line, "feature '%s': 'summary' is missing",
			     feature->name);
		if (feature->enable.n == 0 && feature->disable.n == 0 && feature->nrequires == 0)
			find(out, recipe, feature->line, "feature '%s' changes nothing",
			     feature->name);
	}
}

static void lint_urls(struct cenv_lint *out, const struct cenv_recipe *recipe,
		      const struct cenv_recipe_version *version)
{
	for (size_t i = 0; i < version->urls.n; i++) {
		const char *url = version->urls.v[i];

		if (!cenv_str_starts(url, "https://") && !cenv_str_starts(url, "http://") &&
		    !cenv_str_starts(url, "ftp://") && !cenv_str_starts(url, "file:"))
			find(out, recipe, version->line, "'%s' is no URL", url);
		for (size_t j = 0; j < i; j++) {
			if (strcmp(url, version->urls.v[j]) == 0)
				find(out, recipe, version->line, "'%s' stands there twice", url);
		}
	}
}

static void lint_versions(struct cenv_lint *out, const struct cenv_recipe *recipe)
{
	for (size_t i = 0; i < recipe->nversions; i++) {
		const struct cenv_recipe_version *version = &recipe->versions[i];

		lint_urls(out, recipe, version);
		for (size_t j = 0; j < i && version->sha256; j++) {
			const char *other = recipe->versions[j].sha256;

			if (other && strcmp(other, version->sha256) == 0)
				find(out, recipe, version->line, "version %s has the sha256 of %s",
				     version->version, recipe->versions[j].version);
		}
		/* versions are sorted newest first, so their lines should rise */
		if (i > 0 && version->line < recipe->versions[i - 1].line)
			find(out, recipe, version->line,
			     "version %s stands above the newer version %s", version->version,
			     recipe->versions[i - 1].version);
	}
}

/* ---- recipes with each other ---- */

static void lint_requirement(struct cenv_lint *out, const struct cenv_recipe *recipe,
			     const struct cenv_requirement *req, const struct cenv_map *all)
{
	const struct cenv_recipe *dep = cenv_map_get(all, req->key);
	unsigned line = req->origin.line;
	bool fits = false;

	if (!dep) {
		find(out, recipe, line, "no recipe provides '%s'", req->name);
		return;
	}
	for (size_t i = 0; !fits && i < dep->nversions; i++)
		fits = cenv_specifier_match(&req->spec, dep->versions[i].version);
	if (!fits)
		find(out, recipe, line, "no version of '%s' satisfies '%s'", dep->name, req->text);
	for (size_t i = 0; i < req->features_on.n; i++) {
		if (cenv_recipe_feature(dep, req->features_on.v[i]) < 0)
			find(out, recipe, line, "'%s' has no feature '%s'", dep->name,
			     req->features_on.v[i]);
	}
	for (size_t i = 0; i < req->features_off.n; i++) {
		if (cenv_recipe_feature(dep, req->features_off.v[i]) < 0)
			find(out, recipe, line, "'%s' has no feature '%s'", dep->name,
			     req->features_off.v[i]);
	}
}

typedef void visit_fn(void *payload, const struct cenv_requirement *req);

/*
 * Call visit for every requirement of the recipe, once for each place it is
 * written in: versions that inherit the line of [build] share its origin.
 */
static void each_requirement(const struct cenv_recipe *recipe, bool optional_too, visit_fn *visit,
			     void *payload)
{
	for (size_t v = 0; v < recipe->nversions; v++) {
		const struct cenv_recipe_version *version = &recipe->versions[v];

		for (size_t i = 0; i < version->nrequires; i++)
			visit(payload, &version->requires[i]);
		for (size_t f = 0; f < recipe->nfeatures; f++) {
			const struct cenv_feature *feature = &version->features[f];

			if (!optional_too && !feature->is_default)
				continue;
			for (size_t i = 0; i < feature->nrequires; i++)
				visit(payload, &feature->requires[i]);
		}
	}
}

struct requirement_lint {
	struct cenv_lint *out;
	const struct cenv_recipe *recipe;
	const struct cenv_map *all;
	struct cenv_map seen; /* lines done */
};

static void lint_once(void *payload, const struct cenv_requirement *req)
{
	struct requirement_lint *lint = payload;
	char *line = cenv_strf("%u", req->origin.line);

	if (!cenv_map_has(&lint->seen, line)) {
		cenv_map_put(&lint->seen, line, NULL);
		lint_requirement(lint->out, lint->recipe, req, lint->all);
	}
	free(line);
}

static void lint_requirements(struct cenv_lint *out, const struct cenv_recipe *recipe,
			      const struct cenv_map *all)
{
	struct requirement_lint lint = {.out = out, .recipe = recipe, .all = all};

	each_requirement(recipe, true, lint_once, &lint);
	cenv_map_release(&lint.seen, NULL);
}

/* ---- cycles ---- */

/* A walk over what is built when nobody switches a feature on or off. */
struct walk {
	struct cenv_lint *out;
	const struct cenv_map *all;
	struct cenv_map state; /* by key: &on_path or &done */
	struct cenv_strv path; /* from the start to where the walk stands */
};

static char on_path, done;

static void walk_recipe(struct walk *walk, const struct cenv_recipe *recipe);

/* Each version of a recipe goes round the same circle. */
static bool is_found(const struct cenv_lint *out, const struct cenv_recipe *recipe,
		     const char *text)
{
	for (size_t i = 0; i < out->n; i++) {
		if (out->v[i].path == recipe->path && strcmp(out->v[i].text, text) == 0)
			return true;
	}
	return false;
}

static void walk_requirement(void *payload, const struct cenv_requirement *req)
{
	struct walk *walk = payload;
	const struct cenv_recipe *dep = cenv_map_get(walk->all, req->key);
	struct cenv_buf text = CENV_BUF_INIT;
	bool inside = false;

	if (!dep)
		return;
	if (cenv_map_get(&walk->state, dep->key) != &on_path) {
		walk_recipe(walk, dep);
		return;
	}
	cenv_buf_adds(&text, "needs itself: ");
	for (size_t i = 0; i < walk->path.n; i++) {
		inside = inside || strcmp(walk->path.v[i], dep->key) == 0;
		if (inside)
			cenv_buf_addf(&text, "%s -> ", walk->path.v[i]);
	}
	cenv_buf_adds(&text, dep->key);
	if (!is_found(walk->out, dep, text.buf))
		find(walk->out, dep, 0, "%s", text.buf);
	cenv_buf_release(&text);
}

static void walk_recipe(struct walk *walk, const struct cenv_recipe *recipe)
{
	if (cenv_map_get(&walk->state, recipe->key))
		return;
	cenv_map_put(&walk->state, recipe->key, &on_path);
	cenv_strv_add(&walk->path, recipe->key);
	each_requirement(recipe, false, walk_requirement, walk);
	free(walk->path.v[--walk->path.n]);
	walk->path.v[walk->path.n] = NULL;
	cenv_map_put(&walk->state, recipe->key, &done);
}

/* ---- the whole ---- */

static void lint_recipe(struct cenv_lint *out, const struct cenv_recipe *recipe)
{
	lint_file_name(out, recipe);
	lint_summary(out, recipe);
	lint_homepage(out, recipe);
	lint_license(out, recipe);
	lint_features(out, recipe);
	lint_versions(out, recipe);
}

void cenv_recipe_lint(struct cenv_lint *out, const struct cenv_recipe *const *recipes, size_t n,
		      bool complete)
{
	struct cenv_map all = {0};
	struct walk walk = {.out = out, .all = &all};

	for (size_t i = 0; i < n; i++) {
		const struct cenv_recipe *other = cenv_map_get(&all, recipes[i]->key);

		if (other)
			find(out, recipes[i], 0, "'%s' is in '%s' already", recipes[i]->name,
			     other->path);
		else
			cenv_map_put(&all, recipes[i]->key, (void *)recipes[i]);
	}
	for (size_t i = 0; i < n; i++) {
		lint_recipe(out, recipes[i]);
		if (complete)
			lint_requirements(out, recipes[i], &all);
		walk_recipe(&walk, recipes[i]);
	}
	cenv_map_release(&walk.state, NULL);
	cenv_strv_release(&walk.path);
	cenv_map_release(&all, NULL);
}
