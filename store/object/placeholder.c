/* SPDX-License-Identifier: MIT */
#include "store/object/object.h"

/* byte i is "cenv_Qx7"[i % 8], but for the slashes at 0 and 130 */
#define MARK "cenv_Qx7"
#define MARK5 MARK MARK MARK MARK MARK
#define MARK15 MARK5 MARK5 MARK5

const char cenv_placeholder[CENV_PLACEHOLDER_LEN + 1] =
	"/env_Qx7" MARK15 "ce/v_Qx7" MARK15 "cenv";

_Static_assert(sizeof("/env_Qx7" MARK15 "ce/v_Qx7" MARK15 "cenv") == CENV_PLACEHOLDER_LEN + 1,
	       "the placeholder has the length that it promises");
