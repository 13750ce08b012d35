import express from 'express';

const app = express();
app.get('/', (request, response) => {
  response.json({ status: 'ok' });
});
app.listen(Number(process.env.PORT), process.env.HOST);
