import { useState } from 'preact/hooks';
import { logIn, phase } from './connection/session.js';
import { Failure } from './parts/states.js';

/** Who somebody was last time, for the login that follows an expired one. */
let lastUser = 'root';

export function LoginForm() {
  const [username, setUsername] = useState(lastUser);
  const [password, setPassword] = useState('');
  const [error, setError] = useState<Error | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    lastUser = username;
    try {
      await logIn({ username, password });
    } catch (failure) {
      setError(failure as Error);
      setBusy(false);
    }
  };
  const current = phase.value;
  const ended = current.kind === 'login' ? current.ended : null;
  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      {error === null && ended !== null && <div class="notice warn">{ended}</div>}
      {error !== null && <Failure error={error} />}
      <label class="label">
        User
        <input
          class="input"
          name="username"
          autocomplete="username"
          autocapitalize="off"
          required
          autoFocus
          value={username}
          onInput={(event) => setUsername(event.currentTarget.value)}
        />
      </label>
      <label class="label">
        Password
        <input
          class="input"
          name="password"
          type="password"
          autocomplete="current-password"
          value={password}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button primary" disabled={isBusy}>
        Log in
      </button>
      <p class="muted small">
        On the server's own machine, root and the dispatcher's user need no password.
      </p>
    </form>
  );
}
