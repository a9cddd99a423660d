/* SPDX-License-Identifier: MIT */
#include <gelf.h>
#include <libelf.h>
#include <string.h>

#include "core/base/mem.h"
#include "store/object/elf_ops.h"

/* Module "elf": a file in memory. */

struct reader {
	Elf *elf;
	const char *strings; /* the dynamic string table */
	size_t strings_len;
	uint64_t strings_offset; /* in the file */
	size_t path_index[2];    /* of the run paths, in the string table */
	struct cenv_elf *out;
};

static int malformed(const char *label, const char *what, struct cenv_err *err)
{
	const char *why = elf_errmsg(-1);

	return cenv_err_set(err, CENV_E_INTEGRITY, "'%s' is not a sound ELF file: %s", label,
			    what ? what : why ? why : "unknown fault");
}

/* a string of the table, NULL when the index or its end is outside */
static const char *string_at(const struct reader *r, uint64_t index)
{
	if (index >= r->strings_len ||
	    !memchr(r->strings + index, '\0', r->strings_len - (size_t)index))
		return NULL;
	return r->strings + index;
}

/* ---- who else uses the bytes of a run path? ---- */

/* an index that stands inside a run path's string: bytes from there are not ours */
static void used_at(struct reader *r, uint64_t index)
{
	for (size_t i = 0; i < r->out->npaths; i++) {
		struct cenv_elf_path *path = &r->out->paths[i];

		uint64_t end = r->path_index[i] + strlen(path->text) + 1;

		if (index >= r->path_index[i] && index - r->path_index[i] < path->room)
			path->room = index - r->path_index[i];
		if (index >= end && index - end < path->rest)
			path->rest = 0;
	}
}

static void note_symbols(struct reader *r, Elf_Data *data, const GElf_Shdr *shdr)
{
	size_t n = shdr->sh_entsize ? shdr->sh_size / shdr->sh_entsize : 0;
	GElf_Sym sym;

	for (size_t i = 0; i < n && gelf_getsym(data, (int)i, &sym); i++)
		used_at(r, sym.st_name);
}

static void note_needed_versions(struct reader *r, Elf_Data *data)
{
	size_t at = 0, aux_at;
	GElf_Verneed need;
	GElf_Vernaux aux;

	while (gelf_getverneed(data, (int)at, &need)) {
		used_at(r, need.vn_file);
		aux_at = at + need.vn_aux;
		for (unsigned i = 0; i < need.vn_cnt; i++) {
			if (!gelf_getvernaux(data, (int)aux_at, &aux))
				break;
			used_at(r, aux.vna_name);
			aux_at += aux.vna_next;
		}
		if (!need.vn_next)
			break;
		at += need.vn_next;
	}
}

static void note_defined_versions(struct reader *r, Elf_Data *data)
{
	size_t at = 0, aux_at;
	GElf_Verdaux aux;
	GElf_Verdef def;

	while (gelf_getverdef(data, (int)at, &def)) {
		aux_at = at + def.vd_aux;
		for (unsigned i = 0; i < def.vd_cnt; i++) {
			if (!gelf_getverdaux(data, (int)aux_at, &aux))
				break;
			used_at(r, aux.vda_name);
			aux_at += aux.vda_next;
		}
		if (!def.vd_next)
			break;
		at += def.vd_next;
	}
}

static void note_other_users(struct reader *r, size_t strings_section)
{
	Elf_Scn *scn = NULL;
	Elf_Data *data;
	GElf_Shdr shdr;

	while ((scn = elf_nextscn(r->elf, scn))) {
		if (!gelf_getshdr(scn, &shdr) || shdr.sh_link != strings_section)
			continue;
		data = elf_getdata(scn, NULL);
		if (!data)
			continue;
		if (shdr.sh_type == SHT_DYNSYM)
			note_symbols(r, data, &shdr);
		else if (shdr.sh_type == SHT_GNU_verneed)
			note_needed_versions(r, data);
		else if (shdr.sh_type == SHT_GNU_verdef)
			note_defined_versions(r, data);
	}
}

/* ---- the dynamic section ---- */

static void add_path(struct reader *r, const char *text, uint64_t index)
{
	struct cenv_elf *out = r->out;
	const char *next = string_at(r, index + strlen(text) + 1);

	if (out->npaths == 2)
		return;
	r->path_index[out->npaths] = (size_t)index;
	out->paths[out->npaths++] = (struct cenv_elf_path){
		.offset = r->strings_offset + index,
		.room = strlen(text) + 1,
		.rest = next ? strlen(next) + 1 : 0,
		.text = cenv_xstrdup(text),
	};
}

