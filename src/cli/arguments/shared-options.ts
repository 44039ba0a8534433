import type { Command, OptionSpecs } from '../command.js';

const HELP: OptionSpecs = {
  help: { description: 'this text' },
};

/** Where the server is and who asks. */
export const CONNECTION: OptionSpecs = {
  url: {
    value: 'URL',
    description:
      'where the server listens: ws://, wss:// or ws+unix:PATH:/socket (default: $DISPATCHER_URL, cli.url of the configuration, its unix socket, ws://127.0.0.1:5000/socket)',
  },
  user: {
    value: 'NAME',
    description:
      'whom to log in as (default: $DISPATCHER_USER, else the present user). A password is asked for, or is $DISPATCHER_PASSWORD',
  },
  'password-file': {
    value: 'FILE',
    description: 'read the password from the first line of a file',
    completes: 'file',
  },
  'token-file': {
    value: 'FILE',
    description:
      'read a token or an API key from the first line of a file (default: $DISPATCHER_TOKEN)',
    completes: 'file',
  },
  ca: {
    value: 'FILE',
    description: 'certificates in PEM that vouch for the server',
    completes: 'file',
  },
  insecure: { description: 'take any certificate, and be told so' },
  config: {
    value: 'FILE',
    short: 'c',
    description:
      'the middleware.conf to go by (default: $DISPATCHER_CONFIG, else /usr/local/etc/middleware.conf)',
    completes: 'file',
  },
  timeout: { value: 'TIME', description: 'give up after so long: 5, 5s, 2m, 1h' },
};

/** In which form the answer is printed. */
export const OUTPUT: OptionSpecs = {
  json: { description: 'JSON, exact values (default where no terminal is)' },
  yaml: { description: 'YAML' },
  csv: { description: 'CSV with a line of names; nested values as JSON' },
  ndjson: { description: 'JSON, an item on each line' },
  table: { description: 'a table, an object as a list (default on a terminal)' },
  wrap: { description: 'in a table what is too long goes on below, and is not shortened' },
  select: {
    value: 'FIELDS',
    description: 'only these properties: a,b.c; one alone gives its bare values',
  },
};

/** All that a command takes, its own first. */
export function optionsOf(command: Command): OptionSpecs {
  return {
    ...command.options,
    ...(command.prints === true && OUTPUT),
    ...(command.talks === true && withoutOwn(CONNECTION, command)),
    ...HELP,
  };
}

function withoutOwn(shared: OptionSpecs, { options = {} }: Command): OptionSpecs {
  return Object.fromEntries(
    Object.entries(shared).filter(([name]) => !Object.hasOwn(options, name)),
  );
}
