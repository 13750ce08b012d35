"""The documentation page loads nothing from other hosts, and its policy would not let it."""

import re

from django.test import Client


def test_root_leads_to_the_documentation(client: Client) -> None:
    response = client.get("/")
    assert (response.status_code, response["Location"]) == (307, "/docs")


def test_everything_comes_from_here(client: Client) -> None:
    page = client.get("/docs")
    text = page.text
    assert page["Content-Type"].startswith("text/html")
    for script in re.findall(r"<script\b.*?</script>", text, re.DOTALL):
        assert re.fullmatch(r'<script src="/[^"]+" defer></script>', script)
    assert "<style" not in text
    paths = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert len(paths) >= 3
    kinds = {".js": "text/javascript", ".css": "text/css"}
    for path in paths:
        asset = client.get(path)
        assert asset.status_code == 200, path
        assert asset["Content-Type"].startswith(kinds.get(path[path.rindex(".") :], "image/"))
        assert asset.getvalue()
    (start,) = re.findall(r'src="([^"]*docs[^"]*)"', text)
    assert b'"/openapi.json"' in client.get(start).getvalue()


def test_policy(client: Client) -> None:
    policy = dict(
        part.strip().split(" ", 1)
        for part in client.get("/docs")["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    for sources in policy.values():
        assert set(sources.split()) <= {"'self'", "'none'", "data:"}
