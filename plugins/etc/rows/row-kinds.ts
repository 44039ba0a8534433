import { h, type SchemaArg } from 'dispatcher';

// What goes into files is told by its form here: none of it can begin a line, a word or a directive of
// its own in any of them.
const ADDRESS = '^[0-9A-Fa-f:.]{2,45}$';
const HOSTNAME = '^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$';
const HOST_OR_ADDRESS = '^[A-Za-z0-9_:]([A-Za-z0-9_.:-]{0,251}[A-Za-z0-9_])?$';
const NAME = '^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}$';
const ACCOUNT = '^[a-z_][a-z0-9_-]{0,31}$';
const PATH = '^(/[A-Za-z0-9_@+.-]+)+/?$';
const URL = '^https?://[A-Za-z0-9_.:\\[\\]-]+(/[A-Za-z0-9_.~%/-]*)?$';
const COMMAND = '^(ALL|(/[A-Za-z0-9_@+.-]+)+( [A-Za-z0-9_@+./-]+)*)$';
const PEM = '^-----BEGIN CERTIFICATE-----\\n[A-Za-z0-9+/=\\n -]+-----END CERTIFICATE-----\\n*$';
const MAX_ROWS_IN_LIST = 100;
const MAX_PATH = 1_024;
const MAX_PEM = 65_536;

const list = (pattern: string) =>
  h.array(h.string({ pattern, maxLength: MAX_PATH }), { maxItems: MAX_ROWS_IN_LIST });

/** May be left out, and is there as null then: a template takes a missing field for a mistake. */
const orNull = (schema: SchemaArg) => ({ ...h.nullable(schema), default: null });

/** A kind of row that a shipped file is made of. */
export interface RowKind {
  /** The collection in the datastore. */
  readonly collection: string;
  /** What provider, tasks and events are called by. */
  readonly name: string;
  /** One of them, for people. */
  readonly title: string;
  /** No two rows have the same here. */
  readonly unique: string;
  readonly properties: Readonly<Record<string, SchemaArg>>;
}

export const HOSTS: RowKind = {
  collection: 'etc.hosts',
  name: 'etc.host',
  title: 'line of /etc/hosts',
  unique: 'address',
  properties: {
    address: h.string({ pattern: ADDRESS, description: 'IPv4 or IPv6' }),
    names: h.array(h.string({ pattern: HOSTNAME }), { minItems: 1, maxItems: MAX_ROWS_IN_LIST }),
  },
};

export const NTP_SERVERS: RowKind = {
  collection: 'etc.ntp_servers',
  name: 'etc.ntp_server',
  title: 'server that the clock is set by',
  unique: 'address',
  properties: {
    address: h.string({ pattern: HOST_OR_ADDRESS, description: 'Name or address' }),
    pool: h.boolean({ default: false, description: 'Whether the name stands for several' }),
    iburst: h.boolean({ default: true }),
    prefer: h.boolean({ default: false }),
    minpoll: orNull(h.integer({ minimum: 4, maximum: 17 })),
    maxpoll: orNull(h.integer({ minimum: 4, maximum: 17 })),
  },
};

export const NGINX_SITES: RowKind = {
  collection: 'etc.nginx_sites',
  name: 'etc.nginx_site',
  title: 'site of nginx',
  unique: 'name',
  properties: {
    name: h.string({ pattern: NAME }),
    server_names: list(HOSTNAME),
    port: h.integer({ minimum: 1, maximum: 65_535, default: 80 }),
    root: orNull(h.string({ pattern: PATH, maxLength: MAX_PATH })),
    proxy_to: orNull(h.string({ pattern: URL, maxLength: MAX_PATH })),
  },
};

export const SUDO_USERS: RowKind = {
  collection: 'etc.sudo_users',
  name: 'etc.sudo_user',
  title: 'account that may use sudo',
  unique: 'account',
  properties: {
    account: h.string({ pattern: ACCOUNT }),
    commands: h.array(h.string({ pattern: COMMAND, maxLength: MAX_PATH }), {
      minItems: 1,
      maxItems: MAX_ROWS_IN_LIST,
      description: 'Absolute, with arguments; "ALL" for everything',
    }),
    no_password: h.boolean({ default: false }),
  },
};

export const SMB_SHARES: RowKind = {
  collection: 'etc.smb_shares',
  name: 'etc.smb_share',
  title: 'share of Samba',
  unique: 'name',
  properties: {
    name: h.string({ pattern: NAME }),
    path: h.string({ pattern: PATH, maxLength: MAX_PATH }),
    read_only: h.boolean({ default: true }),
    guests: h.boolean({ default: false }),
    accounts: list(ACCOUNT),
  },
};

export const CERTIFICATES: RowKind = {
  collection: 'etc.certificates',
  name: 'etc.certificate',
  title: 'certificate',
  unique: 'name',
  properties: {
    name: h.string({ pattern: NAME, description: 'Of its files, without the suffix' }),
    certificate: h.string({ pattern: PEM, maxLength: MAX_PEM, description: 'PEM' }),
    key: h.password({ description: 'PEM' }),
  },
};

export const ROW_KINDS = [
  HOSTS,
  NTP_SERVERS,
  NGINX_SITES,
  SUDO_USERS,
  SMB_SHARES,
  CERTIFICATES,
] as const;
