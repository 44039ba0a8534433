import { useState } from 'preact/hooks';
import type { ACCOUNT } from '../../../src/wire/index.js';
import { call } from '../../connection/session.js';
import { MethodForm } from '../../form/method-form.js';
import { ActButton } from '../../parts/act-button.js';
import { Confirm } from '../../parts/confirm.js';
import { Dialog } from '../../parts/dialog.js';
import { Gated } from '../../parts/gated.js';
import { Icon } from '../../parts/icon.js';
import { useLoaded } from '../../parts/resource.js';
import { Bones, Empty, Failure } from '../../parts/states.js';
import { useAction } from '../../parts/use-action.js';
import { linkTo } from '../../state/router.js';
import type { Shown } from '../../state/shown.js';

type Account = Shown<typeof ACCOUNT>;
type Doing =
  | { readonly kind: 'create' }
  | { readonly kind: 'edit'; readonly user: Account }
  | { readonly kind: 'delete'; readonly user: Account };

export function UserTable() {
  return (
    <Gated method="account.query" what="The list of users">
      <Accounts />
    </Gated>
  );
}

function Accounts() {
  const users = useLoaded(
    (stop) => call<Account[]>('account.query', [null, { sort: ['username'] }], stop),
    [],
  );
  const [doing, setDoing] = useState<Doing | null>(null);
  const { busy, error, run } = useAction(users.reload);
  const close = (): void => setDoing(null);
  const done = (): void => {
    close();
    users.reload();
  };
  const rows = users.value ?? [];
  return (
    <section class="panel" aria-label="Users">
      <header>
        <h2>Users</h2>
        <span class="muted">{rows.length}</span>
        <span class="end">
          <ActButton
            method="account.create"
            size="small"
            onClick={() => setDoing({ kind: 'create' })}
          >
            <Icon name="plus" size={14} /> New user…
          </ActButton>
        </span>
      </header>
      {error !== null && <Failure error={error} />}
      {users.error !== null && <Failure error={users.error} onRetry={users.reload} />}
      {users.value === null && users.error === null && <Bones lines={3} />}
      {users.value?.length === 0 && (
        <Empty>
          <p>
            No user was made yet. root and the dispatcher’s own user log in on the machine itself.
          </p>
        </Empty>
      )}
      {rows.length > 0 && (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">User</th>
              <th scope="col">Roles</th>
              <th scope="col" class="hide-narrow">
                Login
              </th>
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((user) => (
              <tr key={user.username}>
                <td class="mono">{user.username}</td>
                <td>
                  {user.roles.map((role) => (
                    <a key={role} class="tag" href={linkTo('users', 'roles', { role })}>
                      {role}
                    </a>
                  ))}
                  {user.roles.length === 0 && <span class="muted">none</span>}
                </td>
                <td class="hide-narrow">
                  {user.locked ? (
                    <span class="tag bad">locked</span>
                  ) : user.has_password ? (
                    'by password'
                  ) : (
                    <span class="muted">on this machine only</span>
                  )}
                </td>
                <td class="actions">
                  <ActButton
                    method="account.update"
                    size="small"
                    tone="quiet"
                    label={`${user.locked ? 'Unlock' : 'Lock'} ${user.username}`}
                    isBusy={busy !== null}
                    onClick={() =>
                      void run('lock', () =>
                        call('account.update', [user.username, { locked: !user.locked }]),
                      )
                    }
                  >
                    {user.locked ? 'Unlock' : 'Lock'}
                  </ActButton>
                  <ActButton
                    method="account.update"
                    size="small"
                    tone="quiet"
                    label={`Edit ${user.username}`}
                    onClick={() => setDoing({ kind: 'edit', user })}
                  >
                    Edit…
                  </ActButton>
                  <ActButton
                    method="account.remove"
                    size="small"
                    tone="quiet"
                    label={`Delete ${user.username}`}
                    onClick={() => setDoing({ kind: 'delete', user })}
                  >
                    Delete…
                  </ActButton>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {doing?.kind === 'create' && (
        <Dialog title="New user" size="wide" onClose={close}>
          <MethodForm
            method="account.create"
            labels={['user']}
            action="Create"
            onDone={done}
            onCancel={close}
          />
        </Dialog>
      )}
      {doing?.kind === 'edit' && (
        <Dialog title={`Change ${doing.user.username}`} size="wide" onClose={close}>
          <MethodForm
            method="account.update"
            fixed={[doing.user.username]}
            values={[{ roles: doing.user.roles }]}
            labels={['changes']}
            action="Change"
            onDone={done}
            onCancel={close}
          />
        </Dialog>
      )}
      {doing?.kind === 'delete' && (
        <Confirm
          title={`Delete ${doing.user.username}?`}
          action="Delete the user"
          cancel="Keep the user"
          onConfirm={async () => {
            await call('account.remove', [doing.user.username]);
            users.reload();
          }}
          onClose={close}
        >
          <p>The user is logged out everywhere, and its API keys end.</p>
        </Confirm>
      )}
    </section>
  );
}