static bool take_entry(struct reader *r, const GElf_Dyn *dyn)
{
	const char *text;

	if (dyn->d_tag == DT_FLAGS_1)
		r->out->is_program |= (dyn->d_un.d_val & DF_1_PIE) != 0;
	if (dyn->d_tag != DT_NEEDED && dyn->d_tag != DT_SONAME && dyn->d_tag != DT_RUNPATH &&
	    dyn->d_tag != DT_RPATH)
		return true;
	text = string_at(r, dyn->d_un.d_val);
	if (!text)
		return false;
	if (dyn->d_tag == DT_NEEDED)
		cenv_strv_add(&r->out->needed, text);
	else if (dyn->d_tag != DT_SONAME)
		add_path(r, text, dyn->d_un.d_val);
	else if (!r->out->soname)
		r->out->soname = cenv_xstrdup(text);
	return true;
}

static int read_dynamic(struct reader *r, Elf_Scn *scn, const GElf_Shdr *shdr, const char *label,
			struct cenv_err *err)
{
	Elf_Scn *strings = elf_getscn(r->elf, shdr->sh_link);
	Elf_Data *data = elf_getdata(scn, NULL), *table = strings ? elf_getdata(strings, NULL) : NULL;
	size_t n = shdr->sh_entsize ? shdr->sh_size / shdr->sh_entsize : 0;
	GElf_Shdr strings_shdr;
	GElf_Dyn dyn;

	if (!data || !table || !table->d_buf || !gelf_getshdr(strings, &strings_shdr))
		return malformed(label, NULL, err);
	r->strings = table->d_buf;
	r->strings_len = table->d_size;
	r->strings_offset = strings_shdr.sh_offset;
	r->out->is_dynamic = true;
	for (size_t i = 0; i < n && gelf_getdyn(data, (int)i, &dyn) && dyn.d_tag != DT_NULL; i++)
		if (!take_entry(r, &dyn))
			return malformed(label, "a string of its dynamic section is missing", err);
	if (!r->out->npaths)
		return 0;
	for (size_t i = 0; i < n && gelf_getdyn(data, (int)i, &dyn) && dyn.d_tag != DT_NULL; i++)
		if (dyn.d_tag == DT_NEEDED || dyn.d_tag == DT_SONAME || dyn.d_tag == DT_AUXILIARY ||
		    dyn.d_tag == DT_FILTER)
			used_at(r, dyn.d_un.d_val);
	note_other_users(r, shdr->sh_link);
	return 0;
}

/* ---- what it is ---- */

static void note_kind(struct reader *r)
{
	GElf_Ehdr ehdr;
	GElf_Phdr phdr;
	size_t n = 0;

	r->out->is_program = gelf_getehdr(r->elf, &ehdr) && ehdr.e_type == ET_EXEC;
	elf_getphdrnum(r->elf, &n);
	for (size_t i = 0; i < n && gelf_getphdr(r->elf, (int)i, &phdr); i++)
		r->out->is_program |= phdr.p_type == PT_INTERP;
}

static void find_build_id(struct reader *r, Elf_Scn *scn, const GElf_Shdr *shdr)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	size_t at = 0, next, name, desc;
	GElf_Nhdr note;

	while (data && (next = gelf_getnote(data, at, &note, &name, &desc)) > 0) {
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof("GNU") &&
		    !memcmp((char *)data->d_buf + name, "GNU", sizeof("GNU"))) {
			r->out->id_offset = shdr->sh_offset + desc;
			r->out->id_len = note.n_descsz;
			return;
		}
		at = next;
	}
}

static int read_section(struct reader *r, Elf_Scn *scn, const char *label, struct cenv_err *err)
{
	GElf_Shdr shdr;

	if (!gelf_getshdr(scn, &shdr))
		return malformed(label, NULL, err);
	if (shdr.sh_type == SHT_NOTE && !r->out->id_len)
		find_build_id(r, scn, &shdr);
	if (shdr.sh_type == SHT_DYNAMIC && !r->out->is_dynamic)
		return read_dynamic(r, scn, &shdr, label, err);
	return 0;
}

static int parse(struct cenv_elf *out, const char *data, size_t len, const char *label,
		 struct cenv_err *err)
{
	struct reader r = {.out = out};
	Elf_Scn *scn = NULL;
	int ret = 0;

	elf_version(EV_CURRENT);
	/* libelf reads only, whatever the type of its argument says */
	r.elf = elf_memory((char *)(size_t)data, len);
	if (!r.elf)
		return malformed(label, NULL, err);
	if (elf_kind(r.elf) == ELF_K_ELF) {
		note_kind(&r);
		while (ret == 0 && (scn = elf_nextscn(r.elf, scn)))
			ret = read_section(&r, scn, label, err);
	}
	elf_end(r.elf);
	return ret;
}

CENV_MODULE_EXPORT const struct cenv_elf_ops cenv_module_elf = {
	.head = {CENV_MODULE_ABI},
	.parse = parse,
};
