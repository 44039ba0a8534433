import type { MethodCallable } from '../namespaces/index.js';
import type { QueryDraft, Shape } from '../stages/index.js';
import type { Flow } from './flow.js';

/** What a command would do, before it does it: stages may become part of a query, `explain` only looks. */
export type Source =
  | {
      readonly kind: 'query';
      readonly method: MethodCallable;
      readonly draft: QueryDraft;
      readonly shape: Shape;
      /** Of a table, where somebody chose them. */
      readonly columns: readonly string[] | null;
    }
  | {
      readonly kind: 'action';
      /** In words, for `explain`: `files.copy {"source": …}`. */
      readonly what: string;
      /** `plugin`: nobody but its code knows what it does. */
      readonly where: 'server' | 'client' | 'plugin';
      readonly shape: Shape;
      /** What it would change, where that can be told without changing it. */
      readonly plan?: () => Promise<Plan>;
      /** It is about the whole line: what stands behind it is no stage of its answer. */
      readonly takesLine?: true;
      readonly run: () => Promise<Flow>;
    };

/** What a line would change. */
export interface Plan {
  readonly hasChanges: boolean;
  readonly value: unknown;
}
