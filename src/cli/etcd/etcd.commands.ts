import { Errno, isDispatcherError } from '../../common/portable.js';
import {
  type DriftRow,
  type GenerationReport,
  isEtcdMissing,
  isSameAsBefore,
  NO_ETCD,
  reportText,
  selectionOf,
} from '../../wire/generation.js';
import type { CommandIo, Invocation, Run } from '../command.js';
import { queryFilter } from '../discovery/query-filter.js';
import { CommandError, EXIT, UsageError } from '../exit-status.js';
import { onServer } from '../on-server.js';
import { printable, type Printer, printableLines } from '../output/index.js';
import type { Session } from '../session/index.js';

const FILE_COLUMNS = ['name', 'state', 'outcome', 'changed_at', 'path'];
const GROUP_COLUMNS = ['name', 'description', 'atomic', 'files'];
const REVISION_COLUMNS = ['n', 'saved_at', 'origin', 'size', 'generation'];

/** What a command does with a session, to its exit status; nothing is 0. */
type Work = (
  invocation: Invocation,
  session: Session,
  printer: Printer,
) => Promise<number | undefined>;

/** A command that asks the services of etcd. @throws CommandError when none has logged in there */
const asking =
  (work: Work): Run =>
  (invocation) =>
    onServer(invocation, async (session, printer) => {
      try {
        return await work(invocation, session, printer);
      } catch (error) {
        if (!isDispatcherError(error) || !isEtcdMissing(error)) throw error;
        throw new CommandError(EXIT.failed, NO_ETCD);
      }
    });

/** The files that are managed, by what the words of a filter say. */
export const listFiles = asking(async ({ operands }, session, printer) => {
  const filter = await queryFilter(session, 'etcd.file.query', operands);
  const rows = await session.call('etcd.file.query', [filter, { sort: 'name' }]);
  await printer.print(rows, { columns: FILE_COLUMNS });
});

export const listGroups = asking(async (_, { call }, printer) => {
  await printer.print(await call('etcd.group.query', [[], { sort: 'name' }]), {
    columns: GROUP_COLUMNS,
  });
});

/** What generating would change. @returns 7 when that is anything, 1 when a file would fail */
export const planFiles = asking(async ({ operands, options, io }, { call }, printer) => {
  const asked = options.has('as-enabled') ? [{ asEnabled: true }] : [];
  const selection = selectionOf(operands);
  const report = await call<GenerationReport>('etcd.generation.plan', [selection, ...asked]);
  await printReport(report, { io, printer });
  if (report.files.some(({ outcome }) => outcome === 'failed')) return EXIT.failed;
  return isSameAsBefore(report) ? EXIT.done : EXIT.problems;
});

/** Renders files and puts them in place. @throws RpcException EIO after the report, when one failed */
export const generateFiles = asking(async ({ operands, options, io }, { call }, printer) => {
  const confirmSeconds = countOf(options.text('confirm'), '--confirm');
  const wanted = confirmSeconds === null ? null : { confirmSeconds };
  const generation = call<GenerationReport>('etcd.generation.generate', [
    selectionOf(operands),
    wanted,
  ]);
  const report = await told(generation, { io, printer });
  if (confirmSeconds !== null && !isSameAsBefore(report)) {
    io.notices.write(
      `Taken back in ${confirmSeconds} s, unless: dispatcherctl etcd confirm ${report.id}\n`,
    );
  }
});

/** Files that are not as they were written. @returns 7 when there are any */
export const verifyFiles = asking(async ({ operands }, { call }, printer) => {
  const rows = await call<readonly DriftRow[]>('etcd.generation.verify', [selectionOf(operands)]);
  await printer.print(rows, { columns: ['name', 'kind', 'path'] });
  return rows.length === 0 ? EXIT.done : EXIT.problems;
});

/** Writes a file that somebody else changed as it should be; theirs is kept in the history. */
export const restoreFile = asking(async ({ operands, io }, { call }, printer) => {
  await told(call('etcd.generation.restore', [operands[0]]), { io, printer });
});

/** Puts a content that a file had back in place. */
export const rollbackFile = asking(async ({ operands: [name, n = ''], io }, { call }, printer) => {
  await told(call('etcd.generation.rollback', [name, revisionOf(n)]), { io, printer });
});

export const acceptFile = asking(async ({ operands }, { call }) => {
  await call('etcd.generation.accept', [operands[0]]);
});

export const confirmGeneration = asking(async ({ operands }, { call }) => {
  await call('etcd.generation.confirm', [operands[0]]);
});

export const explainFile = asking(async ({ operands }, { call }, printer) => {
  await printer.print(await call('etcd.generation.explain', [operands[0]]));
});

export const listRevisions = asking(async ({ operands }, { call }, printer) => {
  const rows = await call('etcd.generation.history', [operands[0]]);
  await printer.print(rows, { columns: REVISION_COLUMNS });
});

/** Prints a content that a file had, as it is; on a terminal nothing in it acts on that. */
export const showRevision = asking(async ({ operands: [name, n = ''], options, io }, { call }) => {
  const reveal = options.has('reveal');
  const args = [name, revisionOf(n), { reveal }];
  const { $binary } = await call<{ readonly $binary: string }>(
    'etcd.generation.get_revision',
    args,
  );
  const bytes = Buffer.from($binary, 'base64');
  io.output.write(io.output.isTTY === true ? printableLines(bytes.toString()) : bytes);
});

export const showEtcdStatus = asking(async (_, { call }, printer) => {
  await printer.print(await call('etcd.management.status'));
});

/** `rescan`, `pause`, `resume`: what the process is told. */
export const manageEtcd = asking(async ({ command }, { call }) => {
  const { name } = command;
  await call(`etcd.management.${name === 'rescan' ? 'rescan_plugins' : name}`);
});

interface Telling {
  readonly io: CommandIo;
  readonly printer: Printer;
}

/** Prints the report of a generation, of one that failed as well. @throws what the generation throws */
async function told(
  generation: Promise<GenerationReport>,
  telling: Telling,
): Promise<GenerationReport> {
  try {
    const report = await generation;
    await printReport(report, telling);
    return report;
  } catch (error) {
    if (isDispatcherError(error) && error.code === Errno.EIO && isReport(error.extra)) {
      await printReport(error.extra, telling);
    }
    throw error;
  }
}

const isReport = (extra: unknown): extra is GenerationReport =>
  typeof extra === 'object' && extra !== null && 'files' in extra && 'actions' in extra;

/** As people read it where they see it, or ask for a table; otherwise in the form that was asked for. */
async function printReport(report: GenerationReport, { io, printer }: Telling): Promise<void> {
  const isRead = printer.isForPeople || printer.asked === 'table';
  if (isRead) io.output.write(printableLines(reportText(report)));
  else await printer.print(report);
}

/** @throws UsageError */
function revisionOf(word: string): number {
  if (/^[1-9]\d{0,14}$/.test(word)) return Number(word);
  throw new UsageError(
    `${JSON.stringify(printable(word))} is no number of a content; dispatcherctl etcd history NAME lists them`,
  );
}

/** @throws UsageError */
function countOf(text: string | null, option: string): number | null {
  if (text === null) return null;
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= 86_400) return Number(text);
  throw new UsageError(`${option}: seconds from 1 to 86400, got ${JSON.stringify(text)}`);
}
