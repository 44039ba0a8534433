/** Plugins that the console is tried with. */
export const PEOPLE = `
import { accepts, description, Errno, generator, h, Plugin, Provider, provider, returns, signal, ValidationException } from 'dispatcher';

const Person = h.object({
  name: h.string({ minLength: 2, pattern: '^[a-z]+$' }),
  address: h.object({ street: h.string(), floor: h.integer({ minimum: 0, maximum: 9 }) }),
  tags: h.array(h.string()),
  secret: h.optional(h.password()),
});

@description('People') @provider('people')
export class PeopleProvider extends Provider {
  @description('Gives back a person') @accepts(Person) @returns(h.any())
  create(person: { name: string; address: object; tags: string[] }) {
    if (person.name === 'taken') {
      const problems = new ValidationException();
      problems.add([0, 'name'], 'is taken', Errno.EEXIST);
      throw problems;
    }
    return { created: person.name, ...person, secret: undefined };
  }
  @accepts(h.integer()) @returns(h.array(h.integer())) @generator()
  async *count(to: number, @signal() stop: AbortSignal) {
    for (let i = 1; i <= to && !stop.aborted; i += 1) {
      yield i;
      if (i === 3) await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve()));
    }
  }
  @accepts(h.object(Object.fromEntries(Array.from({ length: 40 }, (_, n) => ['field_' + n, h.integer()])))) @returns(h.any())
  long(fields: object) { return fields; }
  @accepts() @returns(h.any())
  big() { return Array.from({ length: 60_000 }, (_, n) => ({ n, text: 'x'.repeat(140) })); }
}
@Plugin({ providers: [PeopleProvider] }) export default class {}
`;

const MARKUP = '<img src=x onerror=globalThis.pwned=1><script>globalThis.pwned=2</script>';

export const HOSTILE = `
import { accepts, description, Dispatcher, EventSource, eventSource, h, Plugin, Provider, provider, returns } from 'dispatcher';
const MARKUP = ${JSON.stringify(MARKUP)};
@description(MARKUP) @provider('hostile')
export class HostileProvider extends Provider {
  @description(MARKUP) @accepts({ type: 'string', title: MARKUP, description: MARKUP }) @returns(h.any())
  markup(text: string) { return { [MARKUP]: text, html: MARKUP }; }
  @accepts({ enum: Array.from({ length: 10_000 }, (_, n) => 'option ' + n) }) @returns(h.any())
  choose(option: string) { return option; }
  @accepts(h.string({ pattern: '^(([a-z])+.)+[A-Z]([a-z])+$' })) @returns(h.any())
  bomb(text: string) { return text.length; }
  @accepts(h.ref('Endless')) @returns(h.any())
  endless(value: unknown) { return value; }
}
@Plugin({ providers: [HostileProvider] }) export default class {
  constructor(private readonly dispatcher: Dispatcher) {}
  init() {
    this.dispatcher.registerSchemaDefinition('Endless', {
      type: 'object', title: MARKUP, description: MARKUP,
      properties: { next: { $ref: '#/definitions/Endless' }, name: { type: 'string' } }, required: ['name'],
    });
    this.dispatcher.registerEventType('hostile.event', { description: MARKUP });
  }
}
`;

export const TICKS = `
import { accepts, Dispatcher, h, Plugin, Provider, provider, returns } from 'dispatcher';
@provider('tick') export class TickProvider extends Provider {
  @accepts(String, h.integer()) @returns(null)
  emit(word: string, times: number) {
    for (let n = 0; n < times; n += 1) this.dispatcher.emitEvent('tick.seen', { word, n });
    return null;
  }
}
@Plugin({ providers: [TickProvider] }) export default class {
  constructor(private readonly dispatcher: Dispatcher) {}
  init() {
    this.dispatcher.registerEventType('tick.counted', {
      description: 'Something was counted',
      schema: h.object({ n: h.integer() }),
    });
  }
}
`;

export const WORK = `
import { accepts, description, Dispatcher, Errno, h, Plugin, Provider, provider, returns, RpcException, Task, task } from 'dispatcher';

const gates = new Map<string, () => void>();
@provider('gate') export class GateProvider extends Provider {
  @accepts(String) @returns(null) open(name: string) { gates.get(name)?.(); return null; }
}

@description('Works until its gate is opened') @task('work.wait', { executor: 'inline' })
@accepts(h.string({ description: 'Name of the gate' }), h.string({ description: 'What to lock' })) @returns(String)
export class WaitTask extends Task {
  describe(gate: string) { return 'Waits at the gate ' + gate; }
  verify(_gate: string, resource: string) { return [resource]; }
  async run(gate: string) {
    this.setProgress(40, 'at the gate');
    await new Promise<void>((resolve) => {
      gates.set(gate, resolve);
      this.signal.addEventListener('abort', () => resolve());
    });
    return 'through ' + gate;
  }
  abort() { return true; }
}
@description('Does half of it and thinks better of it') @task('work.regret', { executor: 'inline' })
@accepts(String) @returns(null)
export class RegretTask extends Task {
  describe(what: string) { return 'Regrets ' + what; }
  verify() { return []; }
  async run(what: string) {
    await this.joinSubtasks(this.runSubtask('work.refuse', what));
    return null;
  }
  async rollback() { await new Promise((resolve) => setTimeout(resolve, 30)); }
}
@task('work.refuse', { executor: 'inline' }) @accepts(String) @returns(null)
export class RefuseTask extends Task {
  describe(what: string) { return 'Refuses ' + what; }
  verify() { return []; }
  run(what: string): never {
    for (let n = 1; n <= 5; n += 1) this.addWarning(16, 'warning ' + n);
    throw new RpcException(Errno.ENOSPC, 'No room for ' + what);
  }
}
@Plugin({ providers: [GateProvider, WaitTask, RegretTask, RefuseTask] }) export default class {
  constructor(private readonly dispatcher: Dispatcher) {}
  async init() {
    await this.dispatcher.registerResource('disk:a');
    await this.dispatcher.registerResource('pool:p', { parents: ['disk:a'] });
  }
}
`;

export const growing = (method: string): string => `
import { accepts, Plugin, Provider, provider, returns } from 'dispatcher';
@provider('growing') export class GrowingProvider extends Provider {
  @accepts() @returns(String) ${method}() { return '${method}'; }
}
@Plugin({ providers: [GrowingProvider] }) export default class {}
`;
