HEARTBEAT_SECONDS: integer(1, 300).default(15),
