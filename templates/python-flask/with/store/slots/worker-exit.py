worker.wsgi.extensions["database"].close()
