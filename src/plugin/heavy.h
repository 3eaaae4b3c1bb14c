/* SPDX-License-Identifier: MIT */
/*
 * A function that needs libgit2, libarchive or libcurl: NULL in davit, itself in
 * davit-heavy.  The dispatcher enters davit-heavy for a row whose function is NULL; a
 * trigger with a heavy handler is fired from heavy commands only.
 */
#ifndef DAVIT_PLUGIN_HEAVY_H
#define DAVIT_PLUGIN_HEAVY_H

#ifdef DAVIT_HEAVY
#	define HEAVY(fn) (fn)
#else
#	define HEAVY(fn) NULL
#endif

#endif
