import { createServer } from "node:http";
import { connect } from "node:net";
import { shout } from "shout";

const { hostname, port } = new URL(process.env.DATABASE_URL);
const database = () =>
  new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("connect", () => socket.end());
  });

const server = createServer(async (req, res) => {
  const ok = req.url !== "/readyz" || (await database());
  res.writeHead(ok ? 200 : 503, { "content-type": "application/json" });
  res.end(JSON.stringify({ status: shout(ok ? "ok" : "away"), pid: process.pid, node: process.version }));
});
server.listen(Number(process.env.PORT), process.env.HOST, () => console.log(JSON.stringify({ msg: "listening", port: process.env.PORT })));
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => server.close(() => process.exit(0)));
