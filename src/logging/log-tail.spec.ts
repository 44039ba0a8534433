import { expect, it } from 'vitest';
import { Password } from '../common/index.js';
import type { LogRecord } from '../wire/index.js';
import { LogRoot } from './index.js';

function logger() {
  const written: string[] = [];
  const root = new LogRoot('debug', { write: (text) => void written.push(text) });
  return { root, written, log: root.create({ component: 'test', plugin: 'p' }) };
}

it('keeps the latest lines, which still go where they went', () => {
  const { root, written, log } = logger();
  for (let i = 0; i < 3_500; i += 1) log.info(`line ${i}`);
  const lines = root.tail.recent();
  expect(written).toHaveLength(3_500);
  expect(lines).toHaveLength(1_000);
  expect(lines.at(-1)).toMatchObject({
    level: 'info',
    component: 'test',
    message: 'line 3499',
    fields: { plugin: 'p' },
  });
});

it('tells watchers of each line until they stop', () => {
  const { root, log } = logger();
  const seen: LogRecord[] = [];
  const stop = root.tail.watch((line) => seen.push(line));
  log.warn('one');
  stop();
  log.warn('two');
  expect(seen.map(({ message }) => message)).toEqual(['one']);
});

it('never shows a secret', () => {
  const { root, log } = logger();
  log.info('login', { password: 'hunter2', nested: { token: 'abc' }, secret: new Password('xyz') });
  const text = JSON.stringify(root.tail.recent());
  expect(text).toContain('<hidden>');
  expect(text).not.toMatch(/hunter2|abc|xyz/);
});

it('does not keep a line of unusual size', () => {
  const { root, written, log } = logger();
  log.info('x'.repeat(20_000));
  expect(root.tail.recent()).toEqual([]);
  expect(written).toHaveLength(1);
});
