/* SPDX-License-Identifier: MIT */
#include "cmd/cmd.h"
#include "cmd/commands.h"

const struct cmd_def *const cmd_table[] = {
	&cmd_generate, &cmd_names, /* hidden */
	&cmd_cache,    &cmd_completion, &cmd_create,    &cmd_freeze, &cmd_hash,
	&cmd_info,     &cmd_install, &cmd_list,     &cmd_run,       &cmd_search, &cmd_show,
	&cmd_tree,     &cmd_uninstall, &cmd_vercmp, &cmd_why,       NULL,
};
