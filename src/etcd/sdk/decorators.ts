import type { Action, Attributes, FileMetadata } from '../model/index.js';

type Programs = readonly string[] | readonly (readonly string[])[];

/** What may be declared of a file; see the table in docs/etcd.md. `X.meta.json` takes the same. */
export interface FileOptions extends Partial<
  Omit<FileMetadata, 'mode' | 'directory' | 'validate' | 'reload' | 'description' | 'deprecated'>
> {
  /** Such as `0o640`, or `"0640"`. */
  readonly mode?: number | string;
  readonly directory?: Partial<Omit<Attributes, 'mode'>> & { readonly mode?: number | string };
  /** A program and its arguments, or several. */
  readonly validate?: Programs;
  readonly reload?: Action | readonly Action[];
  /** A template of the same plugin directory, relative to this file; it gets what `data()` returns. */
  readonly template?: string;
}

export interface Declaration {
  readonly kind: 'file' | 'set';
  readonly options: FileOptions;
}

const DECLARATION = Symbol.for('dispatcher.etcd.declaration');

/** Declares the file that a {@link FileRenderer} makes. */
export function file(options: FileOptions = {}): ClassDecorator {
  return declare({ kind: 'file', options });
}

/** Declares the files that a {@link FileSetRenderer} makes, each of them. */
export function fileSet(options: Omit<FileOptions, 'template'> = {}): ClassDecorator {
  return declare({ kind: 'set', options });
}

function declare(declaration: Declaration): ClassDecorator {
  return (target) => {
    Object.defineProperty(target, DECLARATION, { value: declaration });
  };
}

/** @internal Null for a class without a decorator of its own. */
export function declarationOf(type: object): Declaration | null {
  if (!Object.hasOwn(type, DECLARATION)) return null;
  return (type as { readonly [DECLARATION]: Declaration })[DECLARATION];
}
