from django.apps import AppConfig
from django.db.models.signals import post_migrate

from realtime import triggers


class RealtimeConfig(AppConfig):
    name = "realtime"

    def ready(self) -> None:
        post_migrate.connect(triggers.make, sender=self)
