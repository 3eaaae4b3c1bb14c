/* SPDX-License-Identifier: MIT */
/*
 * A function that needs libgit2, libarchive or libcurl: NULL in davit, itself in
 * davit-heavy.  The dispatcher enters davit-heavy for a row whose function is NULL.  A
 * trigger with a heavy handler is fired from heavy commands only, and plugin:trigger enters
 * davit-heavy for it: trigger_is_heavy().
 */
#ifndef DAVIT_PLUGIN_HEAVY_H
#define DAVIT_PLUGIN_HEAVY_H

#ifdef DAVIT_HEAVY
#	define HEAVY(fn)         (fn)
#	define HEAVY_HANDLER(fn) (fn)
#else
#	define HEAVY(fn)         NULL
#	define HEAVY_HANDLER(fn) trigger_needs_heavy
#endif

#endif
