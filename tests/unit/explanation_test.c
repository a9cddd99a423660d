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

#include "core/base/str.h"
#include "tests/lib/random_universe.h"

/*
 * Explanations of small random universes, read as a user reads them: each fact
 * they name must be true, a universe that has these facts and no others must
 * have no solution, and without any one of them it must have one.
 */

enum { SEEDS = 6000, SECONDS = 12 };
enum kind { ROOT, LIMIT, OVERRIDE, NEED, ALLOWS, IS_DEFAULT, PRERELEASE, BRINGS_IN };

struct fact {
	enum kind kind;
	unsigned package, versions; /* of which it is said */
	struct ru_demand demand;
};

struct reader {
	const char *at;
	const struct ru_model *m;
	struct fact facts[2 * RU_ROOM];
	unsigned n;
};

/* ---- words ---- */

static bool eat(struct reader *r, const char *text)
{
	if (!cenv_str_starts(r->at, text))
		return false;
	r->at += strlen(text);
	return true;
}

static bool read_name(struct reader *r, unsigned *out)
{
	if (r->at[0] != 'p' || r->at[1] < '0' || r->at[1] > '9')
		return false;
	*out = (unsigned)(r->at[1] - '0');
	r->at += 2;
	return true;
}

static int read_version(struct reader *r)
{
	static const unsigned longest_first[] = {1, 0, 2, 3};

	for (unsigned i = 0; i < RU_VERSIONS; i++)
		if (eat(r, ru_pool[longest_first[i]]))
			return (int)longest_first[i];
	return -1;
}

/* A remark in brackets, which is not the number of a line. */
static void skip_remark(struct reader *r)
{
	if (r->at[0] == ' ' && r->at[1] == '(' && (r->at[2] < '0' || r->at[2] > '9'))
		r->at = strchr(r->at, ')') + 1;
}

/* "from 2", "up to 2", "from 1 to 2" or "2" */
static bool read_run(struct reader *r, unsigned *versions)
{
	bool from = eat(r, "from "), up_to = !from && eat(r, "up to ");
	int first = read_version(r), last = first;

	if (first < 0)
		return false;
	if (from)
		last = eat(r, " to ") ? read_version(r) : RU_VERSIONS - 1;
	else if (up_to)
		first = 0;
	for (int i = first; i <= last; i++)
		*versions |= 1u << i;
	return true;
}

static bool read_runs(struct reader *r, unsigned *versions)
{
	*versions = 0;
	do {
		if (!read_run(r, versions))
			return false;
	} while (eat(r, " and "));
	return true;
}

/* "p1 2", "each of p1 1 and 3", "every version of p1", "... from 2", "... but 2rc1" */
static bool read_subject(struct reader *r, unsigned *package, unsigned *versions)
{
	bool every = eat(r, "every version of "), ok = true;
	unsigned all;

	if (!every)
		eat(r, "each of ");
	if (!read_name(r, package))
		return false;
	all = r->m->p[*package].versions;
	*versions = all;
	if (eat(r, " but ")) {
		ok = read_runs(r, versions);
		*versions = ~*versions;
	} else if (r->at[0] == ' ' && strncmp(r->at, " needs", 6) != 0 &&
		   strncmp(r->at, " with", 5) != 0 && strncmp(r->at, " is", 3) != 0) {
		r->at++;
		ok = read_runs(r, versions);
	}
	*versions &= all;
	return ok;
}

/* "p1", "p1>=2", "p1[-f]" */
static bool read_demand(struct reader *r, struct ru_demand *d)
{
	size_t len;

	*d = (struct ru_demand){.conditional = d->conditional};
	if (!read_name(r, &d->target))
		return false;
	d->feature = eat(r, "[f]") ? RU_ON : eat(r, "[-f]") ? RU_OFF : RU_SILENT;
	len = strspn(r->at, "<>=!0123456789rc");
	assert_true(len < sizeof(d->spec));
	memcpy(d->spec, r->at, len);
	r->at += len;
	ru_parse_spec(d, d->spec);
	skip_remark(r);
	return true;
}

/* ---- clauses ---- */

static void add_fact(struct reader *r, const struct fact *fact)
{
	assert_true(r->n < 2 * RU_ROOM);
	r->facts[r->n++] = *fact;
}

