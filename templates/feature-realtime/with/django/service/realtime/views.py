"""What is neither a stream nor a WebSocket."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from config.problems import ProblemResponse


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The page beside its script and its style, which WhiteNoise serves."""
    return HttpResponse((settings.WHITENOISE_ROOT / "live.html").read_bytes())


@csrf_exempt
def no_websocket(request: HttpRequest) -> HttpResponse:
    """A request for the WebSocket that does not ask to become one."""
    problem = ProblemResponse(426, "Connect by WebSocket.")
    problem["Upgrade"] = "websocket"
    problem["Connection"] = "Upgrade"
    return problem
