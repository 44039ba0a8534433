/** Figures of the server's `/metrics`, by name; those with labels are added up. */
export function parseMetrics(text: string): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue;
    const [, name, value] = /^(\w+)(?:\{.*\})? (\S+)/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    sums.set(name, (sums.get(name) ?? 0) + Number(value));
  }
  return sums;
}

/** A document of this server; from another machine it wants the login's token. */
export async function fetchDocument(path: string, stop?: AbortSignal): Promise<Response> {
  const token = sessionStorage.getItem('dispatcher.token') ?? '';
  const response = await fetch(path, {
    headers: { authorization: `Bearer ${token}` },
    ...(stop !== undefined && { signal: stop }),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status} ${response.statusText}`);
  return response;
}
