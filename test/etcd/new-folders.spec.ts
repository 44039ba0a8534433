import { expect, it } from 'vitest';
import { EngineHarness, outcomes } from './engine.harness.js';

it('files of one generation share a folder that none of them finds there', async () => {
  const on = await EngineHarness.start();
  const names = Array.from({ length: 24 }, (_, n) => `new/${n % 3}/file${n}`);
  const report = await on.apply(names.map((name) => on.file(name, `${name}\n`)));
  expect(outcomes(report)).toEqual(Object.fromEntries(names.map((name) => [name, 'created'])));
  for (const name of names) expect(await on.read(name)).toContain(name);
});
