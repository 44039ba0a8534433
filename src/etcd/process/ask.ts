import { Errno, EXIT, isDispatcherError } from '../../common/index.js';
import { DispatcherClient } from '../../client/index.js';
import { nodeSocket } from '../../client/node/index.js';
import {
  type DriftRow,
  type GenerationReport,
  isEtcdMissing,
  isSameAsBefore,
  NO_ETCD,
  reportText,
  selectionOf,
} from '../model/index.js';
import type { CommandName } from './command-line.js';

export interface Question {
  readonly kind: Exclude<CommandName, 'run' | 'check'>;
  readonly names: readonly string[];
  readonly isJson: boolean;
  readonly timeoutSeconds: number;
  readonly url: string;
  readonly login: 'service' | { readonly user: string };
}

export interface Answered {
  readonly status: number;
  readonly output: string;
  /** What went wrong, a line; null: nothing. */
  readonly notice: string | null;
}

/** Asks the running dispatcher-etcd, by way of the dispatcher: it alone writes. Never rejects. */
export async function ask(question: Question): Promise<Answered> {
  const { url, timeoutSeconds, login } = question;
  const client = new DispatcherClient({
    url,
    webSocket: nodeSocket(),
    credentials: () =>
      login === 'service'
        ? { kind: 'service', name: 'dispatcher-etcd' }
        : { kind: 'local', username: login.user },
  });
  const signal = AbortSignal.timeout(timeoutSeconds * 1_000);
  try {
    await client.connect({ retry: true, signal });
  } catch (error) {
    client.close();
    const isRefused = isDispatcherError(error) && error.code === Errno.EACCES;
    return isRefused
      ? failure(EXIT.refused, error.message)
      : failure(EXIT.unreachable, `No dispatcher answers at ${url} within ${timeoutSeconds} s`);
  }
  try {
    return await answerTo(question, (method, args) => client.call(method, args, { signal }));
  } catch (error) {
    return failureOf(error, question);
  } finally {
    client.close();
  }
}

type Call = (method: string, args: readonly unknown[]) => Promise<unknown>;

async function answerTo({ kind, names, isJson }: Question, call: Call): Promise<Answered> {
  const selector = selectionOf(names);
  switch (kind) {
    case 'plan': {
      const report = (await call('etcd.generation.plan', [selector])) as GenerationReport;
      const isBroken = report.files.some(({ outcome }) => outcome === 'failed');
      const status = isBroken ? EXIT.failed : isSameAsBefore(report) ? EXIT.done : EXIT.problems;
      return { status, output: shown(report, isJson), notice: null };
    }
    case 'generate': {
      const report = (await call('etcd.generation.generate', [selector])) as GenerationReport;
      return { status: EXIT.done, output: shown(report, isJson), notice: null };
    }
    case 'verify': {
      const rows = (await call('etcd.generation.verify', [selector])) as readonly DriftRow[];
      const text = rows.map(({ kind: what, path }) => `${what.padEnd(10)} ${path}\n`).join('');
      const status = rows.length === 0 ? EXIT.done : EXIT.problems;
      return { status, output: isJson ? json(rows) : text, notice: null };
    }
    case 'status':
      return {
        status: EXIT.done,
        output: json(await call('etcd.management.status', [])),
        notice: null,
      };
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const shown = (report: GenerationReport, isJson: boolean): string =>
  isJson ? json(report) : reportText(report);

function failureOf(error: unknown, { isJson }: Question): Answered {
  if (!isDispatcherError(error)) return failure(EXIT.failed, String(error));
  const { code, message, extra } = error;
  if (code === Errno.EIO && typeof extra === 'object' && extra !== null) {
    const output = shown(extra as GenerationReport, isJson);
    return { status: EXIT.failed, output, notice: message };
  }
  if (code === Errno.EACCES || code === Errno.EPERM) return failure(EXIT.refused, message);
  if (code === Errno.ECANCELED || code === Errno.ETIMEDOUT) return failure(EXIT.timedOut, message);
  if (code === Errno.ECONNABORTED) return failure(EXIT.unreachable, message);
  return failure(EXIT.failed, isEtcdMissing(error) ? NO_ETCD : message);
}

const failure = (status: number, notice: string): Answered => ({ status, output: '', notice });
