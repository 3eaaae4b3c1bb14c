/* SPDX-License-Identifier: MIT */
/* Archives of images: what we write is read back, and what others write is looked at. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "deploy/blob.h"
#include "deploy/digest.h"
#include "deploy/passwd.h"
#include "test_store.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/jsonc.h"
#include "util/tarput.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SHA "sha256:" HEX
#define OCI "application/vnd.oci.image."
#define LAYER \
	"{\"mediaType\":\"" OCI "layer.v1.tar+gzip\",\"digest\":\"" SHA "\",\"size\":10}"

static struct err err;

/* --- what we write is read back ------------------------------------------------------ */

static struct release made_release(void)
{
	struct release r = RELEASE_INIT;

	r.number = 12;
	r.created_at = 1700000000;
	r.revision = xstrdup("08267ebb324482830fc18098a600802f9349ccd1");
	r.config = json_pack("{s:s}", "SECRET", "hush");
	r.formation = json_pack("{s:i, s:i}", "web", 2, "worker", 1);
	r.image.builder = xstrdup("buildpack");
	r.image.cwd = xstrdup("/app");
	r.image.uid = 1000;
	r.image.port = 5000;
	r.image.env = json_pack("{s:s}", "PATH", "/app/bin:/bin");
	r.image.processes = json_pack("{s:s, s:s}", "worker", "python3 w.py", "web",
				      "python3 server.py");
	r.image.checks = xstrdup("/ ok\n");
	return r;
}

static void give_back(bool with_config, struct oci_image *back)
{
	struct release r = made_release();
	struct oci_layer layers[2] = { { .blob = { SHA, 10 }, .diff_id = SHA },
				       { .blob = { SHA, 20 }, .diff_id = SHA } };
	struct oci_release what = { .app = "blog",
				    .release = &r,
				    .layers = layers,
				    .count = 2,
				    .with_config = with_config };
	struct oci_blob blob = { SHA, 100 };
	struct oci_manifest m;
	AUTO_FREE char *config = oci_write_config(&what);
	AUTO_FREE char *manifest = oci_write_manifest(&what, &blob);
	AUTO_FREE char *index = oci_write_index(&what, &blob);

	assert_int_equal(with_config, strstr(config, "hush") != NULL);
	assert_null(strstr(manifest, "hush"));
	blob.size = 0;
	assert_int_equal(oci_read_index(index, strlen(index), &blob, &err), 0);
	assert_int_equal(blob.size, 100);
	assert_int_equal(oci_read_manifest(manifest, strlen(manifest), &m, &err), 0);
	assert_int_equal(m.count, 2);
	assert_int_equal(m.layers[1].size, 20);
	assert_int_equal(m.config.size, 100);
	assert_int_equal(oci_read_config(config, strlen(config), 2, back, &err), 0);
	release_release(&r);
}

static void a_release_comes_back_as_it_was(void **state)
{
	AUTO(oci_image_release) struct oci_image back = OCI_IMAGE_INIT;
	struct release r = made_release();
	json_t *a;
	json_t *b;

	(void)state;
	give_back(false, &back);
	a = image_to_json(&r.image);
	b = image_to_json(&back.image);
	assert_true(json_equal(a, b));
	assert_true(json_equal(back.formation, r.formation));
	assert_null(back.config);
	assert_string_equal(back.revision, r.revision);
	assert_string_equal(back.title, "blog v12");
	assert_int_equal(back.diff_ids.len, 2);
	/* The order of the Procfile is the order of the process types. */
	assert_string_equal(json_object_iter_key(json_object_iter(back.image.processes)),
			    "worker");
	json_decref(a);
	json_decref(b);
	release_release(&r);
}

static void variables_are_there_when_asked_for(void **state)
{
	AUTO(oci_image_release) struct oci_image back = OCI_IMAGE_INIT;

	(void)state;
	give_back(true, &back);
	assert_string_equal(json_string_value(json_object_get(back.config, "SECRET")),
			    "hush");
}

/* --- what others write ---------------------------------------------------------------- */

static int index_rc(const char *text)
{
	struct oci_blob b;

	return oci_read_index(text, strlen(text), &b, &err);
}

