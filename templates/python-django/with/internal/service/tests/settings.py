"""The settings under test: the project's own, in an environment of the tests' own."""

import os

from config.env import Env

# Settings of whoever runs the tests must not change what is tested.
for name in Env.model_fields:
    os.environ[name.upper()] = ""
os.environ["SECRET_KEY"] = "only-for-tests-" * 4
os.environ["HTTPS"] = "false"

from config.settings import *  # noqa: E402, F403
