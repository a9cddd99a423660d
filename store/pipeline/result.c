/* SPDX-License-Identifier: MIT */
#include "store/pipeline/result.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/version.h"

static struct cenv_action *add_action(struct cenv_install_result *result)
{
	CENV_GROW(result->actions, result->n, result->cap);
	result->actions[result->n] = (struct cenv_action){0};
	return &result->actions[result->n++];
}

void cenv_result_note(struct cenv_install_result *result, const char *key, const char *version,
		      const struct cenv_record *old, bool in_store)
{
	struct cenv_action *action = add_action(result);
	int order = old ? cenv_version_cmp(version, old->version) : 0;

	action->kind = !old	   ? CENV_ACTION_INSTALL
		       : order > 0 ? CENV_ACTION_UPGRADE
		       : order < 0 ? CENV_ACTION_DOWNGRADE
				   : CENV_ACTION_REBUILD;
	action->name = cenv_xstrdup(key);
	action->version = cenv_xstrdup(version);
	action->old_version = old ? cenv_xstrdup(old->version) : NULL;
	action->in_store = in_store;
}

void cenv_result_note_item(struct cenv_install_result *result,
			   const struct cenv_build_plan_item *item)
{
	cenv_result_note(result, item->pkg->key, item->pkg->candidate->version, item->installed,
			 item->object != NULL);
}

void cenv_result_note_removal(struct cenv_install_result *result, const struct cenv_record *record)
{
	struct cenv_action *action = add_action(result);

	action->kind = CENV_ACTION_REMOVE;
	action->name = cenv_xstrdup(record->key);
	action->version = cenv_xstrdup(record->version);
}

void cenv_install_result_release(struct cenv_install_result *result)
{
	for (size_t i = 0; i < result->n; i++) {
		free(result->actions[i].name);
		free(result->actions[i].version);
		free(result->actions[i].old_version);
	}
	free(result->actions);
	*result = (struct cenv_install_result){0};
}
