if (path === '/api/notes/events' && status === '200') types = ['text/event-stream'];
