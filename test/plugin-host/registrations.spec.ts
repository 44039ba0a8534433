import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostHarness } from './host.harness.js';

const NOTHING = { services: [], schemas: [], eventTypes: [], eventSources: [], tasks: [] };

/** Everything a plugin can offer: by decorators, and by hand in `init`. */
const everything = (cleanup: string): string => `
import { accepts, description, Dispatcher, EventSource, eventSource, generator, h, Plugin,
  provider, Provider, returns, Task, task, Logger } from 'dispatcher';
import { IsInt, IsOptional, IsString, MinLength } from 'class-validator';

export class User {
  @IsString() @MinLength(1) username!: string;
  @IsInt() @IsOptional() uid?: number;
}
export class Tree { children: Tree[] = []; }

class Helper { greet(name: string) { return 'hello ' + name; } }

@description('Users')
@provider('user')
export class UserProvider extends Provider {
  constructor(private readonly helper: Helper) { super(); }
  @description('Greets') @accepts(User) @returns(String)
  greet(user: User) { return this.helper.greet(user.username); }
  @description('Items') @generator()
  async *items() { yield 1; yield 2; }
  @description('Has a secret state') @accepts(Object) state(given: any) {
    given.seen = true;
    return UserProvider.state;
  }
  static state = { count: 1 };
  @description('Who is injected') injected() {
    return [this.dispatcher instanceof Dispatcher, typeof this.logger.info];
  }
}
@description('Creates a user') @task('user.create', { timeoutMs: 1000 }) @accepts(User)
export class CreateUser extends Task {
  verify() { return []; }
  run() {}
}
@description('Logins') @eventSource('user.login')
export class Logins extends EventSource { async run() {} }

class ByHand extends Provider {
  @description('Says hi') hi() { return 'hi'; }
}
class HandSource extends EventSource { async run() {} }
class HandTask extends Task { verify() { return []; } run() {} }

@Plugin({
  metadata: { type: 'accounts', list: [1] },
  schemas: [User],
  providers: [Helper, UserProvider, CreateUser, Logins],
})
export default class UserPlugin {
  constructor(readonly dispatcher: Dispatcher, readonly logger: Logger) {}
  async init(context: any) {
    globalThis.probe = { dispatcher: this.dispatcher, context, User };
    const { dispatcher } = this;
    await dispatcher.registerProvider('user.hand', ByHand);
    await dispatcher.registerEventSource('hand.event', HandSource);
    await dispatcher.registerTaskHandler('hand.task', HandTask);
    dispatcher.registerSchemaDefinition('HandSchema', h.object({ a: String }));
    dispatcher.registerEventType('user.changed', { schema: h.object({ id: h.integer() }) });
    dispatcher.registerEventHandler('test.*', (args) => { globalThis.probe.heard = args; });
  }
  cleanup() { ${cleanup} }
}
`;

interface Probe {
  dispatcher: {
    callSync(method: string, ...args: unknown[]): Promise<unknown>;
    emitEvent(name: string, args: object): void;
    registerSchemaDefinition(name: string, schema: object): void;
    registerEventType(name: string, options?: object): void;
    registerEventHandler(mask: string, fn: unknown, options?: object): unknown;
    unregisterEventHandler(mask: string, fn: unknown): void;
    unregisterProvider(name: string): void;
    unregisterEventSource(name: string): Promise<void>;
    unregisterTaskHandler(name: string): void;
    unregisterSchemaDefinition(name: string): void;
    unregisterEventType(name: string): void;
  };
  context: { name: string; directory: string; metadata: object; signal: AbortSignal };
  heard?: object;
}

const probe = (): Probe => Reflect.get(globalThis, 'probe') as Probe;

