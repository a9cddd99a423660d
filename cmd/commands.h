/* SPDX-License-Identifier: MIT */
#ifndef CENV_CMD_COMMANDS_H
#define CENV_CMD_COMMANDS_H

#include "cmd/cmd.h"

extern const struct cmd_def cmd_add;
extern const struct cmd_def cmd_cache;
extern const struct cmd_def cmd_check;
extern const struct cmd_def cmd_completion;
extern const struct cmd_def cmd_create;
extern const struct cmd_def cmd_diff;
extern const struct cmd_def cmd_freeze;
extern const struct cmd_def cmd_generate;
extern const struct cmd_def cmd_hash;
extern const struct cmd_def cmd_history;
extern const struct cmd_def cmd_info;
extern const struct cmd_def cmd_install;
extern const struct cmd_def cmd_list;
extern const struct cmd_def cmd_lock;
extern const struct cmd_def cmd_names;
extern const struct cmd_def cmd_outdated;
extern const struct cmd_def cmd_remove;
extern const struct cmd_def cmd_rollback;
extern const struct cmd_def cmd_run;
extern const struct cmd_def cmd_search;
extern const struct cmd_def cmd_show;
extern const struct cmd_def cmd_sync;
extern const struct cmd_def cmd_tree;
extern const struct cmd_def cmd_uninstall;
extern const struct cmd_def cmd_upgrade;
extern const struct cmd_def cmd_vercmp;
extern const struct cmd_def cmd_why;

#endif
