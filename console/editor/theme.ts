import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** The roles of the page's colours: variables are inherited, so one theme serves the light and the dark. */
const PARTS = EditorView.theme({
  '&': {
    background: 'var(--sunken)',
    color: 'var(--ink)',
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--radius)',
    font: '400 13px/1.5 var(--mono)',
  },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '1px' },
  '.cm-scroller': { font: 'inherit', maxHeight: '24em', overflow: 'auto' },
  '.cm-content': { padding: '8px 4px', caretColor: 'var(--ink)' },
  '&.cm-focused .cm-matchingBracket': { background: 'var(--accent-soft)', color: 'inherit' },
  '&.cm-focused .cm-nonmatchingBracket': { background: 'var(--bad-soft)', color: 'inherit' },
  '.cm-panels': { background: 'none', color: 'var(--ink-3)', borderColor: 'var(--line)' },
  '.cm-panels p': { margin: '0', padding: '3px 8px', font: '400 12px/1.5 var(--sans)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--bad)',
    textUnderlineOffset: '3px',
    background: 'var(--bad-soft)',
  },
  '.cm-lintPoint-error::after': { borderBottomColor: 'var(--bad)' },
  '.cm-tooltip': {
    background: 'var(--surface)',
    color: 'var(--ink)',
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--radius)',
    boxShadow: 'var(--shadow)',
    overflow: 'hidden',
  },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--bad)', font: '400 13px/1.5 var(--sans)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    font: '400 13px/1.5 var(--mono)',
    maxHeight: '16em',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 10px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    background: 'var(--accent-soft)',
    color: 'var(--ink)',
  },
  '.cm-completionDetail': { color: 'var(--ink-3)', fontStyle: 'normal', marginLeft: '12px' },
  '.cm-completionMatchedText': { color: 'var(--accent)', textDecoration: 'none' },
  '.cm-tooltip.cm-completionInfo': { padding: '6px 10px', font: '400 13px/1.5 var(--sans)' },
});

const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--ink-2)' },
  { tag: tags.string, color: 'var(--good)' },
  { tag: tags.number, color: 'var(--busy)' },
  { tag: [tags.bool, tags.null], color: 'var(--warn)' },
]);

export const THEME = [PARTS, syntaxHighlighting(COLOURS)];
