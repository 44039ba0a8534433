import { LOG_LEVELS } from '../../wire/constants.js';
import {
  bytes,
  choice,
  count,
  integer,
  list,
  milliseconds,
  optionalChoice,
  optionalText,
  section,
  text,
  toggle,
} from './value-kinds.js';

const MAX_INCLUDES = 64;
const MAX_SCAN_SECONDS = 2_147_483;
const MAX_BACKUPS = 10_000;
const MAX_BACKUP_MIB = 1_048_576;

/** `etcd`: the process that writes the files other programs read. */
export const ETCD = section('The files of the system, written from templates: dispatcher-etcd.', {
  pidfile: optionalText(
    'path',
    'File the process id is written to, exclusively; removed at exit. Not given: no file.',
  ),
  logging: choice(
    ['console', 'syslog', 'journald', 'file'],
    'console',
    'Where log lines go; `file` needs `log-file`.',
  ),
  'log-level': choice(LOG_LEVELS, 'info', 'Log lines below this level are not written.'),
  'log-file': optionalText('path', 'File for `logging` = `file`.'),
  'plugin-dirs': list(
    'path',
    'Folders that mirror the root, with templates and renderers, searched after the shipped ones; one that is not there is a warning.',
  ),
  'shipped-plugins': toggle(
    true,
    'Whether the files that come with the product are known; each is off until its setting turns it on.',
  ),
  root: text(
    'path',
    '/etc',
    'Folder that the names of files are relative to; ROOT on the command line stands above it.',
  ),
  'allowed-roots': list(
    'path',
    'Further folders in which files with an absolute path may lie; `/` is refused.',
  ),
  url: optionalText(
    'plain',
    'Where the dispatcher listens, ws:// or ws+unix:. Not given: its unix socket, else its port on this machine.',
  ),
  mode: choice(
    ['process', 'embedded'],
    'process',
    'Whether it is a process of its own or a part of the dispatcher.',
  ),
  actions: optionalChoice(
    ['run', 'log', 'off'],
    'What happens to reloads: they run, are only told, or neither. Not given: `run` if the root is /etc, else `log`.',
  ),
  validation: choice(
    ['enforce', 'log', 'off'],
    'enforce',
    'What happens when a validator refuses a file: it fails, or a log line, or validators do not run.',
  ),
  'render-user': text(
    'plain',
    'dispatcher',
    'User whom templates and renderers run as, if the process was started by root.',
  ),
  debounce: section('How long changes are gathered before files are generated.', {
    'quiet-ms': milliseconds(250, 'Time without a further change.'),
    'max-ms': milliseconds(2_000, 'Longest time that a first change waits.'),
  }),
  drift: section('Files that somebody else has changed.', {
    'interval-s': integer(
      [0, MAX_SCAN_SECONDS],
      600,
      'Seconds between scans beside the watch; 0: no scan.',
    ),
    policy: choice(
      ['report', 'restore', 'ignore'],
      'report',
      'What happens to a file that somebody else has changed.',
    ),
  }),
  backups: section('Contents that files had before.', {
    count: integer([0, MAX_BACKUPS], 10, 'Contents kept of each file.'),
    'max-mib': integer([1, MAX_BACKUP_MIB], 64, 'MiB kept of all files; the oldest go first.'),
  }),
  'insecure-plugin-dirs': toggle(
    false,
    'Whether folders that others may write are loaded with a warning; for development.',
  ),
  limits: section('Bounds; a file that passes one fails, and the others go on.', {
    'file-bytes': bytes(4_194_304, 'Largest content of a file.'),
    'render-ms': milliseconds(5_000, 'How long one file may take to render.'),
    'validator-ms': milliseconds(10_000, 'How long a validator may take.'),
    'action-ms': milliseconds(30_000, 'How long an action may take.'),
    'output-bytes': bytes(
      16_384,
      'What is kept of the output of a validator or an action: its end.',
    ),
    files: count(10_000, 'Files that plugin directories may name; further ones are not loaded.'),
    'include-depth': integer([1, MAX_INCLUDES], 8, 'Depth of templates that include each other.'),
  }),
});
