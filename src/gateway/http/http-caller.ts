import type { AuthorisedSender, ChangingSender, Principal, Rights } from '../../auth/index.js';
import type { EndingSender } from '../../rpc/index.js';
import type { Sender } from '../../sdk/index.js';

/** Who makes one HTTP call. What is given to it is given until the answer is complete. */
export class HttpCaller implements AuthorisedSender, EndingSender, ChangingSender {
  readonly sessionId = null;
  readonly #endings = new Set<() => void>();
  readonly #rightsListeners = new Set<(present: Sender) => void>();
  #principal: Principal;
  #hasEnded = false;

  constructor(
    principal: Principal,
    readonly address: string,
  ) {
    this.#principal = principal;
  }

  get principal(): Principal {
    return this.#principal;
  }

  get holder(): object {
    return this;
  }

  get kind(): Sender['kind'] {
    return this.#principal.kind;
  }

  get user(): string | null {
    return this.#principal.name;
  }

  get roles(): readonly string[] {
    return this.#principal.roles;
  }

  get rights(): Rights {
    return this.#principal.rights;
  }

  changeRights(principal: Principal): void {
    this.#principal = principal;
    for (const listener of [...this.#rightsListeners]) listener(this);
  }

  onRightsChanged(listener: (present: Sender) => void): () => void {
    const entry = (present: Sender): void => listener(present);
    this.#rightsListeners.add(entry);
    return () => void this.#rightsListeners.delete(entry);
  }

  onEnded(listener: () => void): () => void {
    const entry = (): void => listener();
    if (this.#hasEnded) entry();
    else this.#endings.add(entry);
    return () => void this.#endings.delete(entry);
  }

  /** The answer is complete, or nobody waits for one any more. */
  end(): void {
    this.#hasEnded = true;
    for (const listener of [...this.#endings]) listener();
    this.#endings.clear();
  }
}
