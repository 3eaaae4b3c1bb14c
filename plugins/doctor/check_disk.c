/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "plugins/doctor/doctor.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/paths.h"

/* A build of a small app takes some hundred megabytes, and thousands of files. */
#define LOW_BYTES  ((uint64_t)512 << 20)
#define FULL_BYTES ((uint64_t)32 << 20)
#define LOW_FILES  ((uint64_t)5000)
#define FULL_FILES ((uint64_t)200)

static void check_one(struct doctor *d, const char *path, const struct statvfs *fs,
		      uint64_t scale)
{
	uint64_t free = (uint64_t)fs->f_bavail * fs->f_frsize;
	AUTO_FREE char *bytes = xasprintf("davit cleanup; du -xh -d 2 %s | sort -h",
					  path);
	AUTO_FREE char *files = xasprintf(
		"davit cleanup; du -x --inodes -d 2 %s | sort -n", path);

	if (free < LOW_BYTES / scale)
		doctor_found(d, free < FULL_BYTES / scale ? FAULT : WARNING, bytes,
			     "the disk of %s has only %llu MB left", path,
			     (unsigned long long)(free >> 20));
	if (fs->f_files && fs->f_favail < LOW_FILES / scale)
		doctor_found(d, fs->f_favail < FULL_FILES / scale ? FAULT : WARNING,
			     files, "the disk of %s has only %llu inodes left", path,
			     (unsigned long long)fs->f_favail);
}

/* Each file system once; small files live in /run. */
void doctor_check_disk(struct doctor *d)
{
	const char *const paths[] = { paths_root(), paths_log(), paths_run() };
	dev_t seen[3] = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct statvfs fs;
		struct stat st;
		bool again = false;

		if (stat(paths[i], &st) < 0 || statvfs(paths[i], &fs) < 0)
			continue;
		for (size_t k = 0; k < n; k++)
			again |= seen[k] == st.st_dev;
		seen[n++] = st.st_dev;
		if (!again)
			check_one(d, paths[i], &fs, i == 2 ? 32 : 1);
	}
}
