/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/specifier.h"
#include "tests/lib/resolve_text.h"

/*
 * Small universes made at random, solved twice: by the resolver, and by trying
 * everything against the rules as docs/resolver.md states them. Each package
 * may have one feature, "f".
 */

enum { MAX_PACKAGES = 6, MAX_VERSIONS = 4, MAX_DEPS = 3, MAX_ASKS = 4, SEEDS = 6000, SECONDS = 12 };
enum { OFF = -1, SILENT, ON };

static const char *const pool[MAX_VERSIONS] = {"1", "2rc1", "2", "3"};

struct demand {
	unsigned target;
	unsigned mask; /* of versions in pool that the specifier allows */
	bool names_pre;
	int feature;
	bool conditional; /* a dependency of the feature */
	char spec[16];
};

struct package {
	unsigned versions; /* mask */
	bool has_feature, is_default;
	struct demand deps[MAX_VERSIONS][MAX_DEPS];
	unsigned ndeps[MAX_VERSIONS];
};

struct model {
	unsigned n;
	struct package p[MAX_PACKAGES + 1]; /* the last one exists in no index */
	struct demand roots[MAX_ASKS], limits[MAX_ASKS];
	unsigned nroots, nlimits;
	bool pre;
	/* the solution being tried */
	int version[MAX_PACKAGES + 1];
	bool on[MAX_PACKAGES + 1];
};

static unsigned long long random_state;

static unsigned dice(unsigned n)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(random_state >> 33) % n;
}

static void make_spec(struct demand *d)
{
	static const char *const ops[] = {">=", "<=", "<", ">", "==", "!=", ">="};
	struct cenv_specifier spec = {0};
	struct cenv_err err = CENV_ERR_INIT;

	if (dice(3))
		snprintf(d->spec, sizeof(d->spec), "%s%s", ops[dice(7)], pool[dice(MAX_VERSIONS)]);
	assert_int_equal(cenv_specifier_parse(&spec, d->spec, strlen(d->spec), NULL, &err), 0);
	for (unsigned i = 0; i < MAX_VERSIONS; i++)
		if (cenv_specifier_match(&spec, pool[i]))
			d->mask |= 1u << i;
	d->names_pre = cenv_specifier_names_prerelease(&spec);
	cenv_specifier_release(&spec);
}

static void make_demand(struct model *m, struct demand *d, unsigned targets)
{
	*d = (struct demand){.target = dice(targets)};
	make_spec(d);
	if (m->p[d->target].has_feature && !dice(2))
		d->feature = dice(2) ? ON : OFF;
}

static void make_package(struct model *m, unsigned i)
{
	struct package *p = &m->p[i];

	for (unsigned v = 0; v < MAX_VERSIONS; v++) {
		if (!(p->versions >> v & 1))
			continue;
		p->ndeps[v] = dice(MAX_DEPS + 1);
		for (unsigned k = 0; k < p->ndeps[v]; k++) {
			/* now and then one that nobody has */
			make_demand(m, &p->deps[v][k], dice(8) ? m->n : m->n + 1);
			p->deps[v][k].conditional = p->has_feature && !dice(3);
		}
	}
}

static void make_model(struct model *m, unsigned seed)
{
	*m = (struct model){0};
	random_state = seed * 2654435761ULL + 1;
	dice(2);
	m->n = 2 + dice(MAX_PACKAGES - 1);
	m->pre = !dice(10);
	for (unsigned i = 0; i < m->n; i++) {
		m->p[i].versions = 1 + dice(15);
		m->p[i].has_feature = !dice(2);
		m->p[i].is_default = m->p[i].has_feature && dice(2);
	}
	for (unsigned i = 0; i < m->n; i++)
		make_package(m, i);
	m->nroots = 1 + dice(MAX_ASKS - 1);
	for (unsigned i = 0; i < m->nroots; i++)
		make_demand(m, &m->roots[i], m->n);
	m->nlimits = dice(3) ? 0 : 1 + dice(2);
	for (unsigned i = 0; i < m->nlimits; i++)
		make_demand(m, &m->limits[i], m->n);
}

/* The rules. */

struct verdict {
	bool needed[MAX_PACKAGES + 1];
	bool asked_on[MAX_PACKAGES + 1], asked_off[MAX_PACKAGES + 1], named_pre[MAX_PACKAGES + 1];
	bool ok;
};

