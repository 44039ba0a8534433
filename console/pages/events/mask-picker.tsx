import { useState } from 'preact/hooks';
import { Icon } from '../../parts/icon.js';
import { eventTypes } from '../../state/registry.js';

interface PickerProps {
  readonly masks: readonly string[];
  readonly onChange: (masks: readonly string[]) => void;
}

/** Masks that are subscribed to; a new one is typed, or chosen among the known types. */
export function MaskPicker({ masks, onChange }: PickerProps) {
  const [typed, setTyped] = useState('');
  const add = (): void => {
    const mask = typed.trim();
    if (mask === '') return;
    // whoever names something does not want everything any more
    onChange([...masks.filter((other) => other !== mask && other !== '*'), mask]);
    setTyped('');
  };
  return (
    <div class="row wrap" role="group" aria-label="Masks">
      {masks.map((mask) => (
        <span key={mask} class="chip">
          {mask}
          <button
            type="button"
            aria-label={`Remove the mask ${mask}`}
            onClick={() => onChange(masks.filter((other) => other !== mask))}
          >
            <Icon name="close" size={12} />
          </button>
        </span>
      ))}
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <input
          class="input mono"
          list="event-types"
          placeholder="Mask, such as task.*"
          maxLength={256}
          aria-label="Add a mask"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <datalist id="event-types">
          {eventTypes.value.map(({ name }) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <button type="submit" class="button">
          Add
        </button>
      </form>
    </div>
  );
}
