import { useState } from 'preact/hooks';
import { isReady, publish } from '../../connection/session.js';
import { isObject, type Json, type JsonObject } from '../../forms/index.js';

/** Sends an event. The server takes it from those who have the role for it, and names of its own from nobody. */
export function PublishForm() {
  const [name, setName] = useState('');
  const [text, setText] = useState('{}');
  const [said, setSaid] = useState('');
  const send = (event: Event): void => {
    event.preventDefault();
    const args = parsed(text);
    if (args === null) {
      setSaid('The arguments must be a JSON object.');
      return;
    }
    publish(name, args);
    setSaid(`${name} was sent. It appears above if it was taken: that needs the role for it.`);
  };
  return (
    <form class="panel" aria-label="Publish an event" onSubmit={send}>
      <div class="body row wrap">
        <input
          class="input mono"
          required
          placeholder="my.event"
          aria-label="Name of the event"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <input
          class="input mono"
          aria-label="Arguments as JSON"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" class="button primary" disabled={!isReady.value}>
          Publish
        </button>
        <span class="muted small" role="status">
          {said}
        </span>
      </div>
    </form>
  );
}

function parsed(text: string): JsonObject | null {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
