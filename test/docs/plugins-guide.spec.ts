import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { HostHarness } from '../plugin-host/host.harness.js';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const FILES = [path('./hosts-plugin/index.ts'), path('./hosts-plugin/index.spec.ts')];
const GUIDE = path('../../docs/plugins.md');
const CONFIG = path('../../tsconfig.json');

function matches(text: string, pattern: RegExp): Map<string, string> {
  return new Map([...text.matchAll(pattern)].map(([, name, body]) => [name!, body!]));
}

/** The named parts of the example plugin. */
function regions(): Map<string, string> {
  const text = FILES.map((file) => readFileSync(file, 'utf8')).join('\n');
  return matches(text, /^\/\/ #region (\w+)\n([^]*?)^\/\/ #endregion$/gm);
}

/** The code blocks of the guide; those named `example` are fragments of no program. */
function quotations(): Map<string, string> {
  const blocks = matches(readFileSync(GUIDE, 'utf8'), /^```ts (\w+)\n([^]*?)^```$/gm);
  blocks.delete('example');
  return blocks;
}

function compileErrors(): string[] {
  const { config } = ts.readConfigFile(CONFIG, (file) => ts.sys.readFile(file)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, path('../..'));
  const program = ts.createProgram(FILES, { ...options, noEmit: true });
  return FILES.flatMap((file) => {
    const source = program.getSourceFile(file);
    return ts
      .getPreEmitDiagnostics(program, source)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  });
}

function harness() {
  const server = new HostHarness({ directories: [{ path: path('.'), isShipped: false }] });
  return {
    host: server.host,
    call: server.call.bind(server),
    states: () => server.states(),
  };
}

describe("the plugin author's guide", () => {
  it('quotes the example plugin word for word and in full', () => {
    expect(Object.fromEntries(quotations())).toEqual(Object.fromEntries(regions()));
  });

  it('has an example that compiles with the settings of the project', () => {
    expect(compileErrors()).toEqual([]);
  });

  it('has an example that the server loads, answers from and reloads', async () => {
    const { host, call, states } = harness();
    await host.start();
    expect(states()).toEqual(['hosts-plugin: loaded']);
    expect(await call('hosts.get_by_name', 'localhost')).toMatchObject({
      names: expect.arrayContaining(['localhost']) as string[],
    });
    await host.reload(['hosts-plugin']);
    expect(await call('hosts.query', [], { count: true })).toBeGreaterThan(0);
    await host.stop();
  });
});
