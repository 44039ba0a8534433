import {
  INTERFACE_STATES,
  type InterfaceState,
  type InterfaceType,
  type NetworkCounters,
} from '../schemas/network-interface.schema.js';

// Hardware types of `/sys/class/net/<name>/type`, from the kernel's <linux/if_arp.h>.
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;
/** ipip, ip6ip6, sit, gre, gre6, and none at all, as tun and wireguard have. */
const ARPHRD_TUNNELS: ReadonlySet<number> = new Set([768, 769, 776, 778, 823, 0xfffe]);

/** What tells the kind of an interface. */
export interface InterfaceTraits {
  readonly hardwareType: number;
  /** Text of its `uevent` file, where drivers name the kind of device. */
  readonly uevent: string;
  /** Names in its folder: some kinds add one of their own, and only hardware has a `device`. */
  readonly entries: ReadonlySet<string>;
}

const TYPES_BY_DEVTYPE: ReadonlyMap<string, InterfaceType> = new Map([
  ['bridge', 'bridge'],
  ['bond', 'bond'],
  ['vlan', 'vlan'],
  ['wlan', 'wireless'],
  ['wireguard', 'tunnel'],
  ['vxlan', 'tunnel'],
  ['geneve', 'tunnel'],
  ['gretap', 'tunnel'],
]);

export function interfaceType({ hardwareType, uevent, entries }: InterfaceTraits): InterfaceType {
  const byName = TYPES_BY_DEVTYPE.get(/^DEVTYPE=(.+)$/m.exec(uevent)?.[1] ?? '');
  if (byName !== undefined) return byName;
  if (hardwareType === ARPHRD_LOOPBACK) return 'loopback';
  if (entries.has('tun_flags') || ARPHRD_TUNNELS.has(hardwareType)) return 'tunnel';
  if (entries.has('phy80211') || entries.has('wireless')) return 'wireless';
  if (!entries.has('device')) return 'virtual';
  return hardwareType === ARPHRD_ETHER ? 'ethernet' : 'other';
}

const IFF_UP = 0x1;

/** Whether the flags of an interface, hexadecimal, have the one by which it was switched on. */
export function isSwitchedOn(flags: string | null): boolean {
  return (Number(flags) & IFF_UP) !== 0;
}

export function interfaceState(text: string | null): InterfaceState {
  return INTERFACE_STATES.find((state) => state === text) ?? 'unknown';
}

/** Null for an address of zeroes only, which stands for none. */
export function macAddress(text: string | null): string | null {
  return text === null || !/[1-9a-f]/i.test(text) ? null : text.toLowerCase();
}

/** Drivers say -1, or the largest number, for a speed that they do not know. */
export function speedMbps(text: string | null): number | null {
  const speed = Number(text ?? 0);
  return speed > 0 && speed < 0xffff_ffff ? speed : null;
}

export interface InterfaceCounters {
  readonly received: NetworkCounters;
  readonly sent: NetworkCounters;
}

/** Counters by interface from `/proc/net/dev`: one file for all instead of eight for each. */
export function parseNetDev(text: string): ReadonlyMap<string, InterfaceCounters> {
  const counters = new Map<string, InterfaceCounters>();
  for (const [, name, numbers] of text.matchAll(/^ *([^\s:]\S*): *(\d+(?: +\d+){15})$/gm)) {
    if (name === undefined || numbers === undefined) continue;
    const columns = numbers.split(/ +/).map(Number);
    counters.set(name, { received: toCounters(columns), sent: toCounters(columns.slice(8)) });
  }
  return counters;
}

export const NO_COUNTERS: NetworkCounters = { bytes: 0, packets: 0, errors: 0, dropped: 0 };

function toCounters(columns: readonly number[]): NetworkCounters {
  const [bytes = 0, packets = 0, errors = 0, dropped = 0] = columns;
  return { bytes, packets, errors, dropped };
}
