import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

const IMPORTS = `
import { Inject, Injectable, type DynamicModule } from '@nestjs/common';
import { IsInt, IsOptional, IsString, Min } from 'class-validator';
import { accepts, h, Plugin, Provider, provider, returns, task, Task } from 'dispatcher';
class Options { @IsString() pool!: string; @IsInt() @Min(1) retries = 3; }
`;

const NAS = `${IMPORTS}
@provider('nas') class Nas extends Provider {
  constructor(private readonly options: Options) { super(); }
  @accepts() @returns(h.any()) options_() { return { ...this.options }; }
}
@task('nas.apart') class Apart extends Task {
  constructor(private readonly options: Options) { super(); }
  verify() { return []; } run() { return { ...this.options }; }
}
@Plugin({ options: Options, providers: [Nas, Apart], version: '2.1.0', host: '>=0.1.0' }) export default class {}
`;
const DYNAMIC = `${IMPORTS}
@Injectable() class Helper { constructor(@Inject('pool') readonly pool: string) {} }
@provider('dynamic') class Dynamic extends Provider {
  constructor(private readonly helper: Helper) { super(); }
  @accepts() @returns(String) pool() { return this.helper.pool; }
}
@task('dynamic.apart') class Apart extends Task {
  constructor(private readonly helper: Helper) { super(); }
  verify() { return []; } run() { return this.helper.pool; }
}
@Plugin({ options: Options, providers: [Apart] }) export default class DynamicPlugin {
  static forRoot({ pool }: Options): DynamicModule {
    return { module: DynamicPlugin, providers: [Dynamic, Helper, { provide: 'pool', useValue: pool }] };
  }
}
`;
const MADE = `${IMPORTS}
@provider('made') class Made extends Provider {
  constructor(@Inject('word') private readonly text: string) { super(); }
  @accepts() @returns(String) word() { return this.text; }
}
@Plugin({ providers: [Made] }) class MadePlugin {
  static forRoot(word: string): DynamicModule {
    return { module: MadePlugin, providers: [{ provide: 'word', useValue: word }] };
  }
}
export default MadePlugin.forRoot('in its file');
`;
const bare = (options: string) => `${IMPORTS} @Plugin(${options}) export default class {}`;

/** Names of plugins, and why each is refused. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  wrong: /dispatcher\.plugins\.wrong\.pool: .*; dispatcher\.plugins\.wrong\.retries: /,
  none: /dispatcher\.plugins\.none: the plugin takes no options, remove them/,
  old: /^depends on nas@\^3, and nas is 2\.1\.0$/,
  unversioned: /^depends on made@\^1, and made says no version in its @Plugin$/,
  nonsense: /^depends on nas@banana: "banana" is no range of versions$/,
  future: /^wants dispatcher \^99, and this is \d+\.\d+\.\d+$/,
  badversion: /^its version two is none: write 1\.2\.3$/,
  strange: /^forRoot of Strange gives no module of Strange/,
};

let server: PluginServer;
let client: PlainClient;
let rows: Map<string, { state: string; error?: string; depends: string[] }>;

beforeAll(async () => {
  server = await PluginServer.start(
    {
      'nas.ts': NAS,
      'dynamic.ts': DYNAMIC,
      'made.ts': MADE,
      'wrong.ts': bare('{ options: Options }'),
      'none.ts': bare('{}'),
      'fits.ts': bare(`{ depends: ['nas@^2', 'made'] }`),
      'old.ts': bare(`{ depends: ['nas@^3'] }`),
      'unversioned.ts': bare(`{ depends: ['made@^1'] }`),
      'nonsense.ts': bare(`{ depends: ['nas@banana'] }`),
      'future.ts': bare(`{ host: '^99' }`),
      'badversion.ts': bare(`{ version: 'two' }`),
      'strange.ts': `${IMPORTS} @Plugin({}) export default class Strange { static forRoot() { return {}; } }`,
    },
    {
      dispatcher: {
        plugins: {
          nas: { pool: 'tank' },
          dynamic: { pool: 'lake' },
          wrong: { pool: 5, retries: 0 },
          none: { a: 1 },
        },
      },
    },
  );
  client = await server.admin();
  const list =
    await client.result<{ name: string; state: string; depends: string[] }[]>(
      'management.get_plugins',
    );
  rows = new Map(list.map((row) => [row.name, row]));
});
afterAll(() => server.stop());

async function ran(task: string): Promise<unknown> {
  const id = await client.result('task.submit', task, []);
  return (await client.result<{ result: unknown }>('task.wait', id)).result;
}

describe('options of plugins', () => {
  it('come from the configuration with the defaults of their class, also into other processes', async () => {
    expect(rows.get('nas')).toMatchObject({ state: 'loaded' });
    expect(await client.result('nas.options_')).toEqual({ pool: 'tank', retries: 3 });
    expect(await ran('nas.apart')).toEqual({ pool: 'tank', retries: 3 });
  });

  it('are what a static forRoot makes the module of, here and in other processes', async () => {
    expect(await client.result('dynamic.pool')).toBe('lake');
    expect(await ran('dynamic.apart')).toBe('lake');
    expect(await client.result('made.word')).toBe('in its file');
  });

  it('stay over a reload', async () => {
    await client.result('management.reload_plugins', ['dynamic']);
    expect(await client.result('dynamic.pool')).toBe('lake');
  });
});

it('a version that fits is depended on', () => {
  expect(rows.get('fits')).toMatchObject({ state: 'loaded', depends: ['nas', 'made'] });
});

it.each(Object.entries(REFUSED))('%s is refused with the reason', (name, reason) => {
  expect(rows.get(name)?.state).toBe('failed');
  expect(rows.get(name)?.error).toMatch(reason);
});
