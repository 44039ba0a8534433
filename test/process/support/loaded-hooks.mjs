// Hooks of loaded.mjs, in a thread of Node's own.
import { appendFileSync } from 'node:fs';

let list;

export function initialize(data) {
  list = data;
}

export async function load(url, context, nextLoad) {
  appendFileSync(list, `${url}\n`);
  return nextLoad(url, context);
}
