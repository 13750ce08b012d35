await realtime.close();
