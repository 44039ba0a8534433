import { type Dialect, FRAME_DIALECT } from './dialect.js';
import { JsonRpcDialect } from './jsonrpc/json-rpc-dialect.js';

const inFrames = (): Dialect => FRAME_DIALECT;

/** What is spoken where. */
const DIALECTS: ReadonlyMap<string, () => Dialect> = new Map([
  ['/', inFrames],
  ['/socket', inFrames],
  ['/dispatcher/socket', inFrames],
  ['/jsonrpc', () => new JsonRpcDialect()],
]);

export function isSpokenAt(path: string): boolean {
  return DIALECTS.has(path);
}

/** The dialect of one connection that came in by a path where one is spoken. */
export function dialectAt(path: string): Dialect {
  return DIALECTS.get(path)?.() ?? FRAME_DIALECT;
}
