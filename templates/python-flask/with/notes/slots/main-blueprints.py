app.register_blueprint(notes)
