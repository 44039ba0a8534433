import type { QueryClient } from './context.js';
import { mark, pathOf } from './marks.js';

/** Commands below a word; its class says by `@namespace` which one. Made once for each shell. */
export abstract class Namespace {
  /** For what completes; commands are given a client that may do everything. */
  readonly client!: QueryClient;
}

/**
 * Where the commands of a class are: `backup`, or `system.backup` below a namespace that the server has.
 *
 * @example
 * @description('Backups of this machine') @namespace('backup')
 * export class BackupNamespace extends Namespace { … }
 */
export function namespace(path: string) {
  return (type: object): void => mark(type, () => ({ namespace: pathOf(path) }));
}

/** A value that an argument may have. */
export type Completed = string | { readonly value: string; readonly description?: string };

/**
 * Makes a method say which values an argument of the commands of this class may have. It is given what is
 * typed already, and has the time that `cli.completion-timeout-ms` says.
 *
 * @example
 * @completes('source') sources(prefix: string) { return this.client.call('file.watch.query', [[], { select: 'path' }]); }
 */
export function completes(argument: string) {
  return (prototype: object, key: string | symbol): void => {
    mark(prototype.constructor, ({ completers = new Map<string, string>() }) => ({
      completers: new Map([...completers, [argument, String(key)]]),
    }));
  };
}
