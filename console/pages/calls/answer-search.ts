import { isList, isObject, type Json } from '../../forms/index.js';

/**
 * The parts of a value that have all the words in them, with the way that leads to them; undefined
 * when there are none. What is found by its name is kept whole.
 */
export function thatSay(value: Json, words: string): Json | undefined {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return kept(value, (text) => wanted.every((word) => text.toLowerCase().includes(word)));
}

function kept(value: Json, says: (text: string) => boolean): Json | undefined {
  if (isList(value)) {
    const items = value.flatMap((item) => {
      const found = says(JSON.stringify(item)) ? (kept(item, says) ?? item) : undefined;
      return found === undefined ? [] : [found];
    });
    return items.length === 0 ? undefined : items;
  }
  if (!isObject(value)) return says(String(value)) ? value : undefined;
  const entries = Object.entries(value).flatMap(([name, inner]) => {
    if (says(name)) return [[name, inner] as const];
    const found = kept(inner, says);
    return found === undefined ? [] : [[name, found] as const];
  });
  if (entries.length > 0) return Object.fromEntries(entries);
  // words that stand in several of its parts
  return says(JSON.stringify(value)) ? value : undefined;
}
