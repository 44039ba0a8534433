import { writeSync } from 'node:fs';
import { DATASTORE_DRIVERS } from '../../../src/server/datastore-drivers.js';
import { openDatastore } from '../../../src/datastore/index.js';

/**
 * Writes until it is killed, and says after each acknowledgement what was acknowledged. Arguments:
 * driver, dsn, round, and `single` to leave out batches. Every writer inserts single rows, batches of
 * three and updates of its own row.
 */
const [driver = '', dsn = '', round = '', mode = 'batches'] = process.argv.slice(2);
const WRITERS = 8;

const store = await openDatastore({ driver, dsn }, { drivers: DATASTORE_DRIVERS });
await store.requireCollection('rows', { key: 'serial', unique: ['name'], indexes: ['group'] });
await store.requireCollection('marks', { key: 'given' });

// writeSync: what was said before the kill must not sit in a buffer
function say(...words: (string | number)[]): void {
  writeSync(1, `${words.join(' ')}\n`);
}

async function writeBatch(group: string): Promise<void> {
  await store.insertMany(
    'rows',
    [0, 1, 2].map((part) => ({ name: `${group}${part}`, group })),
  );
  say('group', group);
}

async function write(writer: number): Promise<never> {
  for (let n = 0; ; n += 1) {
    const name = `${round}-${writer}-${n}`;
    await store.insert('rows', { name });
    say('row', name);
    if (mode === 'batches') await writeBatch(`${name}-g`);
    await store.upsert('marks', `${writer}`, { round: Number(round), n });
    say('mark', writer, n);
    // Somebody else's name: must be refused, whatever was killed when
    await store.insert('rows', { name }).then(
      () => say('duplicate', name),
      () => undefined,
    );
  }
}

say('ready');
await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
