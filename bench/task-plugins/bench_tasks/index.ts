/** Tasks that do nothing, so that nothing but the engine's own work is timed. */
import {
  accepts,
  type Claims,
  description,
  Dispatcher,
  h,
  Plugin,
  Provider,
  provider,
  returns,
  Task,
  task,
} from 'dispatcher';

/** Above all other resources of the bench: who holds it keeps everybody waiting. */
const GATE = 'bench:gate';

let release: () => void = () => undefined;

class Nothing extends Task {
  verify(claims: string[]): Claims {
    return claims;
  }
  run(claims: string[]): number {
    return claims.length;
  }
}

@description('Does nothing, in the server')
@task('bench.inline', { executor: 'inline' })
@accepts(h.array(String))
@returns(h.integer())
export class Inline extends Nothing {}

@description('Does nothing, in a process of its own')
@task('bench.apart')
@accepts(h.array(String))
@returns(h.integer())
export class Apart extends Nothing {}

@description('Keeps the gate closed until it is opened')
@task('bench.hold', { executor: 'inline' })
@accepts()
export class Hold extends Task {
  verify(): Claims {
    return [GATE];
  }
  run(): Promise<void> {
    return new Promise((resolve) => (release = resolve));
  }
}

@provider('bench_tasks')
export class BenchTasksProvider extends Provider {
  @description('Lets what waits at the gate go on')
  @accepts()
  @returns(null)
  open(): null {
    release();
    return null;
  }
}

@Plugin({ providers: [BenchTasksProvider, Inline, Apart, Hold] })
export default class BenchTasksPlugin {
  constructor(private readonly dispatcher: Dispatcher) {}

  async init(): Promise<void> {
    await this.dispatcher.registerResource(GATE);
    for (let lock = 0; lock < 10_000; lock += 1) {
      await this.dispatcher.registerResource(`bench:lock${lock}`, { parents: [GATE] });
    }
  }
}
