worker.wsgi.extensions["predictions"].close()
