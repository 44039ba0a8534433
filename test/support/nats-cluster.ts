import { freePort } from './free-port.js';
import { NatsServer } from './nats-server.js';

/** NATS servers that form one cluster, each with its own store. They tell clients of none but themselves. */
export async function startNatsCluster(size: number): Promise<readonly NatsServer[]> {
  if (size === 1) return [await NatsServer.start()];
  const ports = await Promise.all(Array.from({ length: size }, freePort));
  const routes = ports.map((port) => `nats-route://127.0.0.1:${port}`).join(', ');
  return Promise.all(
    ports.map((port, index) =>
      NatsServer.start({
        configuration: [
          `server_name: "s${index + 1}"`,
          `cluster { name: test, listen: "127.0.0.1:${port}", no_advertise: true, routes: [${routes}] }`,
        ].join('\n'),
      }),
    ),
  );
}
