/**
 * The thread of the stall detector, as source: a thread of its own file would need another one in
 * TypeScript and in JavaScript, and this is all it does. When a beat is missing it stops the main
 * thread for the moment that it takes to read its stack. It looks again a little later before, for
 * on a busy machine it may be the thread itself that was held up.
 */
export const STALL_WATCHER = `
'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const { beats, thresholdMs } = workerData;
const EVERY_MS = 50;
const MAX_FRAMES = 30;
let seen = -1;
let missed = 0;

setInterval(() => {
  const beat = Atomics.load(beats, 0);
  missed = beat === seen ? missed + 1 : 0;
  seen = beat;
  // counted and not read off a clock: the machine may have slept
  if (missed === Math.ceil(thresholdMs / EVERY_MS)) look();
}, EVERY_MS);

function look() {
  const { Session } = require('node:inspector');
  const session = new Session();
  session.connectToMainThread();
  const urls = new Map();
  const leave = () => session.disconnect();
  const tooLate = setTimeout(leave, 60000);
  // come first, one for each script; a frame itself has no more than the number of its own
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
  session.once('Debugger.paused', ({ params }) => {
    const frames = params.callFrames.slice(0, MAX_FRAMES).map((frame) => frameOf(frame, urls));
    clearTimeout(tooLate);
    session.post('Debugger.resume', () => session.post('Debugger.disable', leave));
    parentPort.postMessage(frames);
  });
  session.post('Debugger.enable');
  session.post('Debugger.pause');
}

function frameOf({ functionName, location, this: self }, urls) {
  const owner = self && self.className;
  const isMethod = owner && owner !== 'Object' && owner !== 'global' && owner !== 'Function';
  const name = functionName || '(anonymous)';
  return {
    method: isMethod ? owner + '.' + name : name,
    file: urls.get(location.scriptId) ?? '',
    line: location.lineNumber,
    column: location.columnNumber,
  };
}
`;
