"""The model of this process: `config.asgi` starts it, and closes it at the end."""

from django.conf import settings

from model.runner import Runner

runner = Runner(settings.MODEL_DIR, settings.PREDICTION_SLOTS)


def check() -> None:
    """Raise NotReadyError while there is no model."""
    runner.check()
