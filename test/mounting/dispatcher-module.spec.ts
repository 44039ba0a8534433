import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { once } from 'node:events';
import {
  type DynamicModule,
  type INestApplicationContext,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  DispatcherModule,
  DispatcherServer,
  type ServerSettings,
} from '../../src/mounting/index.js';
import {
  accepts,
  Datastore,
  Dispatcher,
  Provider,
  provider,
  returns,
} from '../../src/sdk/index.js';
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
    expect(() => own.emitEvent('late', {})).toThrow('The dispatcher stops');
    expect(() => mounted(app).dispatcher).toThrow('does not run');
  });

  it('has nothing that minds who looks at it before the start; only a call is refused', async () => {
    const seen: string[] = [];
    @Injectable()
    class Walker implements OnModuleInit {
      constructor(
        private readonly modules: ModulesContainer,
        private readonly dispatcher: Dispatcher,
      ) {}
      onModuleInit(): void {
        for (const module of this.modules.values())
          for (const { instance } of module.providers.values()) this.#walk(instance);
        expect(() => void this.dispatcher.callSync('management.ping')).toThrow('does not run');
      }
      #walk(instance: unknown): void {
        if (!(instance instanceof Dispatcher) && !(instance instanceof Datastore)) return;
        const names = ['anything', ...Object.getOwnPropertyNames(Object.getPrototypeOf(instance))];
        for (const name of names) void Reflect.get(instance, name);
        expect('anything' in instance).toBe(false);
        seen.push(JSON.stringify(instance), inspect(instance), typeof instance.constructor);
      }
    }
    @Module({})
    class WalkerModule {}
    const dispatcher = DispatcherModule.forRoot(settings());
    await hostOf({ module: WalkerModule, imports: [dispatcher], providers: [Walker] });
    expect(seen.length).toBeGreaterThanOrEqual(6);
  });

  it.each([false, true])(
    'stops before what it was lent is destroyed, global or not: %s',
    async (isGlobal) => {
      const order: string[] = [];
      class Lent {
        onModuleDestroy(): void {
          order.push('lent is destroyed');
        }
      }
      class LentModule {}
      const lent = {
        module: LentModule,
        providers: [{ provide: 'greeting', useFactory: () => new Lent() }],
        exports: ['greeting'],
      };
      const given = { ...settings(), isGlobal, imports: [lent], bridge: ['greeting'] };
      const app = await hostOf(lent, DispatcherModule.forRoot(given));
      const client = await clientOf(app);
      void client.closed.then(() => order.push('clients are told'));
      mounted(app).dispatcher.registerDebugHook(() => Promise.resolve({}));
      const stop = vi.spyOn(mounted(app), 'stop');
      stop.mockImplementationOnce(async () => {
        stop.mockRestore();
        await mounted(app).stop();
        order.push('the dispatcher has stopped');
      });
      await app.close();
      expect(order.filter((step) => step !== 'clients are told')).toEqual([
        'the dispatcher has stopped',
        'lent is destroyed',
      ]);
    },
  );

  it('runs tasks inline that need what only the application has, and refuses to isolate them', async () => {
    const task = (name: string, options: string): string => `
      import { Inject } from '@nestjs/common';
      import { Plugin, task, Task } from 'dispatcher';
      @task('${name}.greet'${options}) export class GreetTask extends Task {
        constructor(@Inject('greeting') private readonly greeting: { of(name: string): string }) { super(); }
        verify() { return []; }
        run() { return this.greeting.of('task') + ' ' + process.pid; }
      }
      @Plugin({ providers: [GreetTask] }) export default class {}`;
    await writeFile(join(directory, 'plugins', 'lent.ts'), task('lent', ''));
    await writeFile(
      join(directory, 'plugins', 'apart.ts'),
      task('apart', `, { executor: 'isolated' }`),
    );
    const given = { ...settings(), imports: [lending(new Greeting())], bridge: ['greeting'] };
    const client = await clientOf(await hostOf(DispatcherModule.forRoot(given)));
    const id = await client.result('task.submit', 'lent.greet', []);
    expect(await client.result('task.wait', id)).toMatchObject({
      state: 'FINISHED',
      result: `Hello, task ${process.pid}`,
    });
    const plugins =
      await client.result<{ name: string; error?: string }[]>('management.get_plugins');
    expect(plugins.find(({ name }) => name === 'apart')?.error).toContain(
      "Task apart.greet cannot be isolated, its plugin has greeting of the host application injected, which another process has not: leave out executor, or make it 'inline'",
    );
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
