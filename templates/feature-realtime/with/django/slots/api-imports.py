from realtime.api import router as realtime_router
