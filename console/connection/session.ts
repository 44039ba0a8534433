import { computed, signal } from '@preact/signals';
import type { Json } from '../forms/index.js';
import { type Answer, CallError, type ServerEvent, Wire } from './wire.js';

/** Where the console stands with its server. */
export type Phase =
  /** Asking for the first time. */
  | { readonly kind: 'connecting' }
  /** Connected, and nobody is logged in; `ended` says why somebody no longer is. */
  | { readonly kind: 'login'; readonly ended: string | null }
  | { readonly kind: 'ready'; readonly user: string }
  /** The server is gone; the next attempt is at `retryAtMs`. */
  | { readonly kind: 'lost'; readonly retryAtMs: number };

export interface Login {
  readonly username: string;
  readonly password: string;
}

const TOKEN_KEY = 'dispatcher.token';
const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000];
const FEATURES = ['streaming_responses', 'event_bursts'];

export const phase = signal<Phase>({ kind: 'connecting' });
export const isReady = computed(() => phase.value.kind === 'ready');
/** True from the first login of this page on: from then on the page stays while a login is renewed. */
export const wasReady = signal(false);
/** Counts logins: what was read under an earlier one is read again. */
export const epoch = signal(0);

let wire: Wire | null = null;
let attempts = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let endedBecause: string | null = null;
let lastCursor: string | null = null;

interface Subscription {
  readonly masks: readonly string[];
  readonly onEvent: (event: ServerEvent) => void;
  readonly matches: (name: string) => boolean;
}
const subscriptions = new Set<Subscription>();

/** Connects, logs in again with what is left of the last login, and goes on for as long as the page is open. */
export async function connect(): Promise<void> {
  clearTimeout(timer);
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  try {
    wire = await Wire.open(`${scheme}://${location.host}/socket`, {
      onEvent: deliver,
      onLogout: (reason) => {
        endedBecause = reason;
        sessionStorage.removeItem(TOKEN_KEY);
      },
      onClose: retryLater,
    });
  } catch {
    retryLater();
    return;
  }
  attempts = 0;
  await resume();
}

/** Somebody does not want to wait. */
export function connectNow(): void {
  if (phase.value.kind === 'lost') void connect();
}

async function resume(): Promise<void> {
  const token = sessionStorage.getItem(TOKEN_KEY);
  if (token === null) {
    phase.value = { kind: 'login', ended: endedBecause };
    return;
  }
  try {
    await enter(await request('auth_token', { token, resource: 'console' }));
  } catch (error) {
    if (error instanceof CallError && error.name === 'ECONNABORTED') return;
    sessionStorage.removeItem(TOKEN_KEY);
    phase.value = { kind: 'login', ended: endedBecause ?? 'Your login has expired' };
  }
}

/** @throws CallError with the server's reason */
export async function logIn({ username, password }: Login): Promise<void> {
  await enter(await request('auth', { username, password, resource: 'console' }));
}

export async function logOut(): Promise<void> {
  sessionStorage.removeItem(TOKEN_KEY);
  endedBecause = null;
  wasReady.value = false;
  wire?.close();
  await Promise.resolve();
}

async function enter(answer: Json): Promise<void> {
  const [token, , user] = answer as [string, number | null, string];
  sessionStorage.setItem(TOKEN_KEY, token);
  await request('call', { method: 'management.enable_features', args: [FEATURES] });
  endedBecause = null;
  await resubscribe();
  wasReady.value = true;
  epoch.value += 1;
  phase.value = { kind: 'ready', user };
}

function retryLater(): void {
  wire = null;
  const delay = RETRY_MS[Math.min(attempts, RETRY_MS.length - 1)] ?? 1_000;
  attempts += 1;
  // after a logout the server is there: no need to alarm anybody
  const wait = endedBecause !== null && attempts === 1 ? 0 : delay;
  if (wait > 0) phase.value = { kind: 'lost', retryAtMs: Date.now() + wait };
  clearTimeout(timer);
  timer = setTimeout(() => void connect(), wait);
}

function request(name: string, args: Json, stop?: AbortSignal): Promise<Json> {
  if (wire === null) {
    return Promise.reject(
      new CallError(103, 'ECONNABORTED', 'There is no connection to the server at the moment'),
    );
  }
  return wire.request(name, args, stop);
}

/** Calls a method; a stream is collected. The caller says what it expects, as the server's schema promises it. */
export async function call<T = Json>(
  method: string,
  args: readonly unknown[] = [],
  stop?: AbortSignal,
): Promise<T> {
  return (await request('call', { method, args: args as Json[] }, stop)) as T;
}

/** Calls a method and tells of every answer as it comes; returns what stops it. */
export function start(
  method: string,
  args: readonly Json[],
  listener: (answer: Answer) => void,
): () => void {
  if (wire === null) {
    const error = new CallError(103, 'ECONNABORTED', 'There is no connection to the server');
    queueMicrotask(() => listener({ kind: 'failed', error }));
    return () => undefined;
  }
  return wire.start('call', { method, args }, listener);
}

/** Publishes an event; refused silently where the role is missing, as the protocol has it. */
export function publish(name: string, args: Json): void {
  wire?.event('event', { name, args });
}

/** Hears events by masks until the returned function is called; lives through lost connections. */
export function subscribe(
  masks: readonly string[],
  onEvent: (event: ServerEvent) => void,
): () => void {
  const matchers = masks.map(maskPattern);
  const matches = (name: string): boolean => matchers.some((pattern) => pattern.test(name));
  const subscription = { masks, onEvent, matches };
  const added = masks.filter((mask) => !isWanted(mask));
  subscriptions.add(subscription);
  if (added.length > 0) wire?.event('subscribe', added);
  return () => {
    subscriptions.delete(subscription);
    const gone = masks.filter((mask) => !isWanted(mask));
    if (gone.length > 0) wire?.event('unsubscribe', gone);
  };
}

function isWanted(mask: string): boolean {
  return [...subscriptions].some(({ masks }) => masks.includes(mask));
}

/** What was missed meanwhile comes first, where the server still has it. */
async function resubscribe(): Promise<void> {
  const masks = [...new Set([...subscriptions].flatMap(({ masks: own }) => own))];
  if (masks.length === 0) return;
  if (lastCursor !== null) {
    try {
      const replay = (await request('call', {
        method: 'event.replay',
        args: [masks, { since: lastCursor, subscribe: true }],
      })) as unknown as { events: { name: string; args: Json; cursor: string }[]; gap: boolean };
      replay.events.forEach(deliver);
      if (!replay.gap) return;
    } catch {
      // an older cursor than the server remembers: what comes from now on is what there is
    }
  }
  wire?.event('subscribe', masks);
}

function deliver(event: ServerEvent): void {
  lastCursor = event.cursor ?? lastCursor;
  for (const { matches, onEvent } of subscriptions) if (matches(event.name)) onEvent(event);
}

/** The server's shell globs: `*`, `?`, `[...]`; dots are ordinary. */
export function maskPattern(mask: string): RegExp {
  const source = mask.replace(/\[(!?)([^\]]+)\]|[*?]|[.+^${}()|[\]\\]/g, (token, not, set) => {
    if (token === '*') return '.*';
    if (token === '?') return '.';
    if (typeof set === 'string') {
      return `[${not === '!' ? '^' : ''}${set.replace(/[\\\]^]/g, String.raw`\$&`)}]`;
    }
    return `\\${token}`;
  });
  return new RegExp(`^${source}$`, 's');
}
