/* SPDX-License-Identifier: MIT */
#ifndef DAVIT_ROOT_HUNT_H
#define DAVIT_ROOT_HUNT_H

/*
 * Kill whoever is still making the container: conmon and the runtime go on when the helper
 * that started them is killed.  They are known by the bundle on their command line.
 */
void hunt_makers(const char *id);

#endif
