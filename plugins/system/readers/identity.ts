import { hostname, machine, platform, release } from 'node:os';
import type { SystemDistribution, SystemInfo } from '../schemas/system-info.schema.js';
import { readTimeZone } from './clock.js';
import { readText } from './kernel-files.js';
import { parseOsRelease } from './os-release.js';
import { readBootTime } from './uptime.js';

/**
 * The host's full name from the text of `/etc/hosts`: asking a name server could take as long as
 * the network is down. The first name of a line is the canonical one, the others are aliases.
 */
export function findFqdn(host: string, hosts: string): string | null {
  if (host.includes('.')) return host;
  for (const line of hosts.split('\n')) {
    const [, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (!names.includes(host)) continue;
    const full = names.find((name) => name.startsWith(`${host}.`));
    if (full !== undefined) return full;
  }
  return null;
}

async function readDistribution(): Promise<SystemDistribution | null> {
  const text = (await readText('/etc/os-release')) ?? (await readText('/usr/lib/os-release'));
  return text === null ? null : parseOsRelease(text);
}

export async function readIdentity(): Promise<SystemInfo> {
  const [distribution, hosts, booted_at, timezone] = await Promise.all([
    readDistribution(),
    readText('/etc/hosts'),
    readBootTime(),
    readTimeZone(),
  ]);
  return {
    hostname: hostname(),
    fqdn: findFqdn(hostname(), hosts ?? ''),
    platform: platform(),
    distribution,
    kernel: release(),
    architecture: machine(),
    booted_at,
    timezone,
  };
}
