/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PROC_CPUS_H
#define CENV_STORE_PROC_CPUS_H

/** How many processors this process may use, as nproc counts them; at least 1. */
unsigned cenv_cpus(void);

#endif