static void an_index_names_one_image(void **state)
{
	(void)state;
	assert_int_equal(index_rc("{\"manifests\":[{\"mediaType\":\"" OCI
				  "manifest.v1+json\",\"digest\":\"" SHA
				  "\",\"size\":1}]}"),
			 0);
	assert_int_equal(index_rc("{\"manifests\":[]}"), -1);
	assert_non_null(strstr(err.text, "0 images"));
	assert_int_equal(index_rc("[]"), -1);
	assert_int_equal(index_rc(""), -1);
	assert_int_equal(index_rc("{\"manifests\":[{\"mediaType\":\"" OCI
				  "index.v1+json\",\"digest\":\"" SHA "\",\"size\":1}]}"),
			 -1);
	assert_non_null(strstr(err.hint, "--override-os"));
	assert_int_equal(index_rc("{\"manifests\":[{\"mediaType\":\"" OCI
				  "manifest.v1+json\",\"digest\":\"sha256:../../etc\","
				  "\"size\":1}]}"),
			 -1);
	assert_int_equal(index_rc("{\"manifests\":[{\"mediaType\":\"" OCI
				  "manifest.v1+json\",\"digest\":\"" SHA
				  "\",\"size\":99999999}]}"),
			 -1);
	assert_int_equal(index_rc("{\"manifests\":[{\"mediaType\":\"" OCI
				  "manifest.v1+json\",\"digest\":\"" SHA
				  "\",\"size\":-1}]}"),
			 -1);
}

static int manifest_rc(const char *layers)
{
	AUTO_FREE char *text = xasprintf(
		"{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" OCI
		"config.v1+json\",\"digest\":\"" SHA "\",\"size\":2},\"layers\":%s}",
		layers);
	AUTO_FREE struct oci_manifest *m = xcalloc(1, sizeof *m);

	return oci_read_manifest(text, strlen(text), m, &err);
}

static void a_manifest_is_bounded(void **state)
{
	AUTO(buf_release) struct buf many = BUF_INIT;

	(void)state;
	assert_int_equal(manifest_rc("[" LAYER "," LAYER "]"), 0);
	assert_int_equal(manifest_rc("{}"), -1);
	assert_int_equal(manifest_rc("[1]"), -1);
	assert_int_equal(
		manifest_rc("[{\"mediaType\":\"" OCI
			    "layer.nondistributable.v1.tar\",\"digest\":\"" SHA
			    "\",\"size\":1,\"urls\":[\"https://example.org\"]}]"),
		-1);
	buf_adds(&many, "[" LAYER);
	for (int i = 0; i < OCI_LAYERS_MAX; i++)
		buf_adds(&many, "," LAYER);
	buf_adds(&many, "]");
	assert_int_equal(manifest_rc(many.data), -1);
}

static int config_rc(const char *config, size_t layers, struct oci_image *out)
{
	AUTO_FREE char *text = xasprintf("{\"os\":\"linux\",\"architecture\":\"%s\","
					 "\"config\":%s,\"rootfs\":{\"type\":\"layers\","
					 "\"diff_ids\":[\"" SHA "\"]}}",
					 oci_architecture(), config);

	return oci_read_config(text, strlen(text), layers, out, &err);
}

static void an_image_of_others_becomes_a_web_process(void **state)
{
	AUTO(oci_image_release) struct oci_image i = OCI_IMAGE_INIT;

	(void)state;
	assert_int_equal(
		config_rc("{\"Entrypoint\":[\"/entry\",\"it's\"],\"Cmd\":[\"a b\"],"
			  "\"Env\":[\"A=1\",\"B=x=y\"],\"User\":\"www-data:www-data\","
			  "\"WorkingDir\":\"/srv\",\"ExposedPorts\":{\"9000/tcp\":{},"
			  "\"8080\":{},\"53/udp\":{}}}",
			  1, &i),
		0);
	assert_string_equal(image_command(&i.image, "web"),
			    "exec '/entry' 'it'\\''s' 'a b'");
	assert_string_equal(i.user, "www-data");
	assert_int_equal(i.image.port, 8080);
	assert_string_equal(i.image.cwd, "/srv");
	assert_string_equal(json_string_value(json_object_get(i.image.env, "B")), "x=y");
	assert_true(image_is_foreign(&i.image));
}

