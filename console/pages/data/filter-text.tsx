import { useEffect, useMemo, useState } from 'preact/hooks';
import { JsonEditor } from '../../editor/json-editor.js';
import { type Json, type JsonObject, parseArguments, type Problem } from '../../forms/index.js';
import { ProblemList } from '../../form/problems.js';
import { toMap } from '../../form/use-checked.js';
import { check } from '../../state/checker.js';
import { filterSchema } from './filter-schema.js';

interface FilterTextProps {
  readonly filter: Json;
  /** Names that are offered. */
  readonly fields: readonly string[];
  readonly onApply: (filter: Json) => void;
}

/** A filter as it goes over the wire: groups and nested ones too. */
export function FilterText({ filter, fields, onApply }: FilterTextProps) {
  const [text, setText] = useState(() => JSON.stringify(filter));
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const { schema, index } = useMemo(() => filterSchema(fields), [fields.join()]);
  const value = parseArguments(text);
  useEffect(() => {
    let isCurrent = true;
    void check(index.bundle(schema as JsonObject), value ?? []).then((verdict) => {
      if (isCurrent) setProblems(verdict.kind === 'checked' ? verdict.problems : []);
    });
    return () => {
      isCurrent = false;
    };
  }, [text, index]);
  const isFit = value !== null && problems.length === 0;
  return (
    <form
      class="stack tight"
      aria-label="Filter as JSON"
      onSubmit={(event) => {
        event.preventDefault();
        if (isFit) onApply(value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && isFit) onApply(value);
      }}
    >
      <JsonEditor
        label="Filter"
        text={text}
        schema={schema}
        index={index}
        problems={problems}
        onText={setText}
      />
      {value === null && <p class="problem">This is no JSON array yet.</p>}
      {value !== null && problems.length > 0 && (
        <ProblemList problems={toMap(problems)} root="filter" />
      )}
      <div class="row">
        <button type="submit" class="button" disabled={!isFit}>
          Apply
        </button>
      </div>
    </form>
  );
}
