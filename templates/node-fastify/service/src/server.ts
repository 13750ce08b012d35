import { buildApp } from './app.ts';
import { closeOnSignal, exitOnFault } from './lifecycle.ts';
import { createLogger } from './logger.ts';
import { loadSettings } from './settings.ts';

const settings = loadSettings();
const logger = createLogger(settings.LOG_LEVEL);
exitOnFault(logger);

const app = await buildApp(settings, logger);
closeOnSignal(app.server, logger, () => app.close());
await app.listen({ host: settings.HOST, port: settings.PORT });
