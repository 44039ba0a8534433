import type { Audience } from '../../cluster/index.js';
import type { TaskSubject } from '../row/task-visibility.js';

/** More users and classes than an installation has tasks of at a time; past it the table begins anew. */
const MAX_REMEMBERED = 1_000;

/** Who is told of which tasks: the same object for all tasks that the same people see. */
export class TaskAudiences {
  readonly #byOwner = new Map<string | null, Map<string, Audience>>();
  #size = 0;

  of({ name, owner }: TaskSubject): Audience {
    const known = this.#byOwner.get(owner)?.get(name);
    return known ?? this.#remember({ name, owner });
  }

  #remember({ name, owner }: TaskSubject): Audience {
    if (this.#size >= MAX_REMEMBERED) this.#byOwner.clear();
    this.#size = this.#byOwner.size === 0 ? 1 : this.#size + 1;
    const audience: Audience = { kind: 'task', name, owner };
    const ofOwner = this.#byOwner.get(owner) ?? new Map<string, Audience>();
    this.#byOwner.set(owner, ofOwner.set(name, audience));
    return audience;
  }
}
