import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Problem, Schema } from '../forms/index.js';
import { schemaIndex } from '../state/registry.js';
import type { OpenEditor, openEditor } from './open-editor.js';

type Opener = typeof openEditor;

interface JsonEditorProps {
  readonly id?: string | undefined;
  readonly label: string;
  readonly text: string;
  /** Of the value; what it lets be said is offered. */
  readonly schema: Schema;
  readonly index?: typeof schemaIndex.value;
  readonly problems: readonly Problem[];
  /** Elements that say more of it, while it is a plain box. */
  readonly describedBy?: string | undefined;
  readonly onText: (text: string) => void;
}

let known: Opener | null = null;

/**
 * A box for JSON that knows what may stand in it. It is a plain one until the code of the editor is
 * read, and stays one where that cannot be.
 */
export function JsonEditor(props: JsonEditorProps) {
  const [opener, setOpener] = useState<Opener | null>(() => known);
  const plain = useRef<HTMLTextAreaElement>(null);
  const cursor = useRef<number | null>(null);
  useEffect(() => {
    if (opener !== null) return;
    let isShown = true;
    import('./open-editor.js').then(
      (code) => {
        known = code.openEditor;
        if (!isShown) return;
        const isFocused = document.activeElement === plain.current;
        cursor.current = isFocused ? (plain.current?.selectionStart ?? 0) : null;
        setOpener(() => code.openEditor);
      },
      () => undefined, // the plain box does
    );
    return () => {
      isShown = false;
    };
  }, []);
  if (opener !== null) return <Rich {...props} opener={opener} focusAt={cursor.current} />;
  return <Plain {...props} box={plain} />;
}

function Plain(props: JsonEditorProps & { readonly box: { current: HTMLTextAreaElement | null } }) {
  const { box, id, label, text, problems, describedBy, onText } = props;
  return (
    <textarea
      ref={box}
      id={id}
      class="area"
      rows={Math.min(24, Math.max(4, text.split('\n', 25).length + 1))}
      spellcheck={false}
      placeholder="JSON"
      aria-label={label}
      aria-invalid={problems.length > 0}
      aria-describedby={describedBy}
      value={text}
      onInput={(event) => onText(event.currentTarget.value)}
    />
  );
}

interface RichProps extends JsonEditorProps {
  readonly opener: Opener;
  readonly focusAt: number | null;
}

function Rich({ opener, focusAt, ...props }: RichProps) {
  const { id, label, text, schema, problems } = props;
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<OpenEditor | null>(null);
  const onText = useRef(props.onText);
  onText.current = props.onText;
  const content = { label, text, schema, problems, index: props.index ?? schemaIndex.value };
  useLayoutEffect(() => {
    if (host.current === null) return;
    editor.current = opener(host.current, content, (typed) => onText.current(typed));
    if (focusAt !== null) editor.current.focus(focusAt);
    return () => editor.current?.close();
  }, []);
  useLayoutEffect(() => editor.current?.show(content));
  return (
    <div ref={host} id={id} class="json-editor" data-faulty={problems.length > 0 || undefined} />
  );
}
