import {
  abortable,
  isDispatcherError,
  onAbort,
  stringifyExtended,
} from '../../../common/portable.js';
import { withinTime } from '../../../plugin-host/code/within-time.js';
import { CommandError, EXIT, isCommandError } from '../../exit-status.js';
import type { Flow } from '../evaluation/flow.js';
import { inside } from './inside.js';
import type { LoadedPlugin, PluginCallableCode } from './loaded-plugin.js';
import { reasonOf } from './reason.js';

const MAX_STATUS = 255;
/** How long what a plugin has open may take to close, when nobody wants more of it. */
const CLOSE_LIMIT_MS = 1_000;

export interface Run {
  /** By place, as they travel. */
  readonly args: readonly unknown[];
  /** What the code is given behind its arguments. */
  readonly context: object;
  readonly signal: AbortSignal;
}

/**
 * Runs a command or a stage of a plugin. ^C ends the waiting for it, whether it hears of it or not.
 *
 * @throws RpcException EINVAL for arguments that do not fit; CommandError for all that its code throws
 *   but errors of the dispatcher; the reason of the signal
 */
export async function runPlugin(
  code: PluginCallableCode,
  { args, context, signal }: Run,
): Promise<Flow> {
  const { plugin } = code;
  const ready = args.length + code.accepts.length === 0 ? [] : await checked(code, args);
  signal.throwIfAborted();
  const result = await runPluginFunction(plugin, () => code.invoke(ready, context), signal);
  return flowFrom(result, plugin, signal);
}

/** What is thrown at once is a rejection as well. */
const begun = <T>(plugin: LoadedPlugin, work: () => T | PromiseLike<T>): Promise<T> =>
  new Promise((resolve) => resolve(inside(plugin.name, work)));

/** What a function of a plugin comes to. @throws as {@link runPlugin} */
export async function runPluginFunction(
  plugin: LoadedPlugin,
  work: () => unknown,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    return await abortable(begun(plugin, work), signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : pluginError(error, plugin);
  }
}

/** By what the plugin's own schemas are made of: of a password there must be one class. */
async function checked(code: PluginCallableCode, args: readonly unknown[]): Promise<unknown[]> {
  const { checkedArguments } = await import('./checked-arguments.js');
  return checkedArguments(args, code);
}

function flowFrom(result: unknown, plugin: LoadedPlugin, signal: AbortSignal): Flow {
  if (result === undefined || result === null) return { kind: 'none' };
  if (Array.isArray(result) || isIterable(result)) {
    return { kind: 'rows', rows: guardedRows(result, plugin, signal), columns: null };
  }
  return { kind: 'value', value: asData(result, plugin) };
}

type Rows = AsyncIterable<unknown> | Iterable<unknown>;

/** Not a text, which is one value. */
function isIterable(value: unknown): value is Rows {
  if (typeof value !== 'object' || value === null) return false;
  const isBytes = value instanceof Uint8Array || value instanceof Map || value instanceof Set;
  return !isBytes && (Symbol.asyncIterator in value || Symbol.iterator in value);
}

/** Rows of a plugin as they come: it runs as far as somebody asks, and no further. */
async function* guardedRows(rows: Rows, plugin: LoadedPlugin, signal: AbortSignal) {
  const iterator = inside(plugin.name, () =>
    Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator](),
  );
  let isOpen = true;
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await abortable(
        begun(plugin, () => iterator.next()),
        signal,
      );
      if (next.done === true) {
        isOpen = false;
        return;
      }
      yield asData(next.value, plugin);
    }
  } catch (error) {
    isOpen = signal.aborted;
    throw signal.aborted ? signal.reason : pluginError(error, plugin);
  } finally {
    if (isOpen) await close(iterator, plugin);
  }
}

async function close(
  iterator: AsyncIterator<unknown> | Iterator<unknown>,
  plugin: LoadedPlugin,
): Promise<void> {
  const limit = AbortSignal.timeout(CLOSE_LIMIT_MS);
  const closing = begun(plugin, () => iterator.return?.());
  await abortable(closing, limit).catch(() => undefined); // its rows have been shown
}

/** What goes on is data, and has nothing of the plugin's left in it. */
function asData(value: unknown, plugin: LoadedPlugin): unknown {
  try {
    if (typeof value === 'function' || typeof value === 'symbol') {
      throw new TypeError(`a ${typeof value}`);
    }
    return JSON.parse(stringifyExtended(value)) as unknown;
  } catch (error) {
    throw new CommandError(
      EXIT.failed,
      `plugin ${plugin.name}: it gave what is no data: ${reasonOf(error, plugin.locate)}`,
      { cause: error },
    );
  }
}

/** What it meant to say is said; a mistake of its own is told with its name and place. */
function pluginError(error: unknown, plugin: LoadedPlugin): unknown {
  if (isBranded(error, isDispatcherError)) return error;
  if (isBranded(error, isCommandError)) {
    const { exitStatus: status, message } = error;
    // a failure is never told as a success, whatever number it came with
    return Number.isInteger(status) && status > 0 && status <= MAX_STATUS
      ? error
      : new CommandError(EXIT.failed, message, { cause: error });
  }
  const reason = reasonOf(error, plugin.locate);
  return new CommandError(EXIT.failed, `plugin ${plugin.name}: ${reason}`);
}

/** Of what throws when it is looked at nothing is known. */
function isBranded<T>(error: unknown, is: (error: unknown) => error is T): error is T {
  try {
    return is(error) && typeof (error as { readonly message?: unknown }).message === 'string';
  } catch {
    return false;
  }
}

/** Resolves when the work does. @throws (rejects with) what it throws; Error when it takes longer */
export async function hooked(
  plugin: LoadedPlugin,
  work: () => unknown,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal | null },
): Promise<void> {
  const limit = new AbortController();
  const timer = setTimeout(() => {
    limit.abort(new Error(`it did not come to an end within ${timeoutMs / 1_000} s`));
  }, timeoutMs);
  const forget = onAbort(signal, () => limit.abort(signal?.reason));
  try {
    await abortable(
      begun(plugin, () => withinTime(timeoutMs, work)),
      limit.signal,
    );
  } finally {
    clearTimeout(timer);
    forget();
  }
}
