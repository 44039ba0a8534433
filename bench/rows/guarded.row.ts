import { CallLoad } from '../load/call-load.js';
import { dispatcherDialectOf } from '../load/dialects.js';
import { PATHS } from '../paths.js';
import { dispatcher } from '../subjects/dispatcher.subject.js';
import { nestWsGuarded } from '../subjects/reference.subjects.js';
import type { Subject } from '../subjects/subject.js';
import { compare } from './comparison.js';
import type { Row, RowContext, RowResult } from './row.js';

const SHAPE = { connections: 32, inFlight: 16 };
/** How much of its speed a method without a guard keeps in a plugin that guards others. */
const FREE_TARGET = 0.98;
const GUARDED_TARGET = 1.5;

/**
 * What a guard of Nest's costs: a guarded method against that of a stock gateway with the same guard,
 * and a method without one, beside guarded ones, against that of a plugin which knows no guards.
 */
export const guardedRow: Row = {
  name: 'guarded',
  async run(context) {
    const plain = dispatcher({ entry: context.options.server });
    return [
      await measure({
        title: 'calls of a guarded method',
        build: (entry) => subject('guarded', entry),
        reference: nestWsGuarded,
        target: GUARDED_TARGET,
        context,
      }),
      await measure({
        title: 'calls of a method without a guard beside guarded ones',
        build: (entry) => subject('free', entry),
        reference: { ...plain, name: 'dispatcher without guards' },
        target: FREE_TARGET,
        context,
      }),
    ];
  },
};

/** The product with the plugin that guards, called by one of its methods. */
function subject(method: string, entry: string): Subject {
  const config = { 'plugin-dirs': [PATHS.guardedPlugins] };
  return {
    ...dispatcher({ entry, config }),
    name: `dispatcher, ${method}`,
    dialect: dispatcherDialectOf(`bench_guarded.${method}`),
  };
}

interface Measured {
  readonly title: string;
  readonly build: (entry: string) => Subject;
  readonly reference: Subject;
  readonly target: number;
  readonly context: RowContext;
}

function measure({ title, build, reference, target, context }: Measured): Promise<RowResult> {
  return compare(
    {
      row: 'guarded',
      title: `${title}, ${SHAPE.connections} connections × ${SHAPE.inFlight} in flight`,
      operation: 'call',
      build,
      references: [reference],
      target,
      open: ({ server, subject: { dialect } }) => CallLoad.open(server, dialect, SHAPE),
    },
    context,
  );
}
