/* SPDX-License-Identifier: MIT */
#include "store/fetch/module.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <curl/curl.h>

#include "core/base/mem.h"
#include "core/base/str.h"

/* A good answer has a few hundred bytes of headers; an endless one must end. */
#define MAX_HEADERS ((size_t)256 * 1024)
/* Bodies of other answers are read so that the connection can be used again, up to here. */
#define MAX_IGNORED ((size_t)64 * 1024)
/* Connections kept for later requests. */
#define MAX_IDLE 32L
/* Slower than this for stall_s seconds counts as standing still. */
#define STALL_BYTES_PER_S 1024L

struct transfer {
	struct transfer *next, *prev;
	CURL *easy;
	struct cenv_net_request request; /* url is not kept */
	char why[CURL_ERROR_SIZE];
	size_t header_bytes, ignored;
	unsigned long long range_start;
	bool has_range, began, bad_range, too_many_headers;
};

struct cenv_net {
	CURLM *multi;
	struct transfer *transfers;
	struct cenv_net_settings settings; /* strings are ours */
	char text[CURL_ERROR_SIZE + 128];
	char *location;
};

static void init_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static struct cenv_net *net_new(const struct cenv_net_settings *settings, struct cenv_err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct cenv_net *net = cenv_xcalloc(1, sizeof(*net));

	pthread_once(&once, init_curl);
	net->multi = curl_multi_init();
	if (!net->multi) {
		free(net);
		cenv_err_set(err, CENV_E_FAIL, "cannot start libcurl");
		return NULL;
	}
	curl_multi_setopt(net->multi, CURLMOPT_MAXCONNECTS, MAX_IDLE);
	net->settings.user_agent = cenv_xstrdup(settings->user_agent);
	net->settings.ca_file = cenv_xstrdup(settings->ca_file);
	net->settings.ca_dir = cenv_xstrdup(settings->ca_dir);
	net->settings.netrc = settings->netrc;
	return net;
}

/* ---- one answer ---- */

static long status_of(const struct transfer *t)
{
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static size_t on_header(char *line, size_t size, size_t n, void *payload)
{
	static const char range[] = "content-range: bytes ";
	struct transfer *t = payload;
	size_t len = size * n;
	char number[32];

	t->header_bytes += len;
	if (t->header_bytes > MAX_HEADERS) {
		t->too_many_headers = true;
		return 0;
	}
	if (len > strlen(range) && !strncasecmp(line, range, strlen(range))) {
		snprintf(number, sizeof(number), "%.*s", (int)(len - strlen(range)),
			 line + strlen(range));
		t->range_start = strtoull(number, NULL, 10);
		t->has_range = true;
	}
	return len;
}

/* The first byte of a good answer, or its end when it is empty. */
static bool begin(struct transfer *t)
{
	curl_off_t length = -1;
	bool resumed = status_of(t) == 206;

	t->began = true;
	if (resumed && (!t->has_range || t->range_start != t->request.offset)) {
		t->bad_range = true;
		return false;
	}
	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	return t->request.begin(
		t->request.payload, resumed,
		length < 0 ? 0 : (unsigned long long)length + (resumed ? t->request.offset : 0));
}

static size_t on_data(char *data, size_t size, size_t n, void *payload)
{
	struct transfer *t = payload;
	size_t len = size * n;

	if (status_of(t) >= 300) {
		t->ignored += len;
		return t->ignored > MAX_IGNORED ? 0 : len;
	}
	if (!t->began && !begin(t))
		return 0;
	return t->request.data(t->request.payload, data, len) ? len : 0;
}

/* ---- starting ---- */

static void set_common(const struct cenv_net *net, struct transfer *t)
{
	CURL *easy = t->easy;

	/* file: and the rest of libcurl's protocols have no business here */
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* do not wait for a resolver on ^C */
	curl_easy_setopt(easy, CURLOPT_USERAGENT, net->settings.user_agent);
	curl_easy_setopt(easy, CURLOPT_NETRC,
			 net->settings.netrc ? (long)CURL_NETRC_OPTIONAL
					     : (long)CURL_NETRC_IGNORED);
	if (net->settings.ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, net->settings.ca_file);
	if (net->settings.ca_dir)
		curl_easy_setopt(easy, CURLOPT_CAPATH, net->settings.ca_dir);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->why);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
}

static void set_request(struct transfer *t)
{
	CURL *easy = t->easy;
	char range[32];

	curl_easy_setopt(easy, CURLOPT_URL, t->request.url);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)t->request.stall_s);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, STALL_BYTES_PER_S);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)t->request.stall_s);
	if (t->request.offset) {
		snprintf(range, sizeof(range), "%llu-", t->request.offset);
		curl_easy_setopt(easy, CURLOPT_RANGE, range);
	}
	t->request.url = NULL;
}

static void drop(struct cenv_net *net, struct transfer *t)
{
	if (t->prev)
		t->prev->next = t->next;
	else
		net->transfers = t->next;
	if (t->next)
		t->next->prev = t->prev;
	curl_multi_remove_handle(net->multi, t->easy);
	curl_easy_cleanup(t->easy);
	free(t);
}

static int net_add(struct cenv_net *net, const struct cenv_net_request *request,
		   struct cenv_err *err)
{
	struct transfer *t = cenv_xcalloc(1, sizeof(*t));

	t->easy = curl_easy_init();
	if (!t->easy) {
		free(t);
		return cenv_err_set(err, CENV_E_FAIL, "cannot start a transfer");
	}
	t->request = *request;
	set_common(net, t);
	set_request(t);
	t->next = net->transfers;
	if (t->next)
		t->next->prev = t;
	net->transfers = t;
	if (curl_multi_add_handle(net->multi, t->easy) == CURLM_OK)
		return 0;
	drop(net, t);
	return cenv_err_set(err, CENV_E_FAIL, "cannot start a transfer");
}

