// Loaded by --import: says on standard error which packages of NATS the program comes to import
import { register } from 'node:module';

register('./imports-hooks.mjs', import.meta.url);
