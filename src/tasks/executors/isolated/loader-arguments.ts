/**
 * What Node.js was told to load before this process, and has to load before others of its kind.
 * Flags of V8 and the debugger's port are this process's own.
 */
export function loaderArguments(): string[] {
  return process.execArgv.flatMap((argument, index, all) => {
    if (/^--(import|require|conditions|experimental-loader)=/.test(argument)) return [argument];
    const takesNext = ['--import', '--require', '-r', '--conditions', '-C'].includes(argument);
    return takesNext ? [argument, all[index + 1] ?? ''] : [];
  });
}
