realtime: Realtime;
