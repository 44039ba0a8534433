import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { anonymousMemory, sumOf } from '../measure/anonymous-memory.js';
import { cpuMicros } from '../measure/cpu.js';
import { median } from '../measure/statistics.js';
import { dispatcher } from '../subjects/dispatcher.subject.js';
import { EtcdProcess } from '../subjects/etcd.subject.js';
import type { Row, RowContext, RowResult } from './row.js';
import { startAll, stopAll } from './started.js';

const UNCHANGED = 1_000;
const CPU_TARGET_S = 2;
const MANY = 10_000;
const MEMORY_TARGET_MB = 250;
const FOLLOW_TARGET_MS = 500;
const LOOK_AGAIN_MS = 2;
const TIMEOUT_MS = 10_000;
const MICROS = 1e6;
const BYTES = 1e6;
/** A setting of the shipped plugin `etc`, whose file is not generated here. */
const SETTING = 'etc.motd_text';

/**
 * What files cost that stay as they are, how long a change takes to the disk, and what ten thousand files hold.
 * consul-template documents a wait of its own before it renders (`wait`, none by default) and reads all templates
 * anew for each change; confd its interval of 600 s, or a watch. Neither documents CPU or memory, so none is compared.
 */
export const etcdRow: Row = {
  name: 'etcd',
  async run(context) {
    const { started, notes } = await startAll([dispatcher({ entry: context.options.server })]);
    const [server] = started;
    if (server === undefined) return [{ row: 'etcd', work: 'files', lines: [], notes }];
    const url = new URL('socket', server.server.address).href;
    const places = { entry: context.options.server, url };
    try {
      return [
        ...(await withFiles(UNCHANGED, { places, context }, async (etcd) => [
          await unchanged(etcd, context),
          await following(etcd, context),
        ])),
        ...(await withFiles(MANY, { places, context }, (etcd) => Promise.resolve([held(etcd)]))),
      ];
    } finally {
      await stopAll(started);
    }
  },
};

interface Surroundings {
  readonly places: Parameters<typeof EtcdProcess.start>[0];
  readonly context: RowContext;
}

async function withFiles(
  count: number,
  { places, context }: Surroundings,
  measure: (etcd: EtcdProcess) => Promise<RowResult[]>,
): Promise<RowResult[]> {
  context.progress(`etcd, ${count} files`);
  const etcd = await EtcdProcess.start(places, { count, follows: SETTING });
  try {
    return await measure(etcd);
  } finally {
    await etcd.stop();
  }
}

/** Of etcd and of the process that renders for it. */
function cpuOf({ pid }: EtcdProcess): number {
  return anonymousMemory(pid).reduce((sum, child) => sum + cpuMicros(child.pid), 0);
}

async function unchanged(etcd: EtcdProcess, { options, progress }: RowContext): Promise<RowResult> {
  const taken: number[] = [];
  for (let round = 0; round <= options.rounds; round += 1) {
    progress(`etcd, unchanged files, round ${round} of ${options.rounds}`);
    const before = cpuOf(etcd);
    const counts = await etcd.generateAll();
    if (round > 0) taken.push((cpuOf(etcd) - before) / MICROS); // the first one warms up
    if (counts.get('unchanged') !== UNCHANGED + 1) throw new Error('Files were written anew');
  }
  const seconds = median(taken);
  return {
    row: 'etcd unchanged',
    work: `${UNCHANGED.toLocaleString('en')} templates rendered and compared, none written`,
    lines: [{ subject: 'dispatcher-etcd', value: seconds, unit: 's CPU' }],
    notes: [loadNote()],
    goal: { figure: 's CPU', target: CPU_TARGET_S, better: 'lower', achieved: seconds },
  };
}

async function following(etcd: EtcdProcess, { options, progress }: RowContext): Promise<RowResult> {
  const taken: number[] = [];
  for (let round = 0; round <= options.rounds; round += 1) {
    progress(`etcd, a change, round ${round} of ${options.rounds}`);
    const text = `text ${round} ${performance.now()}`;
    const before = performance.now();
    await etcd.client.call('settings.set', [{ [SETTING]: text }]);
    await contains(etcd.path('following'), text);
    if (round > 0) taken.push(performance.now() - before);
  }
  const milliseconds = median(taken);
  return {
    row: 'etcd following',
    work: 'from a call that changes a setting to the file on the disk, default debounce',
    lines: [{ subject: 'dispatcher-etcd', value: milliseconds, unit: 'ms' }],
    notes: [loadNote()],
    goal: { figure: 'ms', target: FOLLOW_TARGET_MS, better: 'lower', achieved: milliseconds },
  };
}

function held(etcd: EtcdProcess): RowResult {
  const megabytes = sumOf(anonymousMemory(etcd.pid)) / BYTES;
  return {
    row: 'etcd memory',
    work: `${MANY.toLocaleString('en')} files generated twice; etcd and its renderer`,
    lines: [{ subject: 'dispatcher-etcd', value: megabytes, unit: 'MB' }],
    notes: [loadNote()],
    goal: {
      figure: 'MB anonymous memory',
      target: MEMORY_TARGET_MB,
      better: 'lower',
      achieved: megabytes,
    },
  };
}

/** The figures are of a machine that may have had other things to do. */
function loadNote(): string {
  return `load average of the minute: ${(loadavg()[0] ?? 0).toFixed(1)}`;
}

async function contains(path: string, text: string): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (readOrEmpty(path).includes(text)) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  throw new Error(`${path} did not follow its setting in ${TIMEOUT_MS} ms`);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
