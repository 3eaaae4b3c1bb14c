# From a push to instances that serve: what is checked, what fails and how it is told,
# what is kept alive, what comes back.

setup_file() {
	load ssh_lib
	key_in "$BATS_FILE_TMPDIR"
}

setup() {
	load ssh_lib
	cd "$BATS_TEST_TMPDIR" || return
	APP=deploy-$BATS_TEST_NUMBER
	destroy "$APP"
}

teardown() {
	destroy "$APP"
}

teardown_file() {
	load ssh_lib
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

# A dependency-free Python app that answers with its version, one file each.
# shellcheck disable=SC2120 # its word is optional
app() { # [VERSION]
	git init -q -b main work
	cd work || return
	git remote add davit "$REMOTE/$APP"
	: >requirements.txt
	echo "${1:-one}" >VERSION
	cat >server.py <<'PY'
import http.server, os, signal, sys, time

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/slow"):
            time.sleep(1.5)
        status = 200
        if self.path == "/health" and self.headers.get("Host") != os.environ.get("WANT_HOST", self.headers.get("Host")):
            status = 400
        body = open("VERSION").read().encode() + os.environ.get("WORD", "").encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass

class Server(http.server.ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

server = Server(("0.0.0.0", int(os.environ["PORT"])), Handler)
def stop(*_):
    import threading
    threading.Thread(target=server.shutdown).start()
signal.signal(signal.SIGTERM, stop)
print("serving", flush=True)
server.serve_forever()
server.server_close()
PY
	echo "web: python3 server.py" >Procfile
	git add -A
	git commit -q -m "${1:-one}"
}

change() { # change FILE TEXT…: a commit with this text in the file
	local file=$1
	shift
	printf '%s\n' "$@" >"$file"
	git add -A
	git commit -q -m "change $file"
}

push() { git push davit main; }
answer() { curl -sS --max-time 5 "$("$DAVIT" url "$APP")${1:-/}"; }
instance() { # instance FIELD: of the app's first instance that serves
	"$DAVIT" ps:inspect "$APP" | python3 -c "import json, sys
print([i for i in json.load(sys.stdin) if i['state'] == 'ready'][0]['$1'])"
}
answers() { [[ $(answer) == "$1" ]]; }

@test "a push serves, the next one replaces it, and the URL is the last line" {
	app
	run push
	echo "$output"
	[[ $status == 0 ]]
	[[ $output == *"Application deployed"*http://* ]]
	[[ $(answer) == one ]]
	change VERSION two
	run push
	[[ $status == 0 ]]
	[[ $(answer) == two ]]
}

@test "an app that never listens is told so; the old release serves" {
	app
	push
	"$DAVIT" checks:set "$APP" listen-timeout 2
	change Procfile "web: sleep 1000"
	run push
	echo "$output"
	[[ $status != 0 ]]
	[[ $output == *"did not listen on port 5000 within 2 s"* ]]
	[[ $output == *"it listens on no port at all"* ]]
	[[ $(answer) == one ]]
}

@test "a wrong port and a loopback address are named" {
	app
	"$DAVIT" apps:create "$APP"
	"$DAVIT" checks:set "$APP" listen-timeout 3
	change Procfile "web: python3 -m http.server 8000"
	run push
	echo "$output"
	[[ $status != 0 && $output == *"it listens on 8000"* ]]
	change Procfile 'web: python3 -m http.server --bind 127.0.0.1 $PORT'
	run push
	echo "$output"
	[[ $status != 0 && $output == *"on the loopback address only"* ]]
}

@test "an app that exits at once: its status and its last words" {
	app
	change Procfile "web: sh -c 'echo these are my last words; exit 3'"
	run push
	echo "$output"
	[[ $status != 0 ]]
	[[ $output == *"these are my last words"* ]]
	[[ $output == *"exited with status 3 before it was ready"* ]]
}

@test "a release command that fails leaves code and config as they were" {
	app
	push
	"$DAVIT" config:set --no-restart "$APP" WORD=
	change Procfile "web: python3 server.py" "release: sh -c 'echo migrating; exit 4'"
	change VERSION two
	run push
	echo "$output"
	[[ $status != 0 && $output == *"migrating"* ]]
	[[ $output == *"Execution of release task failed: exit status 4"* ]]
	[[ $(answer) == one ]]
}

@test "a script that fails after the switch fails the push, and the branch is what serves" {
	app
	echo '{"scripts":{"dokku":{"postdeploy":"exit 9"}}}' >app.json
	git add -A
	git commit -q -m after
	run push
	echo "$output"
	[[ $status != 0 && $output == *"Execution of postdeploy task failed: exit status 9"* ]]
	answers one
	[[ $(git ls-remote davit main) == $(git rev-parse HEAD)* ]]
	"$DAVIT" builds:list "$APP" --format json | grep -q '"exit_code":1,.*"status":"succeeded"'
	run "$DAVIT" ps:rebuild "$APP"
	[[ $status == 1 ]]
}

@test "an app with its .git has git to ask it" {
	app
	"$DAVIT" apps:create "$APP"
	"$DAVIT" git:set "$APP" keep-git-dir true
	push
	[[ $("$DAVIT" run "$APP" git log -1 --format=%H) == *"$(git rev-parse HEAD)"* ]]
}

@test "a config change is a release; one that does not come up is taken back" {
	app
	push
	run "$DAVIT" config:set "$APP" WORD=-word
	echo "$output"
	[[ $status == 0 ]]
	answers "one
-word"
	"$DAVIT" checks:set "$APP" listen-timeout 2
	run "$DAVIT" config:set "$APP" PYTHONPATH=/nowhere PYTHONHOME=/nowhere
	echo "$output"
	[[ $status != 0 ]]
	run "$DAVIT" config:get "$APP" PYTHONHOME
	[[ $status == 1 ]]
	answers "one
-word"
}

@test "app.json asks with the app's own name, and a failing check keeps the old release" {
	app
	change app.json '{ // a comment' '"healthchecks": {"web": [{"type": "startup", "name": "health", "path": "/health", "content": "one", "attempts": 2, "timeout": 2, "wait": 0}]}}'
	"$DAVIT" apps:create "$APP"
	"$DAVIT" domains:set "$APP" "$APP.example.test"
	"$DAVIT" config:set --no-restart "$APP" WANT_HOST="$APP.example.test"
	run push
	echo "$output"
	[[ $status == 0 ]]
	change VERSION two
	run push
	echo "$output"
	[[ $status != 0 && $output == *"failed its check 'health'"* ]]
	[[ $output == *"without 'one'"* ]]
}

@test "a worker without a web process runs, and has no URL" {
	app
	change Procfile "worker: sh -c 'while :; do echo working; sleep 0.2; done'"
	run push
	echo "$output"
	[[ $status == 0 && $output == *"no web process"* && $output == *"ps:scale $APP worker=1"* ]]
	run "$DAVIT" ps:scale "$APP" worker=1
	echo "$output"
	[[ $status == 0 ]]
	wait_until 5 sh -c "'$DAVIT' logs '$APP' -p worker | grep -q working"
}

@test "a process type that is not in the Procfile names those that are" {
	app
	push
	run "$DAVIT" ps:scale "$APP" nosuch=1
	echo "$output"
	[[ $status != 0 && $output == *"nosuch"* && $output == *"web"* ]]
}

@test "a killed instance is back at once, and counted" {
	app
	push
	local pid
	pid=$(instance pid)
	kill -9 "$pid"
	wait_until 5 answers one
	[[ $(instance pid) != "$pid" ]]
	"$DAVIT" ps:report "$APP" --running
}

@test "two instances: one is killed, and no request fails" {
	app
	push
	"$DAVIT" ps:scale "$APP" web=2
	local url n=0 bad=0
	url=$("$DAVIT" url "$APP")
	kill -9 "$(instance pid)"
	while ((n < 40)); do
		curl -sS -o /dev/null --fail --max-time 5 "$url" || bad=$((bad + 1))
		n=$((n + 1))
	done
	echo "$bad of $n failed"
	((bad == 0))
}

@test "a request that is under way when the release changes is answered" {
	app
	push
	answer /slow >slow.out &
	local client=$!
	sleep 0.3
	change VERSION two
	run push
	[[ $status == 0 ]]
	wait "$client"
	[[ $(cat slow.out) == one ]]
	[[ $(answer) == two ]]
}

@test "ps:stop stops, ps:start brings back, and a restart changes the instance" {
	app
	push
	local pid
	pid=$(instance pid)
	"$DAVIT" ps:restart "$APP"
	[[ $(instance pid) != "$pid" ]]
	"$DAVIT" ps:stop "$APP"
	run answer
	[[ $output != one ]]
	"$DAVIT" ps:start "$APP"
	answers one
}

@test "rollback brings code, config and formation of an earlier release back" {
	app
	push
	"$DAVIT" config:set "$APP" WORD=-a
	change VERSION two
	push
	"$DAVIT" config:set "$APP" WORD=-b
	answers "two
-b"
	run "$DAVIT" releases:list "$APP"
	echo "$output"
	run "$DAVIT" releases:rollback "$APP" v2
	echo "$output"
	[[ $status == 0 ]]
	answers "one
-a"
	[[ $("$DAVIT" config:get "$APP" WORD) == -a ]]
	run "$DAVIT" releases:diff "$APP" v2
	[[ $output == *"no difference"* ]]
}

@test "rolling back over a release command asks for --force" {
	app
	push
	change Procfile "web: python3 server.py" "release: echo migrated"
	push
	run "$DAVIT" releases:rollback "$APP"
	echo "$output"
	[[ $status != 0 && $output == *"may have moved on"* ]]
	run "$DAVIT" --force releases:rollback "$APP"
	[[ $status == 0 ]]
}

@test "promotion serves the very artifact with the target's config" {
	local to=$APP-production
	destroy "$to"
	app
	push
	"$DAVIT" apps:create "$to"
	"$DAVIT" config:set "$to" WORD=-production
	run "$DAVIT" releases:promote "$APP" "$to"
	echo "$output"
	[[ $status == 0 ]]
	[[ $(curl -sS "$("$DAVIT" url "$to")") == "one
-production" ]]
	destroy "$to"
}

@test "after everything was killed, as by a power cut, the app is up again" {
	app
	push
	local id
	id=$("$DAVIT" ps:inspect "$APP" | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["id"])')
	pkill -9 -f "conmon.*$id" || true
	kill -9 "$(instance pid)" || true
	nft delete table inet davit
	run "$DAVIT" ps:restore "$APP"
	echo "$output"
	wait_until 10 answers one
}

@test "run: exit code, input and the release's variables" {
	app
	push
	"$DAVIT" config:set --no-restart "$APP" WORD=w
	"$DAVIT" ps:restart "$APP"
	run "$DAVIT" run "$APP" "exit 7"
	[[ $status == 7 ]]
	[[ $(echo hello | "$DAVIT" run "$APP" cat) == hello ]]
	run "$DAVIT" enter "$APP" web cat VERSION
	[[ $output == one ]]
}

@test "a plugin vetoes a build, another observes, a third adds a line to nginx" {
	app
	local p available=$DATA/plugins/available enabled=$DATA/plugins/enabled
	for p in veto observe header; do
		cp -r "$BATS_TEST_DIRNAME/../plugins/$p" "$available/$p"
		chown -R root: "$available/$p"
		chmod -R go-w "$available/$p"
		ln -s "$available/$p" "$enabled/$p"
		PLUGIN_AVAILABLE_PATH=$available DOKKU_LIB_ROOT=$DATA DOKKU_SYSTEM_USER=davit \
			DOKKU_SYSTEM_GROUP=davit "$available/$p/install" || [[ ! -e $available/$p/install ]]
	done
	run push
	echo "$output"
	[[ $status == 0 ]]
	curl -sS -D headers -o /dev/null "$("$DAVIT" url "$APP")"
	"$DAVIT" veto:add "$APP"
	change VERSION two
	run push
	echo "$output"
	"$DAVIT" observe:list >seen
	for p in veto observe header; do rm -rf "${enabled:?}/$p" "${available:?}/$p"; done
	[[ $status != 0 && $output == *"plugin veto: pre-build"* && $output == *"must not be built"* ]]
	[[ $(answer) == one ]]
	cat headers seen
	grep -qi "^x-plugin-app: $APP" headers
	grep -q "post-deploy \[$APP\]" seen
}