/* ---- ending ---- */

static enum cenv_net_outcome judge_status(long status)
{
	switch (status) {
	case 404:
	case 410:
		return CENV_NET_NOT_FOUND;
	case 416:
		return CENV_NET_BAD_RANGE;
	case 408:
	case 425:
	case 429:
	case 500:
	case 502:
	case 503:
	case 504:
		return CENV_NET_TRANSIENT;
	default:
		return CENV_NET_REFUSED;
	}
}

static enum cenv_net_outcome judge_failure(CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
	case CURLE_SSL_CONNECT_ERROR:
		return CENV_NET_TRANSIENT;
	case CURLE_WRITE_ERROR: /* stopped by the caller, or too much of a body to ignore */
		return CENV_NET_REFUSED;
	default:
		return CENV_NET_UNREACHABLE;
	}
}

static const char *status_words(long status)
{
	switch (status) {
	case 401:
		return " (it wants a user name and password)";
	case 403:
		return " (forbidden)";
	case 404:
		return " (not found)";
	case 410:
		return " (gone)";
	case 429:
		return " (too many requests)";
	case 503:
		return " (unavailable)";
	default:
		return "";
	}
}

static void judge_redirect(struct cenv_net *net, struct transfer *t, struct cenv_net_result *result)
{
	char *location = NULL;

	curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &location);
	result->outcome = location ? CENV_NET_REDIRECT : CENV_NET_REFUSED;
	net->location = cenv_xstrdup(location);
	result->location = net->location;
}

static const char *failure_words(const struct transfer *t, CURLcode code)
{
	/* libcurl would show its whole address, where a password may be */
	if (cenv_str_starts(t->why, "Unsupported proxy"))
		return "the proxy's address is malformed, or of a kind that is not supported "
		       "(http_proxy, https_proxy, all_proxy)";
	return *t->why ? t->why : curl_easy_strerror(code);
}

static void judge(struct cenv_net *net, struct transfer *t, CURLcode code,
		  struct cenv_net_result *result)
{
	long status = status_of(t);
	curl_off_t wait = 0;

	*result = (struct cenv_net_result){.payload = t->request.payload, .text = net->text};
	if (t->bad_range || status == 416) {
		result->outcome = CENV_NET_BAD_RANGE;
		snprintf(net->text, sizeof(net->text),
			 "the server sent another part than it was asked for");
	} else if (t->too_many_headers) {
		result->outcome = CENV_NET_REFUSED;
		snprintf(net->text, sizeof(net->text), "the server sends headers without end");
	} else if (status >= 300 && status < 400) {
		snprintf(net->text, sizeof(net->text), "the server answered %ld", status);
		judge_redirect(net, t, result);
	} else if (status >= 400) {
		result->outcome = judge_status(status);
		snprintf(net->text, sizeof(net->text), "the server answered %ld%s", status,
			 status_words(status));
		result->wants_login = status == 401;
		curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &wait);
		result->retry_after_s = wait < 0 ? 0 : wait > UINT_MAX ? UINT_MAX : (unsigned)wait;
	} else if (code == CURLE_OK && (t->began || begin(t))) {
		result->outcome = CENV_NET_DONE;
	} else if (code == CURLE_OUT_OF_MEMORY && t->header_bytes && !t->began) {
		/* so libcurl calls a line that is longer than it takes */
		result->outcome = CENV_NET_REFUSED;
		snprintf(net->text, sizeof(net->text), "the server sends a header that is too long");
	} else {
		result->outcome = judge_failure(code);
		result->is_unvouched = code == CURLE_PEER_FAILED_VERIFICATION;
		snprintf(net->text, sizeof(net->text), "%s", failure_words(t, code));
	}
}

static bool next_ended(struct cenv_net *net, struct cenv_net_result *result)
{
	struct transfer *t = NULL;
	CURLMsg *msg;
	int left;

	msg = curl_multi_info_read(net->multi, &left);
	if (!msg)
		return false;
	curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&t);
	judge(net, t, msg->data.result, result);
	drop(net, t);
	return true;
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000L;
}

static int net_wait(struct cenv_net *net, int timeout_ms, struct cenv_net_result *result,
		    struct cenv_err *err)
{
	long end = now_ms() + timeout_ms, left = timeout_ms;
	int running;

	free(net->location);
	net->location = NULL;
	for (;;) {
		CURLMcode code = curl_multi_perform(net->multi, &running);

		if (code == CURLM_OK && next_ended(net, result))
			return 1;
		if (code == CURLM_OK && left <= 0)
			return 0;
		if (code == CURLM_OK)
			code = curl_multi_poll(net->multi, NULL, 0, (int)left, NULL);
		if (code != CURLM_OK)
			return cenv_err_set(err, CENV_E_NETWORK, "cannot transfer: %s",
					    curl_multi_strerror(code));
		left = end - now_ms();
	}
}

static void net_free(struct cenv_net *net)
{
	if (!net)
		return;
	while (net->transfers)
		drop(net, net->transfers);
	curl_multi_cleanup(net->multi);
	free((char *)net->settings.user_agent);
	free((char *)net->settings.ca_file);
	free((char *)net->settings.ca_dir);
	free(net->location);
	free(net);
}

CENV_MODULE_EXPORT const struct cenv_net_module cenv_module_net = {
	.head = {CENV_MODULE_ABI},
	.new = net_new,
	.add = net_add,
	.wait = net_wait,
	.free = net_free,
};
