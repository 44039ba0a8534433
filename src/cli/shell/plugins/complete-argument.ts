import { withinTime } from '../../../plugin-host/code/within-time.js';
import type { Completer, QueryClient } from '../../sdk/index.js';
import { inside } from './inside.js';

interface CompletedValues {
  readonly values: readonly { readonly value: string; readonly description: string }[];
  /** There are more, or nobody knows yet. */
  readonly isPartial: boolean;
}

interface CompletionRequest {
  readonly plugin: string;
  readonly completer: Completer;
  readonly prefix: string;
  readonly client: QueryClient;
  readonly waitMs: number;
}

const MAX_VALUES = 100;
const MAX_LENGTH = 200;
/** Would act on the terminal, or on the line. */
const UNFIT = /\p{Cc}/u;
const NOTHING: CompletedValues = { values: [], isPartial: true };

/** What a plugin says that an argument may be. Never rejects, and takes no longer than it may. */
export async function completedValues(request: CompletionRequest): Promise<CompletedValues> {
  const { plugin, completer, prefix, client, waitMs } = request;
  let timer: NodeJS.Timeout | undefined;
  try {
    const limit = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), waitMs);
    });
    const work = async (): Promise<unknown> =>
      withinTime(Math.max(1, waitMs), () => inside(plugin, () => completer(prefix, { client })));
    const given = await Promise.race([work(), limit]);
    return given === null ? NOTHING : fitting(given, prefix);
  } catch {
    return { values: [], isPartial: false }; // there is nothing to offer
  } finally {
    clearTimeout(timer);
  }
}

function fitting(given: unknown, prefix: string): CompletedValues {
  if (!Array.isArray(given)) return { values: [], isPartial: false };
  const values = (given as readonly unknown[])
    .map((one) => {
      const { value, description } =
        typeof one === 'object' && one !== null
          ? (one as { readonly value?: unknown; readonly description?: unknown })
          : { value: one, description: '' };
      return { value: textOf(value), description: textOf(description) };
    })
    .filter(({ value }) => {
      return (
        value !== '' && value.startsWith(prefix) && value.length <= MAX_LENGTH && !UNFIT.test(value)
      );
    });
  return { values: values.slice(0, MAX_VALUES), isPartial: values.length > MAX_VALUES };
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
