import { PlainClient, type WireFrame } from '../support/plain-client.js';
import type { PluginServer } from './plugin-server.js';

let lastName = 0;

/** A service name that no other test has. */
export const newServiceName = (): string => `ext.s${(lastName += 1)}`;

/** The call frames that the server sent to a service, in order. */
export const callsTo = (service: PlainClient): readonly WireFrame[] =>
  service.received.filter(({ namespace, name }) => namespace === 'rpc' && name === 'call');

export const nthCall = (service: PlainClient, n: number): Promise<WireFrame> =>
  service.find((frame) => callsTo(service)[n - 1] === frame);

/** Answers a call as a service does, with a frame of that name. */
export const reply = (service: PlainClient, call: WireFrame, name: string, args: unknown): void =>
  service.send('rpc', name, call.id, args);

/** A connection that offers a service, resumed. */
export async function offerService(
  server: PluginServer,
  name = newServiceName(),
): Promise<{ readonly name: string; readonly service: PlainClient }> {
  const service = await server.service('daemon');
  await service.result('plugin.register_service', name);
  await service.result('plugin.resume_service', name);
  return { name, service };
}

/** The errno of an error, else the name of the frame. */
export async function codeOf(frame: Promise<WireFrame>): Promise<unknown> {
  const { name, args } = await frame;
  return name === 'error' ? (args as { code: number }).code : name;
}
