import type { MethodDescription } from '../../wire/index.js';
import type { Invocation } from '../command.js';
import { onServer } from '../on-server.js';

/** The names of all services. */
export async function listServices(invocation: Invocation): Promise<undefined> {
  await onServer(invocation, async (session, printer) => {
    await printer.print(await session.call('discovery.get_services'));
  });
}

/** The methods of a service, or of all; private ones only when they are asked for. */
export async function listMethods(invocation: Invocation): Promise<undefined> {
  const { operands, options } = invocation;
  const [wanted] = operands;
  await onServer(invocation, async (session, printer) => {
    const services =
      wanted === undefined ? await session.call<string[]>('discovery.get_services') : [wanted];
    const lists = await Promise.all(
      services.map(async (service) => {
        const found = session.call<MethodDescription[]>('discovery.get_methods', [service]);
        // of all services one may be going just now; the one that was asked for is another matter
        const methods = wanted === undefined ? await found.catch(() => []) : await found;
        return methods.map((method) => rowOf(service, method));
      }),
    );
    const rows = lists.flat().filter((row) => options.has('private') || !row.private);
    await printer.print(rows, { columns: ['name', 'roles', 'description'] });
  });
}

function rowOf(service: string, method: MethodDescription) {
  const { description, roles, generator, deprecated } = method;
  return {
    name: `${service}.${method.name}`,
    description,
    roles,
    streams: generator,
    private: method.private,
    deprecated,
  };
}
