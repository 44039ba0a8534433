import { expect, it } from 'vitest';
import { overviewPage } from './overview-page.js';

it('says where clients connect', () => {
  const page = overviewPage({ version: '1', addresses: ['ws://a', 'unix:<b>'], services: [] });
  expect(page).toContain('Clients connect to <code>ws://a</code> and <code>unix:&lt;b&gt;</code>.');
});

it('says that the server starts while there is nowhere to connect', () => {
  const page = overviewPage({ version: '1', addresses: [], services: [] });
  expect(page).toContain('The server is starting: clients cannot connect yet.');
});
