import { BUILT_IN_ROLES } from '../../wire/constants.js';
import type { MethodDescription } from '../../wire/index.js';
import { printable } from '../output/printable.js';
import type { Session } from '../session/index.js';

/**
 * Says of roles that nothing names: no role of the server, no method. A user may have them all the same,
 * for a plugin that comes later or only a task may name them; more often it is a slip.
 *
 * @returns a sentence; null where all roles are known
 */
export async function unknownRoles(
  { call }: Session,
  roles: readonly string[],
): Promise<string | null> {
  const known = await knownRoles(call);
  const unknown = roles.filter((role) => !known.has(role));
  if (unknown.length === 0) return null;
  const names = printable(unknown.join(', '));
  const all = printable([...known].sort().join(', '));
  return `Warning: no role or method has the name ${names}, which gives no rights; there are ${all}`;
}

async function knownRoles(call: Session['call']): Promise<Set<string>> {
  const own = call<readonly string[]>('role.query', [[], { select: 'name' }]);
  const services = await call<readonly string[]>('discovery.get_services');
  const methods = await Promise.all(
    services.map((service) =>
      call<readonly MethodDescription[]>('discovery.get_methods', [service]).catch(() => []),
    ),
  );
  return new Set<string>([
    ...BUILT_IN_ROLES,
    ...(await own),
    ...methods.flat().flatMap(({ roles }) => roles),
  ]);
}
