import { expect, it } from 'vitest';
import { textFormat } from './text.format.js';

const LINE = JSON.stringify({
  level: 'warn',
  time: '2026-01-01T00:00:00.000Z',
  component: 'plugin',
  plugin: 'share',
  msg: 'Gone\u001b[2J',
  path: '/srv',
});

it('shows time, level, who, message and fields, and nothing that steers the terminal', () => {
  expect(textFormat({ hasColour: false })(LINE)).toMatch(
    /^\d\d:\d\d:\d\d WARN {2}plugin share: Gone\\x1b\[2J path="\/srv"\n$/,
  );
});

it('has colour where that is wanted, and the same words', () => {
  const coloured = textFormat({ hasColour: true })(LINE);
  expect(coloured).toContain('\u001b[33mWARN \u001b[0m');
  // eslint-disable-next-line no-control-regex -- the colours are what is taken away
  expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(textFormat({ hasColour: false })(LINE));
});
