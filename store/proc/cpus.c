/* SPDX-License-Identifier: MIT */
#include "store/proc/cpus.h"

#include <sched.h>
#include <unistd.h>

/* The affinity mask counts: a container or taskset may leave us fewer than the machine has. */
unsigned cenv_cpus(void)
{
	/* a mask of the usual size holds 1024; where that is too small the kernel says so */
	for (int n = 1024; n <= 65536; n *= 2) {
		cpu_set_t *set = CPU_ALLOC((size_t)n);
		size_t size = CPU_ALLOC_SIZE((size_t)n);
		int count = 0;

		if (set && sched_getaffinity(0, size, set) == 0)
			count = CPU_COUNT_S(size, set);
		CPU_FREE(set);
		if (count > 0)
			return (unsigned)count;
	}
	return sysconf(_SC_NPROCESSORS_ONLN) > 0 ? (unsigned)sysconf(_SC_NPROCESSORS_ONLN) : 1;
}