static void judge_demand(const struct model *m, struct verdict *v, const struct demand *d)
{
	unsigned t = d->target;

	v->needed[t] = true;
	v->asked_on[t] |= d->feature == ON;
	v->asked_off[t] |= d->feature == OFF;
	v->named_pre[t] |= d->names_pre;
	if (m->version[t] >= 0 && !(d->mask >> m->version[t] & 1))
		v->ok = false;
}

static void judge_limit(const struct model *m, struct verdict *v, const struct demand *d)
{
	unsigned t = d->target;

	v->named_pre[t] |= d->names_pre;
	if (m->version[t] < 0)
		return;
	v->asked_on[t] |= d->feature == ON;
	v->asked_off[t] |= d->feature == OFF;
	if (!(d->mask >> m->version[t] & 1))
		v->ok = false;
}

static void judge_deps(const struct model *m, struct verdict *v, unsigned i)
{
	const struct package *p = &m->p[i];

	for (unsigned k = 0; k < p->ndeps[m->version[i]]; k++) {
		const struct demand *d = &p->deps[m->version[i]][k];

		if (!d->conditional || m->on[i])
			judge_demand(m, v, d);
	}
}

static struct verdict judge(const struct model *m)
{
	struct verdict v = {.ok = true};

	for (unsigned i = 0; i < m->nroots; i++)
		judge_demand(m, &v, &m->roots[i]);
	for (unsigned i = 0; i < m->n; i++)
		if (m->version[i] >= 0)
			judge_deps(m, &v, i);
	for (unsigned i = 0; i < m->nlimits; i++)
		judge_limit(m, &v, &m->limits[i]);
	return v;
}

static bool judge_package(const struct model *m, const struct verdict *v, unsigned i)
{
	bool want = v->asked_on[i] || (m->p[i].is_default && !v->asked_off[i]);

	if ((v->asked_on[i] && v->asked_off[i]) || (m->p[i].has_feature && m->on[i] != want))
		return false;
	/* pool[1] is the pre-release */
	return m->version[i] != 1 || m->pre || v->named_pre[i] || m->p[i].versions == 2;
}

/* Can all of it be followed from the roots? A circle that holds itself up does not count. */
static bool is_founded(const struct model *m)
{
	struct verdict whole = judge(m);
	struct model copy = *m;
	bool grown = true;

	for (unsigned i = 0; i <= m->n; i++) {
		copy.version[i] = -1;
		copy.on[i] = false;
	}
	while (grown) {
		struct verdict v = judge(&copy);

		grown = false;
		for (unsigned i = 0; i < m->n; i++) {
			bool on = m->on[i] && (v.asked_on[i] ||
					       (m->p[i].is_default && !whole.asked_off[i]));

			if (!v.needed[i] || (copy.version[i] == m->version[i] && copy.on[i] == on))
				continue;
			copy.version[i] = m->version[i];
			copy.on[i] = on;
			grown = true;
		}
	}
	return !memcmp(copy.version, m->version, sizeof(copy.version)) &&
	       !memcmp(copy.on, m->on, sizeof(copy.on));
}

/* Is what is tried a solution, with nothing in it that nobody needs? */
static bool is_solution(const struct model *m)
{
	struct verdict v = judge(m);

	if (!v.ok)
		return false;
	for (unsigned i = 0; i <= m->n; i++)
		if (v.needed[i] != (m->version[i] >= 0) ||
		    (v.needed[i] && !judge_package(m, &v, i)))
			return false;
	return is_founded(m);
}

/* Give each package that is needed and has no version yet every version in turn. */
static bool try_all(struct model *m)
{
	struct verdict v = judge(m);
	unsigned i = 0;

	if (!v.ok)
		return false;
	while (i <= m->n && !(v.needed[i] && m->version[i] < 0))
		i++;
	if (i > m->n)
		return is_solution(m);
	for (int k = 0; k < MAX_VERSIONS; k++) {
		if (!(m->p[i].versions >> k & 1))
			continue;
		m->version[i] = k;
		for (int on = 0; on <= m->p[i].has_feature; on++) {
			m->on[i] = on;
			if (try_all(m))
				return true;
		}
	}
	m->version[i] = -1;
	m->on[i] = false;
	return false;
}

static void clear_solution(struct model *m)
{
	for (unsigned i = 0; i <= MAX_PACKAGES; i++) {
		m->version[i] = -1;
		m->on[i] = false;
	}
}

/* The same model as text. */

