import { LineCompleter, LiveValues } from '../../src/cli/shell/completion/index.js';
import { Shell } from '../../src/cli/shell/shell.js';
import type { Session } from '../../src/cli/session/index.js';
import { median } from '../measure/statistics.js';
import type { RowResult } from './row.js';

const SERVICES = 50;
const METHODS_EACH = 10;
const TARGET_MS = 20;
const PRESSES = 200;
/** Where TAB is pressed: among all services, all methods of one, its arguments, names of all methods. */
const LINES = ['', 'ser', 'service7 ', 'service7 meth', 'service7 method3 ', 'call service'];

/** TAB in the shell over 500 methods, whose tree is there: the answer, without the drawing of it. */
export async function completionResult(): Promise<RowResult> {
  const session = {
    call: offered,
    url: '',
    cli: { aliases: {}, pluginDirs: [], shippedPlugins: false },
    signal: new AbortController().signal,
  };
  const shell = await Shell.open(session as unknown as Session, {
    env: {},
    hasPrivate: false,
    hasFiles: true,
    warn: () => undefined,
  });
  const completer = new LineCompleter(shell, new LiveValues({ call: offered, waitMs: 0 }));
  const worst = Math.max(...(await Promise.all(LINES.map((line) => pressed(completer, line)))));
  return {
    row: 'cli TAB',
    work: `TAB over ${SERVICES * METHODS_EACH} methods, the slowest of ${LINES.length} places`,
    lines: [{ subject: 'dispatcher-cli', value: worst, unit: 'ms' }],
    notes: [],
    goal: { figure: 'ms at most', target: TARGET_MS, better: 'lower', achieved: worst },
  };
}

/** Milliseconds in the middle. */
async function pressed(completer: LineCompleter, line: string): Promise<number> {
  const taken: number[] = [];
  for (let press = 0; press < PRESSES; press += 1) {
    const startMs = performance.now();
    const { candidates } = await completer.complete(line, line.length);
    taken.push(performance.now() - startMs);
    if (candidates.length === 0)
      throw new Error(`Nothing may stand behind ${JSON.stringify(line)}`);
  }
  return median(taken);
}

const names = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}${at}`);

const METHODS = names('method', METHODS_EACH).map((name) => ({
  name,
  description: `Does what ${name} does`,
  private: false,
  unauthenticated: false,
  generator: false,
  deprecated: null,
  roles: [],
  parameters: ['first', 'second'],
  'params-schema': {
    type: 'array',
    items: [{ type: 'string' }, { enum: ['hot', 'cold'] }],
    minItems: 2,
  },
}));

/** What a server says of itself. */
const offered = ((name: string) => {
  const answers: Readonly<Record<string, unknown>> = {
    'discovery.get_services': names('service', SERVICES),
    'discovery.get_methods': METHODS,
    'discovery.get_tasks': {},
    'discovery.get_event_types': {},
    'discovery.get_schema': { definitions: {} },
    'discovery.get_schema_hash': 'hash',
  };
  return Promise.resolve(answers[name]);
}) as Session['call'];
