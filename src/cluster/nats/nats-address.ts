const DEFAULT_PORT = 4_222;

/** `tls://[fd00::1]:4222` → `fd00::1` */
export function hostOf(server: string): string {
  return parsed(server).hostname.replace(/^\[|\]$/g, '');
}

export function portOf(server: string): number {
  const { port } = parsed(server);
  return port === '' ? DEFAULT_PORT : Number(port);
}

/** Of schemes that it does not know, URL tells no host. */
const parsed = (server: string): URL => new URL(server.replace(/^\w+/, 'ws'));
