import os

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> dict[str, str]:
    return {"status": "ok"}


# gunicorn reads these: the application is served from the file that configures it.
wsgi_app = "hello:app"
pythonpath = "bare"
bind = f"{os.environ['HOST']}:{os.environ['PORT']}"
worker_class = "gthread"
threads = 16
loglevel = "error"
control_socket_disable = True
