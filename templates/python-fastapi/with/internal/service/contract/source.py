"""Where the contract comes from: the application describes itself, and loads no model for that."""

from typing import Any

from app.main import create_app
from app.settings import load_settings


def described() -> dict[str, Any]:
    return create_app(load_settings()).openapi()
