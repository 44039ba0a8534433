import { readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';

const NATS_PORTS = /(?<=:)[46]22\d\b/g;

/** A port that was free a moment ago, for a server whose configuration has to name one. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Gives the usual ports of NATS in some files, the same in all of them, others that are free here. */
export async function moveToFreePorts(files: readonly string[]): Promise<void> {
  const ports = new Map<string, number>();
  for (const file of files) {
    const content = readFileSync(file, 'utf8');
    for (const [port] of content.matchAll(NATS_PORTS)) {
      if (!ports.has(port)) ports.set(port, await freePort());
    }
    const moved = content.replace(NATS_PORTS, (port) => String(ports.get(port)));
    writeFileSync(file, moved, { mode: 0o600 });
  }
}
