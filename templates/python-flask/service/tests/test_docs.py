"""The documentation page loads nothing from other hosts, and its policy would not let it."""

import re

from flask.testing import FlaskClient


def test_root_leads_to_the_documentation(client: FlaskClient) -> None:
    response = client.get("/", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (307, "/docs")


def test_everything_comes_from_here(client: FlaskClient) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    for script in re.findall(r"<script\b.*?</script>", page.text, re.DOTALL):
        assert re.fullmatch(r'<script src="/[^"]+" defer></script>', script)
    assert "<style" not in page.text
    paths = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert len(paths) == 4
    kinds = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
    for path in paths:
        with client.get(path) as asset:
            assert asset.status_code == 200, path
            assert asset.headers["content-type"].startswith(kinds[path[path.rindex(".") :]])
            assert asset.data
    assert '"/openapi.json"' in client.get("/docs/start.js").text


def test_policy(client: FlaskClient) -> None:
    policy = dict(
        part.strip().split(" ", 1)
        for part in client.get("/docs").headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    for sources in policy.values():
        assert set(sources.split()) <= {"'self'", "'none'", "data:"}
