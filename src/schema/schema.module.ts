import { Module } from '@nestjs/common';
import { SchemaRegistry } from './schema-registry.js';

/** The one registry of named definitions and compiled validators. */
@Module({ providers: [SchemaRegistry], exports: [SchemaRegistry] })
export class SchemaModule {}
