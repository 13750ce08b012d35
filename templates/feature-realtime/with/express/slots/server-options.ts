realtime,
