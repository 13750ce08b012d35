import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { AppModule } from '../src/app.module.js';
import { readSettings, SETTINGS } from '../src/config/settings.js';
import { configureApp } from '../src/configure-app.js';
import { HttpAdapter } from '../src/http/http.adapter.js';

/** Starts the application on a port that is free, with no settings but `env`. */
export async function startApp(env: NodeJS.ProcessEnv): Promise<NestExpressApplication> {
  const module = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(SETTINGS)
    .useValue(readSettings(env))
    .compile();
  const app = module.createNestApplication<NestExpressApplication>(new HttpAdapter(), {
    bodyParser: false,
    logger: false,
  });
  configureApp(app);
  await app.listen(0, '127.0.0.1');
  return app;
}
