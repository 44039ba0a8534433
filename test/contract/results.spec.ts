import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient, WireErrorArgs } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

const PLUGIN = `
import { accepts, Errno, h, Plugin, Provider, provider, returns, RpcException, Password, ValidationException, description } from 'dispatcher';

@provider('result')
export class ResultProvider extends Provider {
  @accepts() @returns(h.object({ n: h.integer() })) async wrongResult() { return JSON.parse('{"n":"SECRET-VALUE"}'); }
  @accepts() @returns(h.integer()) wrongAtOnce() { return JSON.parse('"text"'); }
  @description('no schema') nothing() {}
  @description('no schema') undefinedInside() { return { a: undefined, b: [undefined] }; }
  @description('no schema') circular() { const a: any = {}; a.a = a; return a; }
  @description('no schema') endless(): number { return this.endless() + 1; }
  @description('no schema') deep() { let v: any = []; for (let i = 0; i < 5000; i += 1) v = [v]; return v; }
  @description('no schema') getter() { return { get boom() { throw new Error('getter'); } }; }
  @description('no schema') json() { return { toJSON() { throw new Error('json'); } }; }
  @description('no schema') symbol() { return Symbol('s'); }
  @description('no schema') aFunction() { return () => 1; }
  @description('no schema') numbers() { return [1.5e300, -0]; }
  @description('no schema') nan() { return [NaN]; }
  @description('no schema') infinite() { return { a: Infinity }; }
  @description('no schema') map() { return new Map<any, any>([['a', new Set([1, new Date(0)])]]); }
  @description('no schema') thenable() { return { then(resolve: any) { resolve('thenable'); } }; }
  @description('no schema') badThenable() { return { then() { throw new Error('then'); } }; }
  @accepts(h.integer()) @returns(String) big(size: number) { return 'x'.repeat(size); }
  @accepts(String) @returns(h.any()) fail(how: string): any {
    switch (how) {
      case 'rpc': throw new RpcException(Errno.EBUSY, 'Disk is busy', { disk: 'da0', when: new Date(0) });
      case 'unlisted': throw new RpcException(999 as Errno, 'Odd');
      case 'extra': { const extra: any = {}; extra.self = extra; throw new RpcException(Errno.EIO, 'Circular', extra); }
      case 'password': throw new RpcException(Errno.EIO, 'Bad ' + new Password('OPEN-SESAME'), { password: new Password('OPEN-SESAME') });
      case 'validation': { const e = new ValidationException(); e.add([0, 'x'], 'is odd'); e.add([1], 'is even', Errno.EEXIST); throw e; }
      case 'error': throw new Error('private detail at /etc/shadow');
      case 'null': throw null;
      case 'undefined': throw undefined;
      case 'string': throw 'just text';
      case 'object': throw { code: 22, message: 'I look like one' };
      case 'getter': throw Object.defineProperty({}, 'message', { get() { throw new Error('no'); } });
      case 'frozen': throw Object.freeze(new Error('frozen'));
      case 'proxy': throw new Proxy({}, { get() { throw new Error('trap'); }, has() { throw new Error('trap'); }, getPrototypeOf() { throw new Error('trap'); } });
    }
  }
  @accepts(String) @returns(h.any()) async failLater(how: string) { await null; return this.fail(how); }
}
@Plugin({ providers: [ResultProvider] }) export default class {}
`;

const INTERNAL = {
  code: 14,
  name: 'EFAULT',
  message: expect.stringMatching(/^Internal error\b.*[0-9a-f]{6}/) as string,
};

let server: PluginServer;
let client: PlainClient;

beforeAll(async () => {
  server = await PluginServer.start({ 'result.ts': PLUGIN });
  client = await server.admin();
});
afterAll(() => server.stop());

/** The line of the log that carries the reference the client got. */
async function logLine(args: unknown): Promise<string> {
  const reference = /[0-9a-f]{6,}/.exec((args as WireErrorArgs).message)![0];
  const find = () => server.process.log.find((entry) => entry.includes(reference));
  await expect.poll(find).toBeDefined();
  return find()!;
}

