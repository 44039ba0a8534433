/**
 * Who a connection is and what that allows: users and roles of the store, passwords and their
 * throttle, local login by the owner of the peer's socket, service login, tokens, sessions. Knows
 * nothing of frames and methods; the gateway logs in, `rpc` asks the rights.
 */
export { actingKeyOf, presentDoer, type Doer } from './acting-key.js';
export { toAccount, toRole } from './account.js';
export { type AccountChange, AccountDirectory, ROLES, USERS } from './account-directory.js';
export { accountId } from './account-id.js';
export type { ApiKey, ApiKeyGrant } from './api-key.js';
export { ApiKeys } from './api-keys.js';
export { Authenticator } from './authenticator.js';
export { type ChangingSender, onRightsChanged } from './changing-sender.js';
export { PasswordHasher } from './password-hasher.js';
export type { Principal } from './principal.js';
export { ANONYMOUS, coversRole, Principals } from './principals.js';
export { type AuthorisedSender, type CallTarget, Rights } from './rights.js';
export { RoleIndex, rightsOf } from './role-index.js';
export { SessionLog, SESSIONS } from './session-log.js';
export { TokenGuesses } from './token-guesses.js';
export { TokenStore } from './token.store.js';
