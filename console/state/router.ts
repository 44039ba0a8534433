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

/**
 * In the order of the rail, where those of a group stand together. One with a service is shown where the
 * server offers that.
 */
export const PAGES = [
  { id: 'overview', title: 'Overview', key: 'o', group: 'Watch' },
  { id: 'calls', title: 'Calls', key: 'c', group: 'Watch' },
  { id: 'tasks', title: 'Tasks', key: 't', group: 'Watch' },
  { id: 'resources', title: 'Resources', key: 'r', group: 'Watch' },
  { id: 'events', title: 'Events', key: 'e', group: 'Watch' },
  { id: 'logs', title: 'Logs', key: 'l', group: 'Watch' },
  { id: 'cause', title: 'Causes', key: 'i', group: 'Watch' },
  { id: 'settings', title: 'Settings', key: 'n', group: 'Run' },
  { id: 'schedules', title: 'Schedules', key: 'h', group: 'Run' },
  { id: 'users', title: 'Users', key: 'u', group: 'Run' },
  { id: 'clients', title: 'Clients', key: 'k', group: 'Run' },
  { id: 'nodes', title: 'Nodes', key: 'm', group: 'Run', service: 'cluster' },
  { id: 'plugins', title: 'Plugins', key: 'p', group: 'Run' },
  { id: 'files', title: 'Files', key: 'f', group: 'Run' },
  { id: 'data', title: 'Data', key: 'b', group: 'Run' },
  { id: 'diagnostics', title: 'Diagnostics', key: 'x', group: 'Run' },
  { id: 'schemas', title: 'Schemas', key: 's', group: 'Build' },
  { id: 'docs', title: 'Docs', key: 'd', group: 'Build' },
  { id: 'wire', title: 'Wire', key: 'w', group: 'Build' },
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
