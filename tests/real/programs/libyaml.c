/* SPDX-License-Identifier: MIT */
/*
 * cc: -lyaml
 * pkg-config: yaml-0.1
 */
#include <stdio.h>
#include <string.h>
#include <yaml.h>

int main(void)
{
	static const char text[] = "a: [1, 2]\nb: words\n";
	yaml_parser_t parser;
	yaml_document_t document;

	if (!yaml_parser_initialize(&parser))
		return 1;
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, strlen(text));
	if (!yaml_parser_load(&parser, &document) ||
	    yaml_document_get_root_node(&document)->type != YAML_MAPPING_NODE)
		return 1;
	yaml_document_delete(&document);
	yaml_parser_delete(&parser);
	return printf("libyaml %s\n", yaml_get_version_string()) < 0;
}
