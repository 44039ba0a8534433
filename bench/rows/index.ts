/**
 * The rows of the bench, in the order of the table. A row owns its subjects from start to stop and
 * answers results; it prints nothing. Called by `main.ts`; a new measurement is one file and one line here.
 */
import { callsRow } from './calls.row.js';
import { cliRow } from './cli.row.js';
import { coldStartRow } from './cold-start.row.js';
import { consoleRow } from './console.row.js';
import { datastoreRow } from './datastore.row.js';
import { etcdRow } from './etcd.row.js';
import { footprintRow } from './footprint.row.js';
import { loginRow } from './login.row.js';
import { guardedRow } from './guarded.row.js';
import { idleRow } from './idle.row.js';
import { memoryRow } from './memory.row.js';
import { eventsRow } from './events.row.js';
import { burdenedRow } from './burdened.row.js';
import { stalledRow } from './stalled.row.js';
import { tasksInlineRow } from './tasks-inline.row.js';
import { tasksIsolatedRow } from './tasks-isolated.row.js';
import { tasksSubmitRow } from './tasks-submit.row.js';
import { tasksWaitingRow } from './tasks-waiting.row.js';
import type { Row } from './row.js';

const ROWS: readonly Row[] = [
  callsRow,
  guardedRow,
  eventsRow,
  stalledRow,
  burdenedRow,
  loginRow,
  memoryRow,
  idleRow,
  footprintRow,
  coldStartRow,
  cliRow,
  consoleRow,
  datastoreRow,
  etcdRow,
  tasksSubmitRow,
  tasksInlineRow,
  tasksIsolatedRow,
  tasksWaitingRow,
];

/** The rows of those names, all without names; throws an Error for a name that is not known. */
export function selectRows(names: readonly string[]): readonly Row[] {
  for (const name of names) {
    if (!ROWS.some((row) => row.name === name)) {
      throw new Error(`No row "${name}"; there are ${ROWS.map((row) => row.name).join(', ')}`);
    }
  }
  return names.length === 0 ? ROWS : ROWS.filter((row) => names.includes(row.name));
}
