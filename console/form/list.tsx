import { empty, type FormNode, placeOf } from '../forms/index.js';
import { Icon } from '../parts/icon.js';
import { schemaIndex } from '../state/registry.js';
import type { EditProps } from './edit-props.js';
import { PartControl } from './part-control.js';
import { Problems } from './problems.js';

type ListNode = Extract<FormNode, { kind: 'list' }>;

export function List({ node, path, problems, onChange, id, label }: EditProps<ListNode>) {
  const shape = schemaIndex.value.shapeOf(node.schema);
  if (shape.kind !== 'list') return null;
  const { items, nextKey } = node;
  const isFull = placeOf(shape, items.length) === false;
  const add = (): void => {
    const item = { key: nextKey, node: empty(placeOf(shape, items.length), schemaIndex.value) };
    onChange({ ...node, items: [...items, item], nextKey: nextKey + 1 });
  };
  const remove = (key: number): void =>
    onChange({ ...node, items: items.filter((item) => item.key !== key) });
  return (
    <div class="nest">
      {items.map((item, index) => (
        <div key={item.key}>
          <div class="item">
            <span class="index" aria-hidden="true">
              {index}
            </span>
            <PartControl
              node={item.node}
              path={[...path, index]}
              problems={problems}
              id={`${id}-${item.key}`}
              label={`${label} ${index + 1}`}
              problemId={`${id}-${item.key}-problem`}
              onChange={(changed) =>
                onChange({
                  ...node,
                  items: items.map((other) =>
                    other.key === item.key ? { ...other, node: changed } : other,
                  ),
                })
              }
            />
            <button
              type="button"
              class="button quiet icon"
              aria-label={`Remove ${label} ${index + 1}`}
              onClick={() => remove(item.key)}
            >
              <Icon name="close" size={14} />
            </button>
          </div>
          <Problems
            id={`${id}-${item.key}-problem`}
            path={[...path, index]}
            problems={problems}
            label={`${label} ${index + 1}`}
          />
        </div>
      ))}
      <div class="unset">
        <button type="button" class="add" disabled={isFull} onClick={add}>
          + add to {label}
        </button>
        {items.length === 0 && <span class="muted small">empty list</span>}
      </div>
    </div>
  );
}
