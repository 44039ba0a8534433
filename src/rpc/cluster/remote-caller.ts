import {
  ANONYMOUS,
  ApiKeys,
  type AuthorisedSender,
  type ChangingSender,
  type Principal,
  Principals,
  presentDoer,
  type Rights,
} from '../../auth/index.js';
import { coded } from '../../common/index.js';
import type { Sender } from '../../sdk/index.js';
import type { EndingSender } from '../ending-sender.js';
import { RemoteHolder } from './holders.js';
import type { SentSender } from './sent-sender.js';

/**
 * A caller of another node, with the rights that this node knows it to have. For who it is the other
 * node's word is taken: a node is as trusted as the store.
 */
export class RemoteCaller implements AuthorisedSender, EndingSender, ChangingSender {
  readonly address: string;
  readonly sessionId: number | null;
  readonly task?: number;
  readonly #listeners = new Set<(present: Sender) => void>();
  #principal: Principal;

  constructor(
    principal: Principal,
    private readonly sent: SentSender,
    readonly holder: RemoteHolder,
  ) {
    this.#principal = principal;
    this.address = sent.address;
    this.sessionId = sent.session;
    if (sent.task !== null) this.task = sent.task;
  }

  get principal(): Principal {
    return this.#principal;
  }

  get kind(): Sender['kind'] {
    return this.sent.kind;
  }

  get user(): string | null {
    return this.sent.user;
  }

  get roles(): readonly string[] {
    return this.#principal.roles;
  }

  get rights(): Rights {
    return this.#principal.rights;
  }

  changeRights(principal: Principal): void {
    this.#principal = principal;
    for (const listener of [...this.#listeners]) listener(this);
  }

  onRightsChanged(listener: (present: Sender) => void): () => void {
    const entry = (present: Sender): void => listener(present);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  onEnded(listener: () => void): () => void {
    return this.holder.onEnded(listener);
  }
}

/**
 * Who it is, by what this node knows.
 *
 * @throws RpcException EACCES when there is no such user or key any more
 */
export function principalOf(
  { kind, user, key, isMachine }: SentSender,
  known: { readonly principals: Principals; readonly keys: ApiKeys },
): Principal {
  const { principals } = known;
  if (kind === 'anonymous' || user === null) return ANONYMOUS;
  if (kind !== 'user') return principals.ofService(user);
  if (isMachine && key === null) return principals.ofMachine(user);
  const principal = presentDoer({ owner: user, api_key: key }, known);
  if (principal === null) throw coded('LOGIN_ENDED');
  return principal;
}
