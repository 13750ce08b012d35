'get /api/notes/{id}/words': ['200', '404', '422', '503'],
