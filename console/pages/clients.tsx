import { useEffect, useState } from 'preact/hooks';
import type { CONNECTED_CLIENT, SESSION } from '../../src/wire/index.js';
import { call, subscribe } from '../connection/session.js';
import { MethodForm } from '../form/method-form.js';
import { ActButton } from '../parts/act-button.js';
import { addressText } from '../parts/address.js';
import { Confirm } from '../parts/confirm.js';
import { Dialog } from '../parts/dialog.js';
import { Gated } from '../parts/gated.js';
import { Moment, useNow } from '../parts/moment.js';
import { useLoaded } from '../parts/resource.js';
import { Bones, Empty, Failure, PageHead } from '../parts/states.js';
import { SearchBox } from '../parts/search-box.js';
import type { Shown } from '../state/shown.js';

type Client = Shown<typeof CONNECTED_CLIENT>;
type Session = Shown<typeof SESSION>;
type Doing =
  | { readonly kind: 'kick' | 'message'; readonly client: Client }
  | { readonly kind: 'message to all' };

const SHOWN = 200;

/** Who is connected and who was, with what an operator does about it. */
export function Clients() {
  return (
    <div class="page">
      <div class="content">
        <Gated method="management.get_connected_clients" what="The list of clients">
          <Connected />
          <History />
        </Gated>
      </div>
    </div>
  );
}

function Connected() {
  const clients = useLoaded(
    (stop) => call<Client[]>('management.get_connected_clients', [], stop),
    [],
  );
  const mine = useLoaded((stop) => call<number | null>('session.get_my_session_id', [], stop), []);
  useEffect(() => subscribe(['server.client_*', 'server.service_*'], () => clients.reload()), []);
  const [doing, setDoing] = useState<Doing | null>(null);
  const close = (): void => setDoing(null);
  const rows = clients.value ?? [];
  return (
    <>
      <PageHead title="Clients" lead={clients.value === null ? '' : `${rows.length} connected`}>
        <ActButton
          method="session.send_to_all"
          onClick={() => setDoing({ kind: 'message to all' })}
        >
          Message to all…
        </ActButton>
      </PageHead>
      <section class="panel" aria-label="Connected clients">
        {clients.error !== null && <Failure error={clients.error} onRetry={clients.reload} />}
        {clients.value === null && clients.error === null && <Bones lines={3} />}
        {rows.length > 0 && (
          <table class="table">
            <thead>
              <tr>
                <th scope="col">User</th>
                <th scope="col">Address</th>
                <th scope="col" class="hide-narrow">
                  What it is
                </th>
                <th scope="col" class="number hide-narrow">
                  Session
                </th>
                <th scope="col">
                  <span class="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, SHOWN).map((client, index) => (
                <tr key={client.session_id ?? `none ${index}`}>
                  <td>
                    {client.user ?? <span class="muted">not logged in</span>}{' '}
                    {client.session_id !== null && client.session_id === mine.value && (
                      <span class="tag accent">this page</span>
                    )}
                  </td>
                  <td class="mono">{addressText(client.address)}</td>
                  <td class="hide-narrow">{client.resource ?? <span class="muted">–</span>}</td>
                  <td class="number hide-narrow">{client.session_id ?? ''}</td>
                  <td class="actions">
                    {client.session_id !== null && (
                      <>
                        <ActButton
                          method="session.send_to_session"
                          size="small"
                          tone="quiet"
                          label={`Message to session ${client.session_id}`}
                          onClick={() => setDoing({ kind: 'message', client })}
                        >
                          Message…
                        </ActButton>
                        <ActButton
                          method="management.kick_session"
                          size="small"
                          tone="quiet"
                          label={`Kick session ${client.session_id}`}
                          onClick={() => setDoing({ kind: 'kick', client })}
                        >
                          Kick…
                        </ActButton>
                      </>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {rows.length > SHOWN && <p class="body muted small">The first {SHOWN} are listed.</p>}
      </section>
      {doing?.kind === 'kick' && (
        <Confirm
          title={`Kick session ${doing.client.session_id}?`}
          action="Log it out"
          cancel="Leave it"
          onConfirm={async () => {
            await call('management.kick_session', [doing.client.session_id]);
            clients.reload();
          }}
          onClose={close}
        >
          <p>
            {doing.client.user} at {addressText(doing.client.address)} is logged out and its
            connection closed. Tasks that it has submitted go on.
          </p>
        </Confirm>
      )}
      {doing?.kind === 'message' && (
        <Dialog title={`Message to ${doing.client.user}`} onClose={close}>
          <MethodForm
            method="session.send_to_session"
            fixed={[doing.client.session_id]}
            labels={['message']}
            action="Send"
            onDone={close}
            onCancel={close}
          />
        </Dialog>
      )}
      {doing?.kind === 'message to all' && (
        <Dialog title="Message to everybody" onClose={close}>
          <MethodForm
            method="session.send_to_all"
            labels={['message']}
            action="Send"
            onDone={close}
            onCancel={close}
          />
        </Dialog>
      )}
    </>
  );
}

const PAGE = 50;

/** Logins of the past, the latest first. */
function History() {
  const [who, setWho] = useState('');
  const [limit, setLimit] = useState(PAGE);
  const filter = who.trim() === '' ? [] : [['username', 'match', `*${who.trim()}*`]];
  const sessions = useLoaded(
    (stop) => call<Session[]>('session.query', [filter, { sort: ['-id'], limit }], stop),
    [who, limit],
  );
  const now = useNow();
  const rows = sessions.value ?? [];
  return (
    <section class="panel" aria-label="Logins">
      <header>
        <h2>Logins</h2>
        <span class="end">
          <SearchBox
            label="Filter logins by user"
            placeholder="User"
            value={who}
            onChange={setWho}
          />
        </span>
      </header>
      {sessions.error !== null && <Failure error={sessions.error} onRetry={sessions.reload} />}
      {sessions.value === null && sessions.error === null && <Bones lines={3} />}
      {sessions.value?.length === 0 && (
        <Empty>
          <p>Nobody of that name has logged in.</p>
        </Empty>
      )}
      {rows.length > 0 && (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">User</th>
              <th scope="col">Began</th>
              <th scope="col" class="hide-narrow">
                Ended
              </th>
              <th scope="col" class="hide-narrow">
                Address
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <td class="mono">{row.id}</td>
                <td>{row.username}</td>
                <td>
                  <Moment value={row.started_at} now={now} />
                </td>
                <td class="hide-narrow">
                  {row.active ? (
                    <span class="tag good">active</span>
                  ) : (
                    <Moment value={row.ended_at} now={now} />
                  )}
                </td>
                <td class="mono hide-narrow">{addressText(row.address)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {rows.length === limit && (
        <div class="body">
          <button type="button" class="button" onClick={() => setLimit(limit + PAGE)}>
            Show more
          </button>
        </div>
      )}
    </section>
  );
}
