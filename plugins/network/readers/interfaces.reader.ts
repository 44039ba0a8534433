import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import { basename } from 'node:path';
import type { NetworkAddress, NetworkInterface } from '../schemas/network-interface.schema.js';
import {
  type InterfaceCounters,
  interfaceState,
  interfaceType,
  isSwitchedOn,
  macAddress,
  NO_COUNTERS,
  parseNetDev,
  speedMbps,
} from './interface-files.js';
import { readLink, readNames, readText } from './kernel-files.js';

const FOLDER = '/sys/class/net';

type AddressList = NodeJS.Dict<readonly NetworkInterfaceInfo[]>;

/** What concerns all interfaces, read once for each list. */
interface Tables {
  readonly counters: ReadonlyMap<string, InterfaceCounters>;
  readonly addresses: ReadonlyMap<string, readonly NetworkAddress[]>;
}

/** Addresses by interface. IPv4 addresses with a label stand under `name:label`: same interface. */
export function groupAddresses(list: AddressList): ReadonlyMap<string, readonly NetworkAddress[]> {
  const groups = new Map<string, NetworkAddress[]>();
  for (const [label, infos = []] of Object.entries(list)) {
    const name = label.replace(/:.*/, '');
    const group = groups.get(name) ?? [];
    groups.set(name, group);
    group.push(...infos.map(toAddress));
  }
  return groups;
}

function toAddress({ family, address, cidr }: NetworkInterfaceInfo): NetworkAddress {
  return {
    family: family === 'IPv4' ? 'ipv4' : 'ipv6',
    address,
    // Null for a netmask with holes, which has no length.
    prefix_length: Number(cidr?.split('/')[1] ?? 0),
  };
}

/** Reads all interfaces; those that leave meanwhile are not in the list. */
export async function readInterfaces(): Promise<NetworkInterface[]> {
  const [names, netDev] = await Promise.all([readNames(FOLDER), readText('/proc/net/dev')]);
  const tables: Tables = {
    counters: parseNetDev(netDev ?? ''),
    addresses: groupAddresses(networkInterfaces()),
  };
  const rows = await Promise.all(names.map((name) => readInterface(name, tables)));
  return rows.filter((row) => row !== null).sort((a, b) => a.index - b.index);
}

async function readInterface(name: string, tables: Tables): Promise<NetworkInterface | null> {
  const folder = `${FOLDER}/${name}`;
  const read = (file: string): Promise<string | null> => readText(`${folder}/${file}`);
  // The folder also has plain files, such as the one by which bonds are made.
  const index = await read('ifindex');
  if (index === null) return null;
  const [type, uevent, entries, mac, mtu, flags, state, speed, duplex, master] = await Promise.all([
    read('type'),
    read('uevent'),
    readNames(folder),
    read('address'),
    read('mtu'),
    read('flags'),
    read('operstate'),
    read('speed'),
    read('duplex'),
    readLink(`${folder}/master`),
  ]);
  const traits = { hardwareType: Number(type), uevent: uevent ?? '', entries: new Set(entries) };
  const counters = tables.counters.get(name);
  return {
    name,
    index: Number(index),
    type: interfaceType(traits),
    mac: macAddress(mac),
    mtu_bytes: Number(mtu),
    is_enabled: isSwitchedOn(flags),
    state: interfaceState(state),
    speed_mbps: speedMbps(speed),
    duplex: duplex === 'half' || duplex === 'full' ? duplex : null,
    master: master === null ? null : basename(master),
    addresses: tables.addresses.get(name) ?? [],
    received: counters?.received ?? NO_COUNTERS,
    sent: counters?.sent ?? NO_COUNTERS,
  };
}
