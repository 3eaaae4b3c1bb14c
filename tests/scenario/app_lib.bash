# A small app for scenarios that deploy: Python without dependencies, which answers with the
# file VERSION and the variable WORD.  After ssh_lib; APP is the app's name.

# app [VERSION]: a repository `work` below the working directory, which becomes the new one.
app() {
	git init -q -b main work
	cd work || return
	git remote add davit "$REMOTE/$APP"
	: >requirements.txt
	echo "${1:-one}" >VERSION
	cat >server.py <<'PY'
import http.server, os, signal, threading

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = open("VERSION").read().strip() + os.environ.get("WORD", "")
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())
    def log_message(self, *args):
        pass

class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128

if os.environ.get("BREAK"):
    raise SystemExit("told to break by " + os.environ["BREAK"])
server = Server(("0.0.0.0", int(os.environ["PORT"])), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
PY
	echo "web: python3 server.py" >Procfile
	git add -A
	git commit -q -m "${1:-one}"
}

# change FILE TEXT…: a commit with this text in the file
change() {
	local file=$1
	shift
	printf '%s\n' "$@" >"$file"
	git add -A
	git commit -q -m "change $file: $*"
}

push() { git push -q davit main; }
answer() { curl -sS --max-time 5 "$("$DAVIT" url "${1:-$APP}")"; }
answers() { [[ $(answer) == "$1" ]]; }

# live [APP]: number of the live release
live() {
	"$DAVIT" releases:list "${1:-$APP}" --format json | python3 -c 'import json, sys
print(*[r["number"] for r in json.load(sys.stdin) if r["state"] == "live"])'
}
