/** The code editor itself: read when the first box of JSON is opened. */
import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  type Completion,
  type CompletionContext,
  completionKeymap,
  type CompletionResult,
  startCompletion,
} from '@codemirror/autocomplete';
import {
  history,
  historyKeymap,
  indentLess,
  indentMore,
  standardKeymap,
} from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { nextDiagnostic, previousDiagnostic, setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState, type Extension, type Transaction } from '@codemirror/state';
import { EditorView, keymap, type Panel, showPanel } from '@codemirror/view';
import type { Problem, Schema, SchemaIndex } from '../forms/index.js';
import { marksOf } from './marks.js';
import { type Suggestion, suggestionsAt } from './suggestions.js';
import { THEME } from './theme.js';

/** What is shown, and may change while it is. */
export interface EditorContent {
  readonly label: string;
  readonly text: string;
  readonly schema: Schema;
  readonly index: SchemaIndex;
  /** What is wrong with the value, by its places. */
  readonly problems: readonly Problem[];
}

export interface OpenEditor {
  show(content: EditorContent): void;
  focus(at: number): void;
  close(): void;
}

const HINT =
  'Tab completes or indents; Esc, then Tab leaves it. Ctrl Space offers what fits, F8 goes to the next fault.';

/**
 * In a shadow tree, since there the editor's style sheets are adopted objects, which the page's policy
 * admits; in the page they would be elements, which it does not.
 */
export function openEditor(
  host: HTMLElement,
  first: EditorContent,
  onText: (text: string) => void,
): OpenEditor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open', delegatesFocus: true });
  root.replaceChildren();
  let content = first;
  const spoken = new Compartment();
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: first.text,
      extensions: [
        ...basics(),
        autocompletion({ override: [(context) => complete(context, content)], icons: false }),
        spoken.of(spokenOf(first, [])),
        EditorView.updateListener.of(({ docChanged, state }) => {
          const text = state.doc.toString();
          if (docChanged && text !== content.text) onText(text);
        }),
      ],
    }),
  });
  const show = (next: EditorContent): void => {
    content = next;
    const { doc } = view.state;
    if (doc.toString() !== next.text) {
      view.dispatch({ changes: { from: 0, to: doc.length, insert: next.text } });
    }
    const marks = marksOf(next.text, next.problems);
    view.dispatch({ effects: spoken.reconfigure(spokenOf(next, marks)) });
    view.dispatch(
      setDiagnostics(
        view.state,
        marks.map((mark) => ({ ...mark, severity: 'error' as const })),
      ),
    );
  };
  show(first);
  return {
    show,
    focus: (at) => {
      view.dispatch({ selection: { anchor: Math.min(at, view.state.doc.length) } });
      view.focus();
    },
    close: () => view.destroy(),
  };
}

/** Chromium writes over selected text with style attributes, which the page's policy refuses aloud. */
const typeOver = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const { data, inputType, isComposing } = event;
    const [range] = event.getTargetRanges();
    if (inputType !== 'insertText' || data === null || isComposing || range?.collapsed !== false) {
      return false;
    }
    const anchor = view.posAtDOM(range.startContainer, range.startOffset);
    const head = view.posAtDOM(range.endContainer, range.endOffset);
    view.dispatch({ selection: { anchor, head } });
    const replace = (): Transaction =>
      view.state.update(view.state.replaceSelection(data), {
        userEvent: 'input.type',
        scrollIntoView: true,
      });
    const isHandled = view.state
      .facet(EditorView.inputHandler)
      .some((handle) => handle(view, anchor, head, data, replace));
    if (!isHandled) view.dispatch(replace());
    event.preventDefault();
    return true;
  },
});

function basics(): Extension[] {
  return [
    history(),
    json(),
    indentUnit.of('  '),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    EditorView.lineWrapping,
    THEME,
    typeOver,
    showPanel.of(hint),
    keymap.of([
      { key: 'Tab', run: (view) => acceptCompletion(view) || indentMore(view), shift: indentLess },
      { key: 'F8', run: nextDiagnostic, shift: previousDiagnostic },
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...historyKeymap,
      ...standardKeymap,
    ]),
  ];
}

function spokenOf({ label }: EditorContent, marks: readonly unknown[]): Extension {
  return EditorView.contentAttributes.of({
    'aria-label': label,
    'aria-describedby': 'hint',
    'aria-invalid': String(marks.length > 0),
  });
}

function hint(): Panel {
  const dom = document.createElement('p');
  dom.id = 'hint';
  dom.textContent = HINT;
  return { dom };
}

function complete(context: CompletionContext, content: EditorContent): CompletionResult | null {
  const text = context.state.doc.toString();
  const { from, to, isBlank, list } = suggestionsAt(text, context.pos, content);
  // offered unasked on a blank place, it would take the Enter that was meant for a new line
  if (isBlank && !context.explicit) return null;
  // its own filter would compare the closing quote too, which stands there from the first key on
  const typed = text.slice(from, context.pos).replace(/^"/, '').toLowerCase();
  const fitting = list.filter(({ label }) => label.toLowerCase().includes(typed));
  return fitting.length === 0
    ? null
    : { from, to, options: fitting.map(toCompletion), filter: false };
}

function toCompletion(suggestion: Suggestion): Completion {
  const { kind, text, back, label, detail, description } = suggestion;
  return {
    label: text,
    displayLabel: label,
    detail,
    type: kind,
    ...(description !== null && { info: description }),
    apply: (view, _, from, to) => {
      view.dispatch({
        changes: { from, to, insert: text },
        selection: { anchor: from + text.length - back },
        userEvent: 'input.complete',
      });
      if (kind === 'property' && text.endsWith(' ')) startCompletion(view);
    },
  };
}
