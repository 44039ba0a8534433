import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HELP, OPTIONS, parseArguments } from './command-line.js';
import { ConfigurationError } from './configuration-error.js';
import { DISPATCHER } from './schema/index.js';

describe('the command line', () => {
  it('without arguments runs with the default file', () => {
    expect(parseArguments([])).toEqual({ kind: 'run', file: null, overrides: {} });
  });

  it.each([
    [['-c', 'a.conf'], { file: 'a.conf', overrides: {} }],
    [['-ca.conf'], { file: 'a.conf', overrides: {} }],
    [['--config=a.conf'], { file: 'a.conf', overrides: {} }],
    [['-c', 'a.conf', '-c', 'b.conf'], { file: 'b.conf', overrides: {} }],
    [['-p', '0'], { file: null, overrides: { websocketPort: 0 } }],
    [['-p65535'], { file: null, overrides: { websocketPort: 65_535 } }],
    [['-s', '8181'], { file: null, overrides: { frontendPort: 8_181 } }],
    [['-u', './a.sock'], { file: null, overrides: { unixSocket: './a.sock' } }],
    [['--log-level', 'trace'], { file: null, overrides: { logLevel: 'trace' } }],
    [
      ['--websocket-port=1', '--frontend-port=2', '--unix-socket=/s'],
      { file: null, overrides: { websocketPort: 1, frontendPort: 2, unixSocket: '/s' } },
    ],
  ])('reads %j', (argv, expected) => {
    expect(parseArguments(argv)).toEqual({ kind: 'run', ...expected });
  });

  it.each([
    [['--check-config', '-c', 'a'], 'check'],
    [['--version', '--check-config'], 'version'],
    [['--version', '--help', '-p', '1'], 'help'],
  ])('does with %j what was asked: %s', (argv, kind) => {
    expect(parseArguments(argv).kind).toBe(kind);
  });

  it.each([
    [['--prot'], 'unknown option "--prot"; --help lists them'],
    [['--websocket-prot=1'], 'unknown option "--websocket-prot", did you mean "--websocket-port"?'],
    [['--loglevel', 'info'], 'unknown option "--loglevel", did you mean "--log-level"?'],
    [['-x'], 'unknown option "-x"; --help lists them'],
    [['--toString'], 'unknown option "--toString"; --help lists them'],
    [['--__proto__'], 'unknown option "--__proto__"; --help lists them'],
    [['start'], 'unexpected argument "start"'],
    [['--', '-p'], 'unexpected argument "-p"'],
    [['-c'], '-c: needs a value'],
    [['-c', '--check-config'], '-c: needs a value'],
    [['--config='], '--config: needs a value'],
    [['--help=yes'], '--help: takes no value, got "yes"'],
    [['-p', 'http'], '-p: expected a whole number from 0 to 65535, got "http"'],
    [['-p', '65536'], '-p: expected a whole number from 0 to 65535, got 65536'],
    [['-p', '-1'], '-p: expected a whole number from 0 to 65535, got "-1"'],
    [['-p', '0x10'], '-p: expected a whole number from 0 to 65535, got "0x10"'],
    [['-s', '1.5'], '-s: expected a whole number from 0 to 65535, got "1.5"'],
    [
      ['--log-level', 'INFO'],
      '--log-level: expected "trace", "debug", "info", "warn", "error" or "fatal", got "INFO", did you mean "info"?',
    ],
  ])('refuses %j', (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(new ConfigurationError([message]));
  });

  it('refuses a socket path that the kernel would cut', () => {
    expect(() => parseArguments(['-u', `/${'ä'.repeat(54)}`])).toThrow(
      /^-u: .*107 bytes.*got 109$/,
    );
    expect(parseArguments(['-u', `/${'ä'.repeat(53)}`]).kind).toBe('run');
  });

  it('names every error at once, one a line', () => {
    expect(problemsOf(['-p', 'x', 'word', '--bogus=1', 'word', '--odd', 'value'])).toEqual([
      '-p: expected a whole number from 0 to 65535, got "x"',
      'unexpected argument "word"',
      'unknown option "--bogus"; --help lists them',
      'unexpected argument "word"',
      'unknown option "--odd"; --help lists them',
    ]);
  });

  it('never fails with anything but its own error', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '-p',
        '-c',
        '-s',
        '-u',
        '--log-level',
        '--check-config',
        '--',
        '-',
        '--=',
        '5',
      ),
    );
    fc.assert(fc.property(fc.array(word), (argv) => void problemsOf(argv)));
  });
});

function problemsOf(argv: readonly string[]): readonly string[] {
  try {
    parseArguments(argv);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).problems;
  }
}

describe('the help', () => {
  it('names every option that is understood, and no other', () => {
    const named = [...HELP.matchAll(/--[a-z-]+/g)].map(([option]) => option);
    expect(named).toEqual(Object.keys(OPTIONS).map((name) => `--${name}`));
  });

  it('shows the defaults of the file', () => {
    const { properties } = DISPATCHER;
    expect(HELP).toMatch(
      new RegExp(`--websocket-port .*\\(${properties['websocket-port'].default}\\)`),
    );
    expect(HELP).toMatch(
      new RegExp(`--frontend-port .*\\(${properties['frontend-port'].default}\\)`),
    );
    expect(HELP).toMatch(new RegExp(`--log-level .*\\(${properties['log-level'].default}\\)`));
    for (const level of properties['log-level'].enum) expect(HELP).toContain(level);
  });
});
