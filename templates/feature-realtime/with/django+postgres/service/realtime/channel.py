"""How the processes reach each other: by NOTIFY, on one connection of each that listens."""

import asyncio
import logging

import psycopg
from django.db import connection
from pydantic import ValidationError

from realtime.database import asked
from realtime.feed import feed
from realtime.hub import hub
from realtime.schemas import Delivery

EVENTS = "note_events"  # there is a new event
MESSAGES = "realtime"  # somebody has said something
MAX_DELAY = 5.0  # seconds, between two attempts to connect

log = logging.getLogger(__name__)


async def publish(delivery: Delivery) -> None:
    """For all processes, this one among them."""
    await asked(_notify)(delivery.model_dump_json())


def _notify(payload: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [MESSAGES, payload])


async def listen() -> None:
    """Hand on what the database tells, for ever; connect again after a failure."""
    delay = 0.0
    while True:
        try:
            async with await _connect() as listening:
                await listening.execute(f"LISTEN {EVENTS}")
                await listening.execute(f"LISTEN {MESSAGES}")
                delay = 0.0
                feed.wake()  # something may have happened in the meantime
                async for notification in listening.notifies():
                    _hand_on(notification)
        except psycopg.Error as error:
            if not delay:
                log.warning("the database tells nothing: %s", error)
        delay = min(delay + 0.5, MAX_DELAY)
        await asyncio.sleep(delay)


async def _connect() -> psycopg.AsyncConnection:
    settings = connection.settings_dict
    return await psycopg.AsyncConnection.connect(
        autocommit=True,
        connect_timeout=settings["OPTIONS"]["connect_timeout"],
        keepalives_idle=10,  # seconds: a server that vanished is noticed
        keepalives_interval=5,
        keepalives_count=3,
        dbname=settings["NAME"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        host=settings["HOST"],
        port=settings["PORT"] or None,
    )


def _hand_on(notification: psycopg.Notify) -> None:
    if notification.channel == EVENTS:
        feed.wake()
        return
    try:
        hub.deliver(Delivery.model_validate_json(notification.payload))
    except ValidationError as error:
        log.warning("no message of ours: %s", error)
