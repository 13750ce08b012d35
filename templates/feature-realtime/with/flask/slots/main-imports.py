from app.realtime import service as realtime
from app.realtime.routes import blueprint as realtime_views
