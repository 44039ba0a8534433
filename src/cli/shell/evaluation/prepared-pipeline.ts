import type { Statement } from '../grammar/index.js';
import type { PluginStage } from '../plugins/index.js';
import type { BoundArguments } from '../../values/index.js';
import type { QueryDraft, RowStage, TextStage } from '../stages/index.js';
import type { Source } from './source.js';

/** A stage whose arguments have been read. */
export type ReadStage =
  | RowStage
  | TextStage
  | { readonly kind: 'each'; readonly block: readonly Statement[] }
  | { readonly kind: 'watch'; readonly everyMs: number }
  /** `to NAME` of a plugin. */
  | { readonly kind: 'formatter'; readonly name: string }
  | { readonly kind: 'plugin'; readonly stage: PluginStage; readonly bound: BoundArguments };

/** A pipeline that has been read, before anything of it is carried out. */
export interface PreparedPipeline {
  readonly source: Source;
  readonly stages: readonly ReadStage[];
  /** What the server does of it; null where the source is no query. */
  readonly draft: QueryDraft | null;
  /** How many of the stages are in the draft. */
  readonly pushed: number;
}
