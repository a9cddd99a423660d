/* SPDX-License-Identifier: MIT */
#include "tests/lib/resolve_text.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/version.h"

static struct text_package *get_package(struct text_universe *u, const char *name)
{
	char *key = cenv_name_normalize(name);
	struct text_package *pkg = cenv_map_get(&u->packages, key);

	if (!pkg) {
		pkg = cenv_xcalloc(1, sizeof(*pkg));
		pkg->key = key;
		cenv_map_put(&u->packages, key, pkg);
	} else {
		free(key);
	}
	return pkg;
}

static int newest_first(const void *a, const void *b)
{
	const struct text_version *x = a, *y = b;

	return cenv_version_cmp(y->candidate.version, x->candidate.version);
}

static void finish_package(struct text_package *pkg)
{
	if (pkg->candidates || !pkg->nversions)
		return;
	qsort(pkg->versions, pkg->nversions, sizeof(*pkg->versions), newest_first);
	pkg->candidates = cenv_xcalloc(pkg->nversions, sizeof(*pkg->candidates));
	for (size_t i = 0; i < pkg->nversions; i++) {
		pkg->candidates[i] = pkg->versions[i].candidate;
		pkg->candidates[i].payload = &pkg->versions[i];
	}
}

static int tell_packages(void *payload, const char *const *keys, size_t n,
			 struct cenv_package_info *infos, struct cenv_err *err)
{
	struct text_universe *u = payload;

	u->questions++;
	if (u->failing)
		return cenv_err_set(err, CENV_E_NETWORK, "the index does not answer");
	for (size_t i = 0; i < n; i++) {
		struct text_package *pkg = cenv_map_get(&u->packages, keys[i]);

		if (!pkg)
			continue;
		finish_package(pkg);
		infos[i] = (struct cenv_package_info){
			.name = pkg->key,
			.source = "test index",
			.candidates = pkg->candidates,
			.ncandidates = pkg->nversions,
			.features = pkg->features,
			.nfeatures = pkg->nfeatures,
		};
	}
	return 0;
}

static int tell_dependencies(void *payload, const char *key, const struct cenv_candidate *candidate,
			     const struct cenv_dep **out, size_t *n, struct cenv_err *err)
{
	const struct text_version *v = candidate->payload;

	(void)payload;
	(void)key;
	(void)err;
	*out = v->deps;
	*n = v->ndeps;
	return 0;
}

static size_t tell_near(void *payload, const char *key, const char **out, size_t want)
{
	struct text_universe *u = payload;
	const char **names = cenv_xcalloc(u->packages.n, sizeof(*names));
	size_t n;

	for (size_t i = 0; i < u->packages.n; i++)
		names[i] = u->packages.entries[i].key;
	n = cenv_suggest(key, names, u->packages.n, out, want);
	free(names);
	return n;
}

void text_universe_init(struct text_universe *u)
{
	*u = (struct text_universe){
		.provider = {.packages = tell_packages,
			     .dependencies = tell_dependencies,
			     .suggest = tell_near,
			     .payload = u},
	};
}

static void free_req(const struct cenv_requirement *req)
{
	struct cenv_requirement *own = (struct cenv_requirement *)req;

	cenv_requirement_release(own);
	free(own);
}

static void free_version(struct text_version *v)
{
	free((char *)v->candidate.version);
	free((char *)v->candidate.date);
	for (size_t i = 0; i < v->ndeps; i++) {
		free_req(v->deps[i].req);
		free((char *)v->deps[i].feature);
	}
	free(v->deps);
}

static void free_package(void *value)
{
	struct text_package *pkg = value;

	for (size_t i = 0; i < pkg->nversions; i++)
		free_version(&pkg->versions[i]);
	for (size_t i = 0; i < pkg->nfeatures; i++)
		free((char *)pkg->features[i].name);
	free(pkg->versions);
	free(pkg->candidates);
	free(pkg->features);
	free(pkg->key);
	free(pkg);
}

static void free_reqs(struct text_reqs *reqs)
{
	for (size_t i = 0; i < reqs->n; i++)
		free_req(reqs->v[i]);
	free(reqs->v);
}

void text_universe_release(struct text_universe *u)
{
	cenv_map_release(&u->packages, free_package);
	free_reqs(&u->roots);
	free_reqs(&u->constraints);
	free_reqs(&u->overrides);
	cenv_strv_release(&u->upgrade);
	free(u->newer);
}

