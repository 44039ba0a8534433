import type { Errno } from '../../common/index.js';
import type { Facts, FileOptions } from '../sdk/index.js';
import type { FileError, RendererKind } from '../model/index.js';
import type { LogLevel } from '../../wire/index.js';

/**
 * What the process that renders and the one that started it say to each other, as JSON. Values of data
 * travel as texts, see `data-text.ts`.
 */
export type ToWorker =
  | { readonly kind: 'load'; readonly sources: Sources }
  | { readonly kind: 'describe'; readonly id: number; readonly source: SourceRef }
  | { readonly kind: 'render'; readonly id: number; readonly job: RenderJob }
  | ({ readonly kind: 'answer'; readonly ask: number } & Answer);

type Answer = { readonly data: string } | { readonly error: AskError };

interface AskError {
  readonly message: string;
  readonly code: Errno;
}

export type FromWorker =
  /** Between these the system is at work and no renderer: that time is not theirs. */
  | { readonly kind: 'preparing' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'described'; readonly id: number; readonly result: Outcome<Description> }
  | { readonly kind: 'rendered'; readonly id: number; readonly result: Outcome<Rendered> }
  | {
      readonly kind: 'ask';
      readonly id: number;
      readonly ask: number;
      /** A {@link DataRequest} as text. */
      readonly request: string;
    }
  | {
      readonly kind: 'log';
      readonly id: number;
      readonly level: Exclude<LogLevel, 'fatal'>;
      readonly message: string;
    };

export type Outcome<T> =
  { readonly ok: T } | { readonly error: Omit<FileError, 'stage' | 'output'> };

/** All that is read of plugin directories: the process needs no right to read them itself. */
export interface Sources {
  readonly directories: readonly SourceDirectory[];
  readonly limits: {
    readonly includeDepth: number;
    readonly renderMs: number;
    readonly fileBytes: number;
  };
  readonly facts: Facts;
}

export interface SourceDirectory {
  /** Absolute, without a link in it. */
  readonly path: string;
  /** Texts by path below it. */
  readonly files: Readonly<Record<string, string>>;
}

export interface SourceRef {
  readonly directory: string;
  /** Below the directory. */
  readonly relative: string;
  readonly renderer: Exclude<RendererKind, 'static'>;
}

export interface Description {
  readonly kind: 'file' | 'set';
  /** What the decorator says; null without one. */
  readonly options: FileOptions | null;
  readonly description: string | null;
  readonly deprecated: string | null;
}

export interface RenderJob {
  readonly source: SourceRef;
  /** Variables of a template, as text. */
  readonly data: string;
  /** Template of a class that gives its data; below the directory. */
  readonly template: string | null;
}

/** Text as it is, bytes in base64. */
export type RenderedContent = { readonly text: string } | { readonly base64: string };

export type Rendered =
  | { readonly kind: 'absent' }
  | { readonly kind: 'file'; readonly content: RenderedContent }
  | { readonly kind: 'set'; readonly files: Readonly<Record<string, RenderedContent>> };

/** What a renderer may ask for. */
export type DataRequest =
  | { readonly call: readonly [method: string, ...args: readonly unknown[]] }
  | { readonly query: readonly [collection: string, filter?: unknown, params?: unknown] }
  | { readonly config: string }
  | { readonly reveal: number };
