import { Errno } from '../../../common/index.js';
import { DatastoreException } from '../../../sdk/datastore.js';

const SCHEME = /^mongodb(?:\+srv)?:\/\//;
const DEFAULT_DATABASE = 'dispatcher';

/** Where the store is. Only `dsn` holds the password; nothing prints it. */
export interface Address {
  readonly dsn: string;
  readonly database: string;
  /** The address with the password taken out. */
  readonly shown: string;
}

/** @throws DatastoreException EINVAL for an address of another kind, without quoting it */
export function parseAddress(dsn: string): Address {
  if (!SCHEME.test(dsn)) {
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(dsn)?.[1];
    const found = scheme === undefined ? 'something else' : `a ${scheme}:// address`;
    throw new DatastoreException(
      Errno.EINVAL,
      `datastore.dsn: the mongodb driver takes a mongodb:// or mongodb+srv:// address, not ${found}`,
    );
  }
  const path = /^[^/]+\/\/[^/?]*\/([^?]*)/.exec(dsn)?.[1] ?? '';
  const database = decodePart(path) || DEFAULT_DATABASE;
  if (!/^[^\s/\\."$*<>:|?\0]{1,63}$/.test(database)) {
    throw new DatastoreException(
      Errno.EINVAL,
      'datastore.dsn: the name of the database is not valid',
    );
  }
  // Options may carry secrets too (certificates' passwords, tokens): only hosts are shown
  const hosts = dsn
    .replace(SCHEME, '')
    .replace(/[/?].*$/s, '')
    .replace(/^.*@/s, '');
  return { dsn, database, shown: `mongodb://${hosts}/${database}` };
}

/** A text of the technology with every secret of the address taken out. */
export function redact(text: string, { dsn }: Pick<Address, 'dsn'>): string {
  const credentials = /^[^/]+\/\/(.*)@/s.exec(dsn.replace(/\/?\?.*$/s, ''))?.[1] ?? '';
  const password = credentials.slice(credentials.indexOf(':') + 1);
  const secrets = [dsn, credentials, password, decodePart(password)].filter(
    (part) => part.length > 0,
  );
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray percent sign: the driver says so
  }
}
