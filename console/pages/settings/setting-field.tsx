import { useId } from 'preact/hooks';
import type { SETTING_ROW } from '../../../src/wire/index.js';
import { Control } from '../../form/control.js';
import { ControlOfParts } from '../../form/part-control.js';
import type { ProblemMap } from '../../form/edit-props.js';
import { Problems } from '../../form/problems.js';
import { type FormNode, summaryOf, wordOf } from '../../forms/index.js';
import { schemaIndex } from '../../state/registry.js';
import type { Shown } from '../../state/shown.js';

export type SettingRow = Shown<typeof SETTING_ROW>;

interface SettingFieldProps {
  readonly row: SettingRow;
  readonly node: FormNode;
  readonly isChanged: boolean;
  readonly problems: ProblemMap;
  readonly mayChange: boolean;
  readonly onChange: (node: FormNode) => void;
  readonly onUndo: () => void;
  readonly onReset: () => void;
}

/** One setting: what it is for, its value, where that comes from, and the way back. */
export function SettingField(props: SettingFieldProps) {
  const { row, node, isChanged, problems, mayChange, onChange, onUndo, onReset } = props;
  const id = useId();
  return (
    <div
      class={`setting ${isChanged ? 'changed' : ''}`}
      role="group"
      aria-labelledby={`${id}-name`}
    >
      <div class="stack tight about">
        <div class="row wrap">
          <label class="mono" id={`${id}-name`} for={id}>
            {row.key}
          </label>
          <span class="type small muted">{summaryOf(row.schema, schemaIndex.value)}</span>
        </div>
        {row.description !== null && (
          <p class="small" id={`${id}-about`}>
            {row.description}
          </p>
        )}
      </div>
      <div class="stack tight">
        <div inert={!mayChange}>
          <ControlOfParts.Provider value={Control}>
            <Control
              node={node}
              path={[]}
              problems={problems}
              onChange={onChange}
              id={id}
              label={row.key}
              aboutId={row.description === null ? undefined : `${id}-about`}
              problemId={`${id}-problem`}
            />
          </ControlOfParts.Provider>
        </div>
        <Problems id={`${id}-problem`} path={[]} problems={problems} label={row.key} />
        {row.problem !== null && <p class="notice warn small">{row.problem}</p>}
        <div class="row wrap small muted">
          <span>{sourceOf(row)}</span>
          <span class="row end">
            {!mayChange && <span class="tag warn">needs {row.changed_by}</span>}
            {isChanged && (
              <button
                type="button"
                class="button quiet small"
                aria-label={`Undo ${row.key}`}
                onClick={onUndo}
              >
                Undo
              </button>
            )}
            {mayChange && row.is_set && !isChanged && (
              <button
                type="button"
                class="button quiet small"
                aria-label={`Reset ${row.key}`}
                onClick={onReset}
              >
                Back to the default
              </button>
            )}
          </span>
        </div>
      </div>
    </div>
  );
}

/** Where the value comes from; of a secret that there is one, and nothing more. */
function sourceOf({ is_set: isSet, secret, default: standard }: SettingRow): string {
  if (secret) return isSet ? 'Is set, and shown to nobody' : 'Not set';
  const text = standard === '' ? 'empty' : wordOf(standard ?? null);
  return isSet ? `Set here; the default is ${text}` : 'The default';
}
