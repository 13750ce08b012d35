"""What happens below HTTP requests, where no middleware ever sees it."""

import uuid

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from config.problems import ProblemResponse


def bad_request() -> bytes:
    """The answer to what is no HTTP: a problem too."""
    answer = ProblemResponse(400, "This is not a valid HTTP request.")
    answer["Connection"] = "close"
    answer["Content-Length"] = str(len(answer.content))
    answer["X-Content-Type-Options"] = "nosniff"
    answer["X-Request-Id"] = uuid.uuid4().hex
    return b"HTTP/1.1 400 Bad Request\r\n" + answer.serialize()


class Protocol(HttpToolsProtocol):
    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio says bool | None
        """Answer a client that sends nothing more and still listens; then close."""
        waiting = self.cycle is not None and not self.cycle.response_complete
        if waiting and not self.cycle.more_body:
            self.cycle.keep_alive = False
            return True
        return False

    def send_400_response(self, msg: str) -> None:
        self.transport.write(bad_request())
        self.transport.close()
