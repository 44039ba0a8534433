import { effect, signal } from '@preact/signals';

/**
 * The address of a view, in the fragment: `#/calls/system.load?args=[]`. A fragment never leaves the
 * browser, so arguments in a link are in no log of any server or proxy.
 */
export interface Route {
  readonly page: string;
  /** What is selected on the page; empty for nothing. */
  readonly item: string;
  readonly query: URLSearchParams;
}

export const PAGES = [
  { id: 'overview', title: 'Overview', key: 'o' },
  { id: 'calls', title: 'Calls', key: 'c' },
  { id: 'tasks', title: 'Tasks', key: 't' },
  { id: 'resources', title: 'Resources', key: 'r' },
  { id: 'events', title: 'Events', key: 'e' },
  { id: 'schemas', title: 'Schemas', key: 's' },
  { id: 'logs', title: 'Logs', key: 'l' },
  { id: 'docs', title: 'Docs', key: 'd' },
] as const;
export type PageId = (typeof PAGES)[number]['id'];

/** Set by the palette: whoever goes by keyboard goes on by keyboard, in the form that opens. */
export const wantsFocus = signal(false);

export const route = signal<Route>(parse(location.hash));

window.addEventListener('hashchange', () => {
  route.value = parse(location.hash);
});

/** What the window is called: in tabs, in the history, by a screen reader at each change of the page. */
effect(() => {
  const { page, item } = route.value;
  const title = PAGES.find(({ id }) => id === page)?.title ?? page;
  document.title = `${item === '' ? '' : `${item} – `}${title} – dispatcher`;
});

function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const [page = '', ...rest] = path.split('/');
  return {
    page: PAGES.some(({ id }) => id === page) ? page : 'overview',
    item: decoded(rest.join('/')),
    query: new URLSearchParams(query),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function linkTo(
  page: PageId,
  item = '',
  query: Readonly<Record<string, string>> = {},
): string {
  const path = item === '' ? page : `${page}/${encodeURIComponent(item)}`;
  const words = new URLSearchParams(query).toString();
  return `#/${path}${words === '' ? '' : `?${words}`}`;
}

export function go(page: PageId, item = '', query: Readonly<Record<string, string>> = {}): void {
  location.hash = linkTo(page, item, query);
}

/** Keeps the address in step with what is typed, without a step in the history for each key. */
export function rewrite(hash: string): void {
  history.replaceState(null, '', hash);
}
