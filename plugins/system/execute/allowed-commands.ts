import { RE2JS } from 're2js';

export const ALLOWED_KEY = 'system.execute.allowed';

/** In the list it stands for every program. */
const ANY = '*';
const DEFAULT_FOLDER = '/';
const MAX_TEXT_BYTES = 131_072; // the longest text that the kernel takes
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,255}$/;

/**
 * Variables by which the loader, the C library, a shell or an interpreter runs other code than that of
 * the program. Whatever the setting says, they are refused: who may run one program could run any.
 */
const CODE_LOADING = new RegExp(
  '^(?:' +
    [
      ...['LD_.*', 'DYLD_.*', 'GLIBC_TUNABLES', 'GCONV_PATH', 'LOCPATH', 'NLSPATH', 'MALLOC_.*'],
      ...[
        'PATH',
        'IFS',
        'ENV',
        'BASH_.*',
        'BASHOPTS',
        'SHELLOPTS',
        'PS4',
        'PROMPT_COMMAND',
        'CDPATH',
      ],
      ...['NODE_.*', 'PYTHON.*', 'PERL.*', 'RUBY.*', 'LUA_.*', 'PHP.*', 'TCLLIBPATH', 'CLASSPATH'],
      ...['_?JAVA_.*', 'JDK_JAVA_OPTIONS', 'OPENSSL_.*', 'GIT_.*', 'ZDOTDIR', 'FPATH'],
      ...['HOSTALIASES', 'RESOLV_HOST_CONF', 'LESSOPEN', 'LESSCLOSE', 'PAGER', 'EDITOR', 'VISUAL'],
    ].join('|') +
    ')$',
);

/** What a caller asks to be run, and how. */
export interface Request {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment: ReadonlyMap<string, unknown>;
  readonly workingDirectory: string;
  readonly input: string;
}

/** What the setting says of a program; null of something is: whatever the caller wants. */
interface Allowance {
  readonly arguments: string | readonly string[] | null;
  readonly environment: readonly string[];
  readonly workingDirectories: readonly string[] | null;
  readonly mayHaveInput: boolean;
}

/** An entry of the setting: the path of a program, as older stores have it, `*`, or more about one. */
export type AllowedCommand = string | Readonly<Record<string, unknown>>;

/** Why an entry allows nothing to anybody; null when it is in order. */
export function allowanceFault(entry: unknown): string | null {
  if (typeof entry === 'string') return null;
  const command =
    typeof entry === 'object' && entry !== null && 'command' in entry ? entry.command : 0;
  const allowance = typeof command === 'string' ? allowanceOf(entry, command) : null;
  if (allowance === null) return 'has another form';
  const { arguments: patterns } = allowance;
  try {
    for (const pattern of typeof patterns === 'string' ? [patterns] : (patterns ?? [])) {
      RE2JS.compile(pattern);
    }
    return null;
  } catch {
    return 'has a pattern that is none';
  }
}

/** Why a variable can never be one of the program's; null when it can. */
export function variableFault(name: string, value: unknown): string | null {
  if (!VARIABLE.test(name)) return 'is no name of a variable';
  if (typeof value !== 'string' || value.includes('\0')) return 'is no text';
  if (Buffer.byteLength(`${name}=${value}`) >= MAX_TEXT_BYTES) return 'is too long';
  if (CODE_LOADING.test(name)) {
    return `can make a program run other code, so it is refused whatever ${ALLOWED_KEY} says`;
  }
  return null;
}

/**
 * Why the setting does not let this be run; null when it does. Nothing is allowed unless it says
 * so.
 */
export function refusalOf(setting: readonly AllowedCommand[], request: Request): string | null {
  const allowances = setting
    .map((entry) => allowanceOf(entry, request.command))
    .filter((allowance) => allowance !== null);
  if (allowances.length === 0) return 'add it to the list';
  const faults = allowances.map((allowance) => faultOf(request, allowance));
  return faults.includes(null) ? null : (faults[0] ?? null);
}

/** Of an entry for this program: its path alone, as older stores have it, or an object. */
function allowanceOf(entry: unknown, command: string): Allowance | null {
  if (entry === command || entry === ANY) {
    return { arguments: null, environment: [], workingDirectories: null, mayHaveInput: true };
  }
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return null;
  const {
    command: own,
    arguments: patterns = null,
    environment = [],
    working_directories: folders = [DEFAULT_FOLDER],
    input = false,
    ...unknown
  } = entry as Record<string, unknown>;
  if (own !== command && own !== ANY) return null;
  const isPattern = patterns === null || typeof patterns === 'string' || isTexts(patterns);
  if (!isPattern || !isTexts(environment) || !isTexts(folders)) return null;
  if (typeof input !== 'boolean' || Object.keys(unknown).length > 0) return null;
  return { arguments: patterns, environment, workingDirectories: folders, mayHaveInput: input };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function faultOf(request: Request, allowance: Allowance): string | null {
  for (const name of request.environment.keys()) {
    if (!allowance.environment.includes(name))
      return `its entry does not name the variable ${name}`;
  }
  const { workingDirectories } = allowance;
  if (workingDirectories !== null && !workingDirectories.includes(request.workingDirectory)) {
    return `its entry does not name the folder ${request.workingDirectory}`;
  }
  if (request.input !== '' && !allowance.mayHaveInput) return 'its entry allows no input';
  return argumentsFault(request.arguments, allowance.arguments);
}

/** One pattern is for each argument; of a list each is for one, and there are as many of both. */
function argumentsFault(given: readonly string[], patterns: Allowance['arguments']): string | null {
  if (patterns === null) return null;
  if (typeof patterns !== 'string' && patterns.length !== given.length) {
    return `its entry wants ${patterns.length} arguments`;
  }
  try {
    const compiled = (typeof patterns === 'string' ? [patterns] : patterns).map((pattern) =>
      RE2JS.compile(pattern, RE2JS.DOTALL),
    );
    const wrong = given.findIndex((text, index) => {
      const pattern = typeof patterns === 'string' ? compiled[0] : compiled[index];
      return pattern?.matches(text) !== true;
    });
    return wrong === -1 ? null : `argument ${wrong + 1} does not fit the pattern of its entry`;
  } catch (error) {
    return `a pattern of its entry is none: ${error instanceof Error ? error.message : ''}`;
  }
}
