app.register_blueprint(words)
