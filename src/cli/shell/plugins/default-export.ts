/** `export default`, or `module.exports` of a file without one. */
export function defaultExport(exported: unknown): unknown {
  const isNamespace = typeof exported === 'object' && exported !== null && 'default' in exported;
  return isNamespace ? exported.default : exported;
}
