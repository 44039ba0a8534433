import { RpcSession } from '../rpc-session.js';

export const SETTINGS_HELP = `Usage: dispatcherctl [--url URL] [--user NAME] settings COMMAND

  get [PREFIX]            prints the values, or those at or below a key
  set KEY=VALUE ...       changes them, all or none; VALUE is JSON, or else text as it stands
  reset KEY ...           gives them their defaults back, all or none
  describe [PREFIX]       prints what each is for, what it may be, its default, who may change it

Values with spaces, quotes or brackets want quotes of the shell: settings set 'files.roots=["/srv"]'
A text that reads as JSON wants its own quotes, too: settings set 'mail.user="12"'
`;

export interface SettingsCommand {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** What stands behind `settings`. */
  readonly words: readonly string[];
}

interface Call {
  readonly method: string;
  readonly args: readonly unknown[];
}

/**
 * Reads or changes the settings of a running server and returns what is to be printed.
 *
 * @throws Error for a command that is none, or when nobody answers; RpcException what the server says
 */
export async function settingsCommand({ words, ...command }: SettingsCommand): Promise<string> {
  const [name = '', ...rest] = words;
  const { method, args } = callOf(name, rest);
  const session = await RpcSession.open(command.url);
  try {
    await session.login(command.user, command.password);
    const answer = await session.call(method, args);
    return textOf(name === 'describe' ? rowsBelow(answer, rest[0]) : answer);
  } finally {
    session.close();
  }
}

function callOf(name: string, rest: readonly string[]): Call {
  switch (name) {
    case 'get':
      return { method: 'settings.get', args: atMostOne(name, rest) };
    case 'describe':
      atMostOne(name, rest);
      return { method: 'settings.describe', args: [] };
    case 'reset':
      if (rest.length === 0) throw usage('reset: which key?');
      return { method: 'settings.reset', args: [rest] };
    case 'set':
      if (rest.length === 0) throw usage('set: which key, and to what? KEY=VALUE');
      return { method: 'settings.set', args: [Object.fromEntries(rest.map(assignment))] };
    default:
      throw usage(name === '' ? 'Which command?' : `There is no command ${name}`);
  }
}

function atMostOne(name: string, words: readonly string[]): readonly string[] {
  if (words.length > 1) throw usage(`${name} takes one prefix at most`);
  return words;
}

function assignment(word: string): [key: string, value: unknown] {
  const at = word.indexOf('=');
  if (at < 1) throw usage(`${word}: a change is written KEY=VALUE`);
  const text = word.slice(at + 1);
  try {
    return [word.slice(0, at), JSON.parse(text) as unknown];
  } catch {
    return [word.slice(0, at), text];
  }
}

function rowsBelow(rows: unknown, prefix: string | undefined): unknown {
  if (prefix === undefined || !Array.isArray(rows)) return rows;
  const isMeant = ({ key }: { readonly key: string }): boolean =>
    key === prefix || key.startsWith(`${prefix}.`);
  const found = (rows as { readonly key: string }[]).filter(isMeant);
  if (found.length === 0) throw new Error(`There is no setting ${prefix}`);
  return found;
}

function textOf(answer: unknown): string {
  return answer === null ? '' : `${JSON.stringify(answer, null, 2)}\n`;
}

function usage(problem: string): Error {
  return new Error(`${problem}\n\n${SETTINGS_HELP}`);
}
