/* SPDX-License-Identifier: MIT */
/*
 * cc: -Iinclude/libxml2 -lxml2
 * pkg-config: libxml-2.0
 * run: bin/xmllint --version
 * run: echo '<a><b/></a>' | bin/xmllint --noout -
 * run: bin/xml2-config --version
 */
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	static const char xml[] = "<a><b/><b/></a>";
	xmlDoc *doc;
	xmlXPathContext *context;
	xmlXPathObject *found;

	LIBXML_TEST_VERSION
	doc = xmlReadMemory(xml, (int)strlen(xml), "a.xml", NULL, 0);
	context = doc ? xmlXPathNewContext(doc) : NULL;
	found = context ? xmlXPathEvalExpression(BAD_CAST "//b", context) : NULL;
	if (!found || found->nodesetval->nodeNr != 2 || !xmlHasFeature(XML_WITH_ZLIB))
		return 1;
	xmlXPathFreeObject(found);
	xmlXPathFreeContext(context);
	xmlFreeDoc(doc);
	xmlCleanupParser();
	return printf("libxml2 %s\n", LIBXML_DOTTED_VERSION) < 0;
}
