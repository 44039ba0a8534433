import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import type { Candidate } from '../editor/index.js';
import { asWord } from './as-word.js';

const MAX = 200;
const PLAIN = /^[~\p{L}\p{N}_@%+:./-]+$/u;

/** Files of this machine that begin so; `@` in front stays there. */
export function fileCandidates(typed: string): readonly Candidate[] {
  const mark = typed.startsWith('@') ? '@' : '';
  const path = typed.slice(mark.length);
  const slash = path.lastIndexOf('/') + 1;
  const folder = path.slice(0, slash);
  const start = path.slice(slash);
  try {
    const entries = readdirSync(expanded(folder === '' ? '.' : folder), { withFileTypes: true });
    return entries
      .filter(({ name }) => name.startsWith(start) && (start !== '' || !name.startsWith('.')))
      .slice(0, MAX)
      .map((entry) => {
        const whole = `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`;
        return {
          text: `${mark}${PLAIN.test(whole) ? whole : asWord(whole)}`,
          label: entry.name,
          ...(entry.isDirectory() && { isOpen: true as const }),
        };
      });
  } catch {
    return []; // there is no such folder, or it is not ours to read
  }
}

const expanded = (path: string): string =>
  path.startsWith('~/') ? `${homedir()}${path.slice(1)}` : path;
