import { useEffect } from 'preact/hooks';

/** `p` stops and goes on with what comes in, unless somebody types. */
export function usePauseKey(toggle: () => void): void {
  useEffect(() => {
    const onKeyDown = ({ key, target, ctrlKey, metaKey }: KeyboardEvent): void => {
      const isTyping =
        target instanceof Element && target.closest('input, textarea, select') !== null;
      if (key === 'p' && !isTyping && !ctrlKey && !metaKey) toggle();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
