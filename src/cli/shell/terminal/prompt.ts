import type { Piece } from '../editor/index.js';
import { pathText } from '../namespaces/index.js';
import type { Shell } from '../shell.js';

/** `! [2] /probe/item> `: `!` while the server is away, `[2]` tasks in the background, then the place. */
export function promptOf(shell: Shell, { isLost }: { readonly isLost: boolean }): readonly Piece[] {
  const { size } = shell.jobs;
  return [
    ...(isLost ? [{ text: '! ', style: 'warning' as const }] : []),
    ...(size > 0 ? [{ text: `[${size}] `, style: 'strong' as const }] : []),
    { text: pathText(shell.place), style: 'place' },
    { text: '> ', style: 'plain' },
  ];
}

/** Whether colours are wanted: on a terminal that has them, and nobody said no. */
export function hasColour(
  env: NodeJS.ProcessEnv,
  { theme, isTerminal }: { readonly theme: string; readonly isTerminal: boolean },
): boolean {
  const { NO_COLOR, FORCE_COLOR, CLICOLOR, TERM } = env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0';
  return isTerminal && CLICOLOR !== '0' && TERM !== 'dumb' && theme !== 'none';
}
