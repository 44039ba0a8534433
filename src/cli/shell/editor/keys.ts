import type { Key } from 'node:readline';

/** What changes the text or the place in it. */
export type EditAction =
  | 'left'
  | 'right'
  | 'wordLeft'
  | 'wordRight'
  | 'lineStart'
  | 'lineEnd'
  | 'deleteLeft'
  | 'deleteRight'
  | 'killWordLeft'
  | 'killBlankWordLeft'
  | 'killWordRight'
  | 'killToLineStart'
  | 'killToLineEnd'
  | 'yank'
  | 'transpose'
  | 'undo'
  | 'up'
  | 'down'
  | 'previous'
  | 'next'
  | 'newline';

/** What a key does. */
export type Action =
  | EditAction
  | 'complete'
  | 'search'
  | 'clear'
  | 'cancel'
  | 'accept'
  | 'interrupt'
  | 'end'
  | 'suspend';

/** By the name that Node gives the key; `C-` control, `M-` alt. */
const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['left', 'left'],
  ['C-b', 'left'],
  ['right', 'right'],
  ['C-f', 'right'],
  ['M-b', 'wordLeft'],
  ['C-left', 'wordLeft'],
  ['M-left', 'wordLeft'],
  ['M-f', 'wordRight'],
  ['C-right', 'wordRight'],
  ['M-right', 'wordRight'],
  ['home', 'lineStart'],
  ['C-a', 'lineStart'],
  ['end', 'lineEnd'],
  ['C-e', 'lineEnd'],
  ['backspace', 'deleteLeft'],
  ['C-h', 'deleteLeft'],
  ['C-backspace', 'deleteLeft'],
  ['delete', 'deleteRight'],
  ['M-backspace', 'killWordLeft'],
  ['C-w', 'killBlankWordLeft'],
  ['M-d', 'killWordRight'],
  ['C-u', 'killToLineStart'],
  ['C-k', 'killToLineEnd'],
  ['C-y', 'yank'],
  ['C-t', 'transpose'],
  ['up', 'up'],
  ['down', 'down'],
  ['C-p', 'previous'],
  ['C-n', 'next'],
  ['tab', 'complete'],
  ['C-r', 'search'],
  ['C-l', 'clear'],
  ['C-g', 'cancel'],
  ['escape', 'cancel'],
  ['return', 'accept'],
  ['enter', 'accept'],
  ['M-return', 'newline'],
  ['M-enter', 'newline'],
  ['C-c', 'interrupt'],
  ['C-d', 'end'],
  ['C-z', 'suspend'],
]);

/** ^_ has no name in Node. */
const UNDO = '\x1f';

export type KeyPress =
  | { readonly kind: 'action'; readonly action: Action }
  | { readonly kind: 'text'; readonly text: string };

/** What somebody pressed; null for what means nothing here. */
export function keyPress(text: string | undefined, key: Key): KeyPress | null {
  if (key.sequence === UNDO) return { kind: 'action', action: 'undo' };
  const name = `${key.meta === true ? 'M-' : ''}${key.ctrl === true ? 'C-' : ''}${key.name ?? ''}`;
  const action = ACTIONS.get(name);
  if (action !== undefined) return { kind: 'action', action };
  if (key.ctrl === true || key.meta === true || text === undefined || text === '') return null;
  // eslint-disable-next-line no-control-regex -- that is the point
  return /[\x00-\x08\x0b-\x1f\x7f]/.test(text) ? null : { kind: 'text', text };
}
