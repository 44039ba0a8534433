import { compileMask, type MaskMatcher } from '../common/index.js';
import type { Sender } from '../sdk/index.js';
import { BUILT_IN_ROLES } from '../wire/constants.js';
import { type AccessLevel, type AuthorisedSender, Rights } from './rights.js';

/** A role that an administrator made: masks over methods, events and tasks. */
export interface RoleDefinition {
  readonly name: string;
  readonly methods: readonly string[];
  readonly publish: readonly string[];
  readonly tasks: readonly string[];
}

/** More sets of roles than an installation has; past it the book begins anew. */
const MAX_REMEMBERED = 1_000;

const isBuiltIn = (name: string): boolean => (BUILT_IN_ROLES as readonly string[]).includes(name);

/** From the names of roles to what they allow. */
export class RoleIndex {
  #definitions: ReadonlyMap<string, RoleDefinition> = new Map();
  readonly #rights = new Map<string, Rights>();

  /** Takes the present own roles; rights handed out before are no longer right. */
  replaceAll(definitions: Iterable<RoleDefinition>): void {
    const own = Array.from(definitions).filter(({ name }) => !isBuiltIn(name));
    this.#definitions = new Map(own.map((role) => [role.name, role]));
    this.#rights.clear();
  }

  /** The same instance for the same roles until one of them changes. */
  rightsFor(roles: readonly string[]): Rights {
    const key = JSON.stringify(roles);
    const known = this.#rights.get(key);
    if (known !== undefined) return known;
    const rights = this.#build(roles);
    if (this.#rights.size >= MAX_REMEMBERED) this.#rights.clear();
    this.#rights.set(key, rights);
    return rights;
  }

  #build(roles: readonly string[]): Rights {
    const own = roles.flatMap((name) => this.#definitions.get(name) ?? []);
    const masks = (list: (role: RoleDefinition) => readonly string[]): MaskMatcher[] =>
      own.flatMap(list).map(compileMask);
    return new Rights({
      level: levelOf(roles),
      roles,
      methods: masks(({ methods }) => methods),
      publish: masks(({ publish }) => publish),
      tasks: masks(({ tasks }) => tasks),
      taskMasks: own.flatMap(({ tasks }) => tasks),
    });
  }
}

function levelOf(roles: readonly string[]): AccessLevel {
  return BUILT_IN_ROLES.find((level) => roles.includes(level)) ?? 'named';
}

const builtIn = new RoleIndex();
const EVERYTHING = builtIn.rightsFor(['admin']);
export const NO_RIGHTS = builtIn.rightsFor([]);

/**
 * What a sender may do. Plugins and services may do everything. A sender that no login of this
 * server made has the rights of the built-in roles it names.
 *
 * @example
 * if (!rightsOf(sender).mayRun('user.create', handler.roles)) throw coded('INSUFFICIENT_PRIVILEGES');
 */
export function rightsOf(sender: Sender): Rights {
  if (sender.kind === 'plugin' || sender.kind === 'service') return EVERYTHING;
  if (sender.kind === 'anonymous') return NO_RIGHTS;
  return (sender as Partial<AuthorisedSender>).rights ?? builtIn.rightsFor(sender.roles);
}
