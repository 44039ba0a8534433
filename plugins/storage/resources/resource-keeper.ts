import { Injectable } from '@nestjs/common';
import { Dispatcher, Errno, isDispatcherError, Logger } from 'dispatcher';
import type { ResourcePlan } from './resource-plan.js';

/**
 * Brings the resources of this plugin to what a plan says, by the difference: what stays is not
 * touched, and who holds it goes on holding it.
 */
@Injectable()
export class ResourceKeeper {
  readonly #present = new Map<string, readonly string[]>();
  #complaint = '';

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly logger: Logger,
  ) {}

  /** Never rejects; what is refused, because running tasks are in the way, is tried again next time. */
  async apply(plan: ResourcePlan): Promise<void> {
    const refused: string[] = [];
    const isNew = new Set<string>();
    for (const [name, parents] of plan) {
      const refusal = await this.#place(name, parents, isNew);
      if (refusal !== null) refused.push(refusal);
    }
    // what is carried first: removing a carrier would take it along
    for (const name of [...this.#present.keys()].reverse()) {
      if (!plan.has(name)) await this.#remove(name);
    }
    this.#complain(refused.join('; '));
  }

  async #place(name: string, parents: readonly string[], isNew: Set<string>) {
    const present = this.#present.get(name);
    // what hung on something that had gone and is back has gone with it
    const isKept = present !== undefined && !parents.some((parent) => isNew.has(parent));
    if (isKept && isSame(present, parents)) return null;
    try {
      if (present === undefined || !(await this.#move(name, parents))) {
        await this.dispatcher.registerResource(name, { parents });
        isNew.add(name);
      }
      this.#present.set(name, parents);
      return null;
    } catch (error) {
      if (!isDispatcherError(error)) throw error;
      return `${name}: ${error.message}`;
    }
  }

  /** False when the resource is no longer there. */
  async #move(name: string, parents: readonly string[]): Promise<boolean> {
    try {
      await this.dispatcher.updateResource(name, { parents });
      return true;
    } catch (error) {
      if (!isDispatcherError(error) || error.code !== Errno.ENOENT) throw error;
      this.#present.delete(name);
      return false;
    }
  }

  async #remove(name: string): Promise<void> {
    this.#present.delete(name);
    try {
      await this.dispatcher.unregisterResource(name);
    } catch (error) {
      if (!isDispatcherError(error) || error.code !== Errno.ENOENT) throw error;
    }
  }

  /** Once for each state of affairs, not each time that it is found. */
  #complain(refused: string): void {
    if (refused !== '' && refused !== this.#complaint) {
      this.logger.warn('Resources do not follow the devices for now', { refused });
    }
    this.#complaint = refused;
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name));
}