/* A demand, or what an override puts in its place. */
static bool read_demanded(struct reader *r, struct fact *fact)
{
	struct fact over = {.kind = OVERRIDE};

	if (!read_demand(r, &fact->demand))
		return false;
	add_fact(r, fact);
	if (!eat(r, ", overridden by "))
		return true;
	if (!read_demand(r, &over.demand))
		return false;
	*fact = over;
	add_fact(r, &over);
	return true;
}

/* "p1", "p1>=2", "p1 2 or from 3", "any version of p1 but 2" */
static bool read_some(struct reader *r, struct fact *fact)
{
	struct ru_demand words = {0};
	bool but = eat(r, "any version of "), more;

	if (!read_demand(r, &words))
		return false;
	fact->package = words.target;
	fact->versions = words.mask;
	fact->demand.conditional = words.feature == RU_ON;
	if (but) {
		if (!eat(r, " but ") || !read_runs(r, &fact->versions))
			return false;
		fact->versions = ~fact->versions;
	} else if (r->at[0] == ' ' && strchr("fu123", r->at[1])) {
		fact->versions = 0;
		r->at++;
		do {
			if (!read_run(r, &fact->versions))
				return false;
			more = cenv_str_starts(r->at, " or ") && strchr("fu123", r->at[4]);
			r->at += more ? 4 : 0;
		} while (more);
	}
	fact->versions &= r->m->p[fact->package].versions;
	return true;
}

/* "nothing", or "only p1 2 or p2>=3": who names a pre-release of a package, or switches its
 * feature off. */
static bool read_supporters(struct reader *r, const struct fact *what)
{
	if (eat(r, "nothing"))
		return true;
	if (!eat(r, "only "))
		return false;
	do {
		struct fact fact = {.kind = ALLOWS,
				    .demand = {.target = what->package, .allows = true}};
		if (what->kind == BRINGS_IN) {
			if (!read_some(r, &fact))
				return false;
			continue;
		}
		fact.demand.names_pre = what->kind == PRERELEASE;
		fact.demand.feature = what->kind == IS_DEFAULT ? RU_OFF : RU_SILENT;
		if (!read_some(r, &fact))
			return false;
		add_fact(r, &fact);
	} while (eat(r, ", ") || eat(r, " or "));
	return true;
}

static bool read_support(struct reader *r, struct fact *fact, enum kind kind, const char *end)
{
	fact->kind = kind;
	add_fact(r, fact);
	return read_supporters(r, fact) && eat(r, end);
}

/* "only p1 2 brings in p2[f]" */
static bool read_bringing(struct reader *r, struct fact *fact)
{
	struct ru_demand what = {0};

	fact->kind = BRINGS_IN;
	return read_supporters(r, fact) && eat(r, " brings in ") && read_demand(r, &what);
}

static bool read_need(struct reader *r, struct fact *fact)
{
	if (!read_subject(r, &fact->package, &fact->versions))
		return false;
	if (eat(r, " is a pre-release that "))
		return read_support(r, fact, PRERELEASE, " names");
	fact->kind = NEED;
	fact->demand.conditional = eat(r, " with feature 'f'");
	if (!eat(r, " needs "))
		return false;
	return read_demanded(r, fact);
}

/* One reason that is no conclusion of an earlier line. */
static bool read_clause(struct reader *r, struct fact *fact)
{
	*fact = (struct fact){.kind = ROOT};
	if (eat(r, "you ask for ") || eat(r, "You ask for "))
		return read_demanded(r, fact);
	if (eat(r, "a constraint allows only ")) {
		fact->kind = LIMIT;
		return read_demanded(r, fact);
	}
	if (eat(r, "feature 'f' of "))
		return read_name(r, &fact->package) && eat(r, " is on by default (") &&
		       read_support(r, fact, IS_DEFAULT, " switches it off)");
	if (cenv_str_starts(r->at, "only ") || cenv_str_starts(r->at, "nothing "))
		return read_bringing(r, fact);
	return read_need(r, fact);
}

static bool at_end(const struct reader *r)
{
	return cenv_str_starts(r->at, ", ");
}

/* What is said of the same as before: " and p2 (the command line)". */
static bool read_another(struct reader *r, struct fact fact)
{
	if (fact.kind != ROOT && fact.kind != NEED && fact.kind != OVERRIDE &&
	    !(fact.kind == LIMIT && eat(r, "another only ")))
		return false;
	if (!read_demand(r, &fact.demand) || !at_end(r))
		return false;
	add_fact(r, &fact);
	return true;
}

