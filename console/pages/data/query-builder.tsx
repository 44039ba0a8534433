import { useState } from 'preact/hooks';
import { OPERATORS } from '../../../src/common/portable.js';
import type { Json } from '../../forms/index.js';
import { Icon } from '../../parts/icon.js';

/** One condition; all of them have to hold. */
export interface Part {
  readonly field: string;
  readonly operator: string;
  readonly value: string;
}

interface BuilderProps {
  readonly parts: readonly Part[];
  /** Names that are offered. */
  readonly fields: readonly string[];
  readonly onChange: (parts: readonly Part[]) => void;
}

/** Conditions over rows, put together one by one. */
export function QueryBuilder({ parts, fields, onChange }: BuilderProps) {
  const [field, setField] = useState('');
  const [operator, setOperator] = useState('=');
  const [value, setValue] = useState('');
  return (
    <div class="stack tight" role="group" aria-label="Query">
      <form
        class="toolbar"
        onSubmit={(event) => {
          event.preventDefault();
          if (field.trim() === '') return;
          onChange([...parts, { field: field.trim(), operator, value }]);
          setValue('');
        }}
      >
        <input
          class="input mono short"
          list="row-fields"
          placeholder="Field, a.b"
          aria-label="Field"
          value={field}
          onInput={(event) => setField(event.currentTarget.value)}
        />
        <datalist id="row-fields">
          {fields.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <select
          class="select"
          aria-label="Comparison"
          value={operator}
          onChange={(event) => setOperator(event.currentTarget.value)}
        >
          {OPERATORS.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <input
          class="input mono short"
          placeholder="Value, JSON or text"
          aria-label="Value"
          value={value}
          onInput={(event) => setValue(event.currentTarget.value)}
        />
        <button type="submit" class="button">
          Add
        </button>
      </form>
      {parts.length > 0 && (
        <div class="row wrap">
          {parts.map((part, index) => {
            const text = `${part.field} ${part.operator} ${part.value}`;
            return (
              <span key={index} class="chip">
                {text}
                <button
                  type="button"
                  aria-label={`Remove ${text}`}
                  onClick={() => onChange(parts.filter((_, at) => at !== index))}
                >
                  <Icon name="close" size={12} />
                </button>
              </span>
            );
          })}
        </div>
      )}
    </div>
  );
}

/** As the server takes it; what is no JSON is text. */
export function filterOf(parts: readonly Part[]): Json {
  return parts.map(({ field, operator, value }) => [field, operator, valueOf(value)]);
}

function valueOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
