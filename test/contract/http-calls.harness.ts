import { connect, type Socket } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import { PASSWORD } from './principals.harness.js';
import { PluginServer } from './plugin-server.js';

/** Methods of every kind that a call may meet, and a task. */
const PLUGIN = `
import { accepts, description, generator, h, Plugin, Provider, provider, requireRoles, returns, sender, signal,
         Task, task, type Sender, unauthenticated } from 'dispatcher';
import { UseGuards } from '@nestjs/common';

class Never { canActivate() { return false; } }

@description('Doors') @provider('door')
export class DoorProvider extends Provider {
  waiting = 0; aborted = []; made = 0;
  @accepts() @returns(String) @requireRoles('operator') push() { return 'push'; }
  @accepts(String, h.optional(Number)) @returns(h.any()) say(word, times) { return [word, times ?? null]; }
  @accepts(h.any()) @returns(h.any()) echo(value) { return value; }
  @accepts() @returns(h.any()) who(@sender() caller) { return [caller.kind, caller.user, caller.sessionId]; }
  @accepts() @returns(String) @unauthenticated() open() { return 'open'; }
  @accepts() @returns(String) @UseGuards(Never) guarded() { return 'no'; }
  @accepts() @returns(String) @requireRoles('operator')
  wait(@signal() signal) {
    this.waiting += 1;
    return new Promise((_, reject) => signal.addEventListener('abort', () => {
      this.waiting -= 1; this.aborted.push(signal.reason.message); reject(signal.reason);
    }));
  }
  @accepts() @returns(String) deaf() { this.waiting += 1; return new Promise(() => undefined); }
  @accepts() @returns(h.any()) state() { return { waiting: this.waiting, aborted: this.aborted, made: this.made }; }
  @accepts(Number) @returns(h.array(Number)) @generator()
  async *count(to) { try { for (let i = 1; i <= to; i += 1) yield i; } finally { this.aborted.push('counted'); } }
  @accepts() @returns(h.array(Number)) @generator()
  async *breaks() { for (let i = 0; i < 40; i += 1) yield i; throw new Error('secret'); }
  @accepts(Number) @returns(String) large(bytes) { this.made += 1; return 'x'.repeat(bytes); }
}
@description('Paints') @task('door.paint', { executor: 'inline' }) @accepts(String) @returns(String)
export class PaintTask extends Task { verify() { return []; } run(colour) { return colour; } }

@Plugin({ providers: [DoorProvider, PaintTask] })
export default class {}
`;

/** A server that takes calls over HTTP, with limits that a test can reach. */
export class HttpServer {
  #lastName = 0;

  private constructor(readonly server: PluginServer) {}

  static async start(limits: Readonly<Record<string, number>> = {}): Promise<HttpServer> {
    const dispatcher = {
      'http-calls': true,
      'shipped-plugins': false,
      'allowed-origins': ['https://nas.example.org'],
      limits: {
        'calls-in-flight': 8,
        'http-body-timeout-ms': 400,
        'outbox-grace-ms': 1_500,
        'failed-logins-per-minute': 1_000,
        ...limits,
      },
    };
    return new HttpServer(await PluginServer.start({ 'door/index.ts': PLUGIN }, { dispatcher }));
  }

  /** For a test that needs a server of its own, which ends with the test. */
  static async forThisTest(limits?: Readonly<Record<string, number>>): Promise<HttpServer> {
    const http = await HttpServer.start(limits);
    onTestFinished(() => http.stop());
    return http;
  }

  get url(): string {
    return httpUrlOf(this.server);
  }

  /** A user of its own with an API key. */
  async owner(...roles: string[]): Promise<Owner> {
    this.#lastName += 1;
    const name = `http${this.#lastName}`;
    const password = { $password: PASSWORD };
    const admin = await this.server.admin();
    await admin.result('account.create', { username: name, password, roles });
    const wanted = { name: 'curl', username: name };
    const { id, key } = await admin.result<Owner>('account.create_api_key', wanted);
    return { admin, name, id, key };
  }

  post(method: string, args: unknown, sent: Sent = {}): Promise<Response> {
    const { key, type = 'application/json', body = JSON.stringify(args), headers, ...more } = sent;
    return fetch(`${this.url}/rpc/${method}`, {
      method: 'POST',
      body,
      ...more,
      headers: {
        ...(type === null ? {} : { 'Content-Type': type }),
        ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
        ...headers,
      },
    });
  }

  /** Status and document of an answer, whose type is what it has to be. */
  async outcome(method: string, args: unknown, sent: Sent = {}): Promise<[number, unknown]> {
    return outcomeOf(await this.post(method, args, sent));
  }

  /** Sends these bytes and returns all that comes until the server hangs up. */
  async raw(
    bytes: string | Buffer,
    then: (socket: Socket) => void = () => undefined,
  ): Promise<string> {
    const socket = this.connect();
    let received = '';
    socket.on('data', (data: Buffer) => (received += data.toString()));
    socket.write(bytes);
    then(socket);
    return new Promise((resolve) => socket.on('close', () => resolve(received)));
  }

  connect(): Socket {
    const { hostname, port } = new URL(this.url);
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    return socket.on('error', () => undefined);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

export const httpUrlOf = ({ process }: PluginServer): string =>
  process.url.replace(/^ws/, 'http').replace('/socket', '');

export async function outcomeOf(reply: Response): Promise<[number, unknown]> {
  const { status, headers } = reply;
  const isProblem = status >= 400;
  const type = isProblem ? 'application/problem+json' : 'application/json';
  expect(headers.get('content-type')).toBe(type);
  const body = (await reply.json()) as { status?: number };
  if (isProblem) expect(body.status).toBe(status);
  return [status, body];
}

/** Resolves when so many calls wait in the plugin. */
export async function waitsFor(admin: PlainClient, number: number): Promise<void> {
  const state = (): Promise<DoorState> => admin.result<DoorState>('door.state');
  await expect.poll(async () => (await state()).waiting).toBe(number);
}

export interface DoorState {
  readonly waiting: number;
  /** Reasons of calls that ended, `counted` for a stream. */
  readonly aborted: readonly string[];
}

export interface Owner {
  readonly admin: PlainClient;
  readonly name: string;
  readonly id: string;
  readonly key: string;
}

export interface Sent extends Omit<RequestInit, 'body' | 'headers'> {
  readonly body?: string | Buffer | null;
  readonly key?: string;
  readonly type?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}
