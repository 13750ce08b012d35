"""The answer to what is no HTTP: there is no request yet, so no middleware ever sees it."""

import uuid

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.problems import ProblemResponse


class Protocol(HttpToolsProtocol):
    def send_400_response(self, msg: str) -> None:
        headers = {
            "Connection": "close",
            "X-Content-Type-Options": "nosniff",
            "X-Request-Id": uuid.uuid4().hex,
        }
        answer = ProblemResponse(400, "This is not a valid HTTP request.", headers)
        lines = [name + b": " + value for name, value in answer.raw_headers]
        head = b"\r\n".join([b"HTTP/1.1 400 Bad Request", *lines])
        self.transport.write(head + b"\r\n\r\n" + bytes(answer.body))
        self.transport.close()
