import { actingKeyOf, rightsOf } from '../../auth/index.js';
import { coded, withFields } from '../../common/index.js';
import type { Sender } from '../../sdk/index.js';
import { assertEnvironment } from './environment.js';
import type { SecretBox } from '../../datastore/index.js';
import type { SubmitRequest } from '../task-submitter.js';
import type { TaskHandler } from '../task-handler.js';

/** What may come along in the environment and means something to the server. */
export const RUN_AS_USER = 'RUN_AS_USER';
const IDEMPOTENCY_KEY = 'idempotencyKey';

/** A submit that was found in order. */
export interface Submission {
  readonly handler: TaskHandler;
  readonly args: readonly unknown[];
  readonly user: string | null;
  readonly owner: string | null;
  readonly api_key: string | null;
  readonly session: number | null;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly idempotency: {
    readonly key: string;
    readonly digest: string;
    readonly shown: string;
    /** Nobody has submitted under it before. */
    readonly isFresh?: true;
  } | null;
  /** The node that it was handed in at, in a cluster. */
  readonly submittedAt?: string;
}

/**
 * Checks what anybody wants done, and for whom.
 *
 * @throws RpcException EACCES, EPERM, EINVAL with every error of the arguments in `extra`
 */
export function checkSubmission(
  { name, args, sender, environment = {}, isStrict }: SubmitRequest,
  handler: TaskHandler,
  secrets: SecretBox,
): Submission {
  if (!maySubmit(sender, handler)) throw coded('INSUFFICIENT_PRIVILEGES');
  assertEnvironment(environment);
  const { [IDEMPOTENCY_KEY]: key, ...env } = environment;
  const runAs = typeof env[RUN_AS_USER] === 'string' ? env[RUN_AS_USER] : null;
  const isTrusted = sender.kind === 'service' || sender.kind === 'plugin';
  if (RUN_AS_USER in env && !isTrusted) throw coded('RUN_AS_REFUSED');
  const checked = checkArguments(handler, args, isStrict === true);
  return {
    handler,
    args: checked,
    user: runAs ?? sender.user,
    owner: runAs ?? (sender.kind === 'user' ? sender.user : null),
    api_key: runAs === null ? (actingKeyOf(sender)?.id ?? null) : null,
    session: sender.sessionId,
    environment: withFields(env, {
      SENDER_ADDRESS: sender.address,
      SENDER_ROLES: rightsOf(sender).roles,
    }),
    // somebody else's key is another key: nobody learns of tasks that way
    idempotency:
      typeof key === 'string'
        ? {
            key: keyOf(sender, key),
            digest: secrets.digest([name, args]),
            shown: key,
          }
        : null,
  };
}

/** A service or plugin may have the name of a user. */
function keyOf({ kind, user }: Sender, key: string): string {
  return JSON.stringify(kind === 'user' ? [user, key] : [kind, user, key]);
}

/** As {@link checkArguments}, by another node where this one has not got the class. */
export function askedArguments(
  handler: TaskHandler,
  args: readonly unknown[],
  isStrict: boolean,
): readonly unknown[] | Promise<readonly unknown[]> {
  return handler.check?.(args, isStrict) ?? checkArguments(handler, args, isStrict);
}

/** @throws RpcException EINVAL with every error in `extra` */
export function checkArguments(
  handler: TaskHandler,
  args: readonly unknown[],
  isStrict: boolean,
): readonly unknown[] {
  const checked = [...args];
  const errors = handler.argumentsValidator?.validate(checked, { strict: isStrict }) ?? null;
  if (errors !== null) throw coded('ARGUMENTS_INVALID', {}, errors);
  return checked;
}

export function maySubmit(sender: Sender, { name, isPrivate, roles }: TaskHandler): boolean {
  if (isPrivate && sender.kind !== 'service' && sender.kind !== 'plugin') return false;
  return rightsOf(sender).mayRun(name, roles);
}
