import { writeSync } from 'node:fs';

export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  if (/[/]@nats-io[/]|[/]cluster[/]nats[/]/.test(found.url)) writeSync(2, `imports ${found.url}\n`);
  return found;
}
