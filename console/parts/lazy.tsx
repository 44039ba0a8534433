import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Bones, Failure } from './states.js';

/** A page whose code is read when somebody first looks at it. */
export function lazy(load: () => Promise<ComponentType>): ComponentType {
  let known: ComponentType | null = null;
  return function Lazy() {
    const [View, setView] = useState<ComponentType | null>(() => known);
    const [hasFailed, setFailed] = useState(false);
    useEffect(() => {
      if (known !== null) return;
      load().then(
        (view) => {
          known = view;
          setView(() => view);
        },
        () => setFailed(true),
      );
    }, []);
    if (View !== null) return <View />;
    if (!hasFailed) return <Bones />;
    return (
      <div class="page">
        <Failure
          error={
            new Error('This part of the page could not be read: the server may be a newer one.')
          }
          onRetry={() => location.reload()}
        />
      </div>
    );
  };
}
