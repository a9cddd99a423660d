/* SPDX-License-Identifier: MIT */
#include "cmd/cmd.h"
#include "cmd/commands.h"

const struct cmd_def *const cmd_table[] = {
	&cmd_generate, &cmd_names, /* hidden */
	&cmd_add,
	&cmd_cache,
	&cmd_check,
	&cmd_completion,
	&cmd_create,
	&cmd_diff,
	&cmd_freeze,
	&cmd_hash,
	&cmd_history,
	&cmd_info,
	&cmd_install,
	&cmd_list,
	&cmd_lock,
	&cmd_outdated,
	&cmd_remove,
	&cmd_rollback,
	&cmd_run,
	&cmd_search,
	&cmd_show,
	&cmd_sync,
	&cmd_tree,
	&cmd_uninstall,
	&cmd_upgrade,
	&cmd_vercmp,
	&cmd_why,
	NULL,
};
