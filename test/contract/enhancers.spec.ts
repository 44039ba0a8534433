import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

const IMPORTS = `
import { type ArgumentMetadata, BadRequestException, type CallHandler, type CanActivate, Catch, createParamDecorator,
  type ExceptionFilter, type ExecutionContext, HttpException, Injectable, NotFoundException, ParseIntPipe, Scope,
  SetMetadata, UseFilters, UseGuards, UseInterceptors, UsePipes, ValidationPipe } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, APP_PIPE, APP_FILTER, Reflector } from '@nestjs/core';
import { EMPTY, NEVER, map, of, throwError, delay } from 'rxjs';
import { accepts, description, DispatcherExecutionContext, EventSource, eventSource, generator, h, Plugin, Provider, provider,
  returns, RpcException, type Sender, sender, signal, Task, task } from 'dispatcher';
`;

const GUARDED = `${IMPORTS}
@Injectable() class Counter { seen: string[] = []; }
@Injectable() class Deny implements CanActivate { canActivate() { return false; } }
@Injectable() class Note implements CanActivate {
  constructor(private readonly counter: Counter, private readonly reflector: Reflector) {}
  canActivate(context: ExecutionContext) {
    const { call, sender, signal } = DispatcherExecutionContext.create(context);
    this.counter.seen.push([context.getType(), call.method, call.task, JSON.stringify(call.args), sender.user,
      signal instanceof AbortSignal, context.getClass().name, context.getHandler().name,
      this.reflector.get('level', context.getHandler()), JSON.stringify(context.getArgs().slice(0, 1))].join(' '));
    return true;
  }
}
const thrower = (make: () => unknown) => ({ canActivate: () => { throw make(); } });
class WsException extends Error { getError() { return { message: 'not now', code: 16, retry: 3 }; } }
@Injectable() class Upper { intercept(_: ExecutionContext, next: CallHandler) { return next.handle().pipe(map((text) => String(text).toUpperCase())); } }
const intercepting = (intercept: (context: ExecutionContext, next: CallHandler) => unknown) => ({ intercept }) as never;
@Catch(TypeError) class Explain implements ExceptionFilter { catch(error: TypeError) { throw new RpcException(16, 'explained: ' + error.message); } }
@Catch(RangeError) class Mend implements ExceptionFilter { catch() { return 'mended'; } }
@Catch(SyntaxError) class ByObservable implements ExceptionFilter { catch() { return throwError(() => new NotFoundException('looked for it')); } }
const Shout = createParamDecorator((_: unknown, context: ExecutionContext) => DispatcherExecutionContext.create(context).call.method + '!');

@provider('guarded') export class Guarded extends Provider {
  constructor(private readonly counter: Counter) { super(); }
  @accepts() @returns(h.array(String)) seen() { return this.counter.seen.splice(0); }
  @UseGuards(Deny) @accepts() @returns(String) denied() { return 'let in'; }
  @UseGuards(Note) @SetMetadata('level', 7) @accepts(h.integer()) @returns(h.integer()) noted(n: number) { return n + 1; }
  @UseGuards(Note) @description('Nothing is checked') rest(...all: unknown[]) { return all; }
  @UseGuards(thrower(() => new HttpException({ message: 'pay', sum: 5 }, 402))) @accepts() http() {}
  @UseGuards(thrower(() => new WsException())) @accepts() ws() {}
  @UseGuards(thrower(() => new RpcException(17, 'is there'))) @accepts() own() {}
  @UseGuards(thrower(() => new Error('secret'))) @accepts() plain() {}
  @UseGuards(thrower(() => 'secret text')) @accepts() text() {}
  @UseGuards(thrower(() => undefined)) @accepts() nothing() {}
  @UseGuards({ canActivate: () => EMPTY as never }) @accepts() empty() { return 1; }
  @UseInterceptors(Upper) @accepts(String) @returns(String) async upper(text: string) { return text; }
  @UseInterceptors(intercepting(() => EMPTY)) @accepts() @returns(h.nullable(String)) swallowed() { return 'x'; }
  @UseInterceptors(intercepting(() => of(1, 2, 3))) @accepts() @returns(h.integer()) many() { return 0; }
  @UseInterceptors(intercepting((_, next) => next.handle().pipe(delay(20)))) @accepts() @returns(String) late() { return 'late'; }
  @UseInterceptors(intercepting(() => NEVER)) @accepts() @returns(String) never() { return 'x'; }
  @UseInterceptors(intercepting(() => 5)) @accepts() @returns(String) nonsense() { return 'x'; }
  @UseInterceptors(intercepting((_, next) => next.handle().pipe(map(() => 5)))) @accepts() @returns(String) wrong() { return 'x'; }
  @UseInterceptors(intercepting((_, next) => next.handle())) @generator() @accepts(h.integer()) @returns(h.array(h.integer()))
  async *count(to: number) { for (let i = 1; i <= to; i += 1) yield i; }
  @UsePipes(new ParseIntPipe()) @accepts(String) @returns(h.integer()) parsed(text: number) { return text; }
  @UsePipes({ transform: (value: unknown, { type, data }: ArgumentMetadata) => type === 'body' ? data + '=' + value : value })
  @accepts(String, String) @returns(h.any()) piped(first: string, second: string, @sender() who: Sender, @signal() gone: AbortSignal) {
    return [first, second, who.user, gone instanceof AbortSignal];
  }
  @accepts(String) @returns(String) shouted(text: string, @Shout() loud: string) { return text + loud; }
  @UseFilters(Explain, Mend, ByObservable) @accepts(String) @returns(String) filtered(kind: string) {
    if (kind === 'type') throw new TypeError('oh');
    if (kind === 'range') throw new RangeError('oh');
    if (kind === 'syntax') throw new SyntaxError('oh');
    throw new NotFoundException('nobody');
  }
  @accepts() bare() { throw new NotFoundException('no such volume'); }
}
@UseGuards(Note, Deny) @provider('closed') export class Closed extends Provider {
  @accepts() @returns(String) any() { return 'let in'; }
}
@Injectable() class OnlyOdd implements CanActivate {
  canActivate(context: ExecutionContext) {
    const { call } = DispatcherExecutionContext.create(context);
    if (call.args[0] === 13) return EMPTY as never;
    if (call.task !== null && (call.args[0] as number) % 2 === 0) throw new BadRequestException('odd numbers only');
    return true;
  }
}
@UseGuards(Note, OnlyOdd) @task('guarded.task', { executor: 'inline' }) @accepts(h.integer()) @returns(h.integer())
export class GuardedTask extends Task { verify() { return []; } run(n: number) { return n; } }
@Plugin({ providers: [Guarded, Closed, GuardedTask, Counter] }) export default class {}
`;

