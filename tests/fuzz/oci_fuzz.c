/* SPDX-License-Identifier: MIT */
/* The documents of somebody's image: the first byte says which one. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "deploy/oci.h"
#include "util/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int rc, const struct err *err)
{
	if (rc < 0 && err->kind != ERR_REFUSED && err->kind != ERR_USAGE &&
	    err->kind != ERR_HOST)
		abort();
}

static void look_at_image(const struct oci_image *i, size_t layers)
{
	const char *type;
	json_t *command;

	if (i->diff_ids.len != layers || i->image.layers.len || i->image.static_tree ||
	    i->image.uid < 0 || i->image.uid > 65535)
		abort();
	strv_foreach(id, &i->diff_ids)
		if (!oci_is_digest(id))
			abort();
	json_object_foreach(i->image.processes, type, command)
		if (!name_is_process(type) || json_string_length(command) == 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { .kind = ERR_NONE };
	const char *text = (const char *)data + 1;

	if (size < 1)
		return 0;
	if (data[0] == 'i') {
		struct oci_blob b;
		int rc = oci_read_index(text, size - 1, &b, &err);

		check(rc, &err);
		if (rc == 0 && !oci_is_digest(b.digest))
			abort();
	} else if (data[0] == 'm') {
		struct oci_manifest m;
		int rc = oci_read_manifest(text, size - 1, &m, &err);

		check(rc, &err);
		for (size_t i = 0; rc == 0 && i < m.count; i++)
			if (!oci_is_digest(m.layers[i].digest) || m.layers[i].size < 0)
				abort();
	} else {
		struct oci_image i = OCI_IMAGE_INIT;
		size_t layers = data[0] & 3;
		int rc = oci_read_config(text, size - 1, layers, &i, &err);

		check(rc, &err);
		if (rc == 0)
			look_at_image(&i, layers);
		oci_image_release(&i);
	}
	return 0;
}
