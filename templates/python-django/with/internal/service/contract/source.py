"""Where the contract comes from: the API describes itself, and needs no environment for that."""

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.base")
django.setup()

from config.api import api  # noqa: E402  # its routes want the setup


def described() -> dict[str, Any]:
    return api.get_openapi_schema()
