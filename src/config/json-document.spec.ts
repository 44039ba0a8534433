import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from './configuration-error.js';
import { parseDocument } from './json-document.js';

const FILE = '/etc/middleware.conf';

function complaintOf(text: string): string {
  try {
    parseDocument(FILE, text);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).message;
  }
  return 'accepted';
}

describe('a syntax error', () => {
  it.each([
    ['', '1:1: expected a value'],
    ['{', '1:2: expected a comma or a closing brace'],
    ['{"dispatcher": {\n  "tls": true\n  "frontend": false\n}}', '3:3: expected a comma'],
    ['{"dispatcher": {\r\n  "tls" true}}', '2:9: expected a colon'],
    ['{"a": 1,}', '1:9: expected a key in double quotes'],
    ['{"a": [1,\n]}', '2:1: expected a value'],
    ['{"a": [1 2]}', '1:10: expected a comma'],
    ['{"a": yes}', '1:7: unexpected text; names and texts are in double quotes'],
    ["{'a': 1}", '1:2: unexpected text; names and texts are in double quotes'],
    ['{"a": "x}\n', '1:7: the text that starts here has no closing quote on its line'],
    ['{"a": "\\q"}', '1:7: the text that starts here has a wrong escape after a backslash'],
    ['{"a": "\\u12"}', '1:7: the text that starts here has a wrong \\u escape'],
    [
      '{"a": "\t"}',
      '1:7: the text that starts here has a control character; write it as an escape',
    ],
    ['{"a": 1.}', '1:7: the number that starts here is not complete'],
    ['// mine\n{}', '1:1: comments are not allowed'],
    ['{}\n{}', '2:1: unexpected text after the end'],
  ])('in %j is shown as %s', (text, expected) => {
    expect(complaintOf(text)).toBe(`${FILE}:${expected}`);
  });

  it('always has a line and a column', () => {
    const damaged = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', '[', '\\', 'x', '\n'))
      .map(([text, at, insert]) => {
        const index = at % (text.length + 1);
        return text.slice(0, index) + insert + text.slice(index + 1);
      });
    fc.assert(
      fc.property(fc.oneof(fc.string(), damaged), (text) => {
        const isValid = isJson(text);
        fc.pre(!isValid);
        expect(complaintOf(text)).toMatch(/^\/etc\/middleware\.conf:\d+:\d+: [a-z]/);
      }),
      { numRuns: 500 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('a document', () => {
  it.each([
    ['[]', 'an array'],
    ['null', 'null'],
    ['"text"', '"text"'],
    ['5', '5'],
  ])('that is %s is refused', (text, got) => {
    expect(complaintOf(text)).toBe(
      `${FILE}: expected an object with sections such as "dispatcher", got ${got}`,
    );
  });

  it.each([
    ['{"dispatcher": {"tls": true,\n "tls": false}}', '2:2: dispatcher.tls: given twice'],
    ['{"dispatcher": {}, "dispatcher": {}}', '1:20: dispatcher: given twice'],
    ['{"etcd": {}, "etcd": {}}', '1:14: etcd: given twice'],
    ['{"dispatcher": {"a\\u0062": 1, "ab": 2}}', '1:31: dispatcher.ab: given twice'],
  ])('with a key given twice is refused: %s', (text, expected) => {
    expect(complaintOf(text)).toBe(`${FILE}:${expected}`);
  });

  it('may repeat keys inside the sections of other daemons and in different objects', () => {
    const text = '{"etcd": {"a": 1, "a": 2}, "dispatcher": {"limits": {}, "tasks": {"limits": 1}}}';
    expect(parseDocument(FILE, text)).toHaveProperty('etcd', { a: 2 });
  });

  it('that is nested deeper than the stack is refused and not a crash', () => {
    const depth = 200_000;
    const text = `{"etcd": ${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(complaintOf(text)).toBe(`${FILE}: nested too deeply`);
  });

  it('is what JSON.parse makes of it, hostile names included', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(parseDocument(FILE, text))).toBe(text);
      }),
    );
    expect(Object.hasOwn(parseDocument(FILE, '{"__proto__": {}}'), '__proto__')).toBe(true);
  });
});
