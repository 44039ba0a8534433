import { useEffect } from 'preact/hooks';
import { go, PAGES } from './state/router.js';

/** How long the second key of `g c` may take. */
const CHORD_MS = 1_500;

/** Keys of the whole page; nothing that is typed into a field is taken for one. */
export function useShortcuts(open: (overlay: 'palette' | 'help') => void): void {
  useEffect(() => {
    let chordUntil = 0;
    const onKeyDown = (event: KeyboardEvent): void => {
      const { key, target } = event;
      if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === 'k') {
        event.preventDefault();
        open('palette');
        return;
      }
      const isTyping =
        target instanceof Element &&
        target.closest('input, textarea, select, .json-editor') !== null;
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      if (Date.now() < chordUntil) {
        chordUntil = 0;
        const page = PAGES.find((candidate) => candidate.key === key);
        if (page !== undefined) go(page.id);
      } else if (key === 'g') chordUntil = Date.now() + CHORD_MS;
      else if (key === '?') open('help');
      else if (key === '/') {
        event.preventDefault();
        open('palette');
      }
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
