import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { wantsFocus } from '../state/router.js';

const FIRST_FIELD = '.fields :is(input, select, textarea, .json-editor)';
const FAULT = '[aria-invalid="true"], .json-editor[data-faulty]';

type Form = RefObject<HTMLFormElement | null>;

/** Who came by the palette goes on by keyboard: in the first field of the form, else at what sends it. */
export function useWantedFocus(form: Form): void {
  useEffect(() => {
    if (!wantsFocus.value) return;
    wantsFocus.value = false;
    // the dialog gives the focus back to where it was when it closes
    requestAnimationFrame(() => {
      const first =
        form.current?.querySelector<HTMLElement>(FIRST_FIELD) ??
        form.current?.querySelector<HTMLElement>('button[type="submit"]');
      first?.focus();
    });
  }, []);
}

/** The first field of a form that was opened to be filled in. */
export function focusFirstField(form: Form): void {
  form.current?.querySelector<HTMLElement>(FIRST_FIELD)?.focus();
}

/** The first field that something is wrong with, once it is shown as such. */
export function focusFault(form: Form): void {
  requestAnimationFrame(() => form.current?.querySelector<HTMLElement>(FAULT)?.focus());
}
