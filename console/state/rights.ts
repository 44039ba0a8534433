import { computed, effect, signal } from '@preact/signals';
import type { RIGHTS } from '../../src/wire/index.js';
import { call, epoch, isReady } from '../connection/session.js';
import { methods, offer } from './registry.js';
import type { Shown } from './shown.js';

interface Rights {
  readonly roles: readonly string[];
  readonly methods: ReadonlySet<string>;
  readonly tasks: ReadonlySet<string>;
}

/** Of who is logged in; null until it is known, and with a server that does not tell. */
export const rights = signal<Rights | null>(null);

/** Follows the login and what is offered; called once. */
export function followRights(): void {
  effect(() => {
    // what is new may be for somebody else
    if (!isReady.value || epoch.value === 0 || offer.value.methods.length === 0) return;
    call<Shown<typeof RIGHTS>>('discovery.get_rights').then(
      ({ roles, methods: mine, tasks }) => {
        rights.value = { roles, methods: new Set(mine), tasks: new Set(tasks) };
      },
      () => (rights.value = null),
    );
  });
}

const byPath = computed(() => new Map(methods.value.map((method) => [method.path, method])));

/** What stands between a person and a method; null for nothing. */
export type Obstacle =
  { readonly kind: 'missing' } | { readonly kind: 'role'; readonly role: string };

/** Nothing is in the way as long as it is not known: the server has the last word. */
export function obstacleTo(path: string): Obstacle | null {
  const method = byPath.value.get(path);
  if (method === undefined) return methods.value.length === 0 ? null : { kind: 'missing' };
  if (rights.value === null || rights.value.methods.has(path)) return null;
  // what another process serves is not in the list of the server that has the rights
  if (!method.private && method.roles.length === 0 && isExternal(method.service)) return null;
  const role = method.private ? 'service' : (method.roles[0] ?? 'reader');
  return { kind: 'role', role };
}

/** Whether none of the methods of a service stands in the answer, which means that it cannot tell. */
function isExternal(service: string): boolean {
  const known = rights.value?.methods ?? new Set();
  return ![...known].some((path) => path.startsWith(`${service}.`));
}

export const may = (path: string): boolean => obstacleTo(path) === null;
