"""Sample app: Flask under gunicorn, no Procfile; / is the text of the file VERSION."""
import pathlib

from flask import Flask, request

app = Flask(__name__)
version = pathlib.Path(__file__).with_name("VERSION").read_text().strip()


@app.get("/")
def index():
    return f"flask {version} {request.scheme}\n"
