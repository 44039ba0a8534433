import type { MaskMatcher } from '../common/index.js';
import type { Sender } from '../sdk/index.js';

/** What decides about a call: the method's name and what its decorators said. */
export interface CallTarget {
  /** Full wire name, `service.method`. */
  readonly method: string;
  readonly isUnauthenticated: boolean;
  readonly isPrivate: boolean;
  /** The roles that `@requireRoles` names; empty when it was not used. */
  readonly roles: readonly string[];
  /** Nobody said whom it is for: no mask opens it, so that it is left to `admin`. */
  readonly isUndescribed?: true;
}

/** Which methods without masks of its own a set of roles opens. */
export type AccessLevel = 'named' | 'reader' | 'operator' | 'admin';

export interface RightsDefinition {
  readonly level: AccessLevel;
  readonly roles: readonly string[];
  readonly methods: readonly MaskMatcher[];
  readonly publish: readonly MaskMatcher[];
  readonly tasks: readonly MaskMatcher[];
  /** What `tasks` was made of, for who asks a store. */
  readonly taskMasks: readonly string[];
}

/** Whoever is logged in may know itself, the interface, its subscriptions, and change its password. */
const ALWAYS_OPEN = new Set([
  'session.whoami',
  'session.get_my_session_id',
  'account.change_password',
  'account.create_api_key',
  'account.list_api_keys',
  'account.revoke_api_key',
  'management.ping',
  'management.enable_features',
  'management.get_enabled_features',
  'management.get_available_features',
]);
const ALWAYS_OPEN_SERVICES = /^(?:discovery|event)\.[^.]*$/;
/** What a role needs besides the right to a task before it can submit one and see how it ends. */
const TASK_METHODS = new Set([
  'task.submit',
  'task.submit_with_env',
  'task.plan',
  'task.status',
  'task.wait',
  'task.explain',
  'task.abort',
]);

/**
 * What a set of roles allows. One instance serves every principal with that set, so a decision is
 * made once for each method and kept: `authorise` stands on the way of every call. A method that is
 * loaded again comes with another `CallTarget` and is decided anew.
 */
export class Rights {
  readonly #decisions = new WeakMap<CallTarget, boolean>();

  constructor(private readonly definition: RightsDefinition) {}

  mayCall(target: CallTarget): boolean {
    if (this.definition.level === 'admin') return target.isUnauthenticated || !target.isPrivate;
    const known = this.#decisions.get(target);
    if (known !== undefined) return known;
    const decision = target.isUnauthenticated || this.#decide(target);
    this.#decisions.set(target, decision);
    return decision;
  }

  /** Whether a task may be submitted; `requiredRoles` are those that its class names. */
  mayRun(task: string, requiredRoles: readonly string[] = []): boolean {
    const { level, roles, tasks } = this.definition;
    if (level === 'admin' || tasks.some((matches) => matches(task))) return true;
    if (requiredRoles.some((role) => roles.includes(role))) return true;
    return level === 'operator' && isOpenTo(level, requiredRoles);
  }

  /** The roles that these are the rights of. */
  get roles(): readonly string[] {
    return this.definition.roles;
  }

  /** Whether everybody's tasks of every class are shown: to `reader` and above. */
  get seesAllTasks(): boolean {
    return this.isReader;
  }

  /** Whether other people's tasks of that class are shown. */
  seesTasksOf(task: string): boolean {
    return this.seesAllTasks || this.definition.tasks.some((matches) => matches(task));
  }

  /** The masks over classes of tasks that the own roles name. */
  get taskMasks(): readonly string[] {
    return this.definition.taskMasks;
  }

  /** Whether what is asked of no special role may be looked at: by `reader` and above. */
  get isReader(): boolean {
    return this.definition.level !== 'named';
  }

  get isAdministrator(): boolean {
    return this.definition.level === 'admin';
  }

  /** Whether an event of this name may be published; the server's own names are kept elsewhere. */
  mayPublish(event: string): boolean {
    const { level, publish } = this.definition;
    return level === 'admin' || publish.some((matches) => matches(event));
  }

  /** True when there is no event at all that may be published. */
  get isMute(): boolean {
    return this.definition.level !== 'admin' && this.definition.publish.length === 0;
  }

  #decide({ method, isPrivate, isUndescribed, roles: required }: CallTarget): boolean {
    const { level, roles, methods, tasks } = this.definition;
    if (isPrivate || isUndescribed === true) return false;
    if (ALWAYS_OPEN.has(method) || ALWAYS_OPEN_SERVICES.test(method)) return true;
    if (required.some((role) => roles.includes(role)) || isOpenTo(level, required)) return true;
    if (tasks.length > 0 && TASK_METHODS.has(method)) return true;
    return methods.some((matches) => matches(method));
  }
}

/** `operator` includes `reader`; both include what asks for no role. */
function isOpenTo(level: AccessLevel, required: readonly string[]): boolean {
  if (level === 'named') return false;
  if (required.length === 0 || required.includes('reader')) return true;
  return level === 'operator' && required.includes('operator');
}

/** A sender that was logged in by this server. */
export interface AuthorisedSender extends Sender {
  readonly rights: Rights;
}
