import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { SETTINGS, type Settings } from './config/settings.js';
import { configureApp } from './configure-app.js';
import { HttpAdapter } from './http/http.adapter.js';
import { JsonLogger } from './logging/json-logger.js';

const app = await NestFactory.create<NestExpressApplication>(AppModule, new HttpAdapter(), {
  abortOnError: false,
  // An interceptor reads the body once the route is known.
  bodyParser: false,
  // Nothing is printed until the logger is there that prints JSON.
  bufferLogs: true,
});
const logger = app.get(JsonLogger);
app.useLogger(logger);
// A fault that nobody caught is logged like any other, and ends the process: its state is unknown.
process.on('uncaughtException', async (error) => {
  logger.error(error, 'uncaughtException');
  await logger.flush();
  process.exit(1);
});

configureApp(app);
app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });

const { HOST, PORT } = app.get<Settings>(SETTINGS);
await app.listen(PORT, HOST);
new Logger('Main').log(`Listening at http://${HOST}:${PORT}`);
