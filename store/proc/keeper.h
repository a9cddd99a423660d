/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_PROC_KEEPER_H
#define CENV_STORE_PROC_KEEPER_H

#include <sys/types.h>

/*
 * A process between us and a child whose descendants must not outlive it. A process group is
 * left by setsid and a parent by a double fork; but what loses its parent falls to the nearest
 * ancestor that is a "child subreaper", and that is the keeper. When the child has ended, when
 * it is told to stop (SIGTERM), and when we die, whatever way, it kills all that is left.
 *
 * It keeps our descriptors, our locks among them, until nothing is left: who gets the lock
 * after us meets no process that still writes.
 */

/**
 * To be called in a forked process. Returns in a child of it, which is to go on to exec;
 * the caller itself turns into the keeper and ends with the status of that child.
 *
 * Only async-signal-safe calls.
 *
 * @param parent    whose death ends everything.
 * @param report_fd closed by the keeper; gets errno when there can be no child.
 */
void cenv_keeper_split(pid_t parent, int report_fd);

#endif
