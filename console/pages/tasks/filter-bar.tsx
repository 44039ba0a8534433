import { useState } from 'preact/hooks';
import { Icon } from '../../parts/icon.js';
import { SearchBox } from '../../parts/search-box.js';
import { Segments } from '../../parts/segments.js';
import {
  CHOICES,
  forgetFilter,
  saveFilter,
  savedFilters,
  SPANS,
  type TaskFilter,
} from '../../state/task-filters.js';

interface FilterBarProps {
  readonly filter: TaskFilter;
  readonly isAll: boolean;
  readonly onChange: (filter: TaskFilter) => void;
}

/** What of the tasks is shown, and what was saved of that under a name. */
export function FilterBar({ filter, isAll, onChange }: FilterBarProps) {
  const [name, setName] = useState('');
  const set = (part: Partial<TaskFilter>): void => onChange({ ...filter, ...part });
  return (
    <div class="stack tight">
      <div class="toolbar">
        <Segments
          label="Which tasks"
          options={CHOICES}
          value={filter.choice}
          onChange={(choice) => set({ choice })}
        />
        <SearchBox
          label="Filter by task name"
          placeholder="Task name"
          value={filter.words}
          onChange={(words) => set({ words })}
        />
        <input
          class="input short"
          type="search"
          placeholder="User"
          aria-label="Filter by user"
          value={filter.who}
          onInput={(event) => set({ who: event.currentTarget.value })}
        />
        <input
          class="input brief"
          type="search"
          inputMode="numeric"
          placeholder="Part of #"
          aria-label="Filter by parent"
          value={filter.parent}
          onInput={(event) => set({ parent: event.currentTarget.value })}
        />
        <select
          class="select"
          aria-label="Filter by time"
          value={filter.span}
          onChange={(event) => set({ span: event.currentTarget.value })}
        >
          {SPANS.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      </div>
      {(savedFilters.value.length > 0 || !isAll) && (
        <form
          class="row wrap"
          aria-label="Saved filters"
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() === '') return;
            saveFilter({ ...filter, name: name.trim() });
            setName('');
          }}
        >
          {savedFilters.value.map(({ name: saved, ...rest }) => (
            <span key={saved} class="chip">
              <button type="button" class="word" onClick={() => onChange(rest)}>
                {saved}
              </button>
              <button
                type="button"
                aria-label={`Forget the filter ${saved}`}
                onClick={() => forgetFilter(saved)}
              >
                <Icon name="close" size={12} />
              </button>
            </span>
          ))}
          {!isAll && (
            <>
              <input
                class="input short"
                aria-label="Name of the filter"
                placeholder="Name"
                maxLength={40}
                value={name}
                onInput={(event) => setName(event.currentTarget.value)}
              />
              <button type="submit" class="button">
                Save this filter
              </button>
            </>
          )}
        </form>
      )}
    </div>
  );
}
