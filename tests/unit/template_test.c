/* SPDX-License-Identifier: MIT */
/* Templates: what they write, what they refuse and on which line, and that they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "serve/template.h"
#include "util/cleanup.h"

static json_t *vars;

static int make_vars(void **state)
{
	(void)state;
	vars = json_pack("{s:s, s:s, s:s, s:s}", "APP", "blog", "MAPS",
			 "http:80:5000 https:443:5000", "TLS", "true", "NONE", "");
	return 0;
}

static int drop_vars(void **state)
{
	(void)state;
	json_decref(vars);
	return 0;
}

static void gives(const char *text, const char *wanted)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct err err;

	if (template_render(text, vars, &out, NULL, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	assert_string_equal(out.data, wanted);
}

static void refuses(const char *text, const char *words)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct err err;

	if (template_render(text, vars, &out, NULL, &err) == 0)
		fail_msg("%s gives %s", text, out.data);
	if (!strstr(err.text, words))
		fail_msg("%s: %s, not %s", text, err.text, words);
}

static void values(void **state)
{
	(void)state;
	gives("", "");
	gives("a { b }", "a { b }");
	gives("{{ .APP }} {{ $.APP }} {{$.APP}}", "blog blog blog");
	gives("[{{ .MISSING }}]", "[]");
	gives("{{ \"a\\t\\\"b\\\"\" }}{{ `c\\d` }}{{ 7 }}{{ true }}",
	      "a\t\"b\"c\\d7true");
	gives("{{ $x := .APP }}{{ $x }}{{ $x = \"y\" }}{{ $x }}", "blogy");
	gives("{{ ($.APP) }}-{{ (index (split \" \" .MAPS) 1) }}", "blog-https:443:5000");
	gives("{{ var \"APP\" }}", "blog");
	gives("a{{/* none {{ of it */}}b{{- /* nor this */ -}} c", "abc");
	gives("{{ .APP | split \"o\" }}", "[bl g]");
}

static void trimming(void **state)
{
	(void)state;
	gives("a \n {{- .APP -}} \n b", "ablogb");
	gives("a {{- 3 }} b", "a3 b");
	gives("{{ if .TLS -}}\n  on\n{{- end }}", "on");
	/* A dash that touches a value is its sign. */
	gives("a {{-3}}", "a -3");
}

static void branches(void **state)
{
	(void)state;
	gives("{{ if .TLS }}y{{ else }}n{{ end }}", "y");
	gives("{{ if .NONE }}y{{ else }}n{{ end }}", "n");
	gives("{{ if .NONE }}a{{ else if eq .APP \"blog\" }}b{{ else }}c{{ end }}d",
	      "bd");
	gives("{{ if .TLS }}a{{ else if .TLS }}b{{ else }}c{{ end }}d", "ad");
	gives("{{ if .NONE }}{{ if .TLS }}x{{ else }}y{{ end }}{{ else }}z{{ end }}",
	      "z");
	gives("{{ if and .TLS (ne .APP \"off\") }}1{{ end }}{{ if or .NONE .TLS }}2{{ end }}",
	      "12");
	gives("{{ if not .NONE }}1{{ end }}{{ if eq .APP \"x\" \"blog\" }}2{{ end }}",
	      "12");
	gives("{{ with .APP }}{{ . }}{{ $.TLS }}{{ else }}no{{ end }}", "blogtrue");
	gives("{{ with $x := .NONE }}{{ $x }}{{ else }}no{{ end }}", "no");
	gives("{{ if $x := .APP }}{{ $x }}{{ end }}", "blog");
	gives("{{ $x := 1 }}{{ if .TLS }}{{ $x = 2 }}{{ $x := 3 }}{{ end }}{{ $x }}",
	      "2");
	gives("{{ if lt 1 2 }}a{{ end }}{{ if ge 2 2 }}b{{ end }}{{ if gt 1 2 }}c{{ end }}",
	      "ab");
}

