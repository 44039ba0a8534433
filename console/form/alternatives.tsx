import { empty, type FormNode } from '../forms/index.js';
import { schemaIndex } from '../state/registry.js';
import type { EditProps } from './edit-props.js';
import { Segments } from '../parts/segments.js';
import { PartControl } from './part-control.js';

type AlternativesNode = Extract<FormNode, { kind: 'alternatives' }>;

/** More do not fit beside each other. */
const MAX_SEGMENTS = 4;
const MAX_LABEL = 24;

export function Alternatives({
  node,
  path,
  problems,
  onChange,
  id,
  label,
}: EditProps<AlternativesNode>) {
  const shape = schemaIndex.value.shapeOf(node.schema);
  if (shape.kind !== 'alternatives') return null;
  const { options } = shape;
  const select = (index: number): void => {
    const schema = options[index]?.schema ?? true;
    const nodes = options.map(
      (_, at) => node.nodes[at] ?? (at === index ? empty(schema, schemaIndex.value) : null),
    );
    onChange({ ...node, selected: index, nodes });
  };
  const { selected } = node;
  const chosen = selected === null ? null : (node.nodes[selected] ?? null);
  const areShort =
    options.length <= MAX_SEGMENTS && options.every((option) => option.label.length <= MAX_LABEL);
  return (
    <div class="stack tight">
      <div>
        {areShort ? (
          <Segments
            label={`Form of ${label}`}
            size="small"
            options={options.map((option, index) => ({ id: String(index), label: option.label }))}
            value={String(selected ?? '')}
            onChange={(index) => select(Number(index))}
          />
        ) : (
          <select
            class="select"
            aria-label={`Form of ${label}`}
            value={String(selected ?? '')}
            onChange={(event) => select(Number(event.currentTarget.value))}
          >
            {options.map((option, index) => (
              <option key={index} value={String(index)}>
                {option.label}
              </option>
            ))}
          </select>
        )}
      </div>
      {selected !== null &&
        chosen !== null &&
        !(chosen.kind === 'constant' && chosen.value === null) && (
          <PartControl
            node={chosen}
            path={path}
            problems={problems}
            id={id}
            label={label}
            onChange={(changed) =>
              onChange({
                ...node,
                nodes: node.nodes.map((other, at) => (at === selected ? changed : other)),
              })
            }
          />
        )}
    </div>
  );
}
