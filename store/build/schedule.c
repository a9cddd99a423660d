/* SPDX-License-Identifier: MIT */
#include "store/build/schedule.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "store/build/jobserver.h"
#include "store/build/worker.h"
#include "store/proc/cpus.h"
#include "store/proc/proc.h"

enum state { WAITING, RUNNING, BUILT };

struct running {
	struct cenv_worker worker;
	size_t item;
};

struct scheduler {
	const struct cenv_schedule *schedule;
	enum state *states;
	size_t *missing; /* of each item's needs, how many are not built */
	struct running *running;
	size_t nrunning;
	unsigned jobs;
	struct cenv_jobserver jobserver;
	struct cenv_strv told; /* notes: workers know nothing of each other, and say the same */
	struct cenv_events events;
	bool failed; /* nothing starts any more */
};

static bool is_ready(const struct scheduler *s, size_t i)
{
	return s->states[i] == WAITING && !s->missing[i];
}

/* Looked at with each event, so what is built is counted off once. */
static void count_off(struct scheduler *s, size_t built)
{
	for (size_t i = 0; i < s->schedule->n; i++) {
		const struct cenv_schedule_item *item = &s->schedule->items[i];

		for (size_t j = 0; s->states[i] == WAITING && j < item->nneeds; j++)
			s->missing[i] -= item->needs[j] == built;
	}
}

/* @return the item to start next, SIZE_MAX: none may */
static size_t next_ready(const struct scheduler *s)
{
	size_t best = SIZE_MAX;

	if (s->failed || s->nrunning == s->jobs)
		return SIZE_MAX;
	for (size_t i = 0; i < s->schedule->n; i++)
		if (is_ready(s, i) && (best == SIZE_MAX || s->schedule->items[i].weight >
								   s->schedule->items[best].weight))
			best = i;
	return best;
}

static int start(struct scheduler *s, size_t i, struct cenv_err *err)
{
	struct cenv_build_request request = {0};
	struct running *slot = &s->running[s->nrunning];

	if (s->schedule->start(s->schedule->payload, i, &request, err) < 0)
		return -1;
	/* who does not know the job server shares what the others left when it started */
	request.jobs = s->jobs - (unsigned)s->nrunning;
	request.jobserver = s->jobs > 1 ? &s->jobserver : NULL;
	if (cenv_worker_start(&slot->worker, &request, err) < 0)
		return -1;
	slot->item = i;
	s->states[i] = RUNNING;
	s->nrunning++;
	return 0;
}

static int start_ready(struct scheduler *s, struct cenv_err *err)
{
	size_t i;

	/* one may always run: with a token that got lost, nobody would be left to bring one back */
	while ((i = next_ready(s)) != SIZE_MAX &&
	       (cenv_jobserver_take(&s->jobserver) || !s->nrunning)) {
		if (start(s, i, err) < 0) {
			cenv_jobserver_give(&s->jobserver);
			return -1;
		}
	}
	return 0;
}

static void stop_all(struct scheduler *s)
{
	s->failed = true;
	for (size_t i = 0; i < s->nrunning; i++)
		cenv_worker_stop(&s->running[i].worker);
}

/* Of several failures the first is told: the others were stopped because of it. */
static void fail(struct scheduler *s, struct cenv_err *first, struct cenv_err *err)
{
	if (s->failed) {
		cenv_err_release(err);
		return;
	}
	cenv_err_move(first, err);
	stop_all(s);
}

static void finish(struct scheduler *s, size_t slot, struct cenv_err *first)
{
	struct cenv_worker *worker = &s->running[slot].worker;
	struct cenv_err err = CENV_ERR_INIT;
	size_t item = s->running[slot].item;
	int ret = 0;

	s->states[item] = BUILT;
	count_off(s, item);
	if (worker->reported && worker->ret == 0 && !s->failed)
		ret = s->schedule->built(s->schedule->payload, item, &err);
	if (cenv_worker_wait(worker, &err) < 0)
		ret = -1;
	s->running[slot] = s->running[--s->nrunning];
	cenv_jobserver_give(&s->jobserver);
	if (ret < 0)
		fail(s, first, &err);
}

static void await(struct scheduler *s, struct cenv_err *first)
{
	struct pollfd *fds = cenv_xcalloc(s->nrunning + 1, sizeof(*fds));
	size_t n = s->nrunning;

	for (size_t i = 0; i < n; i++)
		fds[i] = (struct pollfd){.fd = s->running[i].worker.fd, .events = POLLIN};
	fds[n] = (struct pollfd){.fd = next_ready(s) == SIZE_MAX ? -1 : s->jobserver.try_fd,
				 .events = POLLIN};
	/* not for ever: a signal may have come right before */
	if (poll(fds, (nfds_t)n + 1, 1000) < 0)
		n = 0;
	/* from the end, since what is finished gives its place to the last */
	for (size_t i = n; i-- > 0;)
		if (fds[i].revents && !cenv_worker_read(&s->running[i].worker, &s->events))
			finish(s, i, first);
	free(fds);
}

static void run(struct scheduler *s, struct cenv_err *first)
{
	struct cenv_err err = CENV_ERR_INIT;

	for (;;) {
		if (!s->failed &&
		    (cenv_interrupt_check(&err) < 0 || start_ready(s, &err) < 0))
			fail(s, first, &err);
		if (!s->nrunning)
			return;
		await(s, first);
	}
}

/* Nothing runs any more; what was not built then never will be. */
static int check_built(const struct scheduler *s, struct cenv_err *err)
{
	for (size_t i = 0; i < s->schedule->n; i++)
		if (s->states[i] != BUILT)
			return cenv_err_set(err, CENV_E_FAIL, "not all could be built: some packages "
					    "wait for each other");
	return 0;
}

/* A note that every worker has to give is told once; a step, with how many others run. */
static void pass_on(void *payload, const struct cenv_event *event)
{
	struct scheduler *s = payload;
	struct cenv_event counted = *event;

	if (event->kind == CENV_EV_BUILD_START || event->kind == CENV_EV_BUILD_STEP)
		counted.count = s->nrunning - 1;
	if (event->kind == CENV_EV_NOTE && event->text) {
		if (cenv_strv_has(&s->told, event->text))
			return;
		cenv_strv_add(&s->told, event->text);
	}
	cenv_emit(s->schedule->events, &counted);
}

int cenv_schedule_run(const struct cenv_schedule *schedule, struct cenv_err *err)
{
	struct scheduler s = {
		.schedule = schedule,
		.jobs = schedule->jobs ? schedule->jobs : cenv_cpus(),
		.jobserver = CENV_JOBSERVER_CLOSED,
	};
	int ret;

	if (!schedule->n)
		return 0;
	s.events = (struct cenv_events){pass_on, &s};
	s.states = cenv_xcalloc(schedule->n, sizeof(*s.states));
	s.missing = cenv_xcalloc(schedule->n, sizeof(*s.missing));
	for (size_t i = 0; i < schedule->n; i++)
		s.missing[i] = schedule->items[i].nneeds;
	s.running = cenv_xcalloc(schedule->n < s.jobs ? schedule->n : s.jobs, sizeof(*s.running));
	ret = cenv_jobserver_open(&s.jobserver, s.jobs, err);
	if (ret == 0)
		run(&s, err);
	if (s.failed)
		ret = -1;
	if (ret == 0)
		ret = check_built(&s, err);
	cenv_jobserver_close(&s.jobserver);
	cenv_strv_release(&s.told);
	free(s.states);
	free(s.missing);
	free(s.running);
	return ret;
}