static void read_reasons(struct reader *r)
{
	struct fact fact, second;
	struct reader before = *r;

	if (!read_clause(r, &fact) || !(at_end(r) || cenv_str_starts(r->at, " and "))) {
		*r = before; /* told before */
		return;
	}
	if (!eat(r, " and "))
		return;
	before = *r;
	if (read_another(r, fact))
		return;
	*r = before;
	if (!read_clause(r, &second) || !at_end(r))
		*r = before;
}

static void read_explanation(struct reader *r, const char *text)
{
	while (*text && !cenv_str_starts(text, "hint: ")) {
		r->at = text;
		if (r->at[0] == '(')
			r->at = strchr(r->at, ')') + 2;
		if (eat(r, "Because ") || eat(r, "And because ") || r->at[0] == 'Y')
			read_reasons(r);
		text = strchr(text, '\n') + 1;
	}
}

/* ---- are they true? ---- */

static bool same_demand(const struct ru_model *m, const struct ru_demand *said,
			const struct ru_demand *is)
{
	unsigned existing = said->target < m->n ? m->p[said->target].versions : 0;

	if (said->target != is->target || said->conditional != is->conditional)
		return false;
	/* not all that one line says is told */
	if (said->feature && said->feature != is->feature)
		return false;
	return (said->feature && !*said->spec) || (said->mask & existing) == (is->mask & existing);
}

static bool is_among(const struct ru_model *m, const struct ru_demand *said,
		     const struct ru_demand *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (same_demand(m, said, &list[i]))
			return true;
	return false;
}

/* Only the name of what is overridden is told. */
static bool is_overridden(const struct ru_model *m, const struct ru_demand *said)
{
	for (unsigned i = 0; i < m->noverrides; i++)
		if (m->overrides[i].target == said->target)
			return true;
	return false;
}

static bool all_need(const struct ru_model *m, const struct fact *fact)
{
	const struct ru_package *p = &m->p[fact->package];

	for (unsigned v = 0; v < RU_VERSIONS; v++) {
		bool found = !(fact->versions >> v & 1);

		for (unsigned k = 0; k < p->ndeps[v] && !found; k++)
			found = is_overridden(m, &fact->demand)
					? p->deps[v][k].target == fact->demand.target
					: same_demand(m, &fact->demand, &p->deps[v][k]);
		if (!found)
			return false;
	}
	return fact->versions != 0;
}

static bool is_true(const struct ru_model *m, const struct fact *fact)
{
	switch (fact->kind) {
	case ROOT:
		return is_overridden(m, &fact->demand) ||
		       is_among(m, &fact->demand, m->roots, m->nroots);
	case LIMIT:
		return is_among(m, &fact->demand, m->limits, m->nlimits);
	case OVERRIDE:
		return is_among(m, &fact->demand, m->overrides, m->noverrides);
	case NEED:
		return all_need(m, fact);
	case ALLOWS:
		return fact->versions != 0;
	case IS_DEFAULT:
		return m->p[fact->package].is_default;
	case BRINGS_IN: /* that nothing is there without need is among the rules */
		return true;
	case PRERELEASE:
		return fact->versions == 2; /* the second of the pool */
	}
	return false;
}

/* ---- do they contradict each other? ---- */

static void put(struct ru_demand *list, unsigned *n, const struct ru_demand *d)
{
	assert_true(*n < RU_ROOM);
	list[(*n)++] = *d;
}

static void put_fact(struct ru_model *m, const struct fact *fact)
{
	struct ru_package *p = &m->p[fact->package];

	if (fact->kind == ROOT)
		put(m->roots, &m->nroots, &fact->demand);
	else if (fact->kind == LIMIT)
		put(m->limits, &m->nlimits, &fact->demand);
	else if (fact->kind == OVERRIDE)
		put(m->overrides, &m->noverrides, &fact->demand);
	else if (fact->kind == IS_DEFAULT)
		p->is_default = true;
	else if (fact->kind == PRERELEASE)
		p->pre_free = false;
	for (unsigned v = 0; v < RU_VERSIONS && (fact->kind == NEED || fact->kind == ALLOWS); v++)
		if (fact->versions >> v & 1)
			put(p->deps[v], &p->ndeps[v], &fact->demand);
}

static bool same_fact(const struct fact *a, const struct fact *b)
{
	return a->kind == b->kind && a->package == b->package && a->versions == b->versions &&
	       a->demand.target == b->demand.target && a->demand.mask == b->demand.mask &&
	       a->demand.feature == b->demand.feature &&
	       a->demand.conditional == b->demand.conditional &&
	       a->demand.allows == b->demand.allows;
}

