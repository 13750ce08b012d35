announce(ml, realtime, logger);
