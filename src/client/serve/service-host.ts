import { Errno } from '../../common/portable.js';
import { type BackOffOptions, backOffMs, DEFAULT_BACK_OFF } from '../back-off.js';
import { requestOnce } from '../calls.js';
import { connectionLost, DispatcherClientError } from '../client-error.js';
import type { Wire, WireRequest } from '../wire.js';
import { Answer, type CallSender } from './served-call.js';
import { describeMethods, functionOf, type Service } from './service-description.js';

export interface HostedService {
  readonly name: string;
  readonly service: Service;
  /** Told why the server has not taken the service again on a new connection; it is tried again. */
  readonly onRefused: (error: Error) => void;
  readonly onResumed: () => void;
  /** Calls wait for that. */
  readonly resumeAfter: Promise<unknown> | undefined;
}

/**
 * What a client offers, on whichever connection there is: registers it after each login, answers the
 * calls that the server forwards.
 */
export class ServiceHost {
  readonly #services = new Map<string, HostedService>();
  readonly #answers = new Map<string | number, Answer>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(private readonly backOff: BackOffOptions = DEFAULT_BACK_OFF) {}

  /** @throws (rejects with) DispatcherClientError EEXIST for a name in use, EACCES for a login that is no service's */
  async add(wire: Wire, hosted: HostedService): Promise<void> {
    if (this.#services.has(hosted.name)) {
      const message = `This client offers a service ${hosted.name} already`;
      throw new DispatcherClientError(Errno.EEXIST, message);
    }
    this.#services.set(hosted.name, hosted);
    try {
      await register(wire, hosted);
    } catch (error) {
      this.#services.delete(hosted.name);
      throw error;
    }
  }

  remove(name: string): void {
    this.#services.delete(name);
  }

  /** A login on a connection begins without services: they are registered once more. */
  onLogin(wire: Wire): void {
    for (const hosted of this.#services.values()) void this.#restore(wire, hosted, 1);
  }

  onRequest(wire: Wire, { name, id, args }: WireRequest): void {
    if (name === 'call') void this.#answer(wire, id, args);
    else if (name === 'continue') this.#answers.get(id)?.proceed();
    else this.#answers.get(id)?.abort(new Error('The caller does not wait any more'));
  }

  /** The connection went, and with it everybody who waited. */
  onLost(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const answer of this.#answers.values()) answer.abort(connectionLost());
    this.#answers.clear();
  }

  async #restore(wire: Wire, hosted: HostedService, attempt: number): Promise<void> {
    if (!this.#isWanted(wire, hosted)) return;
    try {
      await register(wire, hosted);
    } catch (error) {
      if (!this.#isWanted(wire, hosted)) return; // the next login begins anew
      hosted.onRefused(error as Error);
      const timer = setTimeout(
        () => {
          this.#timers.delete(timer);
          void this.#restore(wire, hosted, attempt + 1);
        },
        backOffMs(attempt, this.backOff, Math.random()),
      );
      this.#timers.add(timer);
    }
  }

  #isWanted(wire: Wire, hosted: HostedService): boolean {
    return wire.isOpen && this.#services.get(hosted.name) === hosted;
  }

  async #answer(wire: Wire, id: string | number, request: unknown): Promise<void> {
    const { method, args, sender } = (request ?? {}) as Readonly<Record<string, unknown>>;
    const found = typeof method === 'string' ? this.#find(method) : null;
    if (found === null) {
      wire.refuse(id, { code: Errno.ENOENT, message: `Method ${String(method)} not found` });
      return;
    }
    const answer = new Answer(wire, id);
    this.#answers.set(id, answer);
    const call = { method: found.method, sender: sender as CallSender, signal: answer.signal };
    await answer.give(() => found.run(args, call));
    if (this.#answers.get(id) === answer) this.#answers.delete(id);
  }

  #find(fullName: string) {
    const dot = fullName.lastIndexOf('.');
    const hosted = this.#services.get(fullName.slice(0, dot));
    const method = fullName.slice(dot + 1);
    const run = hosted === undefined ? null : functionOf(hosted.service, method);
    return run === null ? null : { method, run };
  }
}

async function register(
  wire: Wire,
  { name, service, resumeAfter, onResumed }: HostedService,
): Promise<void> {
  const methods = describeMethods(service);
  await call(wire, 'plugin.register_service', methods === null ? [name] : [name, { methods }]);
  await resumeAfter;
  await call(wire, 'plugin.resume_service', [name]);
  onResumed();
}

function call(wire: Wire, method: string, args: readonly unknown[]): Promise<unknown> {
  return requestOnce({ wire, what: `Call of ${method}`, name: 'call', args: { method, args } });
}
