import {
  choice,
  integer,
  list,
  milliseconds,
  optionalText,
  section,
  texts,
  toggle,
} from './value-kinds.js';

const MAX_HISTORY = 1_000_000;

/** `cli`: what people find when they work by the command line. */
export const CLI = section('The command line: dispatcherctl and the shell.', {
  'plugin-dirs': list(
    'path',
    'Folders with plugins of the shell, searched after the shipped ones.',
  ),
  'shipped-plugins': toggle(true, 'Whether the shell loads the plugins that come with it.'),
  url: optionalText(
    'plain',
    'Where the server listens, ws://, wss:// or ws+unix:. Not given: its unix socket if that can be opened, else ws://127.0.0.1:5000/socket.',
  ),
  'history-size': integer([0, MAX_HISTORY], 10_000, 'Lines that the shell remembers.'),
  theme: choice(['auto', 'none'], 'auto', 'Whether a terminal is written to in colour.'),
  pager: choice(
    ['auto', 'never'],
    'auto',
    'Whether what is longer than the screen goes to a pager.',
  ),
  aliases: texts('Lines of the shell by a word that stands for each.'),
  'connect-timeout-ms': milliseconds(5_000, 'How long a connection may take to stand.'),
  'completion-timeout-ms': milliseconds(300, 'How long completion asks the server.'),
});
