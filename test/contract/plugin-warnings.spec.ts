import { expect, it } from 'vitest';
import { PluginServer } from './plugin-server.js';

const plugin = (decorator: string): string => `
import { accepts, description, Plugin, Provider, provider, returns } from 'dispatcher';
@description('x') @provider('greeting')
export class Greeting extends Provider { ${decorator} hello() { return 'hello'; } }
@Plugin({ providers: [Greeting] }) export default class {}
`;

it.each([
  ['', 'Provider greeting has no method with @accepts, @returns or @query: nobody can call it'],
  [
    '@accepts()',
    'Provider greeting has methods without @returns, whose results go out unchecked: hello',
  ],
  ['@accepts() @returns(String)', null],
])('a provider with "%s" is warned of as it deserves', async (decorator, warning) => {
  const server = await PluginServer.forThisTest({ 'greeting/index.ts': plugin(decorator) });
  const said = server.process.log.join('\n');
  if (warning === null) expect(said).not.toContain('Provider ');
  else expect(said).toContain(warning);
});
