/** What the server itself is called, as the owner of what it offers. */
export const SERVER_NAME = 'the server';

/** The wire name of a TypeScript name. `toSnakeCase('getByName') // 'get_by_name'` */
export function toSnakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}
