app.add_middleware(WakeFeed)
