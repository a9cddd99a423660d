/* SPDX-License-Identifier: MIT */
#include "core/base/buf.h"
#include "core/resolver_state.h"

int cenv_explain(struct cenv_resolver *r, const struct cenv_incompat *failed, struct cenv_err *err)
{
	(void)r;
	(void)failed;
	return cenv_err_set(err, CENV_E_UNSAT, "no set of versions satisfies all requirements");
}
