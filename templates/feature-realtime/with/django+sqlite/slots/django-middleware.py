"realtime.middleware.wake",
