import { h } from './builder/index.js';
import type { Data } from './data.js';

/** A named lock: the address of its holder, null while it is free, and of those who wait, in their order. */
export const LOCK_ROW = h.object({
  name: h.string(),
  holder: h.nullable(h.string()),
  waiters: h.array(String),
});
export type LockRow = Data<typeof LOCK_ROW>;
