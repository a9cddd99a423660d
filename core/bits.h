/* SPDX-License-Identifier: MIT */
#ifndef CENV_CORE_BITS_H
#define CENV_CORE_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"

/*
 * Sets of small integers, of a size that the owner knows ("nw" words of 64
 * bits). Most packages have fewer than 64 versions, so one word is kept inline.
 * Copying the union of a larger set shares its words.
 */
union cenv_bits {
	uint64_t one;   /* nw == 1 */
	uint64_t *many; /* otherwise */
};

static inline unsigned cenv_bits_words(size_t nbits)
{
	return (unsigned)((nbits + 63) / 64);
}

static inline uint64_t *cenv_bits_ptr(union cenv_bits *b, unsigned nw)
{
	return nw == 1 ? &b->one : b->many;
}

static inline const uint64_t *cenv_bits_get(const union cenv_bits *b, unsigned nw)
{
	return nw == 1 ? &b->one : b->many;
}

/** An empty set in the arena. */
static inline union cenv_bits cenv_bits_new(struct cenv_arena *arena, unsigned nw)
{
	union cenv_bits b = {0};

	if (nw > 1)
		b.many = cenv_arena_alloc(arena, nw * sizeof(uint64_t));
	return b;
}

static inline bool cenv_bits_has(const union cenv_bits *b, unsigned nw, size_t i)
{
	return cenv_bits_get(b, nw)[i / 64] >> (i % 64) & 1;
}

static inline void cenv_bits_add(union cenv_bits *b, unsigned nw, size_t i)
{
	cenv_bits_ptr(b, nw)[i / 64] |= (uint64_t)1 << (i % 64);
}

static inline void cenv_bits_drop(union cenv_bits *b, unsigned nw, size_t i)
{
	cenv_bits_ptr(b, nw)[i / 64] &= ~((uint64_t)1 << (i % 64));
}

/** Add from, from + 1, ... to - 1. */
static inline void cenv_bits_add_range(union cenv_bits *b, unsigned nw, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		cenv_bits_add(b, nw, i);
}

static inline void cenv_bits_copy(union cenv_bits *to, const union cenv_bits *from, unsigned nw)
{
	uint64_t *t = cenv_bits_ptr(to, nw);
	const uint64_t *f = cenv_bits_get(from, nw);

	for (unsigned i = 0; i < nw; i++)
		t[i] = f[i];
}

/** to &= other */
static inline void cenv_bits_and(union cenv_bits *to, const union cenv_bits *other, unsigned nw)
{
	uint64_t *t = cenv_bits_ptr(to, nw);
	const uint64_t *o = cenv_bits_get(other, nw);

	for (unsigned i = 0; i < nw; i++)
		t[i] &= o[i];
}

/** to |= other */
static inline void cenv_bits_or(union cenv_bits *to, const union cenv_bits *other, unsigned nw)
{
	uint64_t *t = cenv_bits_ptr(to, nw);
	const uint64_t *o = cenv_bits_get(other, nw);

	for (unsigned i = 0; i < nw; i++)
		t[i] |= o[i];
}

/** to &= ~other */
static inline void cenv_bits_minus(union cenv_bits *to, const union cenv_bits *other, unsigned nw)
{
	uint64_t *t = cenv_bits_ptr(to, nw);
	const uint64_t *o = cenv_bits_get(other, nw);

	for (unsigned i = 0; i < nw; i++)
		t[i] &= ~o[i];
}

static inline bool cenv_bits_subset(const union cenv_bits *a, const union cenv_bits *b, unsigned nw)
{
	const uint64_t *x = cenv_bits_get(a, nw), *y = cenv_bits_get(b, nw);

	for (unsigned i = 0; i < nw; i++)
		if (x[i] & ~y[i])
			return false;
	return true;
}

static inline bool cenv_bits_equal(const union cenv_bits *a, const union cenv_bits *b, unsigned nw)
{
	return cenv_bits_subset(a, b, nw) && cenv_bits_subset(b, a, nw);
}

static inline bool cenv_bits_disjoint(const union cenv_bits *a, const union cenv_bits *b,
				      unsigned nw)
{
	const uint64_t *x = cenv_bits_get(a, nw), *y = cenv_bits_get(b, nw);

	for (unsigned i = 0; i < nw; i++)
		if (x[i] & y[i])
			return false;
	return true;
}

static inline size_t cenv_bits_count(const union cenv_bits *b, unsigned nw)
{
	const uint64_t *x = cenv_bits_get(b, nw);
	size_t n = 0;

	for (unsigned i = 0; i < nw; i++)
		n += (size_t)__builtin_popcountll(x[i]);
	return n;
}

/** The smallest member that is at least `from`, or SIZE_MAX. */
static inline size_t cenv_bits_next(const union cenv_bits *b, unsigned nw, size_t from)
{
	const uint64_t *x = cenv_bits_get(b, nw);

	for (size_t w = from / 64; w < nw; w++) {
		uint64_t word = w == from / 64 ? x[w] >> (from % 64) << (from % 64) : x[w];

		if (word)
			return w * 64 + (size_t)__builtin_ctzll(word);
	}
	return SIZE_MAX;
}

/** The largest member, or SIZE_MAX. */
static inline size_t cenv_bits_last(const union cenv_bits *b, unsigned nw)
{
	const uint64_t *x = cenv_bits_get(b, nw);

	for (size_t w = nw; w-- > 0;)
		if (x[w])
			return w * 64 + 63 - (size_t)__builtin_clzll(x[w]);
	return SIZE_MAX;
}

#endif
