import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Errno } from '../../src/common/index.js';
import { DocumentConfigStore, type DocumentStore } from '../../src/datastore/index.js';
import type { ConfigChange } from '../../src/sdk/datastore.js';
import type { Target } from './target.js';

export function describeConfigStore(target: Target): void {
  describe('the config store', () => {
    let store: DocumentStore;
    let config: DocumentConfigStore;
    beforeAll(async () => {
      store = await target.open();
      config = await DocumentConfigStore.open(store);
    });
    afterAll(() => store.close());

    it('gives what was set, else the fallback, else null', async () => {
      await config.set('service.ssh.port', 2222);
      expect(await config.get('service.ssh.port', 22)).toBe(2222);
      expect(await config.get('service.ssh.user', 'root')).toBe('root');
      expect(await config.get('service.ssh.user')).toBeNull();
      expect(await config.exists('service.ssh')).toBe(false);
      await config.set('service.ssh.port', null);
      expect(await config.exists('service.ssh.port')).toBe(true);
    });

    it('lists the keys below a prefix, and no neighbours', async () => {
      await config.setMany({
        'net.a': 1,
        'net.a.b': 2,
        'net.c': 3,
        'net-x': 4,
        network: 5,
        'net0.a': 6,
      });
      expect(await config.listChildren('net')).toEqual(['net.a', 'net.a.b', 'net.c']);
      expect(await config.listChildren()).toContain('network');
    });

    it('shows a node as one object and takes one', async () => {
      const node = config.node('mail');
      const at = new Date(5);
      await node.update({ from: 'root', smtp: { host: 'h', ports: [25, 587], auth: {} }, at });
      await node.update({ smtp: { host: 'other' } });
      expect(await node.toObject()).toEqual({
        from: 'root',
        smtp: { host: 'other', ports: [25, 587], auth: {} },
        at,
      });
      expect(await node.node('smtp').get('host')).toBe('other');
      expect(await config.get('mail.smtp.host')).toBe('other');
    });

    it('tells of changes once they can be read, all of one update together', async () => {
      const changes: ConfigChange[] = [];
      const stop = config.onChange((change) => changes.push(change));
      await config.node('told').update({ a: 1, b: { c: 2 } });
      await config.delete('told.a');
      expect(await config.delete('told.a')).toBe(false);
      stop();
      await config.set('told.d', 1);
      expect(changes).toEqual([
        { operation: 'set', keys: ['told.a', 'told.b.c'] },
        { operation: 'delete', keys: ['told.a'] },
      ]);
    });

    it('sets all of an update or nothing', async () => {
      const update = config.node('whole').update({ good: 1, bad: Number.NaN });
      await expect(update).rejects.toMatchObject({ code: Errno.EINVAL });
      expect(await config.listChildren('whole')).toEqual([]);
    });

    it.each(['', '.', 'a.', 'a..b', 'a b', '$a', 'x'.repeat(256)])(
      'refuses the key %j',
      async (key) => {
        await expect(config.set(key, 1)).rejects.toMatchObject({ code: Errno.EINVAL });
      },
    );
  });
}