const GLOBAL = `${IMPORTS}
@Injectable() class Quota implements CanActivate { canActivate(context: ExecutionContext) {
  return DispatcherExecutionContext.create(context).call.args[0] !== 'no'; } }
@Catch(TypeError) class Told implements ExceptionFilter { catch() { return 'told'; } }
@provider('global') export class Global extends Provider {
  @accepts(String) @returns(String) echo(text: string) { if (text === 'type') throw new TypeError('x'); return text; }
}
@task('global.task', { executor: 'inline' }) @accepts(String) export class T extends Task { verify() { return []; } run() {} }
@Plugin({ providers: [Global, T, { provide: APP_GUARD, useClass: Quota }, { provide: APP_FILTER, useClass: Told },
  { provide: APP_PIPE, useValue: { transform: (value: unknown) => typeof value === 'string' ? value.trim() : value } },
  { provide: APP_INTERCEPTOR, useValue: { intercept: (_: unknown, next: CallHandler) => next.handle().pipe(map((v) => '<' + v + '>')) } }] })
export default class {}
`;

const refused = (body: string) => `${IMPORTS}\n${body}`;
const REFUSED: Readonly<Record<string, readonly [source: string, error: RegExp]>> = {
  'task-interceptor': [
    `@UseInterceptors({ intercept: (_: unknown, next: CallHandler) => next.handle() }) @task('x.t') class T extends Task { verify() { return []; } run() {} }
     @Plugin({ providers: [T] }) export default class {}`,
    /Task T runs in no call: its @UseInterceptors would not be run/,
  ],
  'task-method': [
    `@task('x.t') class T extends Task { verify() { return []; } @UseGuards({ canActivate: () => true }) run() {} }
     @Plugin({ providers: [T] }) export default class {}`,
    /@UseGuards on run would guard nothing: put it on the class/,
  ],
  'source-guard': [
    `@UseGuards({ canActivate: () => true }) @eventSource('x.s') class S extends EventSource { async run() {} }
     @Plugin({ providers: [S] }) export default class {}`,
    /Event source x\.s runs in no call: its @UseGuards/,
  ],
  unlisted: [
    `@Injectable() class Deny implements CanActivate { canActivate() { return false; } }
     class P extends Provider { @UseGuards(Deny) @accepts() hidden() {} }
     @Injectable() class Late { }
     @Plugin({ providers: [Late, R] }) export default class { constructor(private readonly r: R) {} init() { return this.r.go(P); } }
     `.replace(
      '@Injectable() class Late { }',
      `@Injectable() class Late {}
       import { Dispatcher } from 'dispatcher';
       @Injectable() class R { constructor(private readonly d: Dispatcher) {} go(type: any) { return this.d.registerProvider('late', type); } }`,
    ),
    /P is not among the providers of its plugin: its @UseGuards would not be run/,
  ],
  'request-guard': [
    `@Injectable({ scope: Scope.REQUEST }) class G implements CanActivate { canActivate() { return false; } }
     @UseGuards(G) @provider('rg') class P extends Provider { @accepts() hidden() {} }
     @Plugin({ providers: [P] }) export default class {}`,
    /P, or something that it has injected or that guards it, is of scope REQUEST or TRANSIENT/,
  ],
  'request-global': [
    `@Injectable({ scope: Scope.REQUEST }) class G implements CanActivate { canActivate() { return false; } }
     @provider('rgl') class P extends Provider { @accepts() hidden() {} }
     @Plugin({ providers: [P, { provide: APP_GUARD, useClass: G }] }) export default class {}`,
    /APP_GUARD of scope REQUEST or TRANSIENT would not be run/,
  ],
};

