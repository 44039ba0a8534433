// node --import test/datastore/support/typescript-loader.mjs file.ts
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
