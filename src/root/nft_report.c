/* SPDX-License-Identifier: MIT */
/* What the kernel's table holds of our routes, beside what we keep of them. */
#include <arpa/inet.h>
#include <dirent.h>
#include <nftables/libnftables.h>
#include <string.h>

#include "root/nft.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/paths.h"
#include "util/strv.h"

#define ROUTES DAVIT_RUN_DIR "/routes"

/* The table as libnftables-json(5) has it, or NULL where there is none. */
static json_t *read_table(void)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	json_t *root = NULL;

	if (!nft)
		return NULL;
	nft_ctx_output_set_flags(nft, NFT_CTX_OUTPUT_JSON);
	(void)nft_ctx_buffer_output(nft);
	(void)nft_ctx_buffer_error(nft);
	if (nft_run_cmd_from_buffer(nft, "list table inet davit") == 0)
		root = json_loads(nft_ctx_get_output_buffer(nft), 0, NULL);
	nft_ctx_free(nft);
	return root;
}

/* Every IPv4 address in a statement, wherever it stands. */
static void collect_addresses(const json_t *j, json_t *to)
{
	struct in_addr a;
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_string(j) && inet_pton(AF_INET, json_string_value(j), &a) == 1)
		(void)json_array_append(to, (json_t *)j);
	json_array_foreach(j, i, item)
		collect_addresses(item, to);
	json_object_foreach((json_t *)j, key, item)
		collect_addresses(item, to);
}

/* Chain "app_N" → addresses that its rules translate to. */
static json_t *chains_of(const json_t *table)
{
	json_t *chains = json_object();
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(table, "nftables"), i, item) {
		const json_t *rule = json_object_get(item, "rule");
		const char *chain = json_string_value(json_object_get(rule, "chain"));

		if (!chain || strncmp(chain, "app_", 4) != 0)
			continue;
		if (!json_object_get(chains, chain))
			(void)json_object_set_new(chains, chain, json_array());
		collect_addresses(json_object_get(rule, "expr"),
				  json_object_get(chains, chain));
	}
	return chains;
}

/* Address of an app → the chain that its connections enter. */
static json_t *targets_of(const json_t *table)
{
	json_t *targets = json_object();
	json_t *item;
	json_t *element;
	size_t i;
	size_t k;

	json_array_foreach(json_object_get(table, "nftables"), i, item) {
		const json_t *map = json_object_get(item, "map");
		const char *name = json_string_value(json_object_get(map, "name"));

		if (!name || strcmp(name, "apps") != 0)
			continue;
		json_array_foreach(json_object_get(map, "elem"), k, element) {
			const char *address = json_string_value(
				json_array_get(element, 0));
			json_t *jump = json_object_get(json_array_get(element, 1),
						       "jump");

			if (address && jump)
				(void)json_object_set(targets, address,
						      json_object_get(jump, "target"));
		}
	}
	return targets;
}

struct live {
	json_t *chains;
	json_t *targets;
};

static void live_release(struct live *l)
{
	json_decref(l->chains);
	json_decref(l->targets);
}

static int address_of(const char *app, char address[NET_TEXT], struct err *err)
{
	AUTO_FREE char *name = xasprintf("@%s", app);
	struct net_plan p = { .bits = 0 };
	unsigned number = 0;

	address[0] = '\0';
	if (net_plan(&p, err) < 0 || net_lookup(name, &number, err) < 0)
		return -1;
	if (number)
		net_host_text(&p, number, address);
	return 0;
}

static int add_route(const char *app, const struct live *live, json_t *routes,
		     struct err *err)
{
	AUTO_FREE char *path = xasprintf(ROUTES "/%s", app);
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strv_release) struct strv words = STRV_INIT;
	char address[NET_TEXT];
	json_t *kept = json_array();
	const char *chain;
	json_t *to;
	int rc = fs_read(path, 65536, &text, err);

	if (rc != 0 || address_of(app, address, err) < 0) {
		json_decref(kept);
		return rc > 0 ? 0 : -1; /* forgotten meanwhile */
	}
	strv_split(&words, text.data, " \n");
	for (size_t i = 1; i < words.len; i++)
		(void)json_array_append_new(kept, json_string(words.v[i]));
	chain = json_string_value(json_object_get(live->targets, address));
	to = chain ? json_object_get(live->chains, chain) : NULL;
	(void)json_object_set_new(routes, app,
				  json_pack("{s:s, s:o, s:o}", "address", address, "kept",
					    kept, "live",
					    to ? json_incref(to) : json_array()));
	return 0;
}

int nft_report(json_t *reply, struct err *err)
{
	json_t *table = read_table();
	json_t *routes = json_object();
	AUTO(live_release)
	struct live live = { .chains = chains_of(table), .targets = targets_of(table) };
	AUTO(closedir_at) DIR *d = opendir(ROUTES);
	struct dirent *e;
	int rc = 0;

	(void)json_object_set_new(reply, "rules", json_boolean(table));
	(void)json_object_set_new(reply, "routes", routes);
	json_decref(table);
	while (d && rc == 0 && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			rc = add_route(e->d_name, &live, routes, err);
	return rc;
}