static void loops(void **state)
{
	(void)state;
	gives("{{ range $m := .MAPS | split \" \" }}{{ $l := $m | split \":\" }}"
	      "{{ index $l 0 }}={{ index $l 2 }};{{ end }}",
	      "http=5000;https=5000;");
	gives("{{ range $i, $m := .MAPS | split \" \" }}{{ $i }}{{ . }} {{ end }}",
	      "0http:80:5000 1https:443:5000 ");
	gives("{{ range split \" \" \"a b\" }}<{{ . }}>{{ else }}none{{ end }}",
	      "<a><b>");
	gives("{{ range drop \"a\" (split \" \" \"a\") }}x{{ else }}none{{ end }}",
	      "none");
	gives("{{ range $k, $v := . }}{{ $k }} {{ end }}", "APP MAPS NONE TLS ");
	gives("{{ range $x := split \" \" \"a b\" }}{{ range split \",\" \"1,2\" }}"
	      "{{ $x }}{{ . }} {{ end }}{{ end }}",
	      "a1 a2 b1 b2 ");
	gives("{{ if .NONE }}{{ range $x := .NOT }}{{ $x }}{{ end }}{{ end }}.", ".");
}

static void functions(void **state)
{
	(void)state;
	gives("{{ split \",\" \"a,b\" | join \"+\" }}", "a+b");
	gives("{{ .APP | replace \"b\" \"B\" | upper }}", "BLOG");
	gives("{{ \" x \\n\" | trim }}{{ .NONE | default \"d\" }}{{ .APP | default \"d\" }}",
	      "xdblog");
	gives("{{ len .APP }}{{ len (split \" \" .MAPS) }}", "42");
	gives("{{ contains \"lo\" .APP }}{{ lower \"AB\" }}{{ capitalize \"a b\" }}",
	      "trueabA B");
	gives("{{ printf \"%s:%d %5s|%-5s|%03d%%\" .APP 80 \"a\" \"b\" 7 }}",
	      "blog:80     a|b    |007%");
	gives("{{ print \"a\" 1 2 \"b\" }}", "a1 2b");
	gives("{{ seq 3 | join \",\" }}{{ uniq (split \" \" \"a b a\") }}", "0,1,2[a b]");
	gives("{{ append \"c\" (split \" \" \"a b\") | join \" \" }}", "a b c");
	gives("{{ slice .APP 1 3 }}{{ indent \"  \" \"a\\nb\" }}", "loa\n  b");
}

static void refusals(void **state)
{
	(void)state;
	refuses("a\n{{ .APP ", "line 2: an action that does not end");
	refuses("{{ if .APP }}\n\n", "line 3: a block that does not end");
	refuses("\n{{ end }}", "line 2: {{end}} without a block");
	refuses("{{ else }}", "{{else}} without a block");
	refuses("{{ if 1 }}{{ else }}{{ else }}{{ end }}", "{{else}} after {{else}}");
	refuses("{{ $x }}", "line 1: $x is not declared");
	refuses("{{ if 1 }}{{ $x := 1 }}{{ end }}{{ $x }}", "not declared");
	refuses("{{ index (split \":\" .NONE) 1 }}", "index 1 of a list of 1");
	refuses("{{ range .APP }}{{ end }}", "range wants a list");
	refuses("{{ eq .APP 80 }}", "write \"80\" and not 80");
	refuses("{{ .APP.X }}", ".X: what stands before it");
	refuses("{{ .APP | .TLS }}", "is no function");
	refuses("{{ .APP \"x\" }}", "is no function");
	refuses("{{ printf \"%d\" .APP }}", "%d wants a number");
	refuses("{{ printf \"%s\" }}", "fewer words");
	refuses("{{ printf \"x\" 1 }}", "more words");
	refuses("{{ \"a\n\" }}", "does not end on its line");
	refuses("{{ \"\\q\" }}", "not known in a text");
	refuses("{{ 1.5 }}", "not a number");
	refuses("{{ & }}", "cannot stand in an action");
	refuses("{{ define \"x\" }}{{ end }}", "{{define}} is not known here");
	refuses("{{/* x", "a comment that does not end");
	refuses("{{ if .NONE }}{{ nonsense }}{{ end }}", "nonsense is not known here");
}

