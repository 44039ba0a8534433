import { describe, expect, it } from 'vitest';
import { firmwareText } from './firmware.js';

describe('a text of the firmware', () => {
  it.each([
    ['Dell Inc.\n', 'Dell Inc.'],
    ['Raspberry Pi 4 Model B Rev 1.4\0', 'Raspberry Pi 4 Model B Rev 1.4'],
    ['None Such Systems', 'None Such Systems'],
  ])('%j is kept without what surrounds it', (text, expected) => {
    expect(firmwareText(text)).toBe(expected);
  });

  it.each([
    null,
    undefined,
    '',
    ' \n',
    '-',
    '00000000',
    'To Be Filled By O.E.M.',
    'Default string',
    'Not Specified',
    'Unknown',
    'System Serial Number',
    'N/A',
    '0123456789',
  ])('%j only fills the field and counts as none', (text) => {
    expect(firmwareText(text)).toBeNull();
  });
});