static void odd_configurations_are_refused(void **state)
{
	static const char *const odd[] = {
		"{}",
		"{\"Cmd\":\"sh\"}",
		"{\"Cmd\":[1]}",
		"{\"Cmd\":[\"\"]}",
		"{\"Cmd\":[\"a\"],\"Env\":[\"1X=2\"]}",
		"{\"Cmd\":[\"a\"],\"Env\":[\"X\"]}",
		"{\"Cmd\":[\"a\"],\"User\":\"../x\"}",
		"{\"Cmd\":[\"a\"],\"User\":\"70000\"}",
		"{\"Cmd\":[\"a\"],\"WorkingDir\":\"srv\"}",
		"{\"Cmd\":[\"a\"],\"WorkingDir\":\"/srv/../..//x\"}",
		"{\"Cmd\":[\"a\"],\"ExposedPorts\":{\"0/tcp\":{}}}",
		"{\"Labels\":{\"davit.image\":\"[]\"}}",
		"{\"Labels\":{\"davit.image\":\"{}\"}}",
		"{\"Labels\":{\"davit.image\":\"{\\\"processes\\\":{\\\"a b\\\":\\\"x\\\"}}\"}}",
		"{\"Labels\":{\"davit.image\":\"{\\\"processes\\\":{\\\"web\\\":1}}\"}}",
		"{\"Labels\":{\"davit.image\":"
		"\"{\\\"processes\\\":{},\\\"uid\\\":99999}\"}}",
		"{\"Labels\":{\"davit.image\":"
		"\"{\\\"processes\\\":{},\\\"formation\\\":{\\\"web\\\":100000}}\"}}",
		"{\"Labels\":{\"davit.image\":"
		"\"{\\\"processes\\\":{},\\\"env\\\":{\\\"A\\\":1}}\"}}",
		"{\"Labels\":{\"davit.image\":\"{\\\"processes\\\":{}}\","
		"\"davit.config\":\"{\\\"A B\\\":\\\"x\\\"}\"}}",
	};

	(void)state;
	for (size_t n = 0; n < sizeof odd / sizeof *odd; n++) {
		AUTO(oci_image_release) struct oci_image i = OCI_IMAGE_INIT;

		if (config_rc(odd[n], 1, &i) == 0)
			fail_msg("accepted: %s", odd[n]);
		assert_int_equal(err.kind == ERR_REFUSED || err.kind == ERR_HOST, 1);
	}
}

static void layers_and_platform_must_agree(void **state)
{
	AUTO(oci_image_release) struct oci_image i = OCI_IMAGE_INIT;
	const char *other = "{\"os\":\"linux\",\"architecture\":\"vax\",\"config\":{},"
			    "\"rootfs\":{\"diff_ids\":[]}}";

	(void)state;
	assert_int_equal(config_rc("{\"Cmd\":[\"a\"]}", 2, &i), -1);
	assert_int_equal(oci_read_config(other, strlen(other), 0, &i, &err), -1);
	assert_non_null(strstr(err.text, "linux/vax"));
}

static void a_label_names_no_layer_of_this_host(void **state)
{
	AUTO(oci_image_release) struct oci_image i = OCI_IMAGE_INIT;

	(void)state;
	assert_int_equal(
		config_rc("{\"Labels\":{\"davit.image\":\"{\\\"layers\\\":[\\\"other."
			  "src.1\\\"],\\\"static_tree\\\":\\\"theirs\\\","
			  "\\\"processes\\\":{\\\"web\\\":\\\"x\\\"}}\"}}",
			  1, &i),
		0);
	assert_int_equal(i.image.layers.len, 0);
	assert_null(i.image.static_tree);
}

/* --- archives -------------------------------------------------------------------------- */

