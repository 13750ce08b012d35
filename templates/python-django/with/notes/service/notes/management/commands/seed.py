"""`python manage.py seed` adds a few notes to a database that has none."""

from django.core.management.base import BaseCommand

from notes import selectors, services

NOTES = [
    ("Welcome", "This note was made by the seed command."),
    ("Shopping", "Milk\nBread\nCoffee"),
    ("Read later", "PEP 20: simple is better than complex."),
]


class Command(BaseCommand):
    help = "Adds a few notes to a database that has none."

    def handle(self, *args: object, **options: object) -> None:
        if selectors.newest_first().exists():
            self.stdout.write("There are notes already.")
            return
        for title, body in NOTES:
            services.create_note(title=title, body=body)
        self.stdout.write(f"Added {len(NOTES)} notes.")
