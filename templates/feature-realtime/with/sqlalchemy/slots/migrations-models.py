from app.realtime import models as realtime_models  # noqa: F401
