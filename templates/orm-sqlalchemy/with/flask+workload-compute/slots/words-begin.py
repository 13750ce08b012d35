get_db().close()  # others need the connection meanwhile
