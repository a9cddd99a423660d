/* SPDX-License-Identifier: MIT */
/*
 * cc: -lcurl
 * pkg-config: libcurl
 * run: bin/curl --version
 * run: bin/curl-config --version
 * run: bin/curl -s file:///etc/passwd | grep -q root
 */
#include <curl/curl.h>
#include <stdio.h>

static size_t count(char *data, size_t size, size_t n, void *total)
{
	(void)data;
	*(size_t *)total += size * n;
	return size * n;
}

int main(void)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	size_t total = 0;
	CURL *curl;

	if (curl_global_init(CURL_GLOBAL_ALL) || !(curl = curl_easy_init()))
		return 1;
	curl_easy_setopt(curl, CURLOPT_URL, "file:///etc/passwd");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, count);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &total);
	if (curl_easy_perform(curl) || !total)
		return 1;
	curl_easy_cleanup(curl);
	curl_global_cleanup();
	if (!(info->features & CURL_VERSION_SSL) || !(info->features & CURL_VERSION_LIBZ) ||
	    !(info->features & CURL_VERSION_HTTP2))
		return 1;
	return printf("%s\n", curl_version()) < 0;
}
