from app.realtime.routes import pages as realtime_pages
from app.realtime.routes import router as realtime_router
from app.realtime.service import Realtime
