// class-transformer declares the types of its metadata, and not the module that holds it.
declare module 'class-transformer/cjs/storage.js' {
  import type { ExposeMetadata, TypeMetadata } from 'class-transformer';

  export const defaultMetadataStorage: {
    readonly _ancestorsMap: Map<unknown, unknown>;
    readonly _excludeMetadatas: Map<unknown, Map<string, unknown>>;
    readonly _exposeMetadatas: Map<unknown, Map<string, ExposeMetadata>>;
    readonly _transformMetadatas: Map<unknown, Map<string, unknown>>;
    readonly _typeMetadatas: Map<unknown, Map<string, TypeMetadata>>;
  };
}
