'use strict';

const assert = require('node:assert/strict');
const { setTimeout: sleep } = require('node:timers/promises');

/**
 * A `wait` that refuses to wait for longer than this in all. What only waiting can show is in
 * `time-passes` and `guest-purge`; together they may wait for five seconds, and no other case waits.
 */
function waitAtMost(budget) {
  let waited = 0;
  return async (milliseconds) => {
    waited += milliseconds;
    assert.ok(waited <= budget, `these cases may wait for ${budget} ms, not ${waited}`);
    await sleep(milliseconds);
  };
}

module.exports = { waitAtMost };
