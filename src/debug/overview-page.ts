import type { MethodDescription, Service } from '../rpc/index.js';

interface Overview {
  readonly version: string;
  readonly addresses: readonly string[];
  readonly services: readonly Service[];
}

const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Text from plugins is text: whatever it contains, it never becomes markup. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES.get(character) ?? character);
}

/** A page that says what the server offers: every service and method with its schemas. */
export function overviewPage({ version, addresses, services }: Overview): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>dispatcher</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><h1>dispatcher <small>${escapeHtml(version)}</small></h1>
<p>${whereabouts(addresses)}
Documents: <a href="/schema.json">schema</a>, <a href="/healthz">health</a>, <a href="/readyz">readiness</a>, <a href="/metrics">metrics</a>.</p></header>
<main>
${services.map(serviceSection).join('\n')}
</main>
</body>
</html>
`;
}

function whereabouts(addresses: readonly string[]): string {
  if (addresses.length === 0) return 'The server is starting: clients cannot connect yet.';
  const codes = addresses.map((address) => `<code>${escapeHtml(address)}</code>`);
  return `Clients connect to ${codes.join(' and ')}.`;
}

function serviceSection({ name, description, methods }: Service): string {
  const rows = [...methods.values()].map((handler) => methodItem(name, handler.description));
  return `<section><h2>${escapeHtml(name)}</h2>
<p>${escapeHtml(description ?? '')}</p>
${rows.join('\n')}</section>`;
}

function methodItem(service: string, method: MethodDescription): string {
  const marks = [
    method.private ? 'private' : '',
    method.unauthenticated ? 'open' : '',
    ...method.roles,
    method.deprecated === null ? '' : 'deprecated',
  ].filter((mark) => mark !== '');
  const schemas = {
    arguments: method['params-schema'] ?? null,
    result: method['result-schema'] ?? null,
  };
  return `<details><summary><code>${escapeHtml(`${service}.${method.name}`)}</code>
${marks.map((mark) => `<mark>${escapeHtml(mark)}</mark>`).join(' ')} ${escapeHtml(method.description ?? '')}</summary>
<pre>${escapeHtml(JSON.stringify(schemas, null, 2))}</pre></details>`;
}

export const STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 small { font-weight: normal; opacity: .7; font-size: 1rem; }
h2 { margin: 1.5rem 0 0; font-size: 1.1rem; }
section > p { margin: 0 0 .5rem; opacity: .8; }
details { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: .3rem 0; }
summary { cursor: pointer; }
mark { border-radius: .3rem; padding: 0 .3rem; font-size: .8rem; }
pre { overflow-x: auto; padding: .5rem; background: color-mix(in srgb, currentColor 7%, transparent); }
`;
