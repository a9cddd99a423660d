/* SPDX-License-Identifier: MIT */
/*
 * pair: run two commands in turn, many times, and print the ratio of their
 * medians. Turn by turn, so that a machine whose speed drifts does not matter.
 *
 *     pair [-n RUNS] [-b 'SHELL COMMAND BEFORE EACH RUN'] LABEL A [ARG...] -- B [ARG...]
 *
 * Prints: LABEL  wall A ms / B ms = ratio   cpu A ms / B ms = ratio   peak A kB
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct sample {
	double wall, cpu; /* milliseconds */
	long peak;        /* kB */
};

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static double timeval_ms(struct timeval tv)
{
	return (double)tv.tv_sec * 1e3 + (double)tv.tv_usec / 1e3;
}

static struct sample run(char **argv)
{
	posix_spawn_file_actions_t actions;
	struct sample s = {0};
	struct rusage usage;
	double start;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	start = now_ms();
	errno = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	if (errno || wait4(pid, &status, 0, &usage) < 0) {
		perror(argv[0]);
		exit(1);
	}
	s.wall = now_ms() - start;
	s.cpu = timeval_ms(usage.ru_utime) + timeval_ms(usage.ru_stime);
	s.peak = usage.ru_maxrss;
	posix_spawn_file_actions_destroy(&actions);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "pair: '%s' failed (status %d)\n", argv[0], status);
		exit(1);
	}
	return s;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const struct sample *samples, int n, size_t member)
{
	double *values = calloc((size_t)n, sizeof(*values)), m;

	for (int i = 0; i < n; i++)
		values[i] = *(const double *)(const void *)((const char *)&samples[i] + member);
	qsort(values, (size_t)n, sizeof(*values), compare);
	m = values[n / 2];
	free(values);
	return m;
}

static void before_run(const char *command)
{
	if (command && system(command) != 0) {
		fprintf(stderr, "pair: '%s' failed\n", command);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	const char *before = NULL, *label;
	struct sample *a, *b;
	int n = 50, opt, second = 0;
	double wall_a, wall_b, cpu_a, cpu_b;

	while ((opt = getopt(argc, argv, "+n:b:")) != -1) {
		if (opt == 'n')
			n = atoi(optarg);
		else if (opt == 'b')
			before = optarg;
		else
			return 2;
	}
	for (int i = optind; i < argc; i++) {
		if (!strcmp(argv[i], "--")) {
			second = i + 1;
			argv[i] = NULL;
			break;
		}
	}
	if (n < 1 || argc - optind < 4 || !second || second >= argc) {
		fprintf(stderr, "usage: pair [-n RUNS] [-b BEFORE] LABEL A [ARG...] -- B [ARG...]\n");
		return 2;
	}
	label = argv[optind];
	a = calloc((size_t)n, sizeof(*a));
	b = calloc((size_t)n, sizeof(*b));
	for (int i = -1; i < n; i++) { /* the first pair warms up */
		struct sample s, t;

		before_run(before);
		s = run(argv + optind + 1);
		before_run(before);
		t = run(argv + second);
		if (i >= 0) {
			a[i] = s;
			b[i] = t;
		}
	}
	wall_a = median(a, n, offsetof(struct sample, wall));
	wall_b = median(b, n, offsetof(struct sample, wall));
	cpu_a = median(a, n, offsetof(struct sample, cpu));
	cpu_b = median(b, n, offsetof(struct sample, cpu));
	printf("%-34s wall %8.2f / %8.2f ms = %6.2f   cpu %8.2f / %8.2f ms = %6.2f   peak %6ld kB\n",
	       label, wall_a, wall_b, wall_a / wall_b, cpu_a, cpu_b, cpu_b > 0 ? cpu_a / cpu_b : 0,
	       a[n / 2].peak);
	free(a);
	free(b);
	return 0;
}
