import { wordEnd } from './boundaries.js';
import type { EditBuffer } from './edit-buffer.js';
import type { HistoryWalk } from './history-walk.js';
import type { EditAction } from './keys.js';

interface Edited {
  readonly buffer: EditBuffer;
  /** What is suggested behind the text. */
  readonly hint: string;
  /** Null where there is no history. */
  readonly walk: HistoryWalk | null;
}

/** What a key does to the text. */
export function applyEdit(action: EditAction, { buffer, hint, walk }: Edited): void {
  const goTo = (line: string | null | undefined): void => {
    if (line != null) buffer.set(line);
  };
  switch (action) {
    case 'right':
    case 'lineEnd':
      if (hint !== '') buffer.insert(hint);
      else buffer[action]();
      return;
    case 'wordRight':
      if (hint !== '') buffer.insert(hint.slice(0, wordEnd(hint, 0)));
      else buffer.wordRight();
      return;
    case 'newline':
      if (walk !== null) buffer.insert('\n');
      return;
    case 'up':
      if (!buffer.lineUp()) goTo(walk?.previous(buffer.text));
      return;
    case 'down':
      if (!buffer.lineDown()) goTo(walk?.next());
      return;
    case 'previous':
      goTo(walk?.previous(buffer.text));
      return;
    case 'next':
      goTo(walk?.next());
      return;
    default:
      buffer[action]();
  }
}
