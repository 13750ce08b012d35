"""The contract, to read and to try: Swagger UI, served from a package and not from another host."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

router = APIRouter(tags=["docs"])
assets = APIRouter(include_in_schema=False)
ASSETS = Path(str(files("fastapi_offline"))) / "static"

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>API documentation</title>
<link rel="icon" href="/docs/favicon.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<script src="/docs/swagger-ui-bundle.js" defer></script>
<script src="/docs/start.js" defer></script>
</head>
<body><div id="docs"></div></body>
</html>
"""
# A file of its own: the content security policy allows no script inside the page.
START = 'SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", validatorUrl: null });\n'


@assets.get("/")
async def root() -> RedirectResponse:
    return RedirectResponse("/docs")


@router.get("/openapi.json")
async def openapi(request: Request) -> dict[str, Any]:
    contract: dict[str, Any] = request.app.openapi()
    return contract


@router.get("/docs", response_class=HTMLResponse)
async def docs() -> str:
    return PAGE


@assets.get("/docs/start.js")
async def start() -> Response:
    return Response(START, media_type="text/javascript")


@assets.get("/docs/swagger-ui-bundle.js")
async def script() -> FileResponse:
    return FileResponse(ASSETS / "swagger-ui-bundle.js")


@assets.get("/docs/swagger-ui.css")
async def style() -> FileResponse:
    return FileResponse(ASSETS / "swagger-ui.css")


@assets.get("/docs/favicon.png")
async def icon() -> FileResponse:
    return FileResponse(ASSETS / "favicon.png")
