import { description, eventSource, WatchingSource } from 'dispatcher';
import { networkInterfaces } from 'node:os';
import { addressChanges, type AddressTable } from './readers/address-changes.js';
import { groupAddresses } from './readers/interfaces.reader.js';
import { KernelNews } from './readers/kernel-news.js';

export const ADDRESS_CHANGED = 'network.address.changed';

@description('Published when a running network interface got or lost an address')
@eventSource(ADDRESS_CHANGED)
export class AddressChangedSource extends WatchingSource {
  constructor(private readonly news: KernelNews) {
    super();
  }

  protected override async watch(signal: AbortSignal): Promise<void> {
    let addresses = readAddresses();
    const compare = (): Promise<void> => {
      const latest = readAddresses();
      for (const change of addressChanges(addresses, latest)) {
        this.emit(ADDRESS_CHANGED, change);
      }
      addresses = latest;
      return Promise.resolve();
    };
    await this.news.follow('address', compare, { signal, pause: (ms) => this.pause(ms, signal) });
  }
}

const readAddresses = (): AddressTable => groupAddresses(networkInterfaces());
