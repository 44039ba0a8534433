import { useState } from 'preact/hooks';
import { actAs } from './connection/session.js';
import { Dialog } from './parts/dialog.js';
import { Failure } from './parts/states.js';

/** Asks who else one wants to be, to see what that user may do. */
export function ActAs({ onClose }: { readonly onClose: () => void }) {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<Error | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setError(null);
    try {
      await actAs({ username, password });
      onClose();
    } catch (failure) {
      setError(failure as Error);
    }
  };
  return (
    <Dialog title="Act as another user" onClose={onClose}>
      <p class="muted">
        Calls and what is read are then that user’s; events go on coming to you. Nothing of the
        login is kept.
      </p>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        {error !== null && <Failure error={error} />}
        <label class="label">
          User
          <input
            class="input"
            autocomplete="off"
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
            type="password"
            autocomplete="off"
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        <div class="row">
          <button type="submit" class="button primary">
            Act as this user
          </button>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
