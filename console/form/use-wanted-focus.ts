import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { wantsFocus } from '../state/router.js';

/** Who came by the palette goes on by keyboard: in the first field of the form, else at what sends it. */
export function useWantedFocus(form: RefObject<HTMLFormElement | null>): void {
  useEffect(() => {
    if (!wantsFocus.value) return;
    wantsFocus.value = false;
    const first =
      form.current?.querySelector<HTMLElement>('.fields :is(input, select, textarea)') ??
      form.current?.querySelector<HTMLElement>('button[type="submit"]');
    // the dialog gives the focus back to where it was when it closes
    requestAnimationFrame(() => first?.focus());
  }, []);
}
