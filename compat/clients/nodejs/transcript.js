// What the programs beside this print: a line for each call, with its result or its error.
'use strict';

const plain = (value) => (value instanceof Map ? Object.fromEntries(value) : value instanceof Set ? [...value] : value);

function show(what, value) {
  console.log(`${what}: ${JSON.stringify(value, (_, v) => plain(v))}`);
}

async function attempt(what, call) {
  try {
    show(what, await call());
  } catch (error) {
    const parts = error.errorIndexes ? error.replies.map((r) => (r instanceof Error ? r.message : r)) : [];
    show(what, [error.message, ...parts]);
  }
}

// until waits, for ten seconds at most, for something to come about.
async function until(condition) {
  for (let i = 0; i < 1000 && !(await condition()); i++) await new Promise((wake) => setTimeout(wake, 10));
  if (!(await condition())) throw new Error(`waited in vain for ${condition}`);
}

module.exports = { show, attempt, until };
