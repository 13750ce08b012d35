worker.wsgi.extensions["words"].close()
