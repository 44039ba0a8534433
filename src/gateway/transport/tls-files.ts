import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { messageOf } from '../../common/index.js';

export interface TlsFiles {
  readonly certificate: string;
  readonly keyfile: string;
}

/** A certificate chain with its private key, both in PEM. */
export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
}

const REASONS = new Map([
  ['ERR_OSSL_X509_KEY_VALUES_MISMATCH', 'they do not belong together'],
  ['ERR_OSSL_PEM_NO_START_LINE', 'one of them is no PEM file'],
  ['ERR_OSSL_EVP_UNSUPPORTED', 'the key is in a form that is not supported'],
  ['ERR_MISSING_PASSPHRASE', 'the key is encrypted'],
  ['ERR_OSSL_BAD_DECRYPT', 'the key is encrypted'],
]);

/**
 * Reads both and tries them together: what is wrong with them is found before a client meets it.
 *
 * @throws Error with one line naming the files and the reason
 */
export function readTlsFiles({ certificate, keyfile }: TlsFiles): TlsMaterial {
  try {
    const material = { cert: readFileSync(certificate), key: readFileSync(keyfile) };
    createSecureContext(material);
    return material;
  } catch (error) {
    const reason = REASONS.get((error as NodeJS.ErrnoException).code ?? '') ?? messageOf(error);
    throw new Error(
      `Cannot use the certificate ${certificate} with the key ${keyfile}: ${reason}`,
      {
        cause: error,
      },
    );
  }
}
