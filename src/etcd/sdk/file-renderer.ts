import type { Logger } from '../../sdk/index.js';
import type { Secret } from './secret.js';
import { ini, type IniValue, lines, quoteIni, quoteShell } from './text.js';

/** What is known of the machine; nothing of the time, for a file must not change by itself. */
export interface Facts {
  readonly hostname: string;
  /** `/etc/os-release`, keys as they stand there. */
  readonly os: Readonly<Record<string, string>>;
}

/** What a renderer may ask for. Every read is recorded: the file follows what it was made of. */
export interface RendererContext {
  call(method: string, ...args: unknown[]): Promise<unknown>;
  query(collection: string, filter?: unknown, params?: unknown): Promise<unknown>;
  config(key: string): Promise<unknown>;
  reveal(secret: Secret | string): Promise<string>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly facts: Facts;
}

/** Text, bytes as they are, or null: the file must not exist. */
export type Content = string | Uint8Array | null;
type Awaitable<T> = T | Promise<T>;

const CONTEXT = Symbol.for('dispatcher.etcd.context');

/** What both kinds of renderer have. */
abstract class Renderer {
  /** @internal */
  [CONTEXT]: RendererContext | null = null;

  /** Calls a method of the dispatcher. @throws what the dispatcher answers */
  protected call<Result = unknown>(method: string, ...args: unknown[]): Promise<Result> {
    return contextOf(this).call(method, ...args) as Promise<Result>;
  }

  /** Rows of a collection, by the query contract. */
  protected query<Row = Record<string, unknown>>(
    collection: string,
    filter?: unknown,
    params?: unknown,
  ): Promise<Row[]> {
    return contextOf(this).query(collection, filter, params) as Promise<Row[]>;
  }

  /** The value of a setting, or of another key of the config store; null when it has none. */
  protected config<Value = unknown>(key: string): Promise<Value | null> {
    return contextOf(this).config(key) as Promise<Value | null>;
  }

  /** The text of a password. The file is a sensitive one from here on. */
  protected reveal(secret: Secret | string): Promise<string> {
    return contextOf(this).reveal(secret);
  }

  protected get logger(): Logger {
    return contextOf(this).logger;
  }

  /** Fires when nobody waits for the file any more. */
  protected get signal(): AbortSignal {
    return contextOf(this).signal;
  }

  protected get facts(): Facts {
    return contextOf(this).facts;
  }

  /** See {@link lines}. */
  protected lines(items: string | readonly string[]): string {
    return lines(items);
  }

  /** See {@link ini}. */
  protected ini(sections: Readonly<Record<string, Readonly<Record<string, IniValue>>>>): string {
    return ini(sections);
  }

  /** See {@link quoteShell}. */
  protected quoteShell(text: string): string {
    return quoteShell(text);
  }

  /** See {@link quoteIni}. */
  protected quoteIni(text: string): string {
    return quoteIni(text);
  }
}

/**
 * Makes one file: the default export of `X.ts` in a plugin directory.
 *
 * @example
 * @file({ mode: 0o644, reload: { unit: 'chrony', action: 'reload' } })
 * export default class extends FileRenderer {
 *   override async render() {
 *     const servers = await this.query<{ address: string }>('ntp_servers');
 *     return this.lines(servers.map(({ address }) => `server ${address}`));
 *   }
 * }
 */
export abstract class FileRenderer extends Renderer {
  /** Without a template: what is in the file. */
  render(): Awaitable<Content> {
    throw new Error('The renderer has neither render() nor a template');
  }

  /** With a template: its variables. */
  data?(): Awaitable<Readonly<Record<string, unknown>>>;
}

/**
 * Makes all files of a folder: those that it does not give any more are removed, if they were its own.
 *
 * @example
 * @fileSet({ mode: 0o600 })
 * export default class extends FileSetRenderer {
 *   override async render() {
 *     const rows = await this.query<{ name: string; pem: string }>('certificates');
 *     return Object.fromEntries(rows.map(({ name, pem }) => [`${name}.pem`, pem]));
 *   }
 * }
 */
export abstract class FileSetRenderer extends Renderer {
  /** Contents by path below the folder. */
  abstract render(): Awaitable<Readonly<Record<string, string | Uint8Array>>>;
}

export type AnyRenderer = FileRenderer | FileSetRenderer;

/** @internal */
export function bindRenderer(renderer: AnyRenderer, context: RendererContext): void {
  renderer[CONTEXT] = context;
}

function contextOf(renderer: { readonly [CONTEXT]?: RendererContext | null }): RendererContext {
  const context = renderer[CONTEXT];
  if (context == null) throw new Error('Ask for data in render() or data(), not before');
  return context;
}
