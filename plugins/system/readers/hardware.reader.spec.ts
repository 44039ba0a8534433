import type { Systeminformation } from 'systeminformation';
import { describe, expect, it } from 'vitest';
import { HardwareReader, isVirtual, toCpu, toMemoryModules } from './hardware.reader.js';

const CPU = {
  manufacturer: 'AMD',
  brand: 'EPYC 7302P',
  cores: 32,
  physicalCores: 16,
  processors: 1,
  speedMax: 3.3,
} as Systeminformation.CpuData;

const MODULE: Systeminformation.MemLayoutData = {
  size: 17_179_869_184,
  bank: 'DIMM 0',
  type: 'DDR4',
  clockSpeed: 3200,
  formFactor: 'DIMM',
  manufacturer: 'Samsung',
  partNum: 'M393A2K43DB3',
  serialNum: 'Not Specified',
  voltageConfigured: null,
  voltageMin: null,
  voltageMax: null,
};

describe('the processor', () => {
  it('is described with cores and threads, the speed in MHz', () => {
    expect(toCpu(CPU)).toEqual({
      manufacturer: 'AMD',
      model: 'EPYC 7302P',
      sockets: 1,
      physical_cores: 16,
      logical_cores: 32,
      max_speed_mhz: 3300,
    });
  });

  it('has no speed, and at least one of each, where a virtual machine hides the rest', () => {
    const hidden = { ...CPU, manufacturer: '', processors: 0, physicalCores: 0, speedMax: 0 };
    expect(toCpu(hidden)).toMatchObject({
      manufacturer: null,
      sockets: 1,
      physical_cores: 1,
      max_speed_mhz: null,
    });
  });
});

describe('memory modules', () => {
  it('are listed with what the firmware really knows', () => {
    expect(toMemoryModules([MODULE])).toEqual([
      {
        slot: 'DIMM 0',
        size_bytes: 17_179_869_184,
        type: 'DDR4',
        speed_mhz: 3200,
        manufacturer: 'Samsung',
        part_number: 'M393A2K43DB3',
        serial: null,
      },
    ]);
  });

  it('do not include empty slots, nor the one that the library makes up', () => {
    expect(
      toMemoryModules([
        { ...MODULE, size: 0, type: 'Empty' },
        { ...MODULE, type: '' },
      ]),
    ).toEqual([]);
  });
});

describe('a virtual machine', () => {
  it('is known by a flag of the processor, and not guessed where there are no flags', () => {
    expect(isVirtual('fpu vme hypervisor sse')).toBe(true);
    expect(isVirtual('fpu vme sse')).toBe(false);
    expect(isVirtual('')).toBeNull();
  });
});

describe('the hardware reader', () => {
  it('reads once, however often it is asked', async () => {
    const reader = new HardwareReader();
    const [first, second] = await Promise.all([reader.read(), reader.read()]);
    expect(second).toBe(first);
    expect(await reader.read()).toBe(first);
  });
});
