const realtime = new Realtime({ settings, database, logger });
