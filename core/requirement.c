/* SPDX-License-Identifier: MIT */
#include "core/requirement.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/location.h"
#include "core/optline.h"
#include "core/requirement_plain.h"
#include "core/secret.h"

/* What is being parsed. When a function fails, pos is the fault. */
struct parser {
	const char *text;
	size_t pos;
	const char *base;
	struct cenv_requirement *out;
};

static int syntax(struct cenv_err *err, const char *msg)
{
	return cenv_err_set(err, CENV_E_SYNTAX, "%s", msg);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_blanks(struct parser *p)
{
	p->pos += strspn(p->text + p->pos, " \t");
}

/* Behind the word at pos: a run of what names and features are made of. */
static size_t word_end(const struct parser *p)
{
	return p->pos + strspn(p->text + p->pos,
			       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "0123456789._+-");
}

/* Is there nothing more of the subject at pos: the end, a marker, or options? */
static bool at_subject_end(const char *s)
{
	size_t blanks = strspn(s, " \t");

	s += blanks;
	return !*s || (blanks && (*s == ';' || (s[0] == '-' && s[1] == '-')));
}

static int check_text(struct parser *p, struct cenv_err *err)
{
	size_t len = strnlen(p->text, CENV_REQUIREMENT_MAX + 1);

	if (len > CENV_REQUIREMENT_MAX)
		return cenv_err_set(err, CENV_E_SYNTAX, "a requirement is longer than %d bytes",
				    CENV_REQUIREMENT_MAX);
	for (; p->pos < len; p->pos++) {
		unsigned char c = (unsigned char)p->text[p->pos];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return cenv_err_set(err, CENV_E_SYNTAX, "control character \\x%02x", c);
	}
	p->pos = 0;
	return 0;
}

/* PEP 503 makes two spellings of a feature one. */
static bool has_feature(const struct cenv_strv *list, const char *name)
{
	char *key = cenv_name_normalize(name);
	bool found = false;

	for (size_t i = 0; i < list->n && !found; i++) {
		char *other = cenv_name_normalize(list->v[i]);

		found = !strcmp(key, other);
		free(other);
	}
	free(key);
	return found;
}

static int add_feature(struct parser *p, const char *word, size_t len, struct cenv_err *err)
{
	bool off = *word == '-';
	struct cenv_strv *same = off ? &p->out->features_off : &p->out->features_on;
	struct cenv_strv *other = off ? &p->out->features_on : &p->out->features_off;
	char *name = cenv_xstrndup(word + off, len - off);
	int ret = 0;

	if (!cenv_name_valid(name, strlen(name)))
		ret = syntax(err, "expected the name of a feature");
	else if (has_feature(other, name))
		ret = cenv_err_set(err, CENV_E_SYNTAX, "feature '%s' is both on and off", name);
	else if (same->n >= CENV_FEATURES_MAX)
		ret = cenv_err_set(err, CENV_E_SYNTAX, "more than %d features", CENV_FEATURES_MAX);
	else if (!has_feature(same, name))
		cenv_strv_add(same, name);
	free(name);
	return ret;
}

/* [http2,-ldap] */
static int parse_features(struct parser *p, struct cenv_err *err)
{
	size_t open = p->pos++;

	skip_blanks(p);
	while (p->text[p->pos] != ']') {
		size_t end = word_end(p);

		if (!p->text[p->pos]) {
			p->pos = open;
			return syntax(err, "this '[' is never closed");
		}
		if (add_feature(p, p->text + p->pos, end - p->pos, err) < 0)
			return -1;
		p->pos = end;
		skip_blanks(p);
		if (p->text[p->pos] == ',') {
			p->pos++;
			skip_blanks(p);
			if (p->text[p->pos] == ']')
				return syntax(err, "expected the name of a feature");
		} else if (p->text[p->pos] && p->text[p->pos] != ']') {
			return syntax(err, "expected ',' or ']' between features");
		}
	}
	p->pos++;
	cenv_strv_sort(&p->out->features_on);
	cenv_strv_sort(&p->out->features_off);
	return 0;
}

static int parse_name(struct parser *p, struct cenv_err *err)
{
	size_t end = word_end(p), len = end - p->pos;

	if (!cenv_name_valid(p->text + p->pos, len)) {
		if (len == 0)
			return syntax(err, "expected the name of a library, a URL or a path");
		return cenv_err_set(err, CENV_E_SYNTAX,
				    len > 128 ? "a name is longer than 128 bytes"
					      : "'%.*s' is no name: it starts and ends with a "
						"letter or digit",
				    (int)len, p->text + p->pos);
	}
	p->out->name = cenv_xstrndup(p->text + p->pos, len);
	p->out->key = cenv_name_normalize(p->out->name);
	p->pos = end;
	return 0;
}

static int parse_spec(struct parser *p, struct cenv_err *err)
{
	size_t start = p->pos, end = start, fault = 0;
	bool bracket = p->text[p->pos] == '(';

	while (p->text[end] && p->text[end] != ';' && p->text[end] != ')' &&
	       !at_subject_end(p->text + end))
		end++;
	if (bracket && p->text[end] != ')')
		return syntax(err, "this '(' is never closed");
	start += bracket;
	if (cenv_specifier_parse(&p->out->spec, p->text + start, end - start, &fault, err) < 0) {
		p->pos = start + fault;
		return -1;
	}
	p->pos = end + bracket;
	return 0;
}

static int add_hash(struct parser *p, struct cenv_strv *list, const char *value, size_t at,
		    struct cenv_err *err)
{
	char hex[65];

	p->pos = at;
	if (!cenv_str_starts(value, "sha256:"))
		return syntax(err, "expected 'sha256:' and 64 hex digits");
	value += strlen("sha256:");
	p->pos += strlen("sha256:");
	if (!cenv_is_sha256(value, strlen(value)))
		return syntax(err, "a sha256 has 64 hex digits");
	for (size_t i = 0; i <= 64; i++)
		hex[i] = (char)(value[i] >= 'A' && value[i] <= 'F' ? value[i] | 0x20 : value[i]);
	if (!cenv_strv_has(list, hex))
		cenv_strv_add(list, hex);
	return 0;
}

/* #sha256=<hex> and #egg=<name>, as Python's package pages write them. */
static int parse_fragment(struct parser *p, size_t at, size_t end, struct cenv_err *err)
{
	char *part = cenv_xstrndup(p->text + at, end - at), *value = strchr(part, '=');
	int ret = -1;

	if (value)
		*value++ = '\0';
	p->pos = at;
	if (value && !strcmp(part, "sha256")) {
		char *hash = cenv_strf("sha256:%s", value);

		ret = add_hash(p, &p->out->hashes, hash, at, err);
		free(hash);
	} else if (value && !strcmp(part, "egg") && cenv_name_valid(value, strlen(value))) {
		if (!p->out->name) {
			p->out->name = cenv_xstrdup(value);
			p->out->key = cenv_name_normalize(value);
		}
		ret = 0;
	} else {
		syntax(err, "a URL's fragment can be #sha256=HEX or #egg=NAME only");
	}
	free(part);
	return ret;
}

static int parse_fragments(struct parser *p, size_t at, size_t end, struct cenv_err *err)
{
	while (at < end) {
		size_t n = strcspn(p->text + at, "& \t");

		if (n > end - at)
			n = end - at;
		if (parse_fragment(p, at, at + n, err) < 0)
			return -1;
		at += n + 1;
	}
	return 0;
}

static int parse_url(struct parser *p, size_t end, struct cenv_err *err)
{
	const char *url = p->text + p->pos, *host;
	size_t scheme = cenv_location_scheme(url), len = end - p->pos;
	size_t fragment = p->pos + strcspn(url, "# \t"), blank = p->pos + strcspn(url, " \t");
	bool is_file = !strncasecmp(url, "file:", 5);

	if (cenv_location_check_scheme(url, err) < 0)
		return -1;
	if (blank < end) {
		p->pos = blank;
		return syntax(err, "a URL has no blanks: write %20, and a blank before ';'");
	}
	host = url + scheme + 1;
	if (!is_file && (strncmp(host, "//", 2) || strcspn(host + 2, "/?#") == 0 ||
			 host + 2 >= p->text + end))
		return syntax(err, "this URL names no host");
	if (fragment < end)
		len = fragment - p->pos;
	p->out->kind = CENV_REQ_URL;
	p->out->location = cenv_xstrndup(url, len);
	if (fragment < end && parse_fragments(p, fragment + 1, end, err) < 0)
		return -1;
	p->pos = end;
	return 0;
}

/* ./libfoo[feature]: pip's way to give features to a path. */
static size_t path_features(const struct parser *p, size_t end)
{
	size_t open = end;

	if (p->out->name || end <= p->pos || p->text[end - 1] != ']' ||
	    (p->base && cenv_location_is_url(p->base)))
		return end;
	while (open > p->pos && p->text[open] != '[')
		open--;
	return open > p->pos ? open : end;
}

static bool is_plain_text(const char *s)
{
	for (; *s; s++)
		if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
			return false;
	return true;
}

/* Is it file:... but not file://...: a path, percent-encoded? */
static bool is_file_path(const char *text)
{
	return !strncasecmp(text, "file:", 5) && strncmp(text + 5, "//", 2);
}

static int parse_path(struct parser *p, size_t end, struct cenv_err *err)
{
	bool encoded = is_file_path(p->text + p->pos);
	size_t open = path_features(p, end), start = p->pos + (encoded ? strlen("file:") : 0);
	char *path = cenv_xstrndup(p->text + start, open > start ? open - start : 0);
	bool ok;

	if (encoded)
		cenv_location_percent_decode(path);
	/* "file:x://y" would be a URL once the "file:" is off; "file:./x://y" is a path */
	ok = *path && is_plain_text(path) && !(encoded && cenv_location_is_url(path));
	if (ok && p->base && cenv_location_has_host(p->base)) { /* it becomes a part of a URL */
		char *plain = path;

		path = cenv_location_percent_encode(plain);
		free(plain);
	}
	if (ok) {
		p->out->location = cenv_location_join(p->base, path);
		/* a file read from a URL speaks of what stands beside it there */
		p->out->kind = cenv_location_has_host(p->out->location) ? CENV_REQ_URL
									: CENV_REQ_PATH;
		p->pos = open;
	}
	free(path);
	if (!ok)
		return syntax(err, "expected the path of an archive or a folder");
	return open < end ? parse_features(p, err) : 0;
}

/* A URL, or a path, that ends before " ;" and " --". */
static int parse_location(struct parser *p, struct cenv_err *err)
{
	const char *text = p->text + p->pos;
	size_t end = p->pos;

	while (!at_subject_end(p->text + end))
		end++;
	if (cenv_location_is_url(text) && !is_file_path(text))
		return parse_url(p, end, err);
	return parse_path(p, end, err);
}

/* Behind "name @". */
static int parse_at(struct parser *p, struct cenv_err *err)
{
	size_t word;

	p->pos++;
	skip_blanks(p);
	word = p->pos + strcspn(p->text + p->pos, " \t;");
	if (!cenv_location_is_url(p->text + p->pos) && !strpbrk(p->text + p->pos, "/") &&
	    !cenv_is_archive_name(p->text + p->pos) &&
	    cenv_name_valid(p->text + p->pos, word - p->pos))
		return cenv_err_set(err, CENV_E_SYNTAX,
				    "expected a URL or a path after '@'; a version is written "
				    "%s==%.*s",
				    p->out->name, (int)(word - p->pos), p->text + p->pos);
	if (at_subject_end(p->text + p->pos) || p->text[p->pos] == ';')
		return syntax(err, "expected a URL or a path after '@'");
	return parse_location(p, err);
}

/* Is it a path that starts here, rather than a name? */
static bool is_path(const struct parser *p)
{
	const char *text = p->text + p->pos;
	size_t word = strcspn(text, " \t;@[(=<>!~"), end = p->pos;
	char *subject;
	bool archive;

	if (*text == '.' || *text == '/')
		return true;
	if (memchr(text, '/', word))
		return true;
	while (!at_subject_end(p->text + end))
		end++;
	if (end - p->pos != word)
		return false;
	subject = cenv_xstrndup(text, word);
	archive = cenv_is_archive_name(subject);
	free(subject);
	return archive;
}

static int parse_named(struct parser *p, struct cenv_err *err)
{
	if (parse_name(p, err) < 0)
		return -1;
	skip_blanks(p);
	if (p->text[p->pos] == '[' && parse_features(p, err) < 0)
		return -1;
	skip_blanks(p);
	if (p->text[p->pos] == '@')
		return parse_at(p, err);
	if (p->text[p->pos] && strchr("=<>!~(", p->text[p->pos]))
		return parse_spec(p, err);
	return 0;
}

static int parse_subject(struct parser *p, struct cenv_err *err)
{
	if (cenv_location_is_url(p->text + p->pos) || is_path(p))
		return parse_location(p, err);
	return parse_named(p, err);
}

/* Behind a marker that starts at `i`: " --" outside of quotes, or the end. */
static size_t marker_end(const char *text, size_t i)
{
	char quote = '\0';

	for (; text[i]; i++) {
		if (quote) {
			quote = text[i] == quote ? '\0' : quote;
		} else if (text[i] == '"' || text[i] == '\'') {
			quote = text[i];
		} else if (is_blank(text[i]) && !strncmp(text + i + 1, "--", 2)) {
			break;
		}
	}
	return i;
}

static int parse_marker(struct parser *p, struct cenv_err *err)
{
	size_t start, end, len, fault = 0;
	const char *text;

	p->pos++;
	skip_blanks(p);
	start = p->pos;
	end = marker_end(p->text, start);
	text = p->text + start;
	len = end - start;
	cenv_str_trim(&text, &len);
	if (cenv_marker_parse(&p->out->marker, text, len, &fault, err) < 0) {
		p->pos = start + fault;
		return -1;
	}
	p->out->marker_text = cenv_xstrndup(text, len);
	p->pos = end;
	return 0;
}

static int add_setting(struct parser *p, const char *value, size_t at, struct cenv_err *err)
{
	p->pos = at;
	if (!cenv_str_starts(value, "options="))
		return syntax(err, "expected options=VALUE: 'options' is the only setting");
	value += strlen("options=");
	p->pos += strlen("options=");
	if (!*value)
		return syntax(err, "expected a build option after 'options='");
	cenv_strv_add(&p->out->options, value);
	return 0;
}

static int unknown_option(const char *name, struct cenv_err *err)
{
	static const char *const file_options[] = {
		"-r", "--requirement", "-c", "--constraint", "-e", "--editable", "-i",
		"--index", "--index-url", "--extra-index-url", "--no-index", "--no-default-index",
		"-f", "--find-links", "--mirror", "--require-hashes", "--pre",
	};

	for (size_t i = 0; i < sizeof(file_options) / sizeof(*file_options); i++)
		if (!strcmp(name, file_options[i]))
			return cenv_err_set(err, CENV_E_SYNTAX,
					    "option '%s' means nothing behind a requirement: it "
					    "has a line of its own", name);
	if (*name != '-')
		return cenv_err_set(err, CENV_E_SYNTAX, "unexpected '%s' behind the options", name);
	return cenv_err_set(err, CENV_E_SYNTAX,
			    "unknown option '%s': a requirement takes --hash, --tree-hash and "
			    "--config-settings", name);
}

static int apply_option(struct parser *p, struct cenv_optline *line, struct cenv_err *err)
{
	const char *name = line->name.buf;
	bool hash = !strcmp(name, "--hash"), tree = !strcmp(name, "--tree-hash");

	p->pos = line->at;
	if (!hash && !tree && strcmp(name, "--config-settings"))
		return unknown_option(name, err);
	if (p->out->hashes.n + p->out->tree_hashes.n + p->out->options.n >= CENV_OPTIONS_MAX)
		return cenv_err_set(err, CENV_E_SYNTAX, "more than %d options", CENV_OPTIONS_MAX);
	if (cenv_optline_value(line, err) < 0) {
		p->pos = line->pos;
		return -1;
	}
	if (hash)
		return add_hash(p, &p->out->hashes, line->value.buf, line->at, err);
	if (tree)
		return add_hash(p, &p->out->tree_hashes, line->value.buf, line->at, err);
	return add_setting(p, line->value.buf, line->at, err);
}

static int parse_options(struct parser *p, struct cenv_err *err)
{
	struct cenv_optline line;
	int got;

	cenv_optline_init(&line, p->text, p->pos);
	while ((got = cenv_optline_next(&line, err)) > 0) {
		if (apply_option(p, &line, err) < 0) {
			cenv_optline_release(&line);
			return -1;
		}
	}
	p->pos = line.pos;
	cenv_optline_release(&line);
	return got;
}

/* -e PATH, --editable PATH, --editable=PATH */
static void parse_editable(struct parser *p)
{
	const char *text = p->text + p->pos;
	size_t len = 0;

	if (!strncmp(text, "-e", 2) && (!text[2] || strchr(" \t./", text[2])))
		len = 2;
	else if (cenv_str_starts(text, "--editable") &&
		 (is_blank(text[10]) || text[10] == '=' || !text[10]))
		len = 10 + (text[10] == '=');
	p->out->editable = len > 0;
	p->pos += len;
	skip_blanks(p);
}

static int check_editable(struct parser *p, size_t subject, struct cenv_err *err)
{
	const struct cenv_requirement *req = p->out;

	p->pos = subject;
	if (req->kind != CENV_REQ_PATH || cenv_is_archive_name(req->location))
		return syntax(err, "-e takes a folder with the library's sources");
	if (req->hashes.n || req->tree_hashes.n)
		return syntax(err, "a hash means nothing for an editable folder, which may change");
	return 0;
}

static int parse(struct parser *p, struct cenv_err *err)
{
	size_t subject;

	if (check_text(p, err) < 0)
		return -1;
	skip_blanks(p);
	parse_editable(p);
	subject = p->pos;
	if (parse_subject(p, err) < 0)
		return -1;
	skip_blanks(p);
	if (p->text[p->pos] == ';' && parse_marker(p, err) < 0)
		return -1;
	skip_blanks(p);
	if (p->text[p->pos] && strncmp(p->text + p->pos, "--", 2))
		return cenv_err_set(err, CENV_E_SYNTAX,
				    p->out->kind == CENV_REQ_NAME && !p->out->spec.n
					    ? "unexpected text after the name: a version is "
					      "written ==1.2, an option starts with --"
					    : "unexpected text after the requirement");
	if (parse_options(p, err) < 0)
		return -1;
	return p->out->editable ? check_editable(p, subject, err) : 0;
}

int cenv_requirement_parse(struct cenv_requirement *out, const char *text, const char *base,
			   size_t *errpos, struct cenv_err *err)
{
	struct parser p = {.text = text, .base = base, .out = out};
	struct cenv_buf shown = CENV_BUF_INIT;
	const char *trimmed = text;
	size_t len = strlen(text);

	if (cenv_requirement_plain(out, text, len, NULL))
		return 0;
	*out = (struct cenv_requirement){0};
	if (parse(&p, err) < 0) {
		if (errpos)
			*errpos = p.pos;
		cenv_requirement_release(out);
		return -1;
	}
	cenv_str_trim(&trimmed, &len);
	cenv_secrets_mask(&shown, trimmed, len, 0);
	out->text = cenv_buf_detach(&shown);
	return 0;
}
