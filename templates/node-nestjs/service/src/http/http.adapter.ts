import { createServer } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import express from 'express';
import { answerClientError } from './client-error.js';

/**
 * Routes match as they are written: no other case, no slash at the end. What Node.js would answer
 * by itself comes to the application.
 */
export class HttpAdapter extends ExpressAdapter {
  constructor() {
    const app = express();
    app.enable('case sensitive routing');
    app.enable('strict routing');
    app.disable('x-powered-by');
    super(app);
  }

  override initHttpServer(): void {
    const options = { requestTimeout: 60_000, requireHostHeader: false };
    const server = createServer(options, this.getInstance());
    server.on('clientError', answerClientError);
    // An expectation that is not known is none; Node.js itself would answer 417 without a body.
    server.on('checkExpectation', (request, response) => server.emit('request', request, response));
    // An address without a path, as in `GET http://`, would pass by every handler.
    server.prependListener('request', (request) => {
      if (!URL.canParse(request.url ?? '', 'http://localhost')) request.url = `/${request.url}`;
    });
    this.httpServer = server;
  }
}
