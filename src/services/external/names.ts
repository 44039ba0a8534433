import { coded, MAX_MASK_LENGTH } from '../../common/index.js';

const MAX_SERVICE_NAME_LENGTH = 128;
const SERVICE_NAME = /^[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)*$/;
const METHOD_NAME = /^[A-Za-z]\w{0,127}$/;
const EVENT_NAME = /^[A-Za-z][\w.:/-]*$/;

/** Kept for the server, also those that a release does not offer yet. */
const BUILT_IN: ReadonlySet<string> = new Set([
  ...'account auth datastore debug discovery event events lock log management plugin role'.split(
    ' ',
  ),
  ...'rpc schedule server session settings shell task'.split(' '),
  // what every object of a client has already, be it asked for a service or not
  ...Object.getOwnPropertyNames(Object.prototype),
]);

/** @throws RpcException EINVAL for what cannot name a service, EEXIST for the server's own names */
export function assertServiceName(name: string): void {
  if (name.length > MAX_SERVICE_NAME_LENGTH || !SERVICE_NAME.test(name)) {
    throw coded('NAME_INVALID', { name: quoted(name), what: 'a service' });
  }
  if (BUILT_IN.has(name)) throw coded('SERVICE_NAME_RESERVED', { service: name });
}

/** @throws RpcException EINVAL */
export function assertEventName(name: string): void {
  if (name.length > MAX_MASK_LENGTH || !EVENT_NAME.test(name)) {
    throw coded('NAME_INVALID', { name: quoted(name), what: 'an event' });
  }
}

/** What is not one is never forwarded: names such as `__init__` are no interface in any language. */
export function isMethodName(name: string): boolean {
  return METHOD_NAME.test(name);
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, MAX_SERVICE_NAME_LENGTH));
}
