import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostHarness } from './host.harness.js';

/** What docs/plugins.md shows under "What may be absent". */
const REPORT = `
import { accepts, Dispatcher, Errno, h, isDispatcherError, Plugin, Provider, provider, returns } from 'dispatcher';
import { Inject, Optional } from '@nestjs/common';

@provider('report')
export class ReportProvider extends Provider {
  constructor(
    private readonly dispatcher: Dispatcher,
    @Optional() @Inject('mailer') private readonly mailer?: { readonly from: string },
  ) { super(); }

  @accepts() @returns(h.array(h.object()))
  async shares() {
    try {
      return await this.dispatcher.callSync('nas.share.query');
    } catch (error) {
      if (isDispatcherError(error) && error.code === Errno.ENOENT) return [];
      throw error;
    }
  }

  @accepts(h.object()) @returns(h.string())
  async as_table(row: object) {
    const table = await import('text-table').catch(() => null);
    return table === null ? JSON.stringify(row) : table.render(row);
  }

  @accepts() @returns(h.nullable(h.string()))
  sender() { return this.mailer?.from ?? null; }
}
@Plugin({ providers: [ReportProvider] }) export default class ReportPlugin {}
`;

const NAS = `
import { accepts, h, Plugin, Provider, provider, returns } from 'dispatcher';
@provider('nas.share') class Shares extends Provider {
  @accepts() @returns(h.array(h.object())) query() { return [{ id: 'photos' }]; }
}
@Plugin({ providers: [Shares] }) export default class NasPlugin {}
`;

describe('a plugin that can do without something', () => {
  let harness: HostHarness;
  beforeEach(() => {
    harness = new HostHarness();
    harness.write('report/index.ts', REPORT);
  });
  afterEach(() => harness.dispose());

  it('loads and works without a service, a package and what an application may lend', async () => {
    await harness.host.start();
    expect(harness.states()).toEqual(['report: loaded']);
    expect(await harness.call('report.shares')).toEqual([]);
    expect(await harness.call('report.as_table', { a: 1 })).toBe('{"a":1}');
    expect(await harness.call('report.sender')).toBeNull();
  });

  it('has the package, and the service that came later', async () => {
    const table = 'report/node_modules/text-table/';
    harness.write(
      `${table}package.json`,
      '{"name": "text-table", "type": "module", "main": "a.js"}',
    );
    harness.write(`${table}a.js`, 'export const render = (row) => Object.keys(row).join();');
    await harness.host.start();
    expect(await harness.call('report.as_table', { a: 1, b: 2 })).toBe('a,b');
    harness.write('nas/index.ts', NAS);
    await harness.host.reload(['nas']);
    expect(await harness.call('report.shares')).toEqual([{ id: 'photos' }]);
  });
});
