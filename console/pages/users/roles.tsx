import { useState } from 'preact/hooks';
import { BUILT_IN_ROLES } from '../../../src/wire/constants.js';
import type { ROLE } from '../../../src/wire/index.js';
import { call } from '../../connection/session.js';
import { MethodForm } from '../../form/method-form.js';
import { ActButton } from '../../parts/act-button.js';
import { Confirm } from '../../parts/confirm.js';
import { Dialog } from '../../parts/dialog.js';
import { Gated } from '../../parts/gated.js';
import { Icon } from '../../parts/icon.js';
import { useLoaded } from '../../parts/resource.js';
import { Failure } from '../../parts/states.js';
import { linkTo, route } from '../../state/router.js';
import type { Shown } from '../../state/shown.js';
import { RoleRights } from './role-rights.js';

type Role = Shown<typeof ROLE>;
type Doing =
  | { readonly kind: 'create' }
  | { readonly kind: 'edit'; readonly role: Role }
  | { readonly kind: 'delete'; readonly role: Role };

const ABOUT: Readonly<Record<string, string>> = {
  admin: 'Everything that is not private',
  operator: 'Runs tasks, and all that reader may',
  reader: 'Looks at everything that asks for no other role',
};

/** The built-in roles and those of this installation; the chosen one with what it opens. */
export function Roles() {
  return (
    <Gated method="role.query" what="The list of roles">
      <RoleTable />
    </Gated>
  );
}

function RoleTable() {
  const roles = useLoaded(
    (stop) => call<Role[]>('role.query', [null, { sort: ['name'] }], stop),
    [],
  );
  const [doing, setDoing] = useState<Doing | null>(null);
  const close = (): void => setDoing(null);
  const done = (): void => {
    close();
    roles.reload();
  };
  const own = roles.value ?? [];
  const chosen = route.value.query.get('role') ?? '';
  return (
    <>
      <section class="panel" aria-label="Roles">
        <header>
          <h2>Roles</h2>
          <span class="muted">{own.length + BUILT_IN_ROLES.length}</span>
          <span class="end">
            <ActButton
              method="role.create"
              size="small"
              onClick={() => setDoing({ kind: 'create' })}
            >
              <Icon name="plus" size={14} /> New role…
            </ActButton>
          </span>
        </header>
        {roles.error !== null && <Failure error={roles.error} onRetry={roles.reload} />}
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Role</th>
              <th scope="col">Opens</th>
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {BUILT_IN_ROLES.map((name) => (
              <tr key={name} aria-selected={name === chosen}>
                <td class="mono">
                  <a href={linkTo('users', 'roles', { role: name })}>{name}</a>
                </td>
                <td class="muted">{ABOUT[name]}</td>
                <td class="actions muted small">built in</td>
              </tr>
            ))}
            {own.map((role) => (
              <tr key={role.name} aria-selected={role.name === chosen}>
                <td class="mono">
                  <a href={linkTo('users', 'roles', { role: role.name })}>{role.name}</a>
                </td>
                <td class="mono small">
                  <Masks of="methods" masks={role.methods} />
                  <Masks of="tasks" masks={role.tasks} />
                  <Masks of="events" masks={role.publish} />
                </td>
                <td class="actions">
                  <ActButton
                    method="role.update"
                    size="small"
                    tone="quiet"
                    label={`Edit ${role.name}`}
                    onClick={() => setDoing({ kind: 'edit', role })}
                  >
                    Edit…
                  </ActButton>
                  <ActButton
                    method="role.remove"
                    size="small"
                    tone="quiet"
                    label={`Delete ${role.name}`}
                    onClick={() => setDoing({ kind: 'delete', role })}
                  >
                    Delete…
                  </ActButton>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {chosen !== '' && <RoleRights key={`${chosen} ${JSON.stringify(own)}`} role={chosen} />}
      {doing?.kind === 'create' && (
        <Dialog title="New role" size="wide" onClose={close}>
          <MethodForm
            method="role.create"
            labels={['role']}
            action="Create"
            onDone={done}
            onCancel={close}
          />
        </Dialog>
      )}
      {doing?.kind === 'edit' && (
        <Dialog title={`Change ${doing.role.name}`} size="wide" onClose={close}>
          <MethodForm
            method="role.update"
            fixed={[doing.role.name]}
            values={[
              {
                methods: doing.role.methods,
                publish: doing.role.publish,
                tasks: doing.role.tasks,
              },
            ]}
            labels={['masks']}
            action="Change"
            onDone={done}
            onCancel={close}
          />
        </Dialog>
      )}
      {doing?.kind === 'delete' && (
        <Confirm
          title={`Delete the role ${doing.role.name}?`}
          action="Delete the role"
          cancel="Keep the role"
          onConfirm={async () => {
            await call('role.remove', [doing.role.name]);
            roles.reload();
          }}
          onClose={close}
        >
          <p>Users keep its name, which opens nothing any more.</p>
        </Confirm>
      )}
    </>
  );
}

function Masks({ of, masks }: { readonly of: string; readonly masks: readonly string[] }) {
  if (masks.length === 0) return null;
  return (
    <div>
      <span class="muted">{of}:</span> {masks.join(', ')}
    </div>
  );
}
