/**
 * How to log in.
 *
 * * `password`: a user of the server with a password;
 * * `local`: a user without one, on the server's own machine;
 * * `token`: what an earlier login gave, see {@link DispatcherClient.onToken};
 * * `service`: a process on the server's machine, as root or as the server's own user; it may do
 *   everything.
 *
 * `resource` tells others who look at the sessions what this client is.
 *
 * @example
 * await client.login({ kind: 'password', username: 'ada', password, resource: 'backup-agent' });
 */
export type Login =
  | {
      readonly kind: 'password';
      readonly username: string;
      readonly password: string;
      readonly resource?: string;
    }
  | { readonly kind: 'local'; readonly username: string; readonly resource?: string }
  | { readonly kind: 'token'; readonly token: string; readonly resource?: string }
  | { readonly kind: 'service'; readonly name: string };

/** The frame that asks for a login: its name and its args. */
export function loginFrame(login: Login): { readonly name: string; readonly args: object } {
  switch (login.kind) {
    case 'password': {
      const { username, password, resource } = login;
      return {
        name: 'auth',
        // without a password it is the login of a local user, who has none
        args: { username, password, ...(password !== '' && CHECKED), ...named(resource) },
      };
    }
    case 'local': {
      const { username, resource } = login;
      return { name: 'auth', args: { username, password: '', ...named(resource) } };
    }
    case 'token': {
      const { token, resource } = login;
      return { name: 'auth_token', args: { token, ...named(resource) } };
    }
    case 'service':
      return { name: 'auth_service', args: { name: login.name } };
  }
}

/** Even a user who could log in without a password is asked for it. */
const CHECKED = { check_password: true };

const named = (resource: string | undefined): object =>
  resource === undefined ? {} : { resource };
