/* SPDX-License-Identifier: MIT */
#ifndef CENV_STORE_OBJECT_ELF_H
#define CENV_STORE_OBJECT_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/strv.h"

/* What the headers, the notes and the dynamic section of an ELF file say, through libelf (module "elf"). */

/** One DT_RUNPATH or DT_RPATH string, where it stands in the file. */
struct cenv_elf_path {
	uint64_t offset; /* in the file */
	uint64_t room;   /* bytes from there that are its own: with the NUL, unless a symbol or
			    another entry uses its tail */
	uint64_t rest;   /* bytes behind the NUL up to and with the next one when nothing refers to
			    them, else 0: meson shortens run paths and leaves the end of the old one */
	char *text;
};

struct cenv_elf {
	bool is_dynamic;
	bool is_program; /* has an interpreter, or says that it is one: not a mere library */
	uint64_t id_offset; /* of the build-id, in the file */
	size_t id_len;      /* 0: none */
	char *soname; /* or NULL */
	struct cenv_strv needed;
	struct cenv_strv runpath; /* DT_RUNPATH or DT_RPATH split at ':' */
	struct cenv_elf_path paths[2];
	size_t npaths;
};

/** Do the bytes start like an ELF file? */
bool cenv_elf_is_magic(const void *data, size_t len);

/** @return 1 read, 0 not an ELF file, -1 error (CENV_E_INTEGRITY when it is malformed). */
int cenv_elf_read(struct cenv_elf *out, int dirfd, const char *name, struct cenv_err *err);
/** The same of a file in memory. */
int cenv_elf_parse(struct cenv_elf *out, const char *data, size_t len, const char *label,
		   struct cenv_err *err);
void cenv_elf_release(struct cenv_elf *elf);

/** The base system's C and C++ run-time libraries: libc.so.6, libm.so.6, ld-linux*, libgcc_s.so.1,
 *  libstdc++.so.6, libatomic.so.1, libgomp.so.1, musl's, and their like. */
bool cenv_elf_is_base_library(const char *soname);

#endif
