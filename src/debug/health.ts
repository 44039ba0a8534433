import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../common/index.js';

/** How long the store may take to answer a question that needs no work. */
const STORE_TIMEOUT_MS = 3_000;

/** What health is worked out from. */
export interface HealthPorts {
  readonly phase: () => 'starting' | 'ready' | 'stopping';
  readonly addresses: () => readonly string[];
  /** Plugins that were found, with what became of them. */
  readonly plugins: () => readonly { readonly name: string; readonly state: string }[];
  /** Rejects when the store does not answer. */
  readonly pingStore: () => Promise<void>;
  /** Why the store takes no changes, tried again if need be; null when it does. */
  readonly writeFailure: () => Promise<string | null>;
}

export interface HealthCheck {
  readonly ok: boolean;
  /** Why it is not, or what is worth knowing although it is. */
  readonly reason?: string;
  readonly ms?: number;
}

/** The body of `/healthz` and `/readyz`. */
export interface HealthReport {
  readonly status: 'ok' | 'failing' | 'ready' | 'standby' | 'starting' | 'stopping' | 'not ready';
  readonly reasons: readonly string[];
  readonly checks: Readonly<Record<string, HealthCheck>>;
}

/**
 * Two questions that are often mixed up. **Alive**: would a restart help? Only if the event loop or
 * the store hangs. **Ready**: should clients be sent here? Not before plugins were tried and the
 * doors are open, not any more when the server is about to stop. A plugin that failed makes neither
 * untrue: everybody else's calls work.
 */
export class Health {
  constructor(private readonly ports: HealthPorts) {}

  async alive(): Promise<HealthReport> {
    const [eventLoop, datastore, writes] = await Promise.all([
      this.#eventLoop(),
      this.#datastore(),
      this.#writes(),
    ]);
    // worth knowing, but no restart makes room on a disk
    const checks = { event_loop: eventLoop, datastore, datastore_writes: { ...writes, ok: true } };
    return report(checks, (isOk) => (isOk ? 'ok' : 'failing'));
  }

  async ready(): Promise<HealthReport> {
    const phase = this.ports.phase();
    const checks = {
      plugins: this.#plugins(),
      listeners: this.#listeners(),
      draining:
        phase === 'stopping' ? { ok: false, reason: 'the server is stopping' } : { ok: true },
      datastore: await this.#datastore(),
      datastore_writes: await this.#writes(),
    };
    return report(checks, (isOk) => {
      if (isOk) return 'ready';
      return phase === 'ready' ? 'not ready' : phase;
    });
  }

  /** A server that can be asked at all has an event loop that turns: how fast is worth knowing. */
  async #eventLoop(): Promise<HealthCheck> {
    const ms = await timed(() => nextTurn());
    return { ok: true, ms };
  }

  async #datastore(): Promise<HealthCheck> {
    try {
      return { ok: true, ms: await timed(() => inTime(this.ports.pingStore())) };
    } catch (error) {
      return { ok: false, reason: `the datastore does not answer: ${messageOf(error)}` };
    }
  }

  /** A store that can be read may long since have lost its disk, or the room on it. */
  async #writes(): Promise<HealthCheck> {
    const failure = await inTime(this.ports.writeFailure()).catch(messageOf);
    if (failure === null) return { ok: true };
    return { ok: false, reason: `the datastore takes no changes: ${failure}` };
  }

  #plugins(): HealthCheck {
    if (this.ports.phase() === 'starting') {
      return { ok: false, reason: 'plugins are being loaded' };
    }
    const broken = this.ports.plugins().filter(({ state }) => state === 'failed');
    if (broken.length === 0) return { ok: true };
    return { ok: true, reason: `failed: ${broken.map(({ name }) => name).join(', ')}` };
  }

  #listeners(): HealthCheck {
    if (this.ports.addresses().length > 0) return { ok: true };
    return { ok: false, reason: 'clients cannot connect yet' };
  }
}

function report(
  checks: Readonly<Record<string, HealthCheck>>,
  statusOf: (isOk: boolean) => HealthReport['status'],
): HealthReport {
  const failing = Object.values(checks).filter(({ ok }) => !ok);
  return {
    status: statusOf(failing.length === 0),
    reasons: failing.map(({ reason = 'unknown' }) => reason),
    checks,
  };
}

/** @throws (rejects with) Error when the store takes too long */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = delay(STORE_TIMEOUT_MS, undefined, { signal: stop.signal, ref: false }).then(() => {
    throw new Error(`no answer within ${STORE_TIMEOUT_MS / 1_000} s`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    stop.abort();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begunAt = performance.now();
  await work();
  return Math.round((performance.now() - begunAt) * 1_000) / 1_000;
}
