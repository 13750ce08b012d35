import os

import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="hello", LOGGING_CONFIG=None)


def hello(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


urlpatterns = [path("", hello)]

uvicorn.run(
    get_asgi_application(),
    host=os.environ["HOST"],
    port=int(os.environ["PORT"]),
    log_level="error",
    access_log=False,
    lifespan="off",
)
