import { writeSync } from 'node:fs';
import { engineOn } from '../engine-on.js';
import { VARIANTS, variantFiles } from './variants.js';

/** Puts one variant of a set of files in place after the other until it is killed. */
const [folder = ''] = process.argv.slice(2);
const engine = engineOn(folder);
await engine.open();
writeSync(1, 'ready\n');
for (let n = 0; ; n += 1) {
  const variant = VARIANTS[n % 2] ?? 'a';
  const { files, atomicSets } = variantFiles(folder, variant);
  const id = `w${process.pid}-${n}`;
  await engine.apply({ id, reason: 'call', startedAt: new Date(), files, atomicSets });
}
