/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/specifier.h"
#include "tests/lib/random_universe.h"

const char *const ru_pool[RU_VERSIONS] = {"1", "2rc1", "2", "3"};

static unsigned long long random_state;

static unsigned dice(unsigned n)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(random_state >> 33) % n;
}

void ru_parse_spec(struct ru_demand *d, const char *text)
{
	struct cenv_specifier spec = {0};
	struct cenv_err err = CENV_ERR_INIT;

	if (cenv_specifier_parse(&spec, text, strlen(text), NULL, &err) < 0)
		fail_msg("'%s': %s", text, err.msg);
	d->mask = 0;
	for (unsigned i = 0; i < RU_VERSIONS; i++)
		if (cenv_specifier_match(&spec, ru_pool[i]))
			d->mask |= 1u << i;
	d->names_pre = cenv_specifier_names_prerelease(&spec);
	cenv_specifier_release(&spec);
}

static void make_spec(struct ru_demand *d)
{
	static const char *const ops[] = {">=", "<=", "<", ">", "==", "!=", ">="};

	if (dice(3))
		snprintf(d->spec, sizeof(d->spec), "%s%s", ops[dice(7)],
			 ru_pool[dice(RU_VERSIONS)]);
	ru_parse_spec(d, d->spec);
}

static void make_demand(struct ru_model *m, struct ru_demand *d, unsigned targets)
{
	*d = (struct ru_demand){.target = dice(targets)};
	make_spec(d);
	/* now and then a feature that does not exist */
	if (m->p[d->target].has_feature ? !dice(2) : !dice(40))
		d->feature = dice(2) ? RU_ON : RU_OFF;
}

static void make_package(struct ru_model *m, unsigned i)
{
	struct ru_package *p = &m->p[i];

	for (unsigned v = 0; v < RU_VERSIONS; v++) {
		if (!(p->versions >> v & 1))
			continue;
		p->ndeps[v] = dice(RU_DEPS + 1);
		for (unsigned k = 0; k < p->ndeps[v]; k++) {
			/* now and then one that nobody has */
			make_demand(m, &p->deps[v][k], dice(8) ? m->n : m->n + 1);
			p->deps[v][k].conditional = p->has_feature && !dice(3);
		}
	}
}

void ru_make(struct ru_model *m, unsigned seed)
{
	*m = (struct ru_model){0};
	random_state = seed * 2654435761ULL + 1;
	dice(2);
	m->n = 2 + dice(RU_PACKAGES - 1);
	m->pre = !dice(10);
	for (unsigned i = 0; i < m->n; i++) {
		m->p[i].versions = 1 + dice(15);
		m->p[i].has_feature = !dice(2);
		m->p[i].is_default = m->p[i].has_feature && dice(2);
	}
	for (unsigned i = 0; i < m->n; i++)
		make_package(m, i);
	m->nroots = 1 + dice(RU_ASKS - 1);
	for (unsigned i = 0; i < m->nroots; i++)
		make_demand(m, &m->roots[i], m->n);
	m->nlimits = dice(3) ? 0 : 1 + dice(2);
	for (unsigned i = 0; i < m->nlimits; i++)
		make_demand(m, &m->limits[i], m->n);
	m->noverrides = dice(6) ? 0 : 1 + dice(2);
	for (unsigned i = 0; i < m->noverrides; i++)
		make_demand(m, &m->overrides[i], m->n);
}

/* The rules. */

struct verdict {
	bool needed[RU_PACKAGES + 1];
	bool asked_on[RU_PACKAGES + 1], asked_off[RU_PACKAGES + 1], named_pre[RU_PACKAGES + 1];
	bool may_be_off[RU_PACKAGES + 1];
	bool ok;
};

static bool is_overridden(const struct ru_model *m, unsigned target)
{
	for (unsigned i = 0; i < m->noverrides; i++)
		if (m->overrides[i].target == target)
			return true;
	return false;
}

static void apply_demand(const struct ru_model *m, struct verdict *v, const struct ru_demand *d)
{
	unsigned t = d->target;

	v->asked_on[t] |= d->feature == RU_ON;
	v->asked_off[t] |= d->feature == RU_OFF;
	if (d->feature && !m->p[t].has_feature)
		v->ok = false;
	if (m->version[t] >= 0 && !(d->mask >> m->version[t] & 1))
		v->ok = false;
}

static void judge_demand(const struct ru_model *m, struct verdict *v, const struct ru_demand *d)
{
	if (d->allows) {
		v->named_pre[d->target] |= d->names_pre;
		v->may_be_off[d->target] |= d->feature == RU_OFF;
		return;
	}
	v->needed[d->target] = true;
	if (!is_overridden(m, d->target)) {
		v->named_pre[d->target] |= d->names_pre;
		apply_demand(m, v, d);
	}
	for (unsigned i = 0; i < m->noverrides; i++)
		if (m->overrides[i].target == d->target)
			apply_demand(m, v, &m->overrides[i]);
}

static void judge_limit(const struct ru_model *m, struct verdict *v, const struct ru_demand *d)
{
	if (m->version[d->target] >= 0 && !is_overridden(m, d->target))
		apply_demand(m, v, d);
}

