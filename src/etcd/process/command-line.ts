import { parseArgs } from 'node:util';
import { ConfigurationError } from '../../config/index.js';

const COMMANDS = ['run', 'plan', 'generate', 'verify', 'check', 'status'] as const;
export type CommandName = (typeof COMMANDS)[number];

export type EtcdCommand =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | {
      readonly kind: CommandName;
      /** A middleware.conf; null for the default one. */
      readonly file: string | null;
      /** Stands above the configured one; null: as configured. */
      readonly root: string | null;
      /** Of files, and `group:NAME`. */
      readonly names: readonly string[];
      readonly isJson: boolean;
      readonly timeoutSeconds: number;
    };

export const HELP = `Usage: dispatcher-etcd [run] [-c FILE] [-f] [ROOT]
       dispatcher-etcd plan|generate|verify [NAME|group:NAME ...] [--json] [--timeout SECONDS]
       dispatcher-etcd check|status [--json]

  run         writes the files below ROOT and keeps them; the default
  plan        what generating would change, with differences; status 7 if anything
  generate    renders files and puts them in place
  verify      files that are not as they were written; status 7 if there are any
  check       loads the plugin directories, without a dispatcher
  status      how the running one does

  -c, --config FILE        configuration file (/usr/local/etc/middleware.conf)
  -f                       does nothing: it stays in the foreground anyway
      --json               results as JSON
      --timeout SECONDS    how long to wait for the dispatcher and the answer (60)
      --version            print the version and exit
      --help               print this help and exit

plan, generate, verify and status ask the running dispatcher-etcd by way of the dispatcher.
SIGHUP reads the plugin directories again, SIGTERM and SIGINT end the process in order.`;

const DEFAULT_TIMEOUT_SECONDS = 60;
const MAX_TIMEOUT_SECONDS = 86_400;

/**
 * Reads the arguments, without the program's own name.
 *
 * @throws ConfigurationError naming what is wrong
 */
export function parseCommand(argv: readonly string[]): EtcdCommand {
  const { values, positionals } = parsed(argv);
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  const [first = 'run', ...rest] = positionals;
  const isCommand = COMMANDS.some((name) => name === first);
  const kind = isCommand ? (first as CommandName) : 'run';
  const words = isCommand ? rest : positionals;
  if (kind === 'run' && words.length > 1) {
    throw new ConfigurationError([`unexpected argument ${JSON.stringify(words[1])}`]);
  }
  if (kind === 'run' && !isCommand && words[0] !== undefined && !words[0].includes('/')) {
    throw new ConfigurationError([
      `${JSON.stringify(words[0])} is no command and no path; --help lists the commands`,
    ]);
  }
  return {
    kind,
    file: values.config ?? null,
    root: kind === 'run' ? (words[0] ?? null) : null,
    names: kind === 'run' ? [] : words,
    isJson: values.json === true,
    timeoutSeconds: timeoutOf(values.timeout),
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        config: { type: 'string', short: 'c' },
        foreground: { type: 'boolean', short: 'f' },
        json: { type: 'boolean' },
        timeout: { type: 'string' },
        version: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new ConfigurationError([(error as Error).message], { cause: error });
  }
}

function timeoutOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TIMEOUT_SECONDS;
  const seconds = Number(text);
  if (seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS) return seconds;
  throw new ConfigurationError([
    `--timeout: expected seconds up to ${MAX_TIMEOUT_SECONDS}, got ${JSON.stringify(text)}`,
  ]);
}
