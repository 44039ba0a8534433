import { MAX_MASK_LENGTH } from '../common/portable.js';
import { h, type Infer } from './builder/index.js';
import type { Data } from './data.js';

const NAME = h.string({ minLength: 1, maxLength: 128, pattern: '^[^\\s\\x00-\\x1f\\x7f/:]+$' });
const MASKS = h.array(h.string({ minLength: 1, maxLength: MAX_MASK_LENGTH }));
const ROLE_NAMES = h.array(NAME);

/** A user as others see it: whether there is a password, never its hash, and no field of a plugin. */
export const ACCOUNT = h.object({
  id: h.oneOf(String, h.integer()),
  username: h.string(),
  roles: h.array(String),
  locked: h.boolean(),
  has_password: h.boolean({ description: 'Without one a user can log in on this machine only' }),
});
export type AccountRow = Data<typeof ACCOUNT>;

/** What `account.create` takes. */
export const NEW_ACCOUNT = h.object({
  username: NAME,
  password: h.optional(h.nullable(h.password())),
  roles: h.optional(ROLE_NAMES),
});
export type NewAccount = Infer<typeof NEW_ACCOUNT>;

export const ACCOUNT_PATCH = h.object({
  password: h.optional(h.nullable(h.password())),
  roles: h.optional(ROLE_NAMES),
  locked: h.optional(Boolean),
});
export type AccountPatch = Infer<typeof ACCOUNT_PATCH>;

/** What `account.create_api_key` takes. */
export const NEW_API_KEY = h.object({
  name: h.string({ minLength: 1, maxLength: 128, description: 'For people: what it is for' }),
  username: h.optional(h.nullable(h.string({ description: 'For admin: whose it is to be' }))),
  roles: h.optional(
    h.nullable(h.array(NAME, { maxItems: 64, description: 'Not given: what the owner has' })),
  ),
  expires_at: h.optional(h.nullable(h.datetime())),
  expires_in: h.optional(
    h.nullable(h.integer({ minimum: 1, maximum: 3_153_600_000, description: 'Seconds' })),
  ),
});
export type NewApiKey = Infer<typeof NEW_API_KEY>;

const API_KEY_FIELDS = {
  id: h.string(),
  name: h.string(),
  username: h.string(),
  roles: h.nullable(h.array(String)),
  created_at: h.datetime(),
  expires_at: h.nullable(h.datetime()),
  last_used_at: h.nullable(h.datetime()),
  last_used_address: h.nullable(String),
};

/** A row of `account.list_api_keys`. */
export const API_KEY = h.object(API_KEY_FIELDS);
export type ApiKeyRow = Data<typeof API_KEY>;

/** The only answer that ever has the key itself. */
export const CREATED_API_KEY = h.object({ ...API_KEY_FIELDS, key: h.string() });
export type CreatedApiKey = Data<typeof CREATED_API_KEY>;

/** A role of an installation: masks over what it opens. */
export const ROLE = h.object({
  name: h.string(),
  methods: h.array(String),
  publish: h.array(String),
  tasks: h.array(String),
});
export type RoleRow = Data<typeof ROLE>;

/** What `role.create` takes. */
export const NEW_ROLE = h.object({
  name: NAME,
  methods: MASKS,
  publish: h.optional(MASKS),
  tasks: h.optional(MASKS),
});
export type NewRole = Infer<typeof NEW_ROLE>;

export const ROLE_PATCH = h.object({
  methods: h.optional(MASKS),
  publish: h.optional(MASKS),
  tasks: h.optional(MASKS),
});
export type RolePatch = Infer<typeof ROLE_PATCH>;

/** A row of `session.query`: a login, present or past. */
export const SESSION = h.object({
  id: h.integer(),
  username: h.string(),
  address: h.string(),
  resource: h.nullable(String),
  started_at: h.datetime(),
  ended_at: h.optional(h.nullable(h.datetime())),
  active: h.boolean(),
});
/** Rows of a server that is alone have no node, and nothing in their schema tells of one. */
export type SessionRow = Data<typeof SESSION> & { readonly node?: string };

/** Who the server takes a caller for. */
export const WHOAMI = h.object({
  username: h.nullable(String),
  kind: h.enumOf(['user', 'service', 'plugin', 'anonymous']),
  roles: h.array(String),
  session_id: h.nullable(h.integer()),
  address: h.string(),
});
export type WhoAmI = Data<typeof WHOAMI>;
