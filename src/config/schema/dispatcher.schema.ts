import { CLUSTER } from './cluster.schema.js';
import { LIMITS } from './limits.schema.js';
import { TASKS } from './tasks.schema.js';
import {
  choice,
  foreignSections,
  list,
  optionalText,
  port,
  seconds,
  section,
  text,
  toggle,
} from './value-kinds.js';
import { LOG_LEVELS } from '../../wire/constants.js';

/** `dispatcher`: the server itself. */
export const DISPATCHER = section('The server.', {
  pidfile: optionalText(
    'path',
    'File the process id is written to, exclusively; removed at exit. Not given: no file.',
  ),
  'websocket-port': port(
    5_000,
    'Port for clients; 0 takes a free one, which the ready line names.',
  ),
  'websocket-address': optionalText(
    'listen-address',
    'Address to listen on for clients. Not given: all addresses with TLS, 127.0.0.1 without.',
  ),
  'websocket-fast-path': toggle(
    true,
    'Whether whole text messages are read without the WebSocket library; off only costs speed.',
  ),
  'unix-socket': optionalText(
    'path',
    'Unix socket to listen on for clients, with mode 0660. Not given: none.',
  ),
  'unix-socket-group': optionalText(
    'plain',
    'Group that owns the unix socket. Not given: the group of the server.',
  ),
  frontend: toggle(true, 'Whether the debug-mode server runs.'),
  'frontend-port': port(8_180, 'Port of the debug-mode server; 0 takes a free one.'),
  'frontend-address': text(
    'listen-address',
    '127.0.0.1',
    'Address the debug-mode server listens on.',
  ),
  tls: toggle(
    false,
    'Whether clients on the port must speak TLS; needs `tls-certificate` and `tls-keyfile`.',
  ),
  'tls-certificate': optionalText('path', 'Certificate chain in PEM.'),
  'tls-keyfile': optionalText('path', 'Private key of the certificate in PEM.'),
  logging: choice(
    ['console', 'syslog', 'journald', 'file'],
    'console',
    'Where log lines go; `file` needs `log-file`.',
  ),
  'log-format': choice(
    ['auto', 'json', 'text'],
    'auto',
    'How lines on the console look: JSON, text for people, or `auto`: text on a terminal.',
  ),
  'log-level': choice(LOG_LEVELS, 'info', 'Log lines below this level are not written.'),
  'log-file': optionalText('path', 'File for `logging` = `file`.'),
  'plugin-dirs': list(
    'path',
    'Folders searched for plugins after the shipped ones, in order; one that is not there is a warning.',
  ),
  'shipped-plugins': toggle(true, 'Whether the plugins that come with the product are loaded.'),
  plugins: foreignSections(
    'Options of plugins, by their names; each checked against what the plugin itself declares.',
  ),
  standby: toggle(
    false,
    'Whether a start on a store that another server has waits for the end of that one: see high-availability.md.',
  ),
  'http-calls': toggle(
    false,
    'Whether methods can be called with `POST /rpc/<service>.<method>` on the port for clients: see http.md.',
  ),
  'allowed-origins': list(
    'origin',
    'Origins of web pages, other than those of the server itself, that may connect.',
  ),
  'trusted-proxies': list(
    'network',
    'Addresses and networks of proxies whose forwarded headers are believed. With any, logins without a password need the unix socket.',
  ),
  'result-validation': choice(
    ['enforce', 'log', 'off'],
    'enforce',
    'What happens to a result that fails its schema: an error to the client, a log line, or nothing.',
  ),
  'token-lifetime': seconds(600, 'Seconds without a frame after which a login token expires.'),
  'debug-errors': toggle(
    false,
    'Whether errors sent to clients carry the stack; never on a server that others can reach.',
  ),
  limits: LIMITS,
  tasks: TASKS,
  cluster: CLUSTER,
});
