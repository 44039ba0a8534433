import { useMemo } from 'preact/hooks';
import { NavList } from '../parts/nav-list.js';
import { Absent, Bones, Empty } from '../parts/states.js';
import { isLoaded, methods } from '../state/registry.js';
import { go, linkTo, route } from '../state/router.js';
import { MethodView } from './calls/method-view.js';

/** Services and methods at the side, the chosen method beside them. */
export function Calls() {
  const { item } = route.value;
  const all = methods.value;
  const items = useMemo(
    () =>
      all.map(({ path, name, service, description }) => ({
        id: path,
        label: name,
        group: service,
        about: description ?? '',
      })),
    [all],
  );
  const method = all.find(({ path }) => path === item);
  return (
    <div class={`split ${item === '' ? '' : 'chosen'}`}>
      <NavList title="Calls" items={items} selected={item} onSelect={(id) => go('calls', id)} />
      <section class="detail" aria-label={item === '' ? 'Method' : item}>
        {method !== undefined && <MethodView key={method.path} method={method} />}
        {method === undefined &&
          item !== '' &&
          (isLoaded.value ? (
            <Absent name={item} all={[linkTo('calls'), 'All methods']}>
              There is no such method at the moment. It appears here as soon as its plugin or
              service is there.
            </Absent>
          ) : (
            <Bones />
          ))}
        {item === '' && (
          <Empty>
            <p>Choose a method to read what it takes and gives, fill in its form and call it.</p>
            <p>
              <kbd>Ctrl K</kbd> finds one by name.
            </p>
          </Empty>
        )}
      </section>
    </div>
  );
}
