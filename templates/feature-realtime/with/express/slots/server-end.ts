realtime.end();
