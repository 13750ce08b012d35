'get /api/notes/events': ['200', '422', '503'],
