/**
 * Who a connection is and what that allows: users and roles of the store, passwords and their
 * throttle, local login by the owner of the peer's socket, service login, tokens, sessions. Knows
 * nothing of frames and methods; the gateway logs in, `rpc` asks the rights.
 */
export { type Account, toAccount, toRole } from './account.js';
export {
  type AccountChange,
  AccountDirectory,
  type DirectoryChange,
  ROLES,
  USERS,
} from './account-directory.js';
export { accountId } from './account-id.js';
export { Authenticator, type LoginOrigin, type PasswordLogin } from './authenticator.js';
export { type ChangingSender, onRightsChanged } from './changing-sender.js';
export { LocalLogin } from './local-login.js';
export { type LocalUsers, PasswdUsers } from './local-users.js';
export { LoginThrottle } from './login-throttle.js';
export { PasswordHasher } from './password-hasher.js';
export type { LoginPeer, Principal } from './principal.js';
export { ANONYMOUS, Principals } from './principals.js';
export { type AuthorisedSender, type CallTarget, Rights } from './rights.js';
export { BUILT_IN_ROLES, RoleIndex, type RoleDefinition, rightsOf } from './role-index.js';
export { SessionLog, SESSIONS, type SessionStart } from './session-log.js';
export { KernelSocketTable, type SocketEnds, type SocketOwners } from './socket-table.js';
export { type IssuedToken, TokenStore, type TokenStoreOptions } from './token.store.js';
