"""Connections that last: /stream?SECONDS sends ten pieces a second, /ws echoes frames."""
import base64
import hashlib
import http.server
import os
import time

PIECE = b"x" * 1000
MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/ws":
            self.echo()
        elif self.path.startswith("/stream?"):
            self.stream(int(self.path.split("?")[1]))
        else:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

    def stream(self, seconds):
        self.send_response(200)
        self.send_header("Content-Length", str(seconds * 10 * len(PIECE)))
        self.end_headers()
        for _ in range(seconds * 10):
            self.wfile.write(PIECE)
            self.wfile.flush()
            time.sleep(0.1)

    def echo(self):
        key = self.headers["Sec-WebSocket-Key"] + MAGIC
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        self.wfile.flush()
        while True:
            head = self.rfile.read(2)
            if len(head) < 2 or head[0] & 15 == 8:
                break
            mask = self.rfile.read(4)
            data = bytes(c ^ mask[i % 4] for i, c in enumerate(self.rfile.read(head[1] & 127)))
            self.wfile.write(bytes([0x81, len(data)]) + data)
            self.wfile.flush()
        self.close_connection = True

    def log_message(self, *args):
        pass


http.server.ThreadingHTTPServer.request_queue_size = 128
http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
