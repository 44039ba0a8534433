import { parseArgs } from 'node:util';
import { checkUnixSocket } from './coherence-check.js';
import type { DispatcherSection } from './configuration.js';
import { ConfigurationError } from './configuration-error.js';
import { closest, didYouMean } from './did-you-mean.js';
import { DISPATCHER } from './schema/index.js';
import { checkAgainst } from './schema-check.js';
import { quote } from './wording.js';

/** Settings of the command line that stand above those of the file. */
type Overrides = Partial<
  Pick<DispatcherSection, 'websocketPort' | 'frontendPort' | 'unixSocket' | 'logLevel'>
>;

/** Where the configuration comes from; `file` is null for the default one. */
interface ConfigurationChoice {
  readonly file: string | null;
  readonly overrides: Overrides;
}

/** A command that needs the configuration: to run the server with it, or only to check it. */
export type ConfiguredCommand =
  | (ConfigurationChoice & { readonly kind: 'run' })
  | (ConfigurationChoice & { readonly kind: 'check' });

/** What the command line asks for. */
export type CommandLine =
  ConfiguredCommand | { readonly kind: 'help' } | { readonly kind: 'version' };

export const HELP = `Usage: dispatcher [options]

  -c, --config FILE           configuration file (/usr/local/etc/middleware.conf)
  -p, --websocket-port PORT   port for clients; 0 takes a free one (5000)
  -s, --frontend-port PORT    port of the debug-mode server; 0 takes a free one (8180)
  -u, --unix-socket PATH      unix socket for clients (none)
      --log-level LEVEL       trace, debug, info, warn, error or fatal (info)
      --check-config          check the configuration and exit
      --version               print the version and exit
      --help                  print this help and exit

Options stand above the configuration file. SIGHUP reloads the plugins, SIGTERM and SIGINT end
the server.`;

export const OPTIONS = {
  config: { type: 'string', short: 'c' },
  'websocket-port': { type: 'string', short: 'p' },
  'frontend-port': { type: 'string', short: 's' },
  'unix-socket': { type: 'string', short: 'u' },
  'log-level': { type: 'string' },
  'check-config': { type: 'boolean' },
  version: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Options that stand for a key of the file and follow its rules. */
const KEYS = {
  'websocket-port': 'websocketPort',
  'frontend-port': 'frontendPort',
  'unix-socket': 'unixSocket',
  'log-level': 'logLevel',
} as const satisfies Partial<Record<keyof typeof OPTIONS, keyof DispatcherSection>>;

/**
 * Reads the arguments of the server, without the program's own name. The last of equal options
 * counts, and of the asked actions `--help`, then `--version`, then `--check-config`.
 *
 * @throws ConfigurationError with one line for each argument that is unknown or wrong
 * @example
 * parseArguments(['-p', '0']) // { kind: 'run', file: null, overrides: { websocketPort: 0 } }
 */
export function parseArguments(argv: readonly string[]): CommandLine {
  // lenient, because the messages of the strict mode neither suggest nor name all errors
  const { tokens } = parseArgs({
    args: [...argv],
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<string, string>();
  const problems: string[] = [];
  let isAfterUnknown = false;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      // a word after an unknown option is most likely its value, and no error of its own
      if (!isAfterUnknown) problems.push(`unexpected argument ${quote(token.value)}`);
      isAfterUnknown = false;
      continue;
    }
    const problem = problemOf(token);
    if (problem !== null) problems.push(problem);
    given.set(token.name, token.value ?? '');
    isAfterUnknown = !isOption(token.name) && token.inlineValue !== true;
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return commandOf(given);
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function problemOf({ name, rawName, value, inlineValue }: OptionToken): string | null {
  if (!isOption(name)) {
    const suggestion = rawName.startsWith('--') ? closest(name, Object.keys(OPTIONS)) : null;
    const hint = suggestion === null ? '; --help lists them' : didYouMean(`--${suggestion}`);
    return `unknown option ${quote(rawName)}${hint}`;
  }
  if (OPTIONS[name].type === 'boolean') {
    return value === undefined ? null : `${rawName}: takes no value, got ${quote(value)}`;
  }
  // the word after it is the next option, so the value was forgotten
  if (value === undefined || value === '' || (inlineValue !== true && value.startsWith('--'))) {
    return `${rawName}: needs a value`;
  }
  if (!isKey(name)) return null;
  const [problem] = [
    ...checkAgainst(DISPATCHER.properties[name], valueOf(name, value)),
    ...(name === 'unix-socket' ? checkUnixSocket(value) : []),
  ];
  return problem === undefined ? null : `${rawName}: ${problem.what}`;
}

function commandOf(given: ReadonlyMap<string, string>): CommandLine {
  if (given.has('help')) return { kind: 'help' };
  if (given.has('version')) return { kind: 'version' };
  const overrides = [...given].flatMap(([name, text]) =>
    isKey(name) ? [[KEYS[name], valueOf(name, text)]] : [],
  );
  return {
    kind: given.has('check-config') ? 'check' : 'run',
    file: given.get('config') ?? null,
    overrides: Object.fromEntries(overrides) as Overrides,
  };
}

/** Text as the file would hold it; what is not a number stays text and fails its check. */
function valueOf(name: keyof typeof KEYS, text: string): string | number {
  const schema = DISPATCHER.properties[name];
  return 'type' in schema && schema.type === 'integer' && /^\d{1,15}$/.test(text)
    ? Number(text)
    : text;
}

function isOption(name: string): name is keyof typeof OPTIONS {
  return Object.hasOwn(OPTIONS, name);
}

function isKey(name: string): name is keyof typeof KEYS {
  return Object.hasOwn(KEYS, name);
}
