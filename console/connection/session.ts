import { computed, signal } from '@preact/signals';
import {
  type ConnectionState,
  DispatcherClient,
  DispatcherClientError,
  type DispatcherEvent,
} from '../../src/client/index.js';
import type { Json } from '../forms/index.js';
import { SeenSocket } from './frame-log.js';

/** Where the console stands with its server. */
export type Phase =
  /** Asking for the first time. */
  | { readonly kind: 'connecting' }
  /** Connected, and nobody is logged in; `ended` says why somebody no longer is. */
  | { readonly kind: 'login'; readonly ended: string | null }
  | { readonly kind: 'ready'; readonly user: string }
  /** The server is gone; the next attempt is at `retryAtMs`. */
  | { readonly kind: 'lost'; readonly retryAtMs: number };

/** What a running call answers, in order; `end` comes once, at the end. */
export type Answer =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'items'; readonly items: readonly Json[] }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly error: CallError };

/** What a call failed with, as the server said it. */
export const CallError = DispatcherClientError;
export type CallError = DispatcherClientError;

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** The window's own storage: it ends with the window, and no other site or window sees it. */
const TOKEN_KEY = 'dispatcher.token';
const RESOURCE = 'console';

export const phase = signal<Phase>({ kind: 'connecting' });
export const isReady = computed(() => phase.value.kind === 'ready');
/** True from the first login of this page on: from then on the page stays while a login is renewed. */
export const wasReady = signal(false);
/** When the page last learned that the server no longer had all events that it missed; null: it missed none. */
export const missedAt = signal<Date | null>(null);
/** Counts logins: what was read under an earlier one is read again. */
export const epoch = signal(0);

/** The server of this page. */
export const server = {
  url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/socket`,
} as const;

/** What is shown and typed is what travels: `{"$date": ...}` and its like. */
const COMMON = { url: server.url, webSocket: SeenSocket, values: 'wire' } as const;

const client = new DispatcherClient({
  ...COMMON,
  credentials: () => {
    const token = sessionStorage.getItem(TOKEN_KEY);
    return token === null ? null : { kind: 'token', token, resource: RESOURCE };
  },
  backOff: { firstMs: 500, longestMs: 8_000 },
});

client.events.onGap(() => (missedAt.value = new Date()));
client.onToken((token) => {
  if (token === null) sessionStorage.removeItem(TOKEN_KEY);
  else sessionStorage.setItem(TOKEN_KEY, token);
});
client.onState((state) => {
  const next = phaseOf(state);
  if (next === null) return;
  if (next.kind === 'ready') {
    wasReady.value = true;
    epoch.value += 1;
  }
  phase.value = next;
});

/** Null where nothing changes for a person: an attempt to come back is under way. */
function phaseOf(state: ConnectionState): Phase | null {
  switch (state.kind) {
    case 'authenticated':
      return { kind: 'ready', user: state.account.user };
    case 'open':
      return { kind: 'login', ended: wasReady.value ? state.loginEnded : null };
    case 'reconnecting':
      return { kind: 'lost', retryAtMs: state.retryAtMs };
    case 'connecting':
    case 'closed':
      return null;
  }
}

/** Connects, and goes on for as long as the page is open. */
export function connect(): void {
  client.connect({ retry: true }).catch(() => undefined); // the state says how it goes
}

/**
 * Without a password only on the server's own machine.
 *
 * @throws CallError with the server's reason
 */
export async function logIn({ username, password }: Login): Promise<void> {
  const who = { username, resource: RESOURCE };
  await client.login(
    password === '' ? { kind: 'local', ...who } : { kind: 'password', password, ...who },
  );
}

export function logOut(): void {
  stopActing();
  wasReady.value = false;
  client.logout();
  connect();
}

/** Somebody else as whom calls are made for a while, beside the page's own login; null for nobody. */
export const actingAs = signal<string | null>(null);
let other: DispatcherClient | null = null;

/** Whose rights count for what is called now. */
export const whoCalls = computed(() => {
  const current = phase.value;
  return actingAs.value ?? (current.kind === 'ready' ? current.user : '');
});

const active = (): DispatcherClient => other ?? client;

/**
 * From now on calls are made as somebody else, over a connection of its own; events go on coming to
 * the page's own login. The login is kept nowhere and ends with the connection.
 *
 * @throws CallError with the server's reason
 */
export async function actAs({ username, password }: Login): Promise<void> {
  const second = new DispatcherClient(COMMON);
  try {
    await second.connect();
    await second.login({ kind: 'password', username, password, resource: `${RESOURCE}, acting` });
  } catch (error) {
    second.close();
    throw error;
  }
  stopActing();
  second.onState(({ kind }) => {
    if (kind !== 'authenticated' && other === second) stopActing();
  });
  other = second;
  actingAs.value = username;
  epoch.value += 1;
}

/** Back to the page's own login. */
export function stopActing(): void {
  if (other === null) return;
  const former = other;
  other = null;
  actingAs.value = null;
  former.logout();
  epoch.value += 1;
}

/** Calls a method; a stream is collected. The caller says what it expects, as the server's schema promises it. */
export function call<T = Json>(
  method: string,
  args: readonly unknown[] = [],
  stop?: AbortSignal,
): Promise<T> {
  return active().call<T>(method, args, { signal: stop });
}

interface Start {
  readonly method: string;
  readonly args: readonly Json[];
  /** Its items come one by one. */
  readonly isStream: boolean;
}

/** Calls a method and tells of every answer as it comes; returns what stops it. */
export function start(
  { method, args, isStream }: Start,
  listener: (answer: Answer) => void,
): () => void {
  const stop = new AbortController();
  const fail = (error: unknown): void => {
    if (stop.signal.aborted) listener({ kind: 'end' });
    else listener({ kind: 'failed', error: error as CallError });
  };
  if (isStream) follow({ method, args, stop: stop.signal }, listener).catch(fail);
  else {
    active()
      .call<Json>(method, args, { signal: stop.signal })
      .then((value) => listener({ kind: 'value', value }), fail);
  }
  return () => stop.abort();
}

/** Items that come together are told together. */
async function follow(
  { method, args, stop }: { method: string; args: readonly Json[]; stop: AbortSignal },
  listener: (answer: Answer) => void,
): Promise<void> {
  let items: Json[] = [];
  const flush = (): void => {
    if (items.length === 0) return;
    const together = items;
    items = [];
    listener({ kind: 'items', items: together });
  };
  for await (const item of active().stream<Json>(method, args, { signal: stop })) {
    if (items.length === 0) setTimeout(flush);
    items.push(item);
  }
  flush();
  listener({ kind: 'end' });
}

/**
 * Publishes an event, and waits for what the server says of it.
 *
 * @throws CallError for a name of the server's own, arguments that do not fit its schema, a role that is missing
 */
export function publish(name: string, args: Readonly<Record<string, unknown>>): Promise<void> {
  return active().events.publishConfirmed(name, args);
}

export interface ServerEvent {
  readonly name: string;
  readonly args: Json;
  /** Of what it came; null when nobody knows. */
  readonly cause: string | null;
}

/** Hears events by masks until the returned function is called; lives through lost connections. */
export function subscribe(
  masks: readonly string[],
  onEvent: (event: ServerEvent) => void,
): () => void {
  const subscription = client.events.on(masks, ({ name, args, cause }: DispatcherEvent) =>
    onEvent({ name, args: args as Json, cause }),
  );
  return () => subscription.close();
}