/* The facts are all that the reader knows: a package may be there for another reason, and with
 * its feature, when nothing that is told says what brings it in. */
static bool solved_with_others(struct ru_model *m, const struct reader *r, unsigned package,
			       unsigned but)
{
	bool told = false, solved;

	if (package == m->n)
		return ru_solve(m);
	solved = solved_with_others(m, r, package + 1, but);
	for (unsigned i = 0; i < r->n; i++)
		told |= i != but && r->facts[i].kind == BRINGS_IN &&
			r->facts[i].package == package;
	for (int feature = RU_SILENT; !told && !solved && feature <= m->p[package].has_feature;
	     feature++) {
		m->roots[m->nroots++] = (struct ru_demand){
			.target = package, .mask = ~0u, .feature = feature};
		solved = solved_with_others(m, r, package + 1, but);
		m->nroots--;
	}
	return solved;
}

/* What overrides is said behind the demand that it replaces, and an exception behind its rule. */
static bool stands_alone(const struct fact *fact)
{
	return fact->kind != OVERRIDE && fact->kind != ALLOWS;
}

/* A universe with the same packages, and these facts but one, told once or more. */
static bool leave_a_solution(const struct reader *r, unsigned but, bool open)
{
	struct ru_model *few = malloc(sizeof(*few));
	bool solved, left_out = false;

	assert_non_null(few);
	*few = (struct ru_model){.n = r->m->n};
	for (unsigned i = 0; i < few->n; i++) {
		few->p[i].versions = r->m->p[i].versions;
		few->p[i].has_feature = r->m->p[i].has_feature;
		few->p[i].pre_free = true;
	}
	for (unsigned i = 0; i < r->n; i++) {
		bool same = but < r->n && same_fact(&r->facts[i], &r->facts[but]);

		left_out = same || (left_out && !stands_alone(&r->facts[i]));
		if (!left_out)
			put_fact(few, &r->facts[i]);
	}
	solved = ru_solve(few) || (open && solved_with_others(few, r, 0, but));
	free(few);
	return solved;
}

/* How many facts are told in vain. */
static unsigned count_needless(const struct reader *r)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->n; i++)
		n += stands_alone(&r->facts[i]) && !leave_a_solution(r, i, true);
	return n;
}

struct tally {
	unsigned explained, facts, needless;
};

static void check_explanation(const struct ru_model *m, unsigned seed, const char *universe,
			      const char *text, struct tally *tally)
{
	struct reader r = {.m = m};
	const char *why = NULL;

	read_explanation(&r, strchr(text, '\n') + 1);
	for (unsigned i = 0; i < r.n; i++)
		if (!is_true(m, &r.facts[i]))
			why = "a fact is not true";
	if (!why && leave_a_solution(&r, UINT32_MAX, false))
		why = "the facts leave a solution";
	if (why) {
		fprintf(stderr, "seed %u: %s (%u facts)\n%s--\n%s", seed, why, r.n, universe, text);
		fail();
	}
	tally->explained++;
	tally->facts += r.n;
	/* of demands that nothing can meet all are told, although one would do */
	if (!strstr(text, "You ask for "))
		tally->needless += count_needless(&r);
}

static void check_seed(unsigned seed, struct tally *tally)
{
	struct ru_model m;
	struct text_universe u;
	struct cenv_buf text = CENV_BUF_INIT, answer = CENV_BUF_INIT;

	ru_make(&m, seed);
	text_universe_init(&u);
	ru_print(&m, &u, &text);
	if (text_universe_resolve(&u, &answer) == CENV_E_UNSAT)
		check_explanation(&m, seed, text.buf, answer.buf, tally);
	text_universe_release(&u);
	cenv_buf_release(&text);
	cenv_buf_release(&answer);
}

static void what_an_explanation_names_is_true_and_suffices(void **state)
{
	time_t end = time(NULL) + SECONDS;
	struct tally tally = {0};
	unsigned seed = 0;

	(void)state;
	while (seed < SEEDS && time(NULL) < end)
		check_seed(++seed, &tally);
	print_message("%u explanations of %u facts, %u of them needless\n", tally.explained,
		      tally.facts, tally.needless);
	assert_true(tally.explained >= 200);
	assert_true(tally.facts > 2 * tally.explained);
	assert_int_equal(tally.needless, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_explanation_names_is_true_and_suffices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