static struct cenv_requirement *parse_req(const char *text)
{
	struct cenv_requirement *req = cenv_xcalloc(1, sizeof(*req));
	struct cenv_err err = CENV_ERR_INIT;

	if (cenv_requirement_parse(req, text, NULL, NULL, &err)) {
		fprintf(stderr, "bad requirement '%s' in a test: %s\n", text, err.msg);
		abort();
	}
	return req;
}

static char *trimmed(const char *s, size_t len)
{
	cenv_str_trim(&s, &len);
	return cenv_xstrndup(s, len);
}

/* "[feature] requirement" or "requirement" */
static void add_dep(struct text_version *v, const char *text)
{
	struct cenv_dep dep = {0};

	if (*text == '[') {
		const char *end = strchr(text, ']');

		dep.feature = cenv_xstrndup(text + 1, (size_t)(end - text - 1));
		text = end + 1 + strspn(end + 1, " ");
	}
	dep.req = parse_req(text);
	CENV_GROW(v->deps, v->ndeps, v->deps_cap);
	v->deps[v->ndeps++] = dep;
}

static void add_flag(struct cenv_candidate *c, const char *flag, size_t len)
{
	if (len == 9 && !memcmp(flag, "installed", 9))
		c->is_installed = true;
	else if (len == 6 && !memcmp(flag, "locked", 6))
		c->is_locked = true;
	else if (len)
		c->date = cenv_xstrndup(flag, len);
}

void text_universe_add(struct text_universe *u, const char *name, const char *version,
		       const char *flags, const char *deps)
{
	struct text_package *pkg = get_package(u, name);
	struct text_version *v;

	CENV_GROW(pkg->versions, pkg->nversions, pkg->versions_cap);
	v = &pkg->versions[pkg->nversions++];
	*v = (struct text_version){.candidate.version = cenv_xstrdup(version)};
	while (flags && *flags) {
		size_t len = strcspn(flags, " ");

		add_flag(&v->candidate, flags, len);
		flags += len + strspn(flags + len, " ");
	}
	while (deps && *deps) {
		size_t len = strcspn(deps, ";");
		char *dep = trimmed(deps, len);

		if (*dep)
			add_dep(v, dep);
		free(dep);
		deps += len + (deps[len] == ';');
	}
}

/* pkg NAME VERSION [flags] [: dependency; dependency] */
static void pkg_line(struct text_universe *u, const char *line)
{
	const char *colon = strstr(line, " :");
	char *head = trimmed(line, colon ? (size_t)(colon - line) : strlen(line));
	char *version = strchr(head, ' ');
	char *flags;

	if (!version) {
		fprintf(stderr, "a version is missing in a test: pkg %s\n", line);
		abort();
	}
	*version++ = '\0';
	flags = strchr(version, ' ');
	if (flags)
		*flags++ = '\0';
	text_universe_add(u, head, version, flags, colon ? colon + 2 : NULL);
	free(head);
}

/* feature NAME ON... where + before one makes it a default */
static void feature_line(struct text_universe *u, const char *line)
{
	size_t len = strcspn(line, " ");
	char *name = cenv_xstrndup(line, len);
	struct text_package *pkg = get_package(u, name);

	for (line += len; *(line += strspn(line, " ")); line += len) {
		bool is_default = *line == '+';

		line += is_default;
		len = strcspn(line, " ");
		CENV_GROW(pkg->features, pkg->nfeatures, pkg->features_cap);
		pkg->features[pkg->nfeatures++] =
			(struct cenv_feature_info){cenv_xstrndup(line, len), is_default};
	}
	free(name);
}

/* REQUIREMENT [at FILE:LINE] */
static void req_line(struct text_reqs *reqs, const char *line)
{
	const char *at = strstr(line, " at ");
	char *text = trimmed(line, at ? (size_t)(at - line) : strlen(line));
	struct cenv_requirement *req = parse_req(text);

	if (at) {
		const char *colon = strrchr(at, ':');

		free(req->origin.file);
		req->origin.file = cenv_xstrndup(at + 4, (size_t)(colon - at - 4));
		req->origin.line = (unsigned)strtoul(colon + 1, NULL, 10);
	}
	CENV_GROW(reqs->v, reqs->n, reqs->cap);
	reqs->v[reqs->n++] = req;
	free(text);
}

