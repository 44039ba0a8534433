import { useState } from 'preact/hooks';
import type { FormNode } from '../forms/index.js';
import type { EditProps } from './edit-props.js';
import { Line } from './line.js';

type ExtendedNode = Extract<FormNode, { kind: 'extended' }>;

/** Inputs for the values that JSON lacks. */
export function Extended(props: EditProps<ExtendedNode>) {
  const { node, onChange } = props;
  const onText = (text: string): void => onChange({ ...node, text });
  switch (node.type) {
    case 'datetime':
      return (
        <div class="control">
          <Line
            {...props}
            text={node.text}
            mode="text"
            placeholder="2026-01-31T12:00:00Z"
            onText={onText}
          />
          <button type="button" class="button" onClick={() => onText(new Date().toISOString())}>
            Now
          </button>
        </div>
      );
    case 'long':
      return (
        <Line
          {...props}
          text={node.text}
          mode="decimal"
          placeholder="whole number of any size"
          onText={(text) => onChange({ ...node, text, isWrapped: false })}
        />
      );
    case 'password':
      return <Secret {...props} />;
    case 'binary':
      return (
        <div class="control">
          <Line {...props} text={node.text} mode="text" placeholder="base64" onText={onText} />
          <label class="button">
            File
            <input
              type="file"
              class="visually-hidden"
              onChange={({ currentTarget: { files } }) =>
                void readFile(files?.[0]).then((text) => text !== null && onText(text))
              }
            />
          </label>
        </div>
      );
  }
}

function Secret(props: EditProps<ExtendedNode>) {
  const [isShown, setShown] = useState(false);
  const { node, onChange } = props;
  return (
    <div class="control">
      <Line
        {...props}
        text={node.text}
        mode="text"
        isSecret={!isShown}
        onText={(text) => onChange({ ...node, text })}
      />
      <button
        type="button"
        class="button"
        aria-pressed={isShown}
        onClick={() => setShown(!isShown)}
      >
        {isShown ? 'Hide' : 'Show'}
      </button>
    </div>
  );
}

async function readFile(file: File | undefined): Promise<string | null> {
  if (file === undefined) return null;
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
