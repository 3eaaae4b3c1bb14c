/* SPDX-License-Identifier: MIT */
#include "store/layer.h"

#include "util/cleanup.h"

int layer_is_used(struct store *st, const char *layer, bool *used, struct err *err)
{
	AUTO(store_done) sqlite3_stmt *q = NULL;
	int rc;

	if (store_query(st, &q, err,
			"SELECT 1 FROM release, json_each(image, '$.layers') j"
			" WHERE j.value = ?1 LIMIT 1",
			"s", layer) < 0)
		return -1;
	rc = store_step(st, q, err);
	if (rc < 0)
		return -1;
	*used = rc == 0;
	return 0;
}
