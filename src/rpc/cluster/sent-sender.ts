import { actingKeyOf, type Principal } from '../../auth/index.js';
import type { Sender } from '../../sdk/index.js';

/** A caller as another node is told of it: who it is, and nothing of what that allows. */
export interface SentSender {
  readonly kind: Sender['kind'];
  readonly user: string | null;
  readonly address: string;
  readonly session: number | null;
  /** Id of the API key that it acts by. */
  readonly key: string | null;
  /** The account is the machine's, and has no row in the store. */
  readonly isMachine: boolean;
  /** For what is given to it until it goes: see `Holders`. */
  readonly holder: string | null;
  readonly task: number | null;
}

export function describeSender(sender: Sender, holder: string | null): SentSender {
  const { principal } = sender as Partial<{ principal: Principal }>;
  return {
    kind: sender.kind,
    user: sender.user,
    address: sender.address,
    session: sender.sessionId,
    key: actingKeyOf(sender)?.id ?? null,
    isMachine: principal?.origin === 'machine',
    holder,
    task: sender.task ?? null,
  };
}
