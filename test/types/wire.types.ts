/**
 * What TypeScript says about the rows of `src/wire` in the server, in a client and in the console. Nothing
 * here runs: `npm run typecheck` fails when one of them has another idea of a row than its schema.
 */
/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters -- only types matter here */
import type { Claims, Errno, Infer, ProgressReport, TaskDescription } from '../../src/sdk/index.js';
import type {
  DispatcherEventMap,
  TaskFailure,
  TaskProgress,
  TaskRow,
  TaskState,
} from '../../src/client/index.js';
import type { Data, TASK_ROW, TASK_STATES, WireValues } from '../../src/wire/index.js';
import type { TASK_EVENT_TYPES } from '../../src/wire/index.js';

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <T extends true>(proof?: T): T | undefined => proof;

type Server = Data<typeof TASK_ROW>;
type Wire = Data<typeof TASK_ROW, WireValues>;

// Every field of the schema, in the server, on the wire and in a client
type Fields = keyof Infer<typeof TASK_ROW>;
same<Equal<keyof Server, Fields>>();
same<Equal<keyof Wire, Fields>>();
same<Equal<keyof TaskRow, Fields>>();

// Dates as each of them has them; what the schema leaves open is nobody's to guess
same<Equal<Server['verified_at'], Date | null>>();
same<Equal<Wire['verified_at'], { readonly $date: string } | null>>();
same<Equal<TaskRow['verified_at'], Date | { readonly $date: string } | null>>();
same<Equal<Server['result'], unknown>>();
same<Equal<TaskRow<number>['result'], number | null>>();
same<Equal<Server['args'], readonly unknown[]>>();
same<Equal<NonNullable<TaskFailure>['code'], Errno>>();
same<Equal<TaskState, (typeof TASK_STATES)[number]>>();
same<Equal<TaskRow['state'], TaskState>>();

// What plugin authors hand over is what the row has
same<Equal<Server['resources'], Claims>>();
same<Equal<Server['progress'], ProgressReport>>();
same<Equal<NonNullable<Server['description']>, TaskDescription>>();
same<Equal<TaskProgress, ProgressReport>>();

// The events of the server, by name
same<
  Equal<
    DispatcherEventMap['task.updated'],
    Data<(typeof TASK_EVENT_TYPES)['task.updated']['schema']>
  >
>();
same<Equal<DispatcherEventMap['server.ready'], { readonly description: string }>>();

// @ts-expect-error -- a row is read, never written to
export const write = (row: Server): void => (row.state = 'FAILED');
