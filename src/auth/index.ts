/**
 * Who a connection is: local login by the owner of the peer's socket, service login, tokens. Decides
 * about identity only; what an identity may call is decided in `rpc`.
 */
export { accountId } from './account-id.js';
export {
  Authenticator,
  type AuthenticatorDependencies,
  type PasswordLogin,
} from './authenticator.js';
export { type LocalUsers, PasswdUsers } from './local-users.js';
export { ANONYMOUS, type LoginPeer, type Principal } from './principal.js';
export { KernelSocketTable, type SocketEnds, type SocketOwners } from './socket-table.js';
export { type IssuedToken, TokenStore } from './token.store.js';
