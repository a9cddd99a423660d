/* SPDX-License-Identifier: MIT */
#include "store/module.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/map.h"
#include "store/fs/fs.h"

char *cenv_install_path(const char *relative, struct cenv_err *err)
{
	struct cenv_buf exe = CENV_BUF_INIT;
	char *bin, *prefix, *path;

	if (cenv_fs_readlink(AT_FDCWD, "/proc/self/exe", &exe, err) < 0) {
		cenv_err_wrap(err, "cannot find where cenv is installed");
		return NULL;
	}
	bin = cenv_path_dir(exe.buf);
	prefix = cenv_path_dir(bin);
	path = cenv_path_join(prefix, relative);
	cenv_buf_release(&exe);
	free(bin);
	free(prefix);
	return path;
}

static const void *open_module(const char *name, struct cenv_err *err)
{
	const struct cenv_module_head *head = NULL;
	char *relative = cenv_strf("lib/cenv/cenv-%s.so", name);
	char *symbol = cenv_strf("cenv_module_%s", name);
	char *path = cenv_install_path(relative, err);
	void *handle;

	if (!path)
		goto out;
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		cenv_err_set(err, CENV_E_FAIL, "cannot load module '%s': %s", path, dlerror());
		cenv_err_hint(err, "the installation is incomplete: install cenv again");
		goto out;
	}
	head = dlsym(handle, symbol);
	if (!head || head->abi != CENV_MODULE_ABI) {
		head = NULL;
		cenv_err_set(err, CENV_E_FAIL, "module '%s' belongs to another version of cenv", path);
		cenv_err_hint(err, "the installation mixes two versions: install cenv again");
	}
out:
	free(relative);
	free(symbol);
	free(path);
	return head;
}

const void *cenv_module_load(const char *name, struct cenv_err *err)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static struct cenv_map loaded; /* name -> table; reachable until exit */
	const void *table;

	pthread_mutex_lock(&mutex);
	table = cenv_map_get(&loaded, name);
	if (!table) {
		table = open_module(name, err);
		if (table)
			cenv_map_put(&loaded, name, (void *)(size_t)table);
	}
	pthread_mutex_unlock(&mutex);
	return table;
}
