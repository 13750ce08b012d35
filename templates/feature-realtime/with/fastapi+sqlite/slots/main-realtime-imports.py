from app.realtime.waking import WakeFeed
