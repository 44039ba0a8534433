import { useState } from 'preact/hooks';
import { Icon } from '../../parts/icon.js';
import { forgetVariable, setVariable, variables } from '../../state/variables.js';

/** Words that saved calls share, such as the name of a pool. */
export function VariablesEditor() {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const isFit = /^[\w.-]+$/.test(name.trim());
  return (
    <div class="stack tight" role="group" aria-label="Variables">
      <h3>Variables</h3>
      <p class="muted small">
        <code>{'{{name}}'}</code> in the arguments of a saved call becomes the value. Kept readable
        in this browser: nothing secret belongs here.
      </p>
      <form
        class="toolbar"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isFit) return;
          setVariable({ name: name.trim(), value });
          setName('');
          setValue('');
        }}
      >
        <input
          class="input short mono"
          aria-label="Name of the variable"
          placeholder="Name"
          maxLength={80}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <input
          class="input short mono"
          aria-label="Value of the variable"
          placeholder="Value, JSON or text"
          maxLength={2_000}
          value={value}
          onInput={(event) => setValue(event.currentTarget.value)}
        />
        <button type="submit" class="button" disabled={!isFit}>
          Set
        </button>
      </form>
      <div class="row wrap">
        {variables.value.map((variable) => (
          <span key={variable.name} class="chip">
            {variable.name} = {variable.value}
            <button
              type="button"
              aria-label={`Forget the variable ${variable.name}`}
              onClick={() => forgetVariable(variable.name)}
            >
              <Icon name="close" size={12} />
            </button>
          </span>
        ))}
      </div>
    </div>
  );
}
