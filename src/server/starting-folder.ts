/**
 * Comes before every other module: libraries ask for the current folder while they are loaded, and
 * Node.js throws if that was removed. The server needs none, so it goes to the one that is always there.
 */

function hasFolder(): boolean {
  try {
    process.cwd();
    return true;
  } catch {
    return false;
  }
}

/** False when the folder that the process was started in was gone by then. */
export const hadFolder = hasFolder();
if (!hadFolder) process.chdir('/');
