"""How what is said reaches whom it is meant for: with SQLite, all are in this one process."""

from realtime.hub import hub
from realtime.schemas import Delivery


async def publish(delivery: Delivery) -> None:
    hub.deliver(delivery)
