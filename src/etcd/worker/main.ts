import 'reflect-metadata';
import type { ToWorker } from './messages.js';
import { RenderProgram } from './render-program.js';

// The process that renders: started by the one that writes the files, as a user who may not.

const program = new RenderProgram((message) => process.send?.(message));
process.on('message', (message) => program.receive(message as ToWorker));
process.on('disconnect', () => process.exit(0)); // who started it is gone
process.on('unhandledRejection', () => undefined); // a renderer forgot to wait: its file has been told of already
process.send?.({ kind: 'ready' });
