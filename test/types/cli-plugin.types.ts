/**
 * What TypeScript says about plugins of the shell. Nothing here runs: `npm run typecheck` fails when a
 * line that must be refused is accepted (an unused @ts-expect-error) or the other way round.
 */
import { accepts, description, h } from 'dispatcher';
import {
  CliPlugin,
  Command,
  command,
  CommandError,
  type CommandContext,
  completes,
  Namespace,
  namespace,
  type Script,
  Stage,
  stage,
  type StageContext,
} from 'dispatcher/cli';

@description('For the compiler')
@namespace('tools')
class Tools extends Namespace {
  @command()
  @accepts(h.object({ a: h.integer(), b: h.optional(h.string()) }))
  fits({ a, b }: { a: number; b?: string | undefined }, { client, signal }: CommandContext) {
    if (b === undefined) throw new CommandError(3, 'b is missing');
    return client.call<number>('probe.add', [a, a], { signal });
  }

  @command({ name: 'bare', override: true })
  @accepts(h.string(), h.optional(h.integer()))
  async *rows(name: string, count: number | undefined, { progress }: CommandContext) {
    progress(null, name);
    yield await Promise.resolve(count);
  }

  @command()
  // @ts-expect-error the schema admits texts
  @accepts(h.string())
  wrong(name: number, { output }: CommandContext) {
    output.write(String(name));
  }

  @command()
  // @ts-expect-error the second argument has no schema
  @accepts(h.string())
  more(name: string, other: string) {
    return name + other;
  }

  @completes('name') names(prefix: string) {
    return this.client.call<readonly string[]>('probe.item.query', [[['name', '~', prefix]]]);
  }
}

@command({ name: 'alone', in: 'probe.item' })
@accepts(h.integer())
class Alone extends Command {
  run(count: number, { output }: CommandContext) {
    output.show([String(count)]);
    output.onKey((key) => output.write(key))();
  }
}

@stage('numbered')
@accepts(h.integer({ default: 1 }))
class Numbered extends Stage {
  async *run(first: number, { rows, signal }: StageContext) {
    let number = first;
    for await (const row of rows) {
      signal.throwIfAborted();
      yield { number: number++, row };
    }
  }
}

export default new CliPlugin({
  depends: ['other'],
  namespaces: [Tools],
  commands: [Alone],
  stages: [Numbered],
  aliases: { one: 'tools bare x' },
  formatters: { length: (value) => String(JSON.stringify(value).length) },
  completers: { 'files.copy': { source: () => [{ value: '/etc', description: 'here' }] } },
  notices: { 'task.*': ({ name, args }) => (args['id'] === 1 ? name : null) },
  columns: { account: ['username'] },
  onLogin: ({ client, tell }) => tell(client.state.kind),
  cleanup: async () => Promise.resolve(),
});

// @ts-expect-error a stage is no namespace
export const wrong = new CliPlugin({ namespaces: [Numbered] });

export const script: Script = ({ client, args: [name = ''], signal }) =>
  client.call('probe.item.query', [[['name', '=', name]]], { signal });
