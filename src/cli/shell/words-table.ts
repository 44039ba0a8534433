/** What may be typed as an argument of a built-in word or a stage, for completion. */
type WordCompletes =
  | 'place'
  | 'property'
  | 'filter'
  | 'task'
  | 'job'
  | 'event'
  | 'file'
  | 'line'
  | 'variable'
  | 'none'
  | readonly string[];

/** A word of the shell's own, as help and completion tell of it. */
export interface WordSpec {
  /** What stands behind it: `[PATH]`. */
  readonly usage: string;
  readonly summary: string;
  readonly completes: WordCompletes;
  /** Not listed: another way to write one that is. */
  readonly aliasOf?: string;
}

const word = (usage: string, summary: string, completes: WordCompletes = 'none'): WordSpec => ({
  usage,
  summary,
  completes,
});
const alias = (aliasOf: string, spec: WordSpec): WordSpec => ({ ...spec, aliasOf });

const HELP = word(
  '[PATH]',
  'Tells what there is here, or of a command; PATH ? does the same',
  'place',
);
const EXIT = word('[STATUS]', 'Ends the shell');
const LIMIT = word('N', 'Only the first rows');
const LESS = word('', 'Shows the text in a pager');

/** Words that are there wherever one stands; names of the server go before them, `.name` is always they. */
export const BUILT_INS: ReadonlyMap<string, WordSpec> = new Map([
  ['help', HELP],
  ['?', alias('help', HELP)],
  ['cd', word('[PATH]', 'Goes to another place: a b, /a/b, .., -', 'place')],
  ['..', word('', 'Goes one up')],
  ['-', word('', 'Goes back to where one was before')],
  ['top', word('', 'Goes to the top, as / does')],
  ['ls', word('[PATH]', 'Lists what is here', 'place')],
  ['exit', EXIT],
  ['quit', alias('exit', EXIT)],
  ['set', word('NAME=VALUE...', 'Gives variables a value; without one lists them', 'variable')],
  ['unset', word('NAME...', 'Forgets variables', 'variable')],
  ['echo', word('[VALUE...]', 'Prints values')],
  ['call', word('METHOD [ARG...]', 'Calls a method by its full name')],
  ['submit', word('TASK [ARG...]', 'Submits a task by its name', 'task')],
  ['jobs', word('', 'Lists the tasks that this shell has begun and not seen end')],
  ['wait', word('[ID...]', 'Waits for tasks: those of this shell, or these', 'job')],
  ['abort', word('ID...', 'Stops tasks', 'job')],
  [
    'explain',
    word('ID | LINE', 'Says why a task waits, or how a line would be carried out', 'line'),
  ],
  ['logs', word('ID', 'Shows what a task printed, and the lines of the log about it', 'job')],
  ['watch', word('MASK... [--since CURSOR] [--count N]', 'Prints events as they happen', 'event')],
  ['notify', word('[off] MASK...', 'Tells of events above what is being typed', 'event')],
  ['emit', word('EVENT [ARG...]', 'Publishes an event', 'event')],
  ['source', word('FILE', 'Runs the lines of a file', 'file')],
  ['dump', word('[PATH]', 'Prints the commands that make what is there anew', 'place')],
  ['plan', word('LINE', 'Says what a line would change, and changes nothing', 'line')],
  ['begin', word('', 'Collects tasks instead of submitting them')],
  ['compare', word('', 'Lists the tasks collected since begin')],
  ['commit', word('', 'Submits the tasks collected since begin, in order')],
  ['discard', word('', 'Forgets the tasks collected since begin')],
  ['alias', word('[NAME=LINE]', 'Gives a line a name; without one lists them')],
  ['unalias', word('NAME...', 'Forgets aliases')],
  ['whoami', word('', 'Says who is logged in')],
  ['plugins', word('', 'Lists the plugins of this shell, and what is wrong with them')],
  ['refresh', word('', 'Asks the server anew what it offers')],
  ['history', word('[N]', 'Lists the last lines that were typed')],
  ['clear', word('', 'Empties the screen')],
  ['sleep', word('TIME', 'Waits: 5, 500ms, 2m')],
  ['true', word('', 'Does nothing, and succeeds')],
  ['false', word('', 'Does nothing, and fails')],
]);

/** What may stand behind `|`. */
export const STAGES: ReadonlyMap<string, WordSpec> = new Map([
  ['search', word('FILTER...', 'Only the rows for which all of it holds', 'filter')],
  ['exclude', word('FILTER...', 'Only the rows for which none of it holds', 'filter')],
  ['find', word('FILTER...', 'The first row for which all of it holds', 'filter')],
  ['sort', word('[-]PROPERTY...', 'Orders the rows; - turns it round', 'property')],
  ['limit', LIMIT],
  ['head', alias('limit', LIMIT)],
  ['tail', word('N', 'Only the last rows')],
  ['offset', word('N', 'Leaves out the first rows')],
  [
    'select',
    word('PROPERTY,...', 'Only these properties; one alone gives its bare values', 'property'),
  ],
  ['get', word('PROPERTY', 'What stands at a path such as a.b', 'property')],
  ['count', word('', 'How many rows there are')],
  ['uniq', word('[PROPERTY...]', 'Leaves out rows that were there before', 'property')],
  ['group', word('PROPERTY', 'How many rows have each value', 'property')],
  ['each', word('{ LINE }', 'Runs lines for each row, which is $it')],
  [
    'to',
    word('FORMAT', 'Writes it in another form', ['json', 'yaml', 'csv', 'ndjson', 'md', 'table']),
  ],
  ['save', word('FILE', 'Writes it to a file', 'file')],
  ['less', LESS],
  ['more', alias('less', LESS)],
  ['grep', word('TEXT', 'Only the lines of the text that have it')],
  ['watch', word('[SECONDS]', 'Does it again and again, until ^C')],
]);