/* What sigil can do beyond values is refused by name, where it would not run too. */
static void host(void **state)
{
	static const char *const calls[] = { "sh \"id\"",
					     "env \"HOME\"",
					     "file \"/etc/shadow\"",
					     "text \"/etc/shadow\"",
					     "include \"/etc/shadow\"",
					     "httpget \"http://169.254.169.254/\"",
					     "stdin",
					     "exists \"/etc\"",
					     "json \"/etc/x\"",
					     "\"/etc/x\" | yaml",
					     "dir \"/\"" };

	(void)state;
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		AUTO(buf_release) struct buf text = BUF_INIT;

		buf_addf(&text, "\n{{ %s }}", calls[i]);
		refuses(text.data, "line 2: the function ");
		buf_reset(&text);
		buf_addf(&text, "{{ if .NONE }}{{ %s }}{{ end }}", calls[i]);
		refuses(text.data, "the function ");
	}
	assert_non_null(getenv("PATH"));
	gives("[{{ var \"PATH\" }}]", "[]");
}

static void bounds(void **state)
{
	AUTO(buf_release) struct buf deep = BUF_INIT;

	(void)state;
	for (int i = 0; i < 100; i++)
		buf_adds(&deep, "{{ if 1 }}");
	refuses(deep.data, "nested too deep");
	buf_reset(&deep);
	buf_adds(&deep, "{{ ");
	for (int i = 0; i < 1000; i++)
		buf_addc(&deep, '(');
	refuses(deep.data, "nested too deep");
	refuses("{{ range seq 10000 }}{{ range seq 10000 }}{{ end }}{{ end }}", "too ");
	refuses("{{ $l := seq 10000 }}{{ range $l }}{{ range $l }}{{ end }}{{ end }}",
		"too many steps");
	refuses("{{ $l := seq 10000 }}{{ range $l }}{{ $l }}{{ end }}",
		"writes more than");
	refuses("{{ $x := \"aaaaaaaaaaaaaaaa\" }}{{ range seq 40 }}"
		"{{ $x = printf \"%s%s\" $x $x }}{{ end }}",
		"a text of more than");
	refuses("{{ $x := \"aaaaaaaaaaaaaaaa\" }}{{ range seq 40 }}"
		"{{ $x = replace \"a\" $x $x }}{{ end }}",
		"a text of more than");
	refuses("{{ range $i := seq 200 }}{{ $a := $i }}{{ range seq 10000 }}{{ end }}{{ end }}",
		"too much memory");
}

/* Each line that is written knows the template's line it came from. */
static void line_map(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(buf_release) struct buf lines = BUF_INIT;
	struct err err;

	(void)state;
	assert_int_equal(
		template_render("a\n{{ range seq 2 -}}\n\nx{{ . }}\n{{ end }}\nz", vars,
				&out, &lines, &err),
		0);
	assert_string_equal(out.data, "a\nx0\nx1\n\nz");
	const int *at = (const int *)(const void *)lines.data;

	assert_int_equal(lines.len / sizeof *at, 5);
	assert_int_equal(at[0], 1);
	assert_int_equal(at[1], 4);
	assert_int_equal(at[2], 4);
	assert_int_equal(at[4], 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),    cmocka_unit_test(trimming),
		cmocka_unit_test(branches),  cmocka_unit_test(loops),
		cmocka_unit_test(functions), cmocka_unit_test(refusals),
		cmocka_unit_test(host),      cmocka_unit_test(bounds),
		cmocka_unit_test(line_map),
	};

	return cmocka_run_group_tests(tests, make_vars, drop_vars);
}
