# From a language's manifests to what serves, by pushes over ssh and real packages.

setup_file() {
	load ssh_lib
	key_in "$BATS_FILE_TMPDIR"
}

setup() {
	load ssh_lib
	APPS=$BATS_TEST_DIRNAME/../apps
	APP=pack-$BATS_TEST_NUMBER
	destroy "$APP"
	"$DAVIT" apps:create "$APP"
	TREE=$BATS_TEST_TMPDIR/tree
	git init -q -b main "$TREE"
	cd "$TREE" || exit
}

teardown() {
	destroy "$APP"
}

teardown_file() {
	load ssh_lib
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

# Commit all there is and push it; output and status are those of the push.
push() {
	git add -A
	git commit -q --allow-empty -m "push"
	run git push -q "$REMOTE/$APP" main
	echo "$output"
}

deployed() { push && [ "$status" -eq 0 ]; }
rejected() { push && [ "$status" -ne 0 ] && [[ $output == *"$1"* ]]; }

page() { curl -sS --max-time 10 "$("$DAVIT" url "$APP")"; }

# A Node app that answers with its Node's version, and whether `is-odd` is there.
node_app() {
	cat >server.js <<'JS'
const http = require('http');
let odd = 'without';
try { require('is-odd'); odd = 'with'; } catch (e) {}
http.createServer((q, a) => a.end(`${process.version} ${odd} is-odd\n`)).listen(process.env.PORT);
JS
	echo "{\"name\":\"n\",\"private\":true,\"scripts\":{\"start\":\"node server.js\"}${1:+,$1}}" >package.json
}

@test "Flask without a Procfile; the next push installs nothing" {
	cp -r "$APPS/flask/." .
	deployed
	[[ $output == *"Installing dependencies with pip"* ]]
	[ "$(page)" = "flask one http" ]
	echo two >VERSION
	deployed
	[[ $output == *"with the dependencies of the last build"* ]]
	[[ $output != *"Installing dependencies"* ]]
	[ "$(page)" = "flask two http" ]
}

@test "a changed requirements.txt, or an included one, installs anew" {
	cp -r "$APPS/flask/." .
	echo '-r more.txt' >>requirements.txt
	echo six >more.txt
	deployed
	deployed
	[[ $output == *"with the dependencies of the last build"* ]]
	echo six==1.16.0 >more.txt
	deployed
	[[ $output == *"six-1.16.0"* ]]
}

@test "Django: static files are collected, and a failure says what to set" {
	cp -r "$APPS/django/." .
	rejected "collectstatic failed: KeyError: 'SECRET_KEY'"
	[[ $output == *"DISABLE_COLLECTSTATIC=1"* ]]
	"$DAVIT" config:set "$APP" SECRET_KEY=secret
	deployed
	[ "$(page)" = "django web.1 ['site.css']" ]
}

@test "uv: what the lock file says, without the development group" {
	cp "$APPS/flask/app.py" "$APPS/flask/VERSION" .
	cat >pyproject.toml <<'TOML'
[project]
name = "sample"
version = "1"
requires-python = ">=3.11"
dependencies = ["flask", "gunicorn"]
[dependency-groups]
dev = ["six"]
TOML
	deployed
	[[ $output == *"There is no uv.lock"* ]]
	[[ $output != *"six"* ]]
	[ "$(page)" = "flask one http" ]
}

@test "a wish for another Python is answered loudly, a condition is kept" {
	echo 'web: python3 -m http.server $PORT' >Procfile
	touch requirements.txt
	echo python-3.12.4 >runtime.txt
	deployed
	[[ $output == *"asks for Python 3.12.4"*"using that"* ]]
	printf '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.13"\n' >pyproject.toml
	rejected "excludes Python 3.11"
	git rm -q -f pyproject.toml
	echo python-three >runtime.txt
	rejected "runtime.txt: line 1 is not"
}

@test "a package that does not exist is named in the cause" {
	echo 'no-such-package-of-anybody==9' >requirements.txt
	rejected "No matching distribution found for no-such-package-of-anybody==9"
}

@test "Node: the exact version of engines, development packages pruned" {
	node_app '"engines":{"node":"20.11.1"},"devDependencies":{"is-odd":"3.0.1"}'
	deployed
	[ "$(page)" = "v20.11.1 without is-odd" ]
	deployed
	[[ $output == *"with the dependencies of the last build"* ]]
	[ "$(page)" = "v20.11.1 without is-odd" ]
}

@test "Node: pnpm by packageManager" {
	node_app '"packageManager":"pnpm@9.15.0","dependencies":{"is-odd":"3.0.1"}'
	cat >pnpm-lock.yaml <<'YAML'
lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      is-odd:
        specifier: 3.0.1
        version: 3.0.0
YAML
	rejected "if pnpm-lock.yaml is older than package.json"
	git rm -q -f --cached pnpm-lock.yaml
	rm pnpm-lock.yaml
	sed -i 's/"packageManager":"pnpm@9.15.0",//' package.json
	deployed
	[[ $output == *"There is no package-lock.json"* ]]
	[[ "$(page)" == v*" with is-odd" ]]
}

@test "Node: engines that nothing satisfies, a malformed version file, broken JSON" {
	node_app '"engines":{"node":"20.99.99"}'
	rejected "excludes every Node to be had"
	node_app
	echo twenty >.nvmrc
	rejected ".nvmrc: line 1 is not a Node version"
	rm .nvmrc
	printf '{\n  "name": "x",\n  oops\n}\n' >package.json
	rejected "package.json is not valid JSON: line 3"
}

@test "a built site is served as files, and built again from its source" {
	cp -r "$APPS/vite/." .
	deployed
	[[ $(page) == *"<title>vite</title>"* ]]
	sed -i 's/<title>vite/<title>vite two/' index.html
	deployed
	[[ $output == *"with the dependencies of the last build"* ]]
	[[ $(page) == *"<title>vite two</title>"* ]]
}

@test "a build that hangs, eats memory or fills its disk is ended and named" {
	node_app
	sed -i 's/"scripts":{/"scripts":{"build":"node build.js",/' package.json
	"$DAVIT" builder-buildpack:set "$APP" build-timeout 5
	echo 'setInterval(() => {}, 1000)' >build.js
	rejected "the build did not end in its time"
	"$DAVIT" builder-buildpack:set "$APP" build-timeout
	"$DAVIT" resource:limit --process-type build --memory 300m "$APP"
	echo 'const a = []; for (;;) a.push(Buffer.alloc(50 << 20, 1))' >build.js
	rejected "the build ran out of its memory"
	"$DAVIT" resource:limit --process-type build --memory 1g --disk 100m "$APP"
	echo 'const fs = require("fs"), f = fs.openSync("big", "w"), b = Buffer.alloc(8 << 20, 1); for (;;) fs.writeSync(f, b)' >build.js
	rejected "the build filled its disk"
}

@test "a tree that says nothing about a process is told to add a Procfile" {
	touch requirements.txt
	rejected "there is no Procfile"
	"$DAVIT" ps:set "$APP" procfile-path web.Procfile
	rejected "there is no web.Procfile"
}

@test "the host's files are out of a build's reach" {
	node_app
	sed -i 's/"scripts":{/"scripts":{"build":"node build.js",/' package.json
	cat >build.js <<'JS'
const fs = require('fs');
for (const f of ['/var/lib/davit/store/davit.db', '/root/.ssh', '/run/davit'])
  if (fs.existsSync(f)) throw new Error('reached ' + f);
if (process.getuid() !== 1000) throw new Error('uid ' + process.getuid());
try { fs.writeFileSync('/buildpacks/x', ''); throw new Error('wrote'); } catch (e) { if (e.message === 'wrote') throw e; }
JS
	deployed
}
