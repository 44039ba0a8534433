import { coded, OwnedTable } from '../common/index.js';
import type { HookFn, Logger } from '../sdk/index.js';

/** Places where plugins let others have a say, and the functions that those put there. */
export class HookTable {
  readonly #hooks = new OwnedTable<HookFn[]>('Hook');

  /** @throws RpcException EEXIST when the name is taken */
  register(name: string, owner: string): void {
    this.#hooks.add(name, { owner, value: [] });
  }

  unregister(name: string, owner: string): void {
    this.#hooks.remove(name, owner);
  }

  namesOf(owner: string): string[] {
    return this.#hooks.entriesOf(owner).map(([name]) => name);
  }

  /** @throws RpcException ENOENT when nobody offers the hook */
  attach(name: string, fn: HookFn): void {
    this.#functionsOf(name).push(fn);
  }

  detach(name: string, fn: HookFn): void {
    const functions = this.#hooks.get(name);
    const index = functions?.indexOf(fn) ?? -1;
    if (index !== -1) functions?.splice(index, 1);
  }

  /**
   * False as soon as a function answers false or throws; the others are not called then.
   *
   * @throws (rejects with) RpcException ENOENT when nobody offers the hook
   */
  async run(name: string, args: readonly unknown[], logger: Logger): Promise<boolean> {
    for (const fn of [...this.#functionsOf(name)]) {
      try {
        if ((await fn(...args)) === false) return false;
      } catch (error) {
        logger.error('A function on a hook failed', { hook: name, error });
        return false;
      }
    }
    return true;
  }

  #functionsOf(name: string): HookFn[] {
    const functions = this.#hooks.get(name);
    if (functions === undefined) throw coded('NOT_REGISTERED', { what: 'Hook', name });
    return functions;
  }
}
