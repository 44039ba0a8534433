import { readFile } from 'node:fs/promises';
import type { Attributes } from '../model/index.js';
import { runBounded } from './bounded-command.js';
import { CommitFailure } from './commit-failure.js';
import type { Ownership } from './place.js';

const LOOKUP_MS = 5_000;
const LARGEST_ID = 0xffff_fffe;

/** Users or groups by name: first the file, then whatever else the machine asks (LDAP, SSSD). */
type Database = 'passwd' | 'group';

/**
 * The numbers of owners and groups. The files are read once and kept for as long as this lives: one
 * generation.
 */
export class OwnerNames {
  readonly #files = new Map<Database, Promise<ReadonlyMap<string, number>>>();
  readonly #asked = new Map<string, Promise<number | null>>();

  /** @throws CommitFailure `no such user` */
  async resolve({ mode, owner, group }: Attributes): Promise<Ownership> {
    const uid = await this.#numberOf('passwd', owner, process.geteuid?.() ?? 0);
    const gid = await this.#numberOf('group', group, process.getegid?.() ?? 0);
    return { mode, uid, gid };
  }

  async #numberOf(database: Database, name: string | number | null, own: number): Promise<number> {
    if (name === null) return own;
    const what = database === 'passwd' ? 'user' : 'group';
    const number = typeof name === 'number' ? name : await this.#lookUp(database, name);
    if (number !== null && Number.isInteger(number) && number >= 0 && number <= LARGEST_ID) {
      return number;
    }
    throw new CommitFailure('commit', `no such ${what}: ${name}`);
  }

  async #lookUp(database: Database, name: string): Promise<number | null> {
    if (/^\d{1,10}$/.test(name)) return Number(name);
    let entries = this.#files.get(database);
    if (entries === undefined) this.#files.set(database, (entries = readDatabase(database)));
    const known = (await entries).get(name);
    if (known !== undefined) return known;
    const key = `${database} ${name}`;
    let asked = this.#asked.get(key);
    if (asked === undefined) this.#asked.set(key, (asked = askTheMachine(database, name)));
    return asked;
  }
}

async function readDatabase(database: Database): Promise<ReadonlyMap<string, number>> {
  const text = await readFile(`/etc/${database}`, 'utf8').catch(() => '');
  return new Map(text.split('\n').flatMap((line) => entryOf(line) ?? []));
}

function entryOf(line: string): [[string, number]] | null {
  const [name = '', , number = ''] = line.split(':');
  return name !== '' && /^\d+$/.test(number) ? [[name, Number(number)]] : null;
}

async function askTheMachine(database: Database, name: string): Promise<number | null> {
  if (name.startsWith('-') || /[\s:\0]/.test(name)) return null;
  const exit = await runBounded(['getent', '--', database, name], {
    timeoutMs: LOOKUP_MS,
    maxOutputBytes: 4_096,
  });
  const entry = exit.kind === 'ended' && exit.code === 0 ? entryOf(exit.output.trim()) : null;
  return entry?.[0][1] ?? null;
}
