"""Answers with its version."""
import flask

with open("VERSION", encoding="utf-8") as f:
    VERSION = f.read()
app = flask.Flask(__name__)


@app.route("/")
def index():
    return VERSION, 200, {"Content-Type": "text/plain"}
