app.useWebSocketAdapter(new RealtimeAdapter(app));
