import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import {
  decodeExtended,
  holdsPassword,
  messageOf,
  stringifyExtended,
  stringifyWithSecrets,
} from '../../common/index.js';
import { readSecretFile } from '../../system/index.js';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_MODE = 0o600;

/**
 * Encrypts passwords that are stored, in rows, settings and waiting tasks, so that nobody can read them
 * in the store. The key is in a file of its own, which no dump of the store contains.
 */
export class SecretBox {
  private constructor(private readonly key: Buffer) {}

  /**
   * Reads the key, or makes one the first time.
   *
   * @throws Error naming the file when it cannot be read or written, or holds no key
   */
  static open(file: string): SecretBox {
    return new SecretBox(readKey(file) ?? makeKey(file));
  }

  /**
   * Reads the key that all nodes of a cluster have. It is never made here: another one than theirs
   * would open nothing of what they sealed.
   *
   * @throws Error naming the file when it cannot be read, others may read it, or it holds no key
   */
  static openShared(file: string): SecretBox {
    return new SecretBox(readSharedKey(file));
  }

  /** A new key, as its file holds it. */
  static newKey(): string {
    return `${randomBytes(KEY_BYTES).toString('base64')}\n`;
  }

  /** A box whose key is gone with it: what it seals, no restart can read. */
  static ephemeral(): SecretBox {
    return new SecretBox(randomBytes(KEY_BYTES));
  }

  /** The sealed value; null when there is no password in it. */
  seal(value: unknown): string | null {
    if (!holdsPassword(value)) return null;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.key, nonce);
    const text = Buffer.concat([
      cipher.update(stringifyWithSecrets(value), 'utf8'),
      cipher.final(),
    ]);
    return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64');
  }

  /** @throws Error when it was sealed with another key or was changed since */
  unseal(sealed: string): unknown {
    const bytes = Buffer.from(sealed, 'base64');
    const decipher = createDecipheriv(CIPHER, this.key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const text = Buffer.concat([
      decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)),
      decipher.final(),
    ]);
    return decodeExtended(JSON.parse(text.toString('utf8')));
  }

  /** Equal for equal values; tells nothing of the passwords in them to who has not the key. */
  digest(value: unknown): string {
    const text = holdsPassword(value) ? stringifyWithSecrets(value) : stringifyExtended(value);
    return createHmac('sha256', this.key).update(text).digest('base64url');
  }
}

function readKey(file: string): Buffer | null {
  try {
    const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
    if (key.length === KEY_BYTES) return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`Cannot read the key of stored passwords, ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  throw new Error(`${file} holds no key: restore it, or remove it and lose all stored passwords`);
}

function readSharedKey(file: string): Buffer {
  let text: string;
  try {
    text = readSecretFile(file);
  } catch (cause) {
    throw new Error(`dispatcher.cluster.key: ${messageOf(cause)}`, { cause });
  }
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length === KEY_BYTES) return key;
  const what = `${file} holds no key of ${KEY_BYTES} bytes in base64`;
  throw new Error(`dispatcher.cluster.key: ${what}: copy it from another node`);
}

function makeKey(file: string): Buffer {
  const key = SecretBox.newKey();
  try {
    writeFileSync(file, key, { mode: KEY_MODE, flag: 'wx', flush: true });
    chmodSync(file, KEY_MODE); // whatever the umask
  } catch (error) {
    throw new Error(`Cannot write the key of stored passwords, ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return Buffer.from(key, 'base64');
}
