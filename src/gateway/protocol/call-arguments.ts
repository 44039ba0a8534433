import { coded, decodeExtended, holdsHugeNumber, numberFault } from '../../common/index.js';
import { mayHaveExtended } from './frame.codec.js';
import { scanFrame } from './frame-scan.js';

/**
 * The arguments of a call by themselves, by the rules for those in a frame; no text is no arguments.
 *
 * @throws RpcException EINVAL for what is neither a list nor an object, too deep, too much, or no JSON
 */
export function parseArguments(text: string, maxValues: number): object | null {
  const { fault, isDeep } = scanFrame(text, maxValues);
  if (fault !== null) throw fault;
  const args = text.trim() === '' ? null : parsed(text);
  if (typeof args !== 'object') throw coded('MALFORMED_REQUEST');
  if (holdsHugeNumber(args)) {
    const wrong = numberFault(text);
    if (wrong !== null) throw wrong;
  }
  return isDeep || mayHaveExtended(text) ? decodeMembers(args) : args;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw coded('REQUEST_NOT_JSON');
  }
}

/** Each argument may be an extended value; the list of them, or the object that names them, is none. */
export function decodeMembers(args: object | null): object | null {
  if (Array.isArray(args)) return args.map(decodeExtended);
  if (args === null) return null;
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [name, decodeExtended(value)]),
  );
}