static bool with_line(struct text_universe *u, const char *word)
{
	if (!strcmp(word, "pre"))
		u->request.pre = true;
	else if (!strcmp(word, "upgrade"))
		u->request.upgrade_all = true;
	else if (cenv_str_starts(word, "upgrade="))
		cenv_strv_add(&u->upgrade, word + 8);
	else if (!strcmp(word, "lowest"))
		u->request.mode = CENV_RESOLVE_LOWEST;
	else if (!strcmp(word, "lowest-direct"))
		u->request.mode = CENV_RESOLVE_LOWEST_DIRECT;
	else if (!strcmp(word, "no-deps"))
		u->request.no_deps = true;
	else if (cenv_str_starts(word, "newer="))
		free(u->newer), u->newer = cenv_xstrdup(word + 6);
	else
		return false;
	return true;
}

bool text_universe_line(struct text_universe *u, const char *line)
{
	if (cenv_str_starts(line, "pkg "))
		pkg_line(u, line + 4);
	else if (cenv_str_starts(line, "feature "))
		feature_line(u, line + 8);
	else if (cenv_str_starts(line, "ask "))
		req_line(&u->roots, line + 4);
	else if (cenv_str_starts(line, "limit "))
		req_line(&u->constraints, line + 6);
	else if (cenv_str_starts(line, "override "))
		req_line(&u->overrides, line + 9);
	else if (cenv_str_starts(line, "with "))
		return with_line(u, line + 5);
	else
		return false;
	return true;
}

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 8;
}

static void shuffle_array(void *array, size_t n, size_t size, unsigned *seed)
{
	char tmp[64];

	for (size_t i = n; i > 1; i--) {
		char *a = (char *)array + (i - 1) * size;
		char *b = (char *)array + next_random(seed) % i * size;

		memcpy(tmp, a, size);
		memcpy(a, b, size);
		memcpy(b, tmp, size);
	}
}

void text_universe_shuffle(struct text_universe *u, unsigned seed)
{
	shuffle_array(u->roots.v, u->roots.n, sizeof(*u->roots.v), &seed);
	shuffle_array(u->constraints.v, u->constraints.n, sizeof(*u->constraints.v), &seed);
	shuffle_array(u->overrides.v, u->overrides.n, sizeof(*u->overrides.v), &seed);
	for (size_t i = 0; i < u->packages.n; i++) {
		struct text_package *pkg = u->packages.entries[i].value;

		for (size_t k = 0; k < pkg->nversions; k++)
			shuffle_array(pkg->versions[k].deps, pkg->versions[k].ndeps,
				      sizeof(*pkg->versions[k].deps), &seed);
	}
}

static void print_resolution(const struct cenv_resolution *res, struct cenv_buf *out)
{
	for (size_t i = 0; i < res->n; i++) {
		const struct cenv_resolved *p = &res->packages[i];

		cenv_buf_addf(out, "%s %s", p->key, p->candidate->version);
		if (p->features.n) {
			char *features = cenv_strv_join(&p->features, ",");

			cenv_buf_addf(out, " [%s]", features);
			free(features);
		}
		cenv_buf_addc(out, '\n');
	}
}

enum cenv_code text_universe_resolve(struct text_universe *u, struct cenv_buf *out)
{
	struct cenv_resolution *res = NULL;
	struct cenv_err err = CENV_ERR_INIT;
	enum cenv_code code;

	u->request.roots = u->roots.v;
	u->request.nroots = u->roots.n;
	u->request.constraints = u->constraints.v;
	u->request.nconstraints = u->constraints.n;
	u->request.overrides = u->overrides.v;
	u->request.noverrides = u->overrides.n;
	u->request.upgrade = &u->upgrade;
	u->request.exclude_newer = u->newer;
	if (!cenv_resolve(&res, &u->request, &u->provider, &err)) {
		print_resolution(res, out);
	} else {
		cenv_buf_addf(out, "%s\n%s", err.msg, err.detail ? err.detail : "");
		if (err.hint)
			cenv_buf_addf(out, "hint: %s\n", err.hint);
	}
	code = err.code;
	cenv_resolution_free(res);
	cenv_err_release(&err);
	return code;
}
