import type { Frame } from '../frame.js';
import type { JsonRpcRequest } from './json-rpc-message.js';

type FrameBody = Pick<Frame, 'namespace' | 'name' | 'args'>;

/** What `/socket` has frames of its own for, by the method that stands for it here. */
const FRAMES: ReadonlyMap<string, (params: object | null) => FrameBody> = new Map([
  ['auth.login', login('auth', ['username', 'password', 'check_password', 'resource'])],
  ['auth.login_token', login('auth_token', ['token', 'resource'])],
  ['event.subscribe', masks('subscribe')],
  ['event.unsubscribe', masks('unsubscribe')],
]);

/** The frame that asks for the same; whether its args are any good, its handler says. */
export function frameOf({ method, params, node }: JsonRpcRequest): FrameBody {
  const own = FRAMES.get(method);
  if (own !== undefined) return own(params);
  const args = node === undefined ? { method, args: params } : { method, args: params, node };
  return { namespace: 'rpc', name: 'call', args };
}

export function isSubscription({ method }: JsonRpcRequest): boolean {
  return method === 'event.subscribe' || method === 'event.unsubscribe';
}

function login(name: string, fields: readonly string[]): (params: object | null) => FrameBody {
  return (params) => ({ namespace: 'rpc', name, args: named(params, fields) });
}

function masks(name: string): (params: object | null) => FrameBody {
  return (params) => {
    const args = named(params, ['masks']);
    return { namespace: 'events', name, args: (args as { masks?: unknown } | null)?.masks };
  };
}

/** Arguments by name, however they were passed; null when there are more than names. */
function named(params: object | null, names: readonly string[]): object | null {
  if (!Array.isArray(params)) return params;
  if (params.length > names.length) return null;
  const values: readonly unknown[] = params;
  return Object.fromEntries(values.map((value, at): [string, unknown] => [names[at] ?? '', value]));
}
