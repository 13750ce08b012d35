"""The settings under test: the project's own, in an environment of the tests' own."""

import os
import tempfile
from pathlib import Path

from config.env import Env

# Settings of whoever runs the tests must not change what is tested.
for name in Env.model_fields:
    os.environ[name.upper()] = ""
os.environ["DATABASE_URL"] = "sqlite:///data/app.db"
os.environ["SECRET_KEY"] = "only-for-tests-" * 4
os.environ["HTTPS"] = "false"

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES  # noqa: E402

# In a file and not in memory, with threads and locks as in production.
DATABASES["default"]["TEST"] = {"NAME": str(Path(tempfile.mkdtemp()) / "test.db")}
