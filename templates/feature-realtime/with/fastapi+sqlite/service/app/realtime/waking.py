"""Tells the feed of changes: SQLite has no way to do so itself."""

from starlette.types import ASGIApp, Receive, Scope, Send


class WakeFeed:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)
        if scope["type"] == "http" and scope["method"] != "GET":
            scope["app"].state.realtime.feed.wake()