static void print_demand(struct cenv_buf *out, const struct demand *d)
{
	static const char *const features[] = {"[-f]", "", "[f]"};

	cenv_buf_addf(out, "p%u%s%s", d->target, features[d->feature + 1], d->spec);
}

static void print_line(struct text_universe *u, struct cenv_buf *line, struct cenv_buf *text)
{
	assert_true(text_universe_line(u, line->buf));
	cenv_buf_addf(text, "%s\n", line->buf);
	cenv_buf_reset(line);
}

static void print_package(const struct model *m, unsigned i, struct text_universe *u,
			  struct cenv_buf *text)
{
	struct cenv_buf line = CENV_BUF_INIT;
	const struct package *p = &m->p[i];

	for (unsigned v = 0; v < MAX_VERSIONS; v++) {
		if (!(p->versions >> v & 1))
			continue;
		cenv_buf_addf(&line, "pkg p%u %s :", i, pool[v]);
		for (unsigned k = 0; k < p->ndeps[v]; k++) {
			cenv_buf_adds(&line, p->deps[v][k].conditional ? "; [f] " : "; ");
			print_demand(&line, &p->deps[v][k]);
		}
		print_line(u, &line, text);
	}
	if (p->has_feature) {
		cenv_buf_addf(&line, "feature p%u %sf", i, p->is_default ? "+" : "");
		print_line(u, &line, text);
	}
	cenv_buf_release(&line);
}

static void print_model(const struct model *m, struct text_universe *u, struct cenv_buf *text)
{
	struct cenv_buf line = CENV_BUF_INIT;

	for (unsigned i = 0; i < m->n; i++)
		print_package(m, i, u, text);
	for (unsigned i = 0; i < m->nroots; i++) {
		cenv_buf_adds(&line, "ask ");
		print_demand(&line, &m->roots[i]);
		print_line(u, &line, text);
	}
	for (unsigned i = 0; i < m->nlimits; i++) {
		cenv_buf_adds(&line, "limit ");
		print_demand(&line, &m->limits[i]);
		print_line(u, &line, text);
	}
	if (m->pre) {
		cenv_buf_adds(&line, "with pre");
		print_line(u, &line, text);
	}
	cenv_buf_release(&line);
}

static void read_solution(struct model *m, const char *answer)
{
	char *copy = cenv_xstrdup(answer), *save = NULL;

	clear_solution(m);
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned i = (unsigned)(line[1] - '0');
		char version[16];

		assert_int_equal(sscanf(line + 3, "%15s", version), 1);
		for (int v = 0; v < MAX_VERSIONS; v++)
			if (!strcmp(pool[v], version))
				m->version[i] = v;
		m->on[i] = strstr(line, "[f]") != NULL;
	}
	free(copy);
}

static void check_seed(unsigned seed, unsigned *solvable)
{
	struct model m;
	struct text_universe u;
	struct cenv_buf text = CENV_BUF_INIT, first = CENV_BUF_INIT, second = CENV_BUF_INIT;
	enum cenv_code code;
	bool expected, ok;

	make_model(&m, seed);
	text_universe_init(&u);
	print_model(&m, &u, &text);
	clear_solution(&m);
	expected = try_all(&m);
	*solvable += expected;
	code = text_universe_resolve(&u, &first);
	ok = expected ? code == CENV_OK : code == CENV_E_UNSAT;
	if (ok && expected) {
		read_solution(&m, first.buf);
		ok = is_solution(&m);
	}
	text_universe_shuffle(&u, seed + 1);
	text_universe_resolve(&u, &second);
	if (!ok || strcmp(first.buf, second.buf) != 0)
		fail_msg("seed %u: solvable: %s\n%s--\n%s-- shuffled:\n%s", seed,
			 expected ? "yes" : "no", text.buf, first.buf, second.buf);
	text_universe_release(&u);
	cenv_buf_release(&text);
	cenv_buf_release(&first);
	cenv_buf_release(&second);
}

static void the_resolver_agrees_with_trying_everything(void **state)
{
	time_t end = time(NULL) + SECONDS;
	unsigned solvable = 0, seed = 0;

	(void)state;
	while (seed < SEEDS && time(NULL) < end)
		check_seed(++seed, &solvable);
	print_message("%u universes, %u with a solution\n", seed, solvable);
	assert_true(seed >= 1000);
	assert_true(solvable > seed / 10 && solvable < seed - seed / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_resolver_agrees_with_trying_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
