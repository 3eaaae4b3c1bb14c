/* SPDX-License-Identifier: MIT */
/* Time: milliseconds that only go forward, and wall time as text. */
#ifndef DAVIT_UTIL_CLOCK_H
#define DAVIT_UTIL_CLOCK_H

#include <stdint.h>

int64_t clock_ms(void);   /* CLOCK_MONOTONIC, milliseconds */
int64_t clock_now(void);  /* wall time, seconds since 1970 */
int64_t clock_boot(void); /* wall time of the host's boot */
/* "2026-11-23T05:00:00Z"; `out` must hold CLOCK_TEXT bytes. */
enum { CLOCK_TEXT = 24 };
const char *clock_text(int64_t seconds, char out[CLOCK_TEXT]);
void clock_sleep_ms(int ms);

#endif
