/* SPDX-License-Identifier: MIT */
#include "core/secret.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

/* Of those that make a URL malformed, in bytes. */
enum { USERINFO_MAX = 1024 };

/* A piece of text that may end anywhere: not by a NUL. */
static size_t span_until(const char *s, size_t len, const char *ends)
{
	size_t n = 0;

	while (n < len && s[n] && !strchr(ends, s[n]))
		n++;
	return n;
}

/* "name:" and what is no port: a password, in which a '/' stands as it is. */
static bool has_password(const char *authority, size_t len)
{
	size_t at = len && *authority == '[' ? len : span_until(authority, len, ":");
	size_t end = at;

	while (end < len && (end == at || (authority[end] >= '0' && authority[end] <= '9')))
		end++;
	return at < len && (end < len || end == at + 1);
}

/* How many bytes of what reaches to the path are user name and password, with the last '@'. */
static size_t before_host(const char *authority, size_t len)
{
	size_t n = span_until(authority, len, "/?#\\");

	while (n && authority[n - 1] != '@')
		n--;
	return n;
}

/* Behind "scheme://": how many bytes are user name and password, with the '@'. */
static size_t userinfo_len(const char *authority, size_t len)
{
	size_t n = before_host(authority, len);

	if (n || !has_password(authority, span_until(authority, len, "/?#\\")))
		return n;
	if (len > USERINFO_MAX) /* or a long text would be searched to its end again and again */
		len = USERINFO_MAX;
	n = span_until(authority, len, "@");
	if (n == len || authority[n] != '@')
		return 0;
	n++;
	return n + before_host(authority + n, len - n);
}

static bool names_a_secret(const char *name, size_t len)
{
	static const char *const words[] = {"token", "secret", "pass", "pwd",
					    "sig",   "key",    "auth", "credential"};
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

/* A text that is copied with *** for pieces of it, and a place in it that moves with them. */
struct masker {
	struct cenv_buf *out;
	size_t start; /* of the copy in out */
	const char *text;
	size_t copied; /* bytes of text */
	size_t at, place;
	bool changes; /* something was masked that was not before */
	bool to_end;  /* from the first piece on, all of a URL goes */
};

static void mask_piece(struct masker *m, size_t from, size_t len)
{
	cenv_buf_add(m->out, m->text + m->copied, from - m->copied);
	if (m->at >= from + len)
		m->place = m->place + 3 - len;
	else if (m->at > from)
		m->place = m->out->len - m->start;
	cenv_buf_adds(m->out, "***");
	m->changes |= len != 3 || memcmp(m->text + from, "***", 3) != 0;
	m->copied = from + len;
}

/* Where the next user name and password are, from `at` behind a "://" on: one URL may stand in
 * another. Their length without the '@', 0 when there are none. */
static size_t next_userinfo(const char *url, size_t len, size_t *at)
{
	for (;;) {
		size_t n = userinfo_len(url + *at, len - *at);
		const char *next;

		if (n > 1)
			return n - 1;
		next = memmem(url + *at, len - *at, "://", 3);
		if (!next)
			return 0;
		*at = (size_t)(next - url) + 3;
	}
}

/* Bytes [at, end) of a URL; none when they are equal. */
struct piece {
	size_t at, end;
};

/* The next ones from piece->at on. */
static void find_userinfo(struct piece *piece, const char *url, size_t len)
{
	size_t n = next_userinfo(url, len, &piece->at);

	piece->end = piece->at + n;
}

static void find_secret(struct piece *piece, const char *url, size_t len)
{
	size_t n = next_secret(url, len, &piece->at);

	piece->end = piece->at + n;
}

/* The first of the two, with what it shares bytes with. */
static struct piece first_piece(struct piece a, struct piece b)
{
	struct piece first = a.at == a.end || (b.at < b.end && b.at < a.at) ? b : a;

	if (a.at < first.end && a.end > first.end)
		first.end = a.end;
	if (b.at < first.end && b.end > first.end)
		first.end = b.end;
	return first;
}

/* A URL from behind its "://" on, at `from` of the text. */
static void mask_url(struct masker *m, size_t from, size_t len)
{
	const char *url = m->text + from;
	struct piece user = {.at = 0}, secret = {.at = span_until(url, len, "?#")}, next;

	find_userinfo(&user, url, len);
	find_secret(&secret, url, len);
	while (user.at < user.end || secret.at < secret.end) {
		next = first_piece(user, secret);
		if (m->to_end)
			next.end = len;
		mask_piece(m, from + next.at, next.end - next.at);
		if (user.at < next.end) {
			user.at = next.end;
			find_userinfo(&user, url, len);
		}
		if (secret.at < next.end) {
			secret.at = next.end;
			find_secret(&secret, url, len);
		}
	}
}

char *cenv_url_redact(const char *url)
{
	struct cenv_buf out = CENV_BUF_INIT;
	struct masker m = {.out = &out};
	const char *authority = strstr(url, "://");

	if (!authority)
		return cenv_xstrdup(url);
	authority += 3;
	cenv_buf_add(&out, url, (size_t)(authority - url));
	authority += userinfo_len(authority, strlen(authority));
	m.text = authority;
	mask_url(&m, 0, strlen(authority));
	cenv_buf_adds(&out, authority + m.copied);
	return cenv_buf_detach(&out);
}

/* A URL in a text. It may have quotes in it, which end it only where a word ends as well. */
static size_t url_len(const char *s, size_t len)
{
	size_t n = 0;

	for (;;) {
		n += span_until(s + n, len - n, " \t\r\n'\"<>");
		if (n == len || !s[n] || !strchr("'\"<>", s[n]))
			return n;
		if (n + 1 == len || !s[n + 1] || strchr(" \t\r\n,:;)]}", s[n + 1]))
			return n;
		n++;
	}
}

static void mask_urls(struct masker *m, size_t len)
{
	for (size_t i = 0; i + 3 <= len; i++) {
		size_t n;

		if (memcmp(m->text + i, "://", 3) != 0)
			continue;
		i += 3;
		n = url_len(m->text + i, len - i);
		mask_url(m, i, n);
		i += n - (n > 0);
	}
	cenv_buf_add(m->out, m->text + m->copied, len - m->copied);
}

/* What is left of a malformed URL can look like more to mask, time and again; then all of it goes. */
enum { PASSES_MAX = 8 };

size_t cenv_secrets_mask(struct cenv_buf *out, const char *text, size_t len, size_t at)
{
	size_t start = out->len;
	struct masker m = {.out = out, .start = start, .text = text, .at = at, .place = at};
	struct cenv_buf before = CENV_BUF_INIT;

	mask_urls(&m, len);
	for (unsigned pass = 2; m.changes && pass <= PASSES_MAX; pass++) {
		cenv_buf_reset(&before);
		cenv_buf_add(&before, out->buf + start, out->len - start);
		cenv_buf_truncate(out, start);
		m = (struct masker){.out = out, .start = start, .text = before.buf, .at = m.place,
				    .place = m.place, .to_end = pass == PASSES_MAX};
		mask_urls(&m, before.len);
	}
	cenv_buf_release(&before);
	return m.place;
}
