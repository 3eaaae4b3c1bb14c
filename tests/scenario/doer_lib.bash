# One app for a whole file, pushed once: a Python server without dependencies that does what
# its visitor asks for, and workers of every kind.

# app_push APP: push it below BATS_FILE_TMPDIR/APP.
app_push() {
	local dir=$BATS_FILE_TMPDIR/$1
	git init -q -b main "$dir"
	: >"$dir/requirements.txt"
	cat >"$dir/server.py" <<'PY'
import http.server, os, signal, subprocess, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        word = self.path.split("?")[0].strip("/")
        status, body = 200, os.environ.get("WORD", "fine")
        if word == "exit":
            os._exit(3)
        elif word == "oom":
            self.server.hog = bytearray(os.urandom(1 << 20) * 400)
        elif word in ("sick", "well"):
            if word == "sick":
                open("/tmp/sick", "w").close()
            else:
                os.unlink("/tmp/sick")
        elif word == "health":
            status = 500 if os.path.exists("/tmp/sick") else 200
        elif word == "orphan":
            subprocess.run(["sh", "-c", "(sleep 0.1 &) ; (sleep 0.2 &)"])
        elif word == "who":
            body = os.environ["DYNO"]
        elif word == "bytes":
            body = "x" * int(self.path.split("?")[1])
        elif word == "say":
            print(self.path.split("?")[1], flush=True)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())
    def do_POST(self):
        while self.headers.get("Transfer-Encoding") == "chunked":
            size = int(self.rfile.readline(), 16)
            self.rfile.read(size + 2)
            if not size:
                break
        self.do_GET()
    def log_message(self, *args):
        pass

def stop(*_):
    print("the app got SIGTERM", flush=True)
    os._exit(0)

signal.signal(signal.SIGTERM, stop)
server = http.server.ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler)
print("serving", flush=True)
server.serve_forever()
PY
	cat >"$dir/Procfile" <<'PROC'
web: python3 server.py
worker: python3 -u -c "import itertools, time; [(print('n', i), time.sleep(0.02)) for i in itertools.count()]"
crash: sh -c 'sleep 2.5; echo dying; exit 3'
deaf: sh -c 'trap "" TERM; echo deaf; while :; do sleep 1; done'
flood: python3 -c "import sys; w = sys.stdout.write; [w('flood %d %s\n' % (i, 'x' * 190)) for i in range(1000000)]; import time; print('done', flush=True); time.sleep(600)"
PROC
	git -C "$dir" add -A
	git -C "$dir" commit -q -m first
	git -C "$dir" push -q "$REMOTE/$1" main
}

# app_change APP FILE TEXT: a commit.
app_change() {
	printf '%s\n' "$3" >"$BATS_FILE_TMPDIR/$1/$2"
	git -C "$BATS_FILE_TMPDIR/$1" add -A
	git -C "$BATS_FILE_TMPDIR/$1" commit -q --allow-empty -m "change $2"
}

answer() { curl -sS --max-time 5 "$("$DAVIT" url "$APP")${1:-/}"; }
answers() { [[ $(answer "${2:-/}" 2>/dev/null) == "$1" ]]; }

# instance FIELD [PROCESS]: of the first one that serves.
instance() {
	"$DAVIT" ps:inspect "$APP" | python3 -c "import json, sys
print([i for i in json.load(sys.stdin) if i['state'] == 'ready'
       and i['process_type'] == '${2:-web}'][0]['$1'])"
}
state_of() { # state_of PROCESS: the state of its first instance
	"$DAVIT" ps:inspect "$APP" | python3 -c "import json, sys
print([i for i in json.load(sys.stdin) if i['process_type'] == '$1'][0]['state'])"
}
is_state() { [[ $(state_of "$1") == "$2" ]]; }
log_has() { "$DAVIT" logs "$APP" -n 5000 | grep -q -e "$1"; }
