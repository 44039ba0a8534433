import { signal } from '@preact/signals';
import { start } from '../connection/session.js';
import type { CallError } from '../connection/session.js';
import type { ArgumentsForm, Json } from '../forms/index.js';

/** What a call answered so far. */
export interface CallState {
  readonly phase: 'running' | 'done' | 'failed' | 'stopped';
  readonly value: Json | undefined;
  /** Of a stream: what came, the latest at the end. */
  readonly items: readonly Json[] | null;
  /** Items that came before those that are kept. */
  readonly dropped: number;
  readonly error: CallError | null;
  readonly ms: number;
  readonly stop: () => void;
}

/** A call of the past; passwords are not in it. */
export interface PastCall {
  readonly method: string;
  readonly args: readonly Json[];
  readonly isGood: boolean;
  readonly ms: number;
  readonly atMs: number;
  /** The server's sentence, where it failed. */
  readonly said?: string;
}

const MAX_ITEMS = 5_000;
const MAX_HISTORY = 200;
const HISTORY_KEY = 'dispatcher.history';

/** What was typed for a method outlives leaving its page. */
export const drafts = new Map<string, ArgumentsForm>();
export const calls = signal<ReadonlyMap<string, CallState>>(new Map());
export const history = signal<readonly PastCall[]>(stored());

function stored(): readonly PastCall[] {
  try {
    return JSON.parse(sessionStorage.getItem(HISTORY_KEY) ?? '[]') as PastCall[];
  } catch {
    return [];
  }
}

function set(key: string, state: CallState): void {
  calls.value = new Map([...calls.value, [key, state]]);
}

/** What a call answered is not the answer to other arguments. A running one is left. */
export function forgetAnswer(method: string): void {
  if (calls.value.get(method)?.phase === 'running') return;
  calls.value = new Map([...calls.value].filter(([key]) => key !== method));
}

interface Sending {
  readonly isStream: boolean;
  readonly method: string;
  readonly args: readonly Json[];
  /** The arguments as they may be kept. */
  readonly keptArgs: readonly Json[];
  readonly onDone?: (state: CallState) => void;
}

/** Sends a call; its state is in {@link calls} under the method's name from now on. */
export function send({ method, args, isStream, keptArgs, onDone }: Sending): void {
  calls.value.get(method)?.stop();
  const startedAt = performance.now();
  let items: Json[] | null = null;
  let dropped = 0;
  let isScheduled = false;
  let isStopped = false;
  const base = { value: undefined, error: null, dropped: 0 };
  const ms = (): number => performance.now() - startedAt;
  const finish = (state: CallState): void => {
    if (calls.value.get(method)?.stop !== stop) return;
    set(method, state);
    remember({
      method,
      args: keptArgs,
      isGood: state.phase !== 'failed',
      ms: state.ms,
      atMs: Date.now(),
      ...(state.error !== null && { said: state.error.message }),
    });
    onDone?.(state);
  };
  const stopWire = start({ method, args, isStream }, (answer) => {
    switch (answer.kind) {
      case 'value': {
        finish({ ...base, phase: 'done', value: answer.value, items: null, ms: ms(), stop });
        return;
      }
      case 'failed': {
        finish({
          ...base,
          phase: 'failed',
          items,
          dropped,
          error: answer.error,
          ms: ms(),
          stop,
        });
        return;
      }
      case 'end': {
        finish({
          ...base,
          phase: isStopped ? 'stopped' : 'done',
          items: items ?? [],
          dropped,
          ms: ms(),
          stop,
        });
        return;
      }
      case 'items':
        items = [...(items ?? []), ...answer.items];
        if (items.length > MAX_ITEMS) {
          dropped += items.length - MAX_ITEMS;
          items = items.slice(-MAX_ITEMS);
        }
        if (!isScheduled) {
          isScheduled = true;
          requestAnimationFrame(show);
        }
    }
  });
  const show = (): void => {
    isScheduled = false;
    const current = calls.value.get(method);
    if (current?.stop === stop && current.phase === 'running')
      set(method, { ...current, items, dropped, ms: ms() });
  };
  function stop(): void {
    isStopped = true;
    stopWire();
  }
  set(method, { ...base, phase: 'running', items: null, ms: 0, stop });
}

function remember(call: PastCall): void {
  history.value = [call, ...history.value].slice(0, MAX_HISTORY);
  try {
    sessionStorage.setItem(HISTORY_KEY, JSON.stringify(history.value));
  } catch {
    // the window's storage is full: the history lives on in memory
  }
}
