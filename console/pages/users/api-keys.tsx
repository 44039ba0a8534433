import { useState } from 'preact/hooks';
import type { API_KEY, CREATED_API_KEY } from '../../../src/wire/index.js';
import { call } from '../../connection/session.js';
import { MethodForm } from '../../form/method-form.js';
import { ActButton } from '../../parts/act-button.js';
import { Confirm } from '../../parts/confirm.js';
import { CopyButton } from '../../parts/copy-button.js';
import { Dialog } from '../../parts/dialog.js';
import { Gated } from '../../parts/gated.js';
import { Icon } from '../../parts/icon.js';
import { Moment, useNow } from '../../parts/moment.js';
import { useLoaded } from '../../parts/resource.js';
import { Bones, Empty, Failure } from '../../parts/states.js';
import { may } from '../../state/rights.js';
import type { Shown } from '../../state/shown.js';

type Key = Shown<typeof API_KEY>;
type Created = Shown<typeof CREATED_API_KEY>;
type Doing =
  | { readonly kind: 'create' }
  | { readonly kind: 'made'; readonly made: Created }
  | { readonly kind: 'revoke'; readonly key: Key };

/** Keys of programs: one's own, and for administrators everybody's. */
export function ApiKeys() {
  return (
    <Gated method="account.list_api_keys" what="The list of API keys">
      <KeyTable />
    </Gated>
  );
}

async function readKeys(stop: AbortSignal): Promise<Key[]> {
  if (!may('account.query')) return call<Key[]>('account.list_api_keys', [], stop);
  const users = await call<{ username: string }[]>('account.query', [], stop);
  const lists = await Promise.all(
    users.map(({ username }) => call<Key[]>('account.list_api_keys', [username], stop)),
  );
  const own = await call<Key[]>('account.list_api_keys', [], stop).catch(() => []);
  return [...new Map([...own, ...lists.flat()].map((key) => [key.id, key])).values()];
}

function KeyTable() {
  const keys = useLoaded(readKeys, []);
  const [doing, setDoing] = useState<Doing | null>(null);
  const close = (): void => setDoing(null);
  const now = useNow();
  const rows = keys.value ?? [];
  return (
    <section class="panel" aria-label="API keys">
      <header>
        <h2>API keys</h2>
        <span class="muted">{rows.length}</span>
        <span class="end">
          <ActButton
            method="account.create_api_key"
            size="small"
            onClick={() => setDoing({ kind: 'create' })}
          >
            <Icon name="plus" size={14} /> New key…
          </ActButton>
        </span>
      </header>
      {keys.error !== null && <Failure error={keys.error} onRetry={keys.reload} />}
      {keys.value === null && keys.error === null && <Bones lines={3} />}
      {keys.value?.length === 0 && (
        <Empty>
          <p>
            No key was made yet. A program logs in with one, with no more roles than its owner has.
          </p>
        </Empty>
      )}
      {rows.length > 0 && (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Of</th>
              <th scope="col" class="hide-narrow">
                Roles
              </th>
              <th scope="col" class="hide-narrow">
                Ends
              </th>
              <th scope="col">Last used</th>
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((key) => (
              <tr key={key.id}>
                <td>{key.name}</td>
                <td class="mono">{key.username}</td>
                <td class="hide-narrow">
                  {key.roles === null ? (
                    <span class="muted">as its owner</span>
                  ) : (
                    key.roles.join(', ')
                  )}
                </td>
                <td class="hide-narrow">
                  {key.expires_at === null ? (
                    <span class="muted">never</span>
                  ) : (
                    <Moment value={key.expires_at} now={now} />
                  )}
                </td>
                <td>
                  <Moment value={key.last_used_at} now={now} />
                  {key.last_used_address !== null && (
                    <div class="small muted mono">{key.last_used_address}</div>
                  )}
                </td>
                <td class="actions">
                  <ActButton
                    method="account.revoke_api_key"
                    size="small"
                    tone="quiet"
                    label={`Revoke ${key.name}`}
                    onClick={() => setDoing({ kind: 'revoke', key })}
                  >
                    Revoke…
                  </ActButton>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {doing?.kind === 'create' && (
        <Dialog title="New API key" size="wide" onClose={close}>
          <MethodForm
            method="account.create_api_key"
            labels={['key']}
            action="Create"
            onDone={(made) => {
              setDoing({ kind: 'made', made: made as unknown as Created });
              keys.reload();
            }}
            onCancel={close}
          />
        </Dialog>
      )}
      {doing?.kind === 'made' && <MadeKey made={doing.made} onClose={close} />}
      {doing?.kind === 'revoke' && (
        <Confirm
          title={`Revoke ${doing.key.name}?`}
          action="Revoke the key"
          cancel="Keep the key"
          onConfirm={async () => {
            await call('account.revoke_api_key', [doing.key.id]);
            keys.reload();
          }}
          onClose={close}
        >
          <p>Whatever goes on by it ends at once. It does not come back: make a new one.</p>
        </Confirm>
      )}
    </section>
  );
}

/** The only time that the key is seen. It is in no storage and no history of the page. */
function MadeKey({ made, onClose }: { readonly made: Created; readonly onClose: () => void }) {
  return (
    <Dialog title={`The key ${made.name}`} size="wide" onClose={onClose}>
      <p>Copy it now: it is shown this once, and the server keeps only what it can check it by.</p>
      <pre class="well" aria-label="The key">
        {made.key}
      </pre>
      <div class="row">
        <CopyButton label="Copy the key" isSmall={false} text={() => made.key} />
        <button type="button" class="button primary end" onClick={onClose}>
          I have it
        </button>
      </div>
    </Dialog>
  );
}