describe.each(['fail', 'fail_later'])('what a method throws (%s)', (method) => {
  const thrown = async (how: string) => (await client.call(`result.${method}`, how)).args;

  it('passes as it is when it is an RpcException', async () => {
    expect(await thrown('rpc')).toEqual({
      code: 16,
      name: 'EBUSY',
      message: 'Disk is busy',
      extra: { disk: 'da0', when: { $date: '1970-01-01T00:00:00.000Z' } },
    });
    expect(await thrown('unlisted')).toMatchObject({ code: 999, message: 'Odd' });
    expect(await thrown('extra')).toMatchObject({ code: 5, message: 'Circular' });
  });

  it('never shows a password', async () => {
    expect(await thrown('password')).toMatchObject({
      message: 'Bad <hidden>',
      extra: { password: '<hidden>' },
    });
  });

  it('keeps the paths and codes of a ValidationException', async () => {
    expect(await thrown('validation')).toMatchObject({
      extra: [
        { path: [0, 'x'], message: 'is odd', code: 22 },
        { path: [1], message: 'is even', code: 17 },
      ],
    });
  });

  it.each(['error', 'null', 'undefined', 'string', 'object', 'getter', 'frozen', 'proxy'])(
    'is an internal error with a reference into the log when it is anything else: %s',
    async (how) => {
      const error = await thrown(how);
      expect(error).toEqual(INTERNAL);
      expect(await logLine(error)).toContain('"method":');
      expect(JSON.stringify(error)).not.toMatch(/shadow|result\.ts| at /);
    },
  );

  it('is in the log with its stack', async () => {
    const error = await thrown('error');
    const line = await logLine(error);
    expect(line).toContain(`result.${method}`);
    expect(line).toContain('private detail');
    expect(line).toMatch(/result\.ts:\d+/);
  });
});

describe('a result', () => {
  it('that does not fit @returns is EFAULT for the client and a detailed line in the log', async () => {
    for (const method of ['wrong_result', 'wrong_at_once']) {
      const { args } = await client.call(`result.${method}`);
      expect(args).toEqual(INTERNAL);
      expect(await logLine(args)).toContain(`result.${method}`);
    }
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['undefined_inside', { b: [null] }],
    ['numbers', [1.5e300, 0]],
    ['map', { a: [1, { $date: '1970-01-01T00:00:00.000Z' }] }],
    ['thenable', 'thenable'],
  ])('has a JSON form: %s', async (method, result) => {
    expect(await client.call(`result.${method}`)).toMatchObject({ name: 'response', args: result });
  });

  it.each(['getter', 'json', 'bad_thenable', 'nan', 'infinite'])(
    'without a JSON form is an internal error, and the connection lives on: %s',
    async (method) => {
      expect((await client.call(`result.${method}`)).args).toEqual(INTERNAL);
      expect(await client.result('management.ping')).toBe('pong');
    },
  );

  it('of 31 MiB arrives whole while another connection is served', async () => {
    const other = await server.admin();
    const big = client.result<string>('result.big', 31 * 1024 * 1024);
    expect(await other.result('management.ping')).toBe('pong');
    expect(await big).toHaveLength(31 * 1024 * 1024);
  });

  it('of more than limits.answer-bytes is refused with the limit and the way out', async () => {
    const { args } = await client.call('result.big', 32 * 1024 * 1024);
    expect(args).toMatchObject({
      name: 'EOVERFLOW',
      message: expect.stringContaining('answer-bytes') as string,
    });
    expect(await client.result('management.ping')).toBe('pong');
  });
});

describe.each(['log', 'off'])('with result-validation = %s', (mode) => {
  it('a wrong result reaches the client', async () => {
    const lenient = await PluginServer.forThisTest(
      { 'result.ts': PLUGIN },
      { dispatcher: { 'result-validation': mode } },
    );
    const user = await lenient.admin();
    expect(await user.result('result.wrong_result')).toEqual({ n: 'SECRET-VALUE' });
    await lenient.stop();
    expect(lenient.process.log.some((line) => line.includes('result.wrong_result'))).toBe(
      mode === 'log',
    );
  });
});
