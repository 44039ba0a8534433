import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/** A way to a server that writes down which methods it was asked, and everything else that a client sends. */
export class FrameRecorder {
  readonly methods: string[] = [];
  /** `namespace/name` of frames that are no calls. */
  readonly others: string[] = [];

  private constructor(
    private readonly server: WebSocketServer,
    readonly url: string,
  ) {}

  static async before(target: string): Promise<FrameRecorder> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const recorder = new FrameRecorder(server, `ws://127.0.0.1:${port}/socket`);
    server.on('connection', (client) => recorder.#join(client, new WebSocket(target)));
    return recorder;
  }

  forget(): void {
    this.methods.length = 0;
    this.others.length = 0;
  }

  async close(): Promise<void> {
    for (const client of this.server.clients) client.terminate();
    this.server.close();
    await once(this.server, 'close');
  }

  #join(client: WebSocket, upstream: WebSocket): void {
    const early: string[] = [];
    client.on('message', (data: Buffer) => {
      const text = data.toString();
      this.#note(text);
      if (upstream.readyState === WebSocket.OPEN) upstream.send(text);
      else early.push(text);
    });
    upstream.on('open', () => early.splice(0).forEach((text) => upstream.send(text)));
    upstream.on('message', (data: Buffer) => client.send(data.toString()));
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    client.on('close', () => upstream.close());
    upstream.on('close', () => client.close());
  }

  #note(text: string): void {
    const { namespace, name, args } = JSON.parse(text) as {
      readonly namespace: string;
      readonly name: string;
      readonly args?: { readonly method?: string };
    };
    if (namespace === 'rpc' && name === 'call') this.methods.push(args?.method ?? '');
    else this.others.push(`${namespace}/${name}`);
  }
}
