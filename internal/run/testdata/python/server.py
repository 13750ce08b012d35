import json
import os
import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


def database() -> bool:
    url = urlsplit(os.environ["DATABASE_URL"])
    try:
        socket.create_connection((url.hostname, url.port), timeout=1).close()
    except OSError:
        return False
    return True


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        ok = self.path != "/readyz" or database()
        body = json.dumps({"status": "OK" if ok else "AWAY", "pid": os.getpid(), "prefix": sys.prefix}).encode()
        self.send_response(200 if ok else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
server = ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler)
print(json.dumps({"msg": "listening", "port": os.environ["PORT"]}), flush=True)
try:
    server.serve_forever()
finally:
    server.server_close()
