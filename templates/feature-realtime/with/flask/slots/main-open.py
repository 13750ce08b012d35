realtime.init_app(app, settings)