static void judge_deps(const struct ru_model *m, struct verdict *v, unsigned i)
{
	const struct ru_package *p = &m->p[i];

	for (unsigned k = 0; k < p->ndeps[m->version[i]]; k++) {
		const struct ru_demand *d = &p->deps[m->version[i]][k];

		if (!d->conditional || m->on[i])
			judge_demand(m, v, d);
	}
}

static struct verdict judge(const struct ru_model *m)
{
	struct verdict v = {.ok = true};

	for (unsigned i = 0; i < m->nroots; i++)
		judge_demand(m, &v, &m->roots[i]);
	for (unsigned i = 0; i < m->n; i++)
		if (m->version[i] >= 0)
			judge_deps(m, &v, i);
	for (unsigned i = 0; i < m->nlimits; i++)
		judge_limit(m, &v, &m->limits[i]);
	/* the user may name a pre-release anywhere */
	for (unsigned i = 0; i < m->nroots; i++)
		v.named_pre[m->roots[i].target] |= m->roots[i].names_pre;
	for (unsigned i = 0; i < m->nlimits; i++)
		v.named_pre[m->limits[i].target] |= m->limits[i].names_pre;
	for (unsigned i = 0; i < m->noverrides; i++)
		v.named_pre[m->overrides[i].target] |= m->overrides[i].names_pre;
	return v;
}

static bool judge_package(const struct ru_model *m, const struct verdict *v, unsigned i)
{
	bool want = v->asked_on[i] || (m->p[i].is_default && !v->asked_off[i] && !v->may_be_off[i]);

	if ((v->asked_on[i] && v->asked_off[i]) || (m->p[i].has_feature && m->on[i] != want))
		return false;
	/* ru_pool[1] is the pre-release */
	return m->version[i] != 1 || m->pre || m->p[i].pre_free || v->named_pre[i] ||
	       m->p[i].versions == 2;
}

/* Can all of it be followed from the roots? A circle that holds itself up does not count. */
static bool is_founded(const struct ru_model *m)
{
	struct verdict whole = judge(m);
	struct ru_model copy = *m;
	bool grown = true;

	for (unsigned i = 0; i <= m->n; i++) {
		copy.version[i] = -1;
		copy.on[i] = false;
	}
	while (grown) {
		struct verdict v = judge(&copy);

		grown = false;
		for (unsigned i = 0; i < m->n; i++) {
			bool on = m->on[i] &&
				  (v.asked_on[i] || (m->p[i].is_default && !whole.asked_off[i] &&
						     !whole.may_be_off[i]));

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
static bool is_solution(const struct ru_model *m)
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
static bool try_all(struct ru_model *m)
{
	struct verdict v = judge(m);
	unsigned i = 0;

	if (!v.ok)
		return false;
	while (i <= m->n && !(v.needed[i] && m->version[i] < 0))
		i++;
	if (i > m->n)
		return is_solution(m);
	for (int k = 0; k < RU_VERSIONS; k++) {
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

static void clear_solution(struct ru_model *m)
{
	for (unsigned i = 0; i <= RU_PACKAGES; i++) {
		m->version[i] = -1;
		m->on[i] = false;
	}
}

bool ru_solve(struct ru_model *m)
{
	clear_solution(m);
	return try_all(m);
}

/* The same model as text. */

static void print_demand(struct cenv_buf *out, const struct ru_demand *d)
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

static void print_package(const struct ru_model *m, unsigned i, struct text_universe *u,
			  struct cenv_buf *text)
{
	struct cenv_buf line = CENV_BUF_INIT;
	const struct ru_package *p = &m->p[i];

	for (unsigned v = 0; v < RU_VERSIONS; v++) {
		if (!(p->versions >> v & 1))
			continue;
		cenv_buf_addf(&line, "pkg p%u %s :", i, ru_pool[v]);
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

static void print_demands(const char *word, const struct ru_demand *demands, unsigned n,
			  struct text_universe *u, struct cenv_buf *text)
{
	struct cenv_buf line = CENV_BUF_INIT;

	for (unsigned i = 0; i < n; i++) {
		cenv_buf_adds(&line, word);
		print_demand(&line, &demands[i]);
		print_line(u, &line, text);
	}
	cenv_buf_release(&line);
}

void ru_print(const struct ru_model *m, struct text_universe *u, struct cenv_buf *text)
{
	struct cenv_buf line = CENV_BUF_INIT;

	for (unsigned i = 0; i < m->n; i++)
		print_package(m, i, u, text);
	print_demands("ask ", m->roots, m->nroots, u, text);
	print_demands("limit ", m->limits, m->nlimits, u, text);
	print_demands("override ", m->overrides, m->noverrides, u, text);
	if (m->pre) {
		cenv_buf_adds(&line, "with pre");
		print_line(u, &line, text);
	}
	cenv_buf_release(&line);
}

bool ru_accepts(struct ru_model *m, const char *answer)
{
	char *copy = cenv_xstrdup(answer), *save = NULL;

	clear_solution(m);
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned i = (unsigned)(line[1] - '0');
		char version[16];

		assert_int_equal(sscanf(line + 3, "%15s", version), 1);
		for (int v = 0; v < RU_VERSIONS; v++)
			if (!strcmp(ru_pool[v], version))
				m->version[i] = v;
		m->on[i] = strstr(line, "[f]") != NULL;
	}
	free(copy);
	return is_solution(m);
}
