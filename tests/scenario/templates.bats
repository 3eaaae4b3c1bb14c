# An app's own nginx.conf.sigil: it serves, it keeps serving while the app changes, and what
# reaches beyond the app is refused before anything is built.

setup_file() {
	load ssh_lib
	key_in "$BATS_FILE_TMPDIR"
	export APP=sigil-app OTHER=sigil-other TREE=$BATS_FILE_TMPDIR/tree
	destroy "$APP" "$OTHER"
	"$DAVIT" apps:create "$APP"
	"$DAVIT" apps:create "$OTHER"
	"$DAVIT" domains:set "$APP" sigil.example.test
	"$DAVIT" domains:set "$OTHER" other.example.test
	mkdir -p "$TREE"
	cd "$TREE" || return
	: >requirements.txt
	printf 'web: python3 -u app.py\nworker: python3 -u app.py\n' >Procfile
	cat >app.py <<'PY'
import http.server, os

class One(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = (os.environ.get("DYNO", "") + " " + os.environ.get("WORD", "")).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

http.server.ThreadingHTTPServer(("", int(os.environ.get("PORT") or 5000)), One).serve_forever()
PY
	template '' >nginx.conf.sigil
	git init -q -b main
}

teardown_file() {
	load ssh_lib
	destroy "$APP" "$OTHER"
	"$DAVIT" ssh-keys:remove "$KEY_NAME"
}

setup() {
	load ssh_lib
	cd "$TREE" || return
}

# template LINE: a server for each port, with LINE in it.
template() {
	cat <<SIGIL
map \$http_upgrade \$connection_upgrade {
	default upgrade;
	'' close;
}
{{- range \$map := .PROXY_PORT_MAP | split " " }}
{{- \$part := \$map | split ":" }}
{{- if eq (index \$part 0) "http" }}
server {
	listen [::]:{{ index \$part 1 }};
	listen {{ index \$part 1 }};
	server_name {{ \$.NOSSL_SERVER_NAME }} more.example.test;
	access_log {{ \$.NGINX_ACCESS_LOG_PATH }};
	error_log {{ \$.NGINX_ERROR_LOG_PATH }};
	add_header X-Template {{ \$.APP }} always;
	$1
	location / {
		proxy_pass http://{{ \$.APP }}-{{ index \$part 2 }};
		proxy_http_version 1.1;
		proxy_set_header Host \$http_host;
		proxy_set_header Upgrade \$http_upgrade;
		proxy_set_header Connection \$connection_upgrade;
	}
	error_page 502 /502-error.html;
	location /502-error.html {
		root {{ \$.DOKKU_LIB_ROOT }}/data/nginx-vhosts/dokku-errors;
		internal;
	}
	{{ if \$.DOKKU_APP_WORKER_LISTENERS }}location /work { proxy_pass http://workers; }{{ end }}
	include {{ \$.DOKKU_ROOT }}/{{ \$.APP }}/nginx.conf.d/*.conf;
}
{{- end }}
{{- end }}
{{ range \$port := .PROXY_UPSTREAM_PORTS | split " " }}
upstream {{ \$.APP }}-{{ \$port }} {
	{{- range \$listener := \$.DOKKU_APP_WEB_LISTENERS | split " " }}
	server {{ index (\$listener | split ":") 0 }}:{{ \$port }};
	{{- end }}
}
{{- end }}
{{- if .DOKKU_APP_WORKER_LISTENERS }}
upstream workers {
	{{- range \$listener := .DOKKU_APP_WORKER_LISTENERS | split " " }}
	server {{ \$listener }};
	{{- end }}
}
{{- end }}
SIGIL
}

push_it() {
	git add -A
	git commit -q --allow-empty -m again
	git push "$REMOTE/$APP" main 2>&1
}

get() { curl -sS -m 10 -H "Host: ${2:-sigil.example.test}" "http://127.0.0.1$1"; }
code() { curl -s -m 10 -o "$BATS_TEST_TMPDIR/body" -w '%{http_code}' -H "Host: $1" http://127.0.0.1/; }

# refused LINE WORDS: a push with that line in the server ends before the build and says so.
refused() {
	local said=$BATS_TEST_TMPDIR/said
	template "$1" >nginx.conf.sigil
	if push_it >"$said"; then return 1; fi
	cat "$said"
	grep -qF "Custom nginx.conf.sigil failed nginx -t validation" "$said" || return 1
	grep -qF "$2" "$said" || return 1
	if grep -qF "Building $APP" "$said"; then return 1; fi
	[ "$(get /)" = "web.1 word" ]
}

@test "the template is tried before the build, and serves" {
	run push_it
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"Pre-validating custom nginx.conf.sigil"* ]]
	[[ $output == *"Overriding default nginx.conf with detected nginx.conf.sigil"* ]]
	[ "$(get /)" = "web.1 " ]
	[ "$(get / more.example.test)" = "web.1 " ]
	run curl -sI -H 'Host: sigil.example.test' http://127.0.0.1/
	[[ $output == *"X-Template: $APP"* ]]
	run "$DAVIT" doctor
	[[ $output != *"nginx file of $APP"* ]]
}

@test "what the template names is the app's alone" {
	run "$DAVIT" nginx:show-config "$APP"
	echo "$output"
	[[ $output == *"upstream davit_${APP}_$APP-5000 {"* ]]
	[[ $output == *'map $http_upgrade $davit_sigil_mapp__connection_upgrade {'* ]]
	run "$DAVIT" domains:add "$OTHER" more.example.test
	[ "$status" -ne 0 ]
	[[ $output == *"more.example.test belongs to the app $APP"* ]]
}

@test "redeploys under requests: none fails, and the nginx file stays" {
	local before stop=$BATS_TEST_TMPDIR/stop bad=$BATS_TEST_TMPDIR/bad pid
	before=$(stat -c '%i %Y' "$DATA/nginx/$APP.conf")
	(
		exec 3>&- 4>&-
		n=0
		until [ -e "$stop" ]; do
			[ "$(code sigil.example.test)" = 200 ] || echo "request $n" >>"$bad"
			n=$((n + 1))
		done
		echo "$n" >"$BATS_TEST_TMPDIR/count"
	) &
	pid=$!
	push_it
	push_it
	push_it
	"$DAVIT" config:set "$APP" WORD=word
	: >"$stop"
	wait "$pid"
	[ ! -s "$bad" ]
	[ "$(<"$BATS_TEST_TMPDIR/count")" -gt 20 ]
	[ "$(get /)" = "web.1 word" ]
	[ "$(stat -c '%i %Y' "$DATA/nginx/$APP.conf")" = "$before" ]
}

@test "another process type is reached, and after it stopped it is not named any more" {
	"$DAVIT" ps:scale "$APP" worker=1
	[ "$(get /work)" = "worker.1 word" ]
	"$DAVIT" ps:scale "$APP" worker=0
	run "$DAVIT" nginx:show-config "$APP"
	[[ $output != *workers* ]]
	[ "$(get /)" = "web.1 word" ]
	"$DAVIT" ps:scale "$APP" worker=1
	[ "$(get /work)" = "worker.1 word" ]
	"$DAVIT" ps:stop "$APP"
	run "$DAVIT" nginx:show-config "$APP"
	[[ $output != *workers* ]]
	run curl -s -H 'Host: sigil.example.test' http://127.0.0.1/
	[[ $output == *"does not answer just now"* ]]
	"$DAVIT" ps:start "$APP"
	[ "$(get /work)" = "worker.1 word" ]
}

@test "what reaches beyond the app is refused, with its line, and the app serves on" {
	refused 'listen 8080;' 'line 15: listen 8080: port 8080 is not one of this app'
	refused 'server_name other.example.test;' "other.example.test belongs to the app $OTHER"
	refused 'location /x { proxy_pass http://127.0.0.1:22; }' '127.0.0.1:22 is not this app'
	refused 'location /x { proxy_pass http://169.254.169.254/; }' 'is not this app'
	refused 'location /x { alias /etc/; }' '/etc/ is not a place'
	refused 'access_log /etc/cron.d/sigil;' '/etc/cron.d/sigil is not a place'
	refused 'include /etc/passwd;' 'files of the host are not read'
	refused "ssl_certificate $DATA/tls/$OTHER/server.crt;" 'is not a place'
	refused '} gzip on; server { listen 80; server_name a.example.test;' 'in force for every app'
	refused 'add_header X-A {{ sh "id" }};' 'the function sh runs a program'
	[ ! -e /etc/cron.d/sigil ]
}

@test "what only nginx can judge is said in nginx's words" {
	refused 'limit_req zone=nowhere;' 'zone "nowhere"'
	refused 'add_header X-A;' 'invalid number of arguments'
	refused 'add_header X-A $nothing_known;' 'nothing_known'
	grep -qF "disable-custom-config true" "$BATS_TEST_TMPDIR/said"
}

@test "a pattern that would hold a worker is cut short" {
	template 'location ~ "^/(a+)+$" { return 204; }' >nginx.conf.sigil
	push_it
	[ "$(curl -s -o /dev/null -w '%{http_code}' -H 'Host: sigil.example.test' http://127.0.0.1/aaa)" = 204 ]
	run curl -s -o /dev/null -w '%{http_code} %{time_total}' -H 'Host: sigil.example.test' "http://127.0.0.1/$(printf 'a%.0s' {1..60})b"
	echo "$output"
	[[ $output == "500 0.0"* ]]
	[ "$(get /)" = "web.1 word" ]
}

@test "a symlink as a template leads nowhere" {
	ln -sf /etc/passwd nginx.conf.sigil
	run push_it
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output != *root:x:0* && $output == *"leads out of the source tree"* ]]
	rm nginx.conf.sigil
}

@test "rolling back brings the template back; disabled, it is not used" {
	run push_it
	[ "$status" -eq 0 ]
	[[ $output != *"Pre-validating"* ]]
	run "$DAVIT" nginx:show-config "$APP"
	[[ $output != *X-Template* ]]
	run get / more.example.test
	[[ $output != *web.1* ]]
	"$DAVIT" domains:add "$OTHER" more.example.test
	"$DAVIT" domains:remove "$OTHER" more.example.test
	"$DAVIT" releases:rollback "$APP"
	[ "$(get / more.example.test)" = "web.1 word" ]
	"$DAVIT" nginx:set "$APP" disable-custom-config true
	"$DAVIT" proxy:build-config "$APP"
	run "$DAVIT" nginx:show-config "$APP"
	[[ $output != *X-Template* ]]
	[ "$(get /)" = "web.1 word" ]
}
