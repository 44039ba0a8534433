#!/usr/bin/env node
// the shell, as a program of its own
process.argv.splice(2, 0, 'sh');
await import('./launch.js');

export {};
