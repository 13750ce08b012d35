"""What happens below HTTP requests, where no middleware ever sees it."""

import uuid

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.problems import ProblemResponse


class Protocol(HttpToolsProtocol):
    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio says bool | None
        """Answer a client that sends nothing more and still listens; then close."""
        waiting = self.cycle is not None and not self.cycle.response_complete
        if waiting and not self.cycle.more_body:
            self.cycle.keep_alive = False
            return True
        return False

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP with a problem too."""
        self.transport.write(bad_request())
        self.transport.close()


def bad_request() -> bytes:
    headers = {
        "Connection": "close",
        "X-Content-Type-Options": "nosniff",
        "X-Request-Id": uuid.uuid4().hex,
    }
    answer = ProblemResponse(400, "This is not a valid HTTP request.", headers)
    lines = [name + b": " + value for name, value in answer.raw_headers]
    head = b"\r\n".join([b"HTTP/1.1 400 Bad Request", *lines])
    return head + b"\r\n\r\n" + bytes(answer.body)
