/* SPDX-License-Identifier: MIT */
/*
 * Table config: environment variables of apps and of the host (STORE_GLOBAL).  Keys are
 * env names, values are UTF-8 text without NUL; who writes has checked both (config_check).
 */
#ifndef DAVIT_STORE_CONFIG_H
#define DAVIT_STORE_CONFIG_H

#include <jansson.h>

#include "store/store.h"

enum {
	CONFIG_VALUE_MAX = 65536, /* bytes of one value */
	CONFIG_TOTAL_MAX = 1024 *
			   1024, /* of an app's variables with the host's: exec's bound */
};

/*
 * A set of variables is a json object of strings, sorted by key.  Each function below gives
 * the caller a new reference.
 */

/* The variables of one scope alone. */
int config_load(struct store *st, int64_t app_id, json_t **vars, struct err *err);
/* The app's over the host's: what its processes see. */
int config_merged(struct store *st, int64_t app_id, json_t **vars, struct err *err);
/* 0 and a new string, or STORE_NO_ROW. */
int config_find(struct store *st, int64_t app_id, const char *key, char **value,
		struct err *err);

/* Write these, keep the others; one transaction. */
int config_put(struct store *st, int64_t app_id, const json_t *vars, struct err *err);
/* Remove the keys that are there. */
int config_remove(struct store *st, int64_t app_id, const char *const *keys,
		  struct err *err);
/* These and no others; one transaction. */
int config_replace(struct store *st, int64_t app_id, const json_t *vars, struct err *err);

/* May this be stored?  ERR_USAGE with the rule that it breaks. */
int config_check(const char *key, const char *value, size_t len, struct err *err);
/* ERR_REFUSED when the merged variables are more than a process can be given. */
int config_check_total(const json_t *merged, struct err *err);

#endif
