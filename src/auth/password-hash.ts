import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** The cost of a hash; memory is 128 · r · 2^ln bytes, time grows with p as well. */
interface Cost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** A hash as the PHC string format writes it: `$scrypt$ln=15,r=8,p=1$salt$hash`. */
interface PasswordHash extends Cost {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** 32 MiB and some 80 ms of one core on today's machines. */
const TODAY: Cost = { ln: 15, r: 8, p: 1 };
/** A stored row is data: what asks for more than this is no hash of ours and is not computed. */
const MOST: Cost = { ln: 18, r: 16, p: 8 };
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const PHC =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{8,128})\$([A-Za-z0-9+/]{22,128})$/;

/** Hashes a password at today's cost under a fresh salt. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return format({ ...TODAY, salt, hash: await derive(password, { ...TODAY, salt }, HASH_BYTES) });
}

/**
 * Whether the password fits. A stored value that is no hash of this format fits none, and finding
 * that out takes as long as a real check: who measures must not learn which users have a password.
 */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const known = stored === null ? null : parse(stored);
  const { hash, ...parameters } = known ?? DUMMY;
  const actual = await derive(password, parameters, hash.length);
  return timingSafeEqual(actual, hash) && known !== null;
}

/** True for a hash that today would be made at a higher cost. */
export function isWeak(stored: string): boolean {
  const hash = parse(stored);
  return hash !== null && (hash.ln < TODAY.ln || hash.r < TODAY.r || hash.p < TODAY.p);
}

const DUMMY: PasswordHash = {
  ...TODAY,
  salt: Buffer.alloc(SALT_BYTES),
  hash: Buffer.alloc(HASH_BYTES),
};

function parse(text: string): PasswordHash | null {
  const match = PHC.exec(text);
  if (match === null) return null;
  const [, ln, r, p, salt = '', hash = ''] = match;
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  const isSane = cost.ln >= 1 && cost.r >= 1 && cost.p >= 1;
  if (!isSane || cost.ln > MOST.ln || cost.r > MOST.r || cost.p > MOST.p) return null;
  if (memoryOf(cost) > MAX_MEMORY_BYTES) return null;
  return { ...cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

function format({ ln, r, p, salt, hash }: PasswordHash): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(hash)}`;
}

/** The format has no padding. */
function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function memoryOf({ ln, r }: Cost): number {
  return 128 * r * 2 ** ln;
}

function derive(
  password: string,
  { salt, ...cost }: Cost & { readonly salt: Buffer },
  length: number,
): Promise<Buffer> {
  const { ln, r, p } = cost;
  const options = { N: 2 ** ln, r, p, maxmem: 2 * memoryOf(cost) + 128 * r * p };
  return new Promise((resolve, reject) => {
    // one spelling of what a person types, whatever the keyboard composed it of
    scrypt(password.normalize('NFKC'), salt, length, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