static int memory(void)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void put(struct tarput *t, const char *name, const char *text)
{
	AUTO_CLOSE int fd = memory();
	ssize_t len = (ssize_t)strlen(text);

	assert_int_equal(write(fd, text, (size_t)len), len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(tarput_item(t,
				     &(struct tarput_item){ .name = name,
							    .type = '0',
							    .mode = 0644,
							    .size = len },
				     &err),
			 0);
	assert_int_equal(tarput_file(t, fd, len, &err), 0);
}

/* An archive with these members (name, text, …, NULL), read. */
static int spool_of(struct spool *s, const char *const *members)
{
	AUTO_CLOSE int fd = memory();
	struct tarput t = TARPUT_INIT(fd);

	for (; *members; members += 2)
		put(&t, members[0], members[1]);
	assert_int_equal(tarput_end(&t, &err), 0);
	tarput_release(&t);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return spool_read(s, fd, &err);
}

#define LAYOUT "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}"

static void an_archive_is_read_in_any_order(void **state)
{
	AUTO(spool_release) struct spool s = SPOOL_INIT;
	char digest[OCI_DIGEST];
	AUTO_FREE char *name = NULL;
	struct oci_blob want = { .size = 5 };

	(void)state;
	digest_of("hello", 5, digest);
	name = xasprintf("./blobs/sha256/%s", digest + 7);
	assert_int_equal(
		spool_of(&s, (const char *const[]){ name, "hello", "odd/file", "x",
						    "index.json", "{}", LAYOUT, NULL }),
		0);
	memcpy(want.digest, digest, sizeof digest);
	assert_true(spool_find(&s, &want, &err) >= 0);
	want.size = 6;
	assert_int_equal(spool_find(&s, &want, &err), -1);
	memcpy(want.digest, SHA, sizeof SHA);
	assert_int_equal(spool_find(&s, &want, &err), -1);
	assert_string_equal(s.index.data, "{}");
}

static void a_blob_is_what_its_name_says(void **state)
{
	static const char *const names[] = { "blobs/sha256/" HEX, "blobs/sha256/../../x",
					     "blobs/sha256/short" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		AUTO(spool_release) struct spool s = SPOOL_INIT;

		assert_int_equal(
			spool_of(&s, (const char *const[]){ LAYOUT, "index.json", "{}",
							    names[i], "hello", NULL }),
			-1);
		assert_int_equal(err.kind, ERR_REFUSED);
	}
}

static void other_archives_are_told_apart(void **state)
{
	AUTO(spool_release) struct spool s = SPOOL_INIT;
	AUTO_CLOSE int fd = memory();

	(void)state;
	assert_int_equal(
		spool_of(&s, (const char *const[]){ "repositories", "{}", NULL }), -1);
	assert_non_null(strstr(err.text, "no manifest.json"));
	assert_int_equal(write(fd, "no archive at all", 17), 17);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(spool_read(&s, fd, &err), -1);
	assert_int_equal(err.kind, ERR_REFUSED);
}

#define SAVED(names, id)                                                       \
	"{\"Config\":\"" id ".json\",\"RepoTags\":" names ",\"Layers\":[\"" id \
	"/layer.tar\"]}"

static int saved_rc(const char *text, const char *want, const char *config)
{
	AUTO(oci_docker_release) struct oci_docker d = OCI_DOCKER_INIT;
	int rc = oci_read_docker(text, strlen(text), want, &d, &err);

	if (rc == 0) {
		assert_string_equal(d.config, config);
		assert_int_equal(d.layers.len, 1);
	}
	return rc;
}

static void docker_save_names_its_images(void **state)
{
	const char *two = "[" SAVED("[\"alpine:3\",\"web:latest\"]", "a") "," SAVED(
		"[\"my.host:5000/team/web:1\"]", "b") "]";

	(void)state;
	assert_int_equal(saved_rc(two, "docker.io/library/alpine:3", "a.json"), 0);
	assert_int_equal(saved_rc(two, "web", "a.json"), 0);
	assert_int_equal(saved_rc(two, "my.host:5000/team/web:1", "b.json"), 0);
	assert_int_equal(saved_rc(two, "my.host:5000/team/web", ""), -1);
	assert_non_null(strstr(err.text, "holds alpine:3 my.host:5000/team/web:1, not"));
	assert_int_equal(saved_rc(two, NULL, ""), -1);
	assert_int_equal(saved_rc("[" SAVED("null", "c") "]", "any:1", "c.json"), 0);
	assert_int_equal(saved_rc("[" SAVED("[\"x:1\"]", "c") "]", NULL, "c.json"), 0);
	assert_int_equal(saved_rc("[" SAVED("[7]", "c") "]", "x:1", ""), -1);
	assert_int_equal(saved_rc("[{\"Config\":1,\"Layers\":[]}]", NULL, ""), -1);
	assert_int_equal(saved_rc("[{\"Config\":\"a\",\"Layers\":[1]}]", NULL, ""), -1);
	assert_int_equal(saved_rc("{}", NULL, ""), -1);
	assert_int_equal(saved_rc("", NULL, ""), -1);
}

static void members_of_docker_save_are_found_by_name(void **state)
{
	AUTO(spool_release) struct spool s = SPOOL_INIT;
	struct oci_blob is;

	(void)state;
	assert_int_equal(
		spool_of(&s, (const char *const[]){ "manifest.json", "[]", "a.json", "{}",
						    "b/layer.tar", "hello", "b/VERSION",
						    "1.0", NULL }),
		0);
	assert_int_equal(s.len, 2);
	assert_int_equal(spool_named(&s, "b/layer.tar", &is, &err), 0);
	assert_int_equal(is.size, 5);
	assert_true(spool_find(&s, &is, &err) >= 0);
	assert_int_equal(spool_named(&s, "b/VERSION", &is, &err), -1);
	assert_non_null(strstr(err.text, "lacks its b/VERSION"));
}

static void a_layer_is_squeezed_the_same_way_twice(void **state)
{
	struct oci_layer one;
	struct oci_layer two;
	char digest[OCI_DIGEST];
	AUTO_CLOSE int from = memory();
	AUTO_CLOSE int to = memory();
	AUTO_CLOSE int again = memory();

	(void)state;
	assert_int_equal(write(from, "contents", 8), 8);
	assert_int_equal(lseek(from, 0, SEEK_SET), 0);
	assert_int_equal(blob_squeeze(from, to, &one, &err), 0);
	assert_int_equal(lseek(from, 0, SEEK_SET), 0);
	assert_int_equal(blob_squeeze(from, again, &two, &err), 0);
	digest_of("contents", 8, digest);
	assert_string_equal(one.diff_id, digest);
	assert_string_equal(one.blob.digest, two.blob.digest);
	assert_int_equal(one.blob.size, lseek(to, 0, SEEK_END));
	assert_int_equal(blob_check_contents(to, digest, &err), 0);
	assert_int_equal(blob_check_contents(from, digest, &err), 0); /* plain, too */
	assert_int_equal(blob_check_contents(to, SHA, &err), -1);
	assert_int_equal(err.kind, ERR_REFUSED);
	/* Cut in the middle. */
	assert_int_equal(ftruncate(to, one.blob.size - 6), 0);
	assert_int_equal(blob_check_contents(to, digest, &err), -1);
}

static void a_user_is_found_by_name(void **state)
{
	const char *text = "root:x:0:0::/:/bin/sh\nwww-data:x:33:33::/:/bin/sh\nbad:x\n"
			   "far:x:70000:1::/:/bin/sh\n";
	AUTO_CLOSE int layer = memory();
	struct tarput t = TARPUT_INIT(layer);
	long uid = -1;

	(void)state;
	assert_int_equal(passwd_look(text, strlen(text), "www-data", &uid), 0);
	assert_int_equal(uid, 33);
	assert_int_equal(passwd_look(text, strlen(text), "www", &uid), PASSWD_ABSENT);
	assert_int_equal(passwd_look(text, strlen(text), "bad", &uid), PASSWD_ABSENT);
	assert_int_equal(passwd_look(text, strlen(text), "far", &uid), PASSWD_ABSENT);
	put(&t, "etc/hosts", "x");
	put(&t, "etc/passwd", text);
	assert_int_equal(tarput_end(&t, &err), 0);
	tarput_release(&t);
	uid = -1;
	assert_int_equal(passwd_find(layer, "www-data", &uid, &err), 0);
	assert_int_equal(uid, 33);
}

static int make_root(void **state)
{
	struct store st = STORE_INIT;

	(void)state;
	test_store_open(&st);
	store_close(&st);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_release_comes_back_as_it_was),
		cmocka_unit_test(variables_are_there_when_asked_for),
		cmocka_unit_test(an_index_names_one_image),
		cmocka_unit_test(a_manifest_is_bounded),
		cmocka_unit_test(an_image_of_others_becomes_a_web_process),
		cmocka_unit_test(odd_configurations_are_refused),
		cmocka_unit_test(layers_and_platform_must_agree),
		cmocka_unit_test(a_label_names_no_layer_of_this_host),
		cmocka_unit_test(an_archive_is_read_in_any_order),
		cmocka_unit_test(a_blob_is_what_its_name_says),
		cmocka_unit_test(other_archives_are_told_apart),
		cmocka_unit_test(docker_save_names_its_images),
		cmocka_unit_test(members_of_docker_save_are_found_by_name),
		cmocka_unit_test(a_layer_is_squeezed_the_same_way_twice),
		cmocka_unit_test(a_user_is_found_by_name),
	};

	return cmocka_run_group_tests(tests, make_root, test_store_remove);
}
