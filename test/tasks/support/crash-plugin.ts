/**
 * A plugin whose tasks leave a line in a file when they begin and when they end, so that a test can
 * tell what was run, however often the server was killed meanwhile.
 */
export const crashPlugin = (witness: string): string => `
import { accepts, description, Dispatcher, h, Plugin, returns, Task, task } from 'dispatcher';
import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const write = (line) => appendFileSync(${JSON.stringify(witness)}, line + '\\n');

class Witnessed extends Task {
  verify(key, resource) { return resource === '' ? [] : [resource]; }
  async run(key, resource, ms) {
    write(['begin', this.id, key, resource].join(' '));
    if (ms > 0) await pause(ms);
    write(['end', this.id, key, resource].join(' '));
    return key;
  }
}
const schemas = [String, String, h.integer()];

@description('Witnessed') @task('crash.inline', { executor: 'inline' }) @accepts(...schemas) @returns(String)
export class Inline extends Witnessed {}
@description('Witnessed, apart') @task('crash.apart') @accepts(...schemas) @returns(String)
export class Apart extends Witnessed {}
@description('Witnessed, again after a restart') @task('crash.again', { executor: 'inline', onRestart: 'requeue' }) @accepts(...schemas) @returns(String)
export class Again extends Witnessed {}
@description('Runs two of them') @task('crash.parent', { executor: 'inline' }) @accepts(...schemas) @returns(h.array(String))
export class Parent extends Task {
  verify(key, resource) { return resource === '' ? [] : [resource]; }
  run(key, resource, ms) {
    return this.joinSubtasks(this.runSubtask('crash.inline', key + '/1', resource, ms), this.runSubtask('crash.apart', key + '/2', resource, ms));
  }
}
@Plugin({ providers: [Inline, Apart, Again, Parent] })
export default class CrashPlugin {
  constructor(private readonly dispatcher: Dispatcher) {}
  async init() {
    await this.dispatcher.registerResource('disk:a');
    await this.dispatcher.registerResource('disk:b');
    await this.dispatcher.registerResource('pool:ab', { parents: ['disk:a', 'disk:b'] });
  }
}
`;
