/* SPDX-License-Identifier: MIT */
#include "store/pipeline/links.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/location.h"
#include "core/requirement.h"
#include "core/secret.h"
#include "store/fs/fs.h"

enum { PAGE_MAX = 16 << 20 };

/* Takes the location over. */
static void add_link(struct cenv_links *out, char *location)
{
	char *name = NULL, *version = NULL;

	if (!cenv_archive_name_split(location, &name, &version)) {
		free(location);
		return;
	}
	CENV_GROW(out->v, out->n, out->cap);
	out->v[out->n++] = (struct cenv_link){location, cenv_name_normalize(name), version};
	free(name);
}

static int list_folder(struct cenv_links *out, const char *folder, struct cenv_err *err)
{
	struct cenv_strv names = {0};

	if (cenv_fs_list(AT_FDCWD, folder, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		add_link(out, cenv_path_join(folder, names.v[i]));
	cenv_strv_release(&names);
	return 0;
}

/* The value of an attribute that starts at s, quoted or not: its length, *s at its start. */
static size_t attribute_len(const char **s)
{
	char quote = **s;

	if (quote != '"' && quote != '\'')
		return strcspn(*s, " \t\r\n>");
	(*s)++;
	return strcspn(*s, quote == '"' ? "\"" : "'");
}

/* What a server's listing of a folder and a page written by hand have in common: href=. */
static void scan_page(struct cenv_links *out, const char *url, const char *page)
{
	char *base = cenv_location_dir(url);

	while ((page = strcasestr(page, "href="))) {
		struct cenv_err refused = CENV_ERR_INIT;
		char *ref;
		size_t len;

		page += strlen("href=");
		len = attribute_len(&page);
		ref = cenv_xstrndup(page, len);
		ref[strcspn(ref, "#")] = '\0';
		/* a page from elsewhere has no say about files here */
		if (*ref && strncasecmp(ref, "file:", 5) != 0 &&
		    cenv_location_check_scheme(ref, &refused) == 0)
			add_link(out, cenv_location_join(base, ref));
		cenv_err_release(&refused);
		free(ref);
		page += len;
	}
	free(base);
}

static int list_page(struct cenv_links *out, const char *url, const struct cenv_fetch_options *fetch,
		     struct cenv_err *err)
{
	struct cenv_buf page = CENV_BUF_INIT;
	int ret = cenv_fetch_text(url, PAGE_MAX, fetch, &page, err);

	if (ret == 0)
		scan_page(out, url, page.buf);
	cenv_buf_release(&page);
	return ret;
}

static int list(struct cenv_links *out, const char *place, const struct cenv_fetch_options *fetch,
		struct cenv_err *err)
{
	char *folder = cenv_url_local_path(place);
	int ret = 0;

	if (folder)
		ret = list_folder(out, folder, err);
	else if (!fetch->offline)
		ret = list_page(out, place, fetch, err);
	free(folder);
	return ret;
}

static void tell_unlisted(const char *place, const struct cenv_err *why,
			  const struct cenv_events *events)
{
	char *shown = cenv_url_redact(place);
	char *text = cenv_strf("nothing is taken from --find-links '%s': %s", shown, why->msg);

	cenv_emit(events, &(struct cenv_event){.kind = CENV_EV_WARNING, .text = text});
	free(text);
	free(shown);
}

int cenv_links_gather(struct cenv_links *out, const struct cenv_strv *places,
		      const struct cenv_fetch_options *fetch, struct cenv_err *err)
{
	for (size_t i = 0; i < places->n; i++) {
		if (list(out, places->v[i], fetch, err) == 0)
			continue;
		if (err->code == CENV_E_INTERRUPT)
			return -1;
		tell_unlisted(places->v[i], err, fetch->events);
		cenv_err_release(err);
	}
	return 0;
}

void cenv_links_release(struct cenv_links *links)
{
	for (size_t i = 0; i < links->n; i++) {
		free(links->v[i].location);
		free(links->v[i].key);
		free(links->v[i].version);
	}
	free(links->v);
	*links = (struct cenv_links){0};
}