let server: PluginServer;
let client: PlainClient;

beforeAll(async () => {
  const files = Object.entries(REFUSED).map(([name, [source]]) => [`${name}.ts`, refused(source)]);
  server = await PluginServer.start({
    'guarded.ts': GUARDED,
    'global.ts': GLOBAL,
    ...(Object.fromEntries(files) as Record<string, string>),
  });
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

async function failure(method: string, ...args: unknown[]) {
  const { name, args: error } = await client.call(method, ...args);
  expect(name).toBe('error');
  return error as { code: number; name: string; message: string; extra?: unknown };
}
async function finished(id: number): Promise<{ readonly result: unknown }> {
  return client.result('task.wait', id);
}

describe("Nest's guards, interceptors, pipes and filters", () => {
  it('are there: the plugins have loaded', async () => {
    client = await server.admin();
    const rows =
      await client.result<{ name: string; state: string; error?: string }[]>(
        'management.get_plugins',
      );
    for (const name of ['guarded', 'global'])
      expect(rows.find((row) => row.name === name)?.error).toBeUndefined();
  });

  it('guard a method and a class, for every caller', async () => {
    client = await server.admin();
    expect(await failure('guarded.denied')).toMatchObject({ code: 13, name: 'EACCES' });
    expect(await failure('closed.any')).toMatchObject({ code: 13, message: 'Forbidden resource' });
  });

  it('see the call, who makes it and what decorators say of the method', async () => {
    client = await server.admin();
    await client.result('guarded.seen');
    expect(await client.result('guarded.noted', 3)).toBe(4);
    expect(await client.result('guarded.seen')).toEqual([
      'dispatcher guarded.noted  [3] root true Guarded noted 7 [3]',
    ]);
  });

  it('come after the roles and the schemas', async () => {
    client = await server.admin();
    await client.result('guarded.seen');
    expect(await failure('guarded.noted', 'three')).toMatchObject({ code: 22 });
    expect(await client.result('guarded.seen')).toEqual([]);
  });

  it('leave the arguments of a method as they are', async () => {
    client = await server.admin();
    expect(await client.result('guarded.rest')).toEqual([]);
    expect(await client.result('guarded.rest', 1, [2], { x: 3 })).toEqual([1, [2], { x: 3 }]);
  });

  it.each([
    ['http', { code: 22, message: 'pay', extra: { sum: 5 } }],
    ['ws', { code: 16, message: 'not now', extra: { retry: 3 } }],
    ['own', { code: 17, message: 'is there' }],
    ['bare', { code: 2, message: 'no such volume' }],
  ])('say what was thrown: %s', async (method, expected) => {
    client = await server.admin();
    expect(await failure(`guarded.${method}`)).toMatchObject(expected);
  });

  it.each(['plain', 'text', 'nothing', 'empty', 'nonsense'])(
    'let nobody in and tell no secrets when one fails: %s',
    async (method) => {
      client = await server.admin();
      const error = await failure(`guarded.${method}`);
      expect(error).toMatchObject({ code: 14 });
      expect(error.message).toMatch(/^Internal error \(reference \w+\)$/);
    },
  );

  it('change, swallow, delay and multiply what a method answers', async () => {
    client = await server.admin();
    expect(await client.result('guarded.upper', 'abc')).toBe('ABC');
    expect(await client.result('guarded.swallowed')).toBe(null);
    expect(await client.result('guarded.many')).toBe(3);
    expect(await client.result('guarded.late')).toBe('late');
    expect(await failure('guarded.wrong')).toMatchObject({ code: 14 });
  });

  it('hold nobody up who gives up', async () => {
    client = await server.admin();
    client.send('rpc', 'call', 'n', { method: 'guarded.never', args: [] });
    client.send('rpc', 'abort', 'n', null);
    expect(await client.find(({ id }) => id === 'n')).toMatchObject({ name: 'close' });
  });

  it('pass the items of a generator on', async () => {
    client = await server.admin('streaming_responses');
    client.send('rpc', 'call', 's', { method: 'guarded.count', args: [3] });
    expect(await client.find(({ id }) => id === 's')).toMatchObject({
      name: 'fragment',
      args: { fragment: [1, 2, 3] },
    });
    client = await server.admin();
    expect(await client.result('guarded.count', 4)).toEqual([1, 2, 3, 4]);
  });

  it('transform arguments by pipes, and leave the caller and the signal in their places', async () => {
    client = await server.admin();
    expect(await client.result('guarded.parsed', '42')).toBe(42);
    expect(await failure('guarded.parsed', 'x')).toMatchObject({ code: 22 });
    expect(await client.result('guarded.piped', 'a', 'b')).toEqual([
      ...['first=a', 'second=b', 'root'],
      true,
    ]);
    expect(await client.result('guarded.shouted', 'a')).toBe('aguarded.shouted!');
  });

  it('filter what was thrown, and log nothing that a caller is to blame for', async () => {
    client = await server.admin();
    expect(await failure('guarded.filtered', 'type')).toMatchObject({
      code: 16,
      message: 'explained: oh',
    });
    expect(await client.result('guarded.filtered', 'range')).toBe('mended');
    expect(await failure('guarded.filtered', 'syntax')).toMatchObject({ code: 2 });
    expect(await failure('guarded.filtered', 'other')).toMatchObject({
      code: 2,
      message: 'nobody',
    });
    expect(server.process.log.join('\n')).not.toContain('ExceptionsHandler');
  });

  it('stand before tasks at their submit', async () => {
    client = await server.admin();
    await client.result('guarded.seen');
    expect((await finished(await client.result('task.submit', 'guarded.task', [3]))).result).toBe(
      3,
    );
    expect(await client.result('guarded.seen')).toEqual([
      'dispatcher task.submit guarded.task [3] root true GuardedTask submit  [3]',
    ]);
    expect(await failure('task.submit', 'guarded.task', [4])).toMatchObject({
      code: 22,
      message: 'odd numbers only',
    });
    expect(await failure('task.plan', 'guarded.task', [4])).toMatchObject({ code: 22 });
    expect(await failure('task.submit', 'guarded.task', [13])).toMatchObject({ code: 14 });
  });

  it('count for everything in a plugin whose module provides them', async () => {
    client = await server.admin();
    expect(await client.result('global.echo', ' hi ')).toBe('<hi>');
    expect(await client.result('global.echo', 'type')).toBe('told');
    expect(await failure('global.echo', 'no')).toMatchObject({ code: 13 });
    expect(await failure('task.submit', 'global.task', ['no'])).toMatchObject({ code: 13 });
    expect(await client.result('task.submit', 'global.task', ['yes'])).toBeGreaterThan(0);
  });

  it.each(Object.entries(REFUSED))('are refused where nobody would ask them: %s', async (name) => {
    client = await server.admin();
    const rows =
      await client.result<{ name: string; state: string; error?: string }[]>(
        'management.get_plugins',
      );
    const row = rows.find((candidate) => candidate.name === name);
    expect(row?.state).toBe('failed');
    expect(row?.error).toMatch(REFUSED[name]![1]);
  });
});
