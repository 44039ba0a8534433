// Writes the table of docs/errors.md from the compiled catalogue: `npm run build && node scripts/errors-page.mjs`
import { readFileSync, writeFileSync } from 'node:fs';
import { ERROR_CATALOG, errnoName } from '../dist/src/common/index.js';

const page = new URL('../docs/errors.md', import.meta.url);
const [intro] = readFileSync(page, 'utf8').split('\n| ');
const rows = Object.entries(ERROR_CATALOG).map(
  ([key, { errno, template, fault }]) =>
    `| \`${key}\` | ${errnoName(errno)} ${errno} | ${template} | ${fault} |`,
);
writeFileSync(
  page,
  `${intro.trimEnd()}\n\n| key | code | message | whose fault |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`,
);
