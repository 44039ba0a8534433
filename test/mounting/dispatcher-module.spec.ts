import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import {
  type DynamicModule,
  type INestApplicationContext,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  DispatcherModule,
  DispatcherServer,
  type ServerSettings,
} from '../../src/mounting/index.js';
import { accepts, Dispatcher, Provider, provider, returns } from '../../src/sdk/index.js';
import { PlainClient } from '../support/plain-client.js';

const PLUGIN = `
import { Inject } from '@nestjs/common';
import { accepts, Plugin, Provider, provider, returns } from 'dispatcher';
@provider('greeter')
class GreeterProvider extends Provider {
  constructor(@Inject('greeting') private readonly greeting: { of(name: string): string }) { super(); }
  @accepts(String) @returns(String) greet(name: string) { return this.greeting.of(name); }
}
@Plugin({ providers: [GreeterProvider] })
export default class {}
`;

class Greeting {
  readonly #word = 'Hello';
  readonly onModuleDestroy = vi.fn();
  readonly onModuleInit = vi.fn();

  of(name: string): string {
    return `${this.#word}, ${name}`;
  }
}

let directory: string;
let lines: string[];
let opened: { close(): Promise<void> | void }[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-mounting-'));
  await mkdir(join(directory, 'plugins'));
  await writeFile(join(directory, 'plugins', 'greeter.ts'), PLUGIN);
  lines = [];
  opened = [];
});
afterEach(async () => {
  for (const thing of opened) await thing.close();
  await rm(directory, { recursive: true });
});

function settings(dispatcher: Readonly<Record<string, unknown>> = {}): ServerSettings {
  return {
    stateDirectory: join(directory, 'state'),
    log: { write: (line) => void lines.push(line) },
    configuration: {
      dispatcher: {
        'websocket-port': 0,
        'websocket-address': '127.0.0.1',
        frontend: false,
        'shipped-plugins': false,
        'plugin-dirs': [join(directory, 'plugins')],
        ...dispatcher,
      },
    },
  };
}

function lending(greeting: Greeting): DynamicModule {
  class GreetingModule {}
  const providers = [{ provide: 'greeting', useFactory: () => greeting }];
  return { module: GreetingModule, providers, exports: ['greeting'] };
}

async function hostOf(...imports: DynamicModule[]): Promise<INestApplicationContext> {
  class Host {}
  const app = await NestFactory.createApplicationContext(
    { module: Host, imports },
    { logger: false, abortOnError: false },
  );
  opened.push(app);
  return app;
}

const mounted = (app: INestApplicationContext): DispatcherServer =>
  app.get(DispatcherServer, { strict: false });

async function clientOf(app: INestApplicationContext): Promise<PlainClient> {
  return PlainClient.loggedIn(mounted(app).addresses[0] ?? '');
}

describe('a dispatcher inside another Nest application', () => {
  it('lends plugins a provider whose life-cycle hooks only its own application calls', async () => {
    const greeting = new Greeting();
    const app = await hostOf(
      DispatcherModule.forRoot({
        ...settings(),
        imports: [lending(greeting)],
        bridge: ['greeting'],
      }),
    );
    const client = await clientOf(app);
    expect(await client.result('greeter.greet', 'Ann')).toBe('Hello, Ann');
    await client.result('management.reload_plugins', null);
    expect(await client.result('greeter.greet', 'Bob')).toBe('Hello, Bob');
    expect(greeting.onModuleDestroy).not.toHaveBeenCalled();
    expect(greeting.onModuleInit).toHaveBeenCalledTimes(1);
    await app.close();
    expect(greeting.onModuleDestroy).toHaveBeenCalledTimes(1);
  });

  it('takes its settings from what the application knows', async () => {
    class Settings {}
    const app = await hostOf(
      DispatcherModule.forRootAsync({
        imports: [
          {
            module: Settings,
            providers: [{ provide: 'settings', useValue: settings({ 'log-level': 'debug' }) }],
            exports: ['settings'],
          },
          lending(new Greeting()),
        ],
        inject: ['settings'],
        useFactory: async (given: ServerSettings) => Promise.resolve(given),
        bridge: ['greeting'],
      }),
    );
    const client = await clientOf(app);
    expect(await client.result('management.get_logging_level')).toBe('debug');
    expect(lines.some((line) => line.includes('"component"'))).toBe(true);
  });

  it('gives the application calls, events and services of its own from its bootstrap on', async () => {
    @provider('clock')
    class ClockProvider extends Provider {
      @accepts() @returns(String) name(): Promise<string> {
        return this.dispatcher.callSync<string>('management.ping');
      }
    }
    @Injectable()
    class Work implements OnApplicationBootstrap {
      answer: unknown;
      constructor(@Inject(Dispatcher) private readonly dispatcher: Dispatcher) {}
      async onApplicationBootstrap(): Promise<void> {
        this.answer = await this.dispatcher.callSync('management.ping');
        await this.dispatcher.registerProvider('clock', ClockProvider);
      }
    }
    @Module({})
    class WorkModule {}
    const dispatcher = DispatcherModule.forRoot(settings());
    const app = await hostOf({ module: WorkModule, imports: [dispatcher], providers: [Work] });
    expect(app.get(Work, { strict: false }).answer).toBe('pong');
    const client = await clientOf(app);
    expect(await client.result('clock.name')).toBe('pong');
    const { dispatcher: own } = mounted(app);
    await app.close();
    expect(() => own.emitEvent('late', {})).toThrow('was unloaded');
    expect(() => mounted(app).dispatcher).toThrow('does not run');
  });

  it('fails the start of the application with every problem of its configuration', async () => {
    const wrong = DispatcherModule.forRoot(settings({ 'websocket-prot': 1, tls: 'yes' }));
    await expect(hostOf(wrong)).rejects.toThrow(
      /websocket-prot: unknown key, did you mean "websocket-port"\?[\s\S]*dispatcher\.tls/,
    );
  });

  it('fails the start of the application when its port is taken, and leaves nothing open', async () => {
    const other: Server = createServer().listen(0, '127.0.0.1');
    opened.push({ close: () => void other.close() });
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(
      hostOf(DispatcherModule.forRoot(settings({ 'websocket-port': port }))),
    ).rejects.toThrow('in use');
    // the state folder is free again for the next one
    await hostOf(DispatcherModule.forRoot(settings()));
  });

  it('is stopped alone by management.shutdown, or as the application wants it', async () => {
    const first = await hostOf(DispatcherModule.forRoot(settings()));
    const client = await clientOf(first);
    await client.result('management.shutdown');
    expect((await client.closed).code).toBe(1001);
    await vi.waitFor(() => expect(mounted(first).isRunning).toBe(false));

    const onShutdownRequested = vi.fn();
    const second = await hostOf(DispatcherModule.forRoot({ ...settings(), onShutdownRequested }));
    await (await clientOf(second)).result('management.shutdown');
    await vi.waitFor(() => expect(onShutdownRequested).toHaveBeenCalledTimes(1));
    expect(mounted(second).isRunning).toBe(true);
  });
});
