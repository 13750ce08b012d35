"""The contract, to read and to try: Swagger UI, served from a package and not from another host."""

import json
from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Response, current_app, redirect, send_from_directory
from werkzeug.wrappers import Response as Redirect

from app.api import JSON, describe
from app.openapi import document

blueprint = Blueprint("docs", __name__)
ASSETS = Path(str(files("flask_swagger_ui"))) / "dist"

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>API documentation</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<script src="/docs/swagger-ui-bundle.js" defer></script>
<script src="/docs/start.js" defer></script>
</head>
<body><div id="docs"></div></body>
</html>
"""
# A file of its own: the content security policy allows no script inside the page.
START = 'SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", validatorUrl: null });\n'


@blueprint.get("/")
def root() -> Redirect:
    return redirect("/docs", 307)


@blueprint.get("/openapi.json")
@describe()
def openapi() -> Response:
    if "contract" not in current_app.extensions:
        current_app.extensions["contract"] = json.dumps(document(current_app))
    return Response(current_app.extensions["contract"], content_type=JSON)


@blueprint.get("/docs")
@describe(media_type="text/html")
def docs() -> str:
    return PAGE


@blueprint.get("/docs/start.js")
def start() -> Response:
    return Response(START, mimetype="text/javascript")


@blueprint.get("/docs/<any('swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png'):name>")
def asset(name: str) -> Response:
    return send_from_directory(ASSETS, name)
