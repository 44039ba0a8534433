// class-transformer does not declare the module that holds its metadata.
declare module 'class-transformer/cjs/storage.js' {
  export const defaultMetadataStorage: {
    readonly _ancestorsMap: Map<unknown, unknown>;
    readonly _excludeMetadatas: Map<unknown, Map<string, unknown>>;
    readonly _exposeMetadatas: Map<unknown, Map<string, ExposeMetadata>>;
    readonly _transformMetadatas: Map<unknown, Map<string, unknown>>;
    readonly _typeMetadatas: Map<unknown, Map<string, TypeMetadata>>;
  };

  export interface ExposeMetadata {
    readonly options?: { readonly toPlainOnly?: boolean } & Readonly<Record<string, unknown>>;
  }

  export interface TypeMetadata {
    readonly typeFunction: () => unknown;
    readonly reflectedType: unknown;
    readonly options: {
      readonly discriminator?: {
        readonly property: string;
        readonly subTypes: readonly { readonly value: unknown; readonly name: string }[];
      };
    };
  }
}
