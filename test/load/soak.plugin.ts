/** What the soak calls, streams, runs and reloads; `edition` changes with every reload. */
export const soakPlugin = (edition: number): string => `
import { accepts, description, generator, h, Plugin, Provider, provider, returns, Task, task } from 'dispatcher';
import { IsInt, IsString } from 'class-validator';

export class Item { @IsInt() n!: number; @IsString() text!: string; }

@provider('soak')
export class SoakProvider extends Provider {
  @description('Gives it back') @accepts(Item) @returns(Item)
  async echo(item: Item) { await null; return item; }
  @description('Edition of the code') @accepts() @returns(h.integer())
  edition() { return ${edition}; }
  @description('Counts') @generator() @accepts(h.integer()) @returns(h.array(Item))
  async *count(upTo: number) {
    for (let n = 0; n < upTo; n += 1) yield { n, text: 'item ' + n };
  }
}

class Work extends Task {
  verify(item: Item) { return [{ resource: 'system', mode: 'shared' as const }]; }
  async run(item: Item) {
    this.setProgress(50, 'Half');
    return item.n;
  }
}
@description('Short') @task('soak.inline', { executor: 'inline' }) @accepts(Item) @returns(h.integer())
export class InlineWork extends Work {}
@description('In a process of its own') @task('soak.isolated') @accepts(Item) @returns(h.integer())
export class IsolatedWork extends Work {}
@description('Runs until it is told to stop') @task('soak.endless', { executor: 'inline' }) @accepts(Item)
export class EndlessWork extends Work {
  override run() {
    return new Promise<number>((_, reject) => {
      const stop = () => reject(new Error('stopped'));
      if (this.signal.aborted) stop();
      else this.signal.addEventListener('abort', stop);
    });
  }
}

@Plugin({ schemas: [Item], providers: [SoakProvider, InlineWork, IsolatedWork, EndlessWork] })
export default class SoakPlugin {}
`;

/** Tells how much memory the server's own heap takes, and how much is beside it. */
export const MEMORY_PLUGIN = `
import { accepts, description, Plugin, Provider, provider, returns } from 'dispatcher';
@provider('memory')
export class MemoryProvider extends Provider {
  @description('As process.memoryUsage tells it') @accepts() @returns(Object)
  usage() { return { ...process.memoryUsage() }; }
}
@Plugin({ providers: [MemoryProvider] })
export default class MemoryPlugin {}
`;
