/* SPDX-License-Identifier: MIT */
#include "core/secret.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

/* A piece of text that may end anywhere: not by a NUL. */
static size_t span_until(const char *s, size_t len, const char *ends)
{
	size_t n = 0;

	while (n < len && s[n] && !strchr(ends, s[n]))
		n++;
	return n;
}

/* Behind "scheme://": how many bytes are user name and password, with the '@'. */
static size_t userinfo_len(const char *authority, size_t len)
{
	size_t n = span_until(authority, len, "/?#\\");

	while (n && authority[n - 1] != '@')
		n--;
	return n;
}

static bool names_a_secret(const char *name, size_t len)
{
	static const char *const words[] = {"token", "secret", "passw",	    "sig",
					    "key",   "auth",   "credential"};
	char *copy = cenv_xstrndup(name, len);
	bool is = false;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words) && !is; i++)
		is = strcasestr(copy, words[i]);
	free(copy);
	return is;
}

/* Where the next secret value of a query is, from `at` on; its length, 0 when there is none. */
static size_t next_secret(const char *query, size_t len, size_t *at)
{
	while (*at < len && query[*at] != '#') { /* a fragment is for the reader */
		const char *name = query + *at;
		size_t n = span_until(name, len - *at, "&;#");
		size_t equals = span_until(name, n, "=");

		if (equals + 1 < n && names_a_secret(name, equals)) {
			*at += equals + 1;
			return n - equals - 1;
		}
		*at += n + (*at + n < len && name[n] != '#');
	}
	return 0;
}

static void add_query(struct cenv_buf *out, const char *query)
{
	size_t len = strlen(query), at = 0, done = 0, secret;

	while ((secret = next_secret(query, len, &at))) {
		cenv_buf_add(out, query + done, at - done);
		cenv_buf_adds(out, "***");
		at += secret;
		done = at;
	}
	cenv_buf_adds(out, query + done);
}

char *cenv_url_redact(const char *url)
{
	struct cenv_buf out = CENV_BUF_INIT;
	const char *authority = strstr(url, "://");
	size_t before;

	if (!authority)
		return cenv_xstrdup(url);
	authority += 3;
	cenv_buf_add(&out, url, (size_t)(authority - url));
	authority += userinfo_len(authority, strlen(authority));
	before = strcspn(authority, "?#");
	cenv_buf_add(&out, authority, before);
	add_query(&out, authority + before);
	return cenv_buf_detach(&out);
}

/* A text that is copied with *** for pieces of it, and a place in it that moves with them. */
struct masker {
	struct cenv_buf *out;
	size_t start; /* of the copy in out */
	const char *text;
	size_t copied; /* bytes of text */
	size_t at, place;
};

static void mask_piece(struct masker *m, size_t from, size_t len)
{
	cenv_buf_add(m->out, m->text + m->copied, from - m->copied);
	if (m->at >= from + len)
		m->place = m->place + 3 - len;
	else if (m->at > from)
		m->place = m->out->len - m->start;
	cenv_buf_adds(m->out, "***");
	m->copied = from + len;
}

static void mask_url(struct masker *m, size_t from, size_t len)
{
	const char *url = m->text + from;
	size_t userinfo = userinfo_len(url, len), at, secret;

	if (userinfo > 1)
		mask_piece(m, from, userinfo - 1);
	at = span_until(url, len, "?#");
	while ((secret = next_secret(url, len, &at))) {
		mask_piece(m, from + at, secret);
		at += secret;
	}
}

size_t cenv_secrets_mask(struct cenv_buf *out, const char *text, size_t len, size_t at)
{
	struct masker m = {.out = out, .start = out->len, .text = text, .at = at, .place = at};

	for (size_t i = 0; i + 3 <= len; i++) {
		size_t n;

		if (memcmp(text + i, "://", 3) != 0)
			continue;
		i += 3;
		n = span_until(text + i, len - i, " \t\r\n'\"<>");
		mask_url(&m, i, n);
		i += n - (n > 0);
	}
	cenv_buf_add(out, text + m.copied, len - m.copied);
	return m.place;
}
