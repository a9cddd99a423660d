/* SPDX-License-Identifier: MIT */
/*
 * cc: -lexpat
 * pkg-config: expat
 * run: bin/xmlwf -v
 * run: test -z "$(echo '<a><b/></a>' | bin/xmlwf)"
 */
#include <expat.h>
#include <stdio.h>
#include <string.h>

static void start(void *count, const XML_Char *name, const XML_Char **attributes)
{
	(void)name;
	(void)attributes;
	++*(int *)count;
}

int main(void)
{
	static const char xml[] = "<a><b/><b/></a>";
	XML_Parser parser = XML_ParserCreate(NULL);
	int count = 0;

	XML_SetUserData(parser, &count);
	XML_SetStartElementHandler(parser, start);
	if (XML_Parse(parser, xml, (int)strlen(xml), 1) != XML_STATUS_OK || count != 3)
		return 1;
	XML_ParserFree(parser);
	return printf("%s\n", XML_ExpatVersion()) < 0;
}
