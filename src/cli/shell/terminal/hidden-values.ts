import { quoted } from '../grammar/index.js';
import { HIDDEN } from '../history/index.js';

const PLACE = new RegExp(`([\\w.-]+)(=|[+-]=)\\s*(["']?)${HIDDEN}\\3|${HIDDEN}`, 'g');

/**
 * A line out of the history with the secrets that the history left out: each is asked for.
 *
 * @throws what asking throws
 */
export async function withHiddenValues(
  line: string,
  ask: (name: string) => Promise<string>,
): Promise<string> {
  let filled = '';
  let done = 0;
  for (const found of line.matchAll(PLACE)) {
    const [whole, name = 'secret', operator = ''] = found;
    const lead = found[1] === undefined ? '' : `${name}${operator}`;
    filled += `${line.slice(done, found.index)}${lead}${quoted(await ask(name))}`;
    done = found.index + whole.length;
  }
  return filled + line.slice(done);
}
