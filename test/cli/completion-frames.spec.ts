import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { Options } from '../../src/cli/arguments/index.js';
import { withSession } from '../../src/cli/session/index.js';
import { LineCompleter, LiveValues } from '../../src/cli/shell/completion/index.js';
import { Shell } from '../../src/cli/shell/shell.js';
import { FrameRecorder } from './support/frame-recorder.js';
import { ShellGround } from './support/shell-ground.js';

const ground = new ShellGround();

/** What somebody types, with all that runs something when it is carried out. */
const LINES = [
  'probe add 1 2',
  'probe add a=$(probe item create name=x) b=$(probe add 1 1)',
  'probe item n1 delete',
  'probe item create name=n9 uid=3 tags=a,b && probe item n9 delete',
  'probe item show uid>10 name~=^n | sort -uid | limit 2 | select name,uid',
  'for x in $(probe item show | get name) { probe item $x delete }',
  'if $(probe fail) { probe slow 1 } else { probe slow 2 & }',
  'backup run source=/etc destination=/tmp',
  'backup repeat id=3; system top 1',
  'probe item show | each { submit probe.item.delete $it } | top uid 3',
  'call probe.add 1 2; submit probe.slow 1 | to json > /tmp/out',
  'watch task.* | search name=x; notify probe.*; emit probe.tick n=1',
  'set x = probe item create name=y; echo "$(probe item n1 delete)"',
  'try { probe login password=secret } ; explain probe item n1 rename to=n2',
  'plan probe item n1 set uid=4 tags+=c; help probe add; cd /probe/item/n1',
  'task show state=FAILED | sort -id | get id; account show; session whoami',
  'begin; probe item n1 set uid=1; compare; commit; abort 1; wait 2; jobs',
  'management.reload_plugins; management reload; plugin install x; system info',
  'alias all="probe item show"; all | uniq name | group uid | count | save /tmp/x',
  'files copy source=/etc/hostname destination=/tmp/h; storage mount show | tail 3',
];
const ENDINGS = ['', ' ', ' -', ' $(', '; pro'];

it('TAB at every prefix of a hundred lines sends frames of discovery and queries, and no others', async () => {
  const lines = LINES.flatMap((line) => ENDINGS.map((ending) => line + ending));
  expect(lines).toHaveLength(100);
  const recorder = await FrameRecorder.before(ground.server.process.url);
  const io = {
    input: new PassThrough(),
    output: new PassThrough(),
    notices: new PassThrough(),
    env: {},
    interrupt: new AbortController().signal,
    endAtInterrupt: () => undefined,
  };
  const options = new Options(
    new Map([
      ['url', [recorder.url]],
      ['user', ['root']],
    ]),
  );
  let asked = 0;
  try {
    await withSession({ options, io }, async (session) => {
      const warn = (): void => undefined;
      const shell = await Shell.open(session, { env: {}, hasPrivate: true, hasFiles: true, warn });
      await shell.loadPlugins();
      const live = new LiveValues({ call: session.call, waitMs: 2_000 });
      const completer = new LineCompleter(shell, live);
      recorder.forget();
      for (const line of lines) {
        live.forget(); // as if somebody came back later
        for (let end = 0; end <= line.length; end += 1) await completer.complete(line, end);
      }
      asked = recorder.methods.length;
      for (const method of new Set(recorder.methods)) {
        expect(method).toMatch(/^discovery\.|(?:\.|_)query$/);
      }
      expect(recorder.others.filter((name) => name !== 'rpc/ping')).toEqual([]);
    });
  } finally {
    await recorder.close();
  }
  expect(asked).toBeGreaterThan(50);
  expect(await ground.answer('probe item show | count')).toBe(20);
});
