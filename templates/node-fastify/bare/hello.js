import fastify from 'fastify';

const app = fastify();
app.get('/', async () => ({ status: 'ok' }));
await app.listen({ host: process.env.HOST, port: Number(process.env.PORT) });
