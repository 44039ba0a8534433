import { mark } from './marks.js';

/**
 * What may stand behind `|`; its class says by `@stage` what it is called. Made anew for each line.
 *
 * @example
 * @description('Every second row') @stage('every-second')
 * class EverySecond extends Stage {
 *   async *run({ rows }: StageContext) {
 *     let isWanted = false;
 *     for await (const row of rows) if ((isWanted = !isWanted)) yield row;
 *   }
 * }
 */
export abstract class Stage {
  /** Is given the arguments that `@accepts` names, then a StageContext. Returns rows, or one value. */
  abstract run(...args: never[]): unknown;
}

export function stage(name: string) {
  return (type: object): void => mark(type, () => ({ stage: name }));
}