describe('What a plugin registers', () => {
  let harness: HostHarness;

  beforeEach(() => {
    harness = new HostHarness({ cleanupTimeoutMs: 100 });
  });
  afterEach(async () => {
    await harness.dispose();
    Reflect.deleteProperty(globalThis, 'probe');
  });

  async function startWith(cleanup = ''): Promise<Probe> {
    harness.write('user/index.ts', everything(cleanup));
    await harness.host.start();
    expect(harness.log).toEqual([]);
    return probe();
  }

  it('is there once the plugin is loaded', async () => {
    await startWith();
    expect(harness.registered()).toEqual({
      services: ['user', 'user.hand'],
      schemas: ['HandSchema', 'User'],
      eventTypes: ['hand.event', 'user.changed', 'user.login'],
      eventSources: ['hand.event', 'user.login'],
      tasks: ['hand.task', 'user.create'],
    });
    expect(harness.tasks.get('user.create')).toMatchObject({
      owner: 'user',
      description: 'Creates a user',
      options: { timeoutMs: 1000 },
      isPrivate: false,
    });
    expect(harness.eventTypes.get('user.login')).toMatchObject({
      description: 'Logins',
      source: 'Logins',
    });
    expect(harness.host.list()).toEqual([
      {
        name: 'user',
        directory: `${harness.directory}/user`,
        state: 'loaded',
        depends: [],
        metadata: { type: 'accounts', list: [1] },
      },
    ]);
  });

  it('is checked and callable, with everything injected', async () => {
    const { context } = await startWith();
    expect(await harness.call('user.greet', { username: 'bob' })).toBe('hello bob');
    await expect(harness.call('user.greet', { username: '' })).rejects.toMatchObject({ code: 22 });
    expect(await harness.call('user.injected')).toEqual([true, 'function']);
    expect(await harness.call('user.hand.hi')).toBe('hi');
    expect(context).toMatchObject({ name: 'user', directory: `${harness.directory}/user` });
  });

  it.each([
    ['cleanup does nothing', ''],
    ['cleanup throws', `throw new Error('no');`],
    ['cleanup never ends', `return new Promise(() => {});`],
    ['cleanup registers something', `this.dispatcher.registerEventType('late');`],
    ['cleanup has taken some back itself', `this.dispatcher.unregisterProvider('user.hand');`],
  ])('is gone after unloading when %s', async (_, cleanup) => {
    const { context } = await startWith(cleanup);
    harness.remove('user');
    await harness.host.reload();
    expect(harness.registered()).toEqual(NOTHING);
    expect(context.signal.aborted).toBe(true);
    harness.events.publish('test.one', {});
    expect(probe().heard).toBeUndefined();
  });

  it('says in the log when cleanup fails, and comes back at the next load', async () => {
    await startWith(`throw new Error('no');`);
    await harness.host.reload();
    expect(harness.log).toEqual(['error user: Plugin cleanup failed: no']);
    expect(harness.registered()['services']).toEqual(['user', 'user.hand']);
  });

  it('can be taken back by hand, once', async () => {
    const { dispatcher } = await startWith();
    dispatcher.unregisterProvider('user.hand');
    dispatcher.unregisterTaskHandler('hand.task');
    dispatcher.unregisterSchemaDefinition('HandSchema');
    dispatcher.unregisterEventType('user.changed');
    await dispatcher.unregisterEventSource('hand.event');
    expect(harness.registered()).toEqual({
      services: ['user'],
      schemas: ['User'],
      eventTypes: ['user.login'],
      eventSources: ['user.login'],
      tasks: ['user.create'],
    });
    expect(() => dispatcher.unregisterProvider('user.hand')).toThrow(
      'Plugin user has registered no provider user.hand',
    );
  });

  it('may describe the event of its own source, but not that of another plugin', async () => {
    const { dispatcher } = await startWith();
    dispatcher.registerEventType('user.login', { description: 'Better' });
    expect(harness.eventTypes.get('user.login')).toMatchObject({
      description: 'Better',
      source: 'Logins',
    });
    harness.write(
      'other.ts',
      `import { Dispatcher, Plugin } from 'dispatcher';
       @Plugin({ depends: ['user'] }) export default class Other {
         constructor(readonly dispatcher: Dispatcher) {}
         init() { this.dispatcher.registerEventType('user.login'); }
       }`,
    );
    await expect(harness.host.reload(['other'])).rejects.toThrow(
      'Event type user.login is already registered by user',
    );
  });

  it('does not include what an unloaded generation still tries', async () => {
    const { dispatcher } = await startWith();
    await harness.host.reload();
    const refused = /Plugin user was unloaded/;
    expect(() => dispatcher.registerSchemaDefinition('X', {})).toThrow(refused);
    expect(() => dispatcher.emitEvent('user.x', {})).toThrow(refused);
    await expect(dispatcher.callSync('user.greet', {})).rejects.toThrow(refused);
  });
});

describe('The dispatcher of a plugin', () => {
  let harness: HostHarness;

  beforeEach(async () => {
    harness = new HostHarness();
    harness.write('user/index.ts', everything(''));
    await harness.host.start();
  });
  afterEach(async () => {
    await harness.dispose();
    Reflect.deleteProperty(globalThis, 'probe');
  });

  it('shares no objects between caller and callee', async () => {
    const { dispatcher } = probe();
    const given = { a: 1 };
    const state = (await dispatcher.callSync('user.state', given)) as { count: number };
    expect(given).toEqual({ a: 1 });
    state.count = 99;
    expect(await dispatcher.callSync('user.state', given)).toEqual({ count: 1 });
  });

  it('gives a generator’s items one by one', async () => {
    const items = (await probe().dispatcher.callSync('user.items')) as AsyncIterable<number>;
    const seen: number[] = [];
    for await (const item of items) seen.push(item);
    expect(seen).toEqual([1, 2]);
  });

  it('emits events, but not in the server’s name', () => {
    const { dispatcher } = probe();
    dispatcher.emitEvent('user.changed', { id: 1 });
    expect(harness.eventsNamed('user.changed')).toMatchObject([{ id: 1 }]);
    expect(() => dispatcher.emitEvent('server.ready', {})).toThrow(/belong to the server/);
  });

  it('stops handing events to a handler that was taken back', () => {
    const { dispatcher } = probe();
    const heard: string[] = [];
    const handler = (_: object, name: string): void => void heard.push(name);
    expect(dispatcher.registerEventHandler('a.*', handler)).toBe(handler);
    harness.events.publish('a.one', {});
    dispatcher.unregisterEventHandler('a.*', handler);
    harness.events.publish('a.two', {});
    expect(heard).toEqual(['a.one']);
    expect(() => dispatcher.unregisterEventHandler('a.*', handler)).toThrow(
      'Plugin user has registered no event handler a.*',
    );
  });

  it('lets a sync handler finish with one event before it gets the next', async () => {
    const { dispatcher } = probe();
    const log: string[] = [];
    const done = new Promise<void>((resolve) => {
      const handler = async (_: object, name: string): Promise<void> => {
        log.push(`${name} begins`);
        await new Promise(setImmediate);
        log.push(`${name} ends`);
        if (name === 'b.two') resolve();
      };
      dispatcher.registerEventHandler('b.*', handler, { sync: true });
    });
    harness.events.publish('b.one', {});
    harness.events.publish('b.two', {});
    await done;
    expect(log).toEqual(['b.one begins', 'b.one ends', 'b.two begins', 'b.two ends']);
  });
});
