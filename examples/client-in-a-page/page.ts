import type { ConnectionState, DispatcherClient } from 'dispatcher/client';
import { typed } from './api.js';

/** Where the token is kept, so that a page that is loaded again is still logged in. */
const TOKEN = 'token';

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no ${id}`);
  return found;
}

/** What a form was filled in with. */
function onSubmit(id: string, handle: (values: Map<string, string>) => Promise<unknown>): void {
  const form = element(id) as HTMLFormElement;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const values = new Map<string, string>();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === 'string') values.set(name, value);
    }
    void attempt(() => handle(values));
  });
}

/** Shows what went wrong: the message of a DispatcherClientError is meant for people. */
async function attempt(work: () => Promise<unknown>): Promise<void> {
  element('problem').textContent = '';
  try {
    await work();
  } catch (error) {
    element('problem').textContent = error instanceof Error ? error.message : String(error);
  }
}

/** A list of shares that stays right, over changes of others, lost connections and a server that is started again. */
export function showPage(client: DispatcherClient): void {
  const api = typed(client);
  const { 'nas.share.create': createShare } = api.tasks;

  const showShares = async (): Promise<void> => {
    const rows = await api['nas.share'].query([], { sort: 'id' });
    const items = (rows as readonly { id: string; used_bytes: number | null }[]).map((row) => {
      const item = document.createElement('li');
      item.textContent = `${row.id}: ${row.used_bytes === null ? 'not measured' : `${row.used_bytes} bytes`}`;
      return item;
    });
    element('shares').replaceChildren(...items);
  };

  const showState = (state: ConnectionState): void => {
    element('state').textContent = state.kind;
    element('login').hidden = state.kind === 'authenticated';
    element('create').hidden = state.kind !== 'authenticated';
    // after each login, also the one that follows a lost connection
    if (state.kind === 'authenticated') void attempt(showShares);
  };

  client.onState(showState);
  client.onToken((token) => {
    if (token === null) sessionStorage.removeItem(TOKEN);
    else sessionStorage.setItem(TOKEN, token);
  });
  // the subscription may come before the connection; where events may be missing, all is read again
  api.events.on('nas.share.changed', () => void attempt(showShares), {
    onGap: () => void attempt(showShares),
  });

  onSubmit('login', (values) =>
    client.login({
      kind: 'password',
      username: values.get('username') ?? '',
      password: values.get('password') ?? '',
    }),
  );
  onSubmit('create', (values) =>
    createShare.run({ name: values.get('name') ?? '', read_only: false }),
  );

  void attempt(async () => {
    await client.connect({ retry: true });
    const token = sessionStorage.getItem(TOKEN);
    if (token !== null) await client.login({ kind: 'token', token });
  });
}
